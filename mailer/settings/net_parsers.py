"""E-mail addresses, hosts and URLs: one TOML value to one of ours."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from mailer.settings import providers
from mailer.settings.parsers import Unfit, filled, lines, text
from subscribers.address import EmailAddress
from subscribers.errors import InvalidAddress

LIST_ID: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
"""RFC 2919, section 2: a dot-atom of ASCII letters; lower case by our choice."""

LONGEST_LIST_ID: Final = 255
"""RFC 2919, section 6, in octets."""


def email(value: object) -> EmailAddress:
    """Return an e-mail address."""
    try:
        return EmailAddress.parse(filled(value))
    except InvalidAddress as error:
        raise Unfit(error.sentence) from None


def maybe_email(value: object) -> EmailAddress | None:
    """Return an e-mail address; None for an empty text."""
    return email(value) if text(value) else None


def list_id(value: object) -> str:
    """Return the name of a mailing list (RFC 2919, section 2)."""
    name = filled(value)
    if len(name) > LONGEST_LIST_ID or not LIST_ID.fullmatch(name):
        raise Unfit(
            f"„{name}“ geht nicht. Bitte nehmen Sie Kleinbuchstaben, Ziffern und "
            "mindestens einen Punkt, zum Beispiel mia.aschersleben.de."
        )
    return name


def host(value: object) -> str:
    """Return a host name or an IP address; it may be empty."""
    name = text(value)
    if name and not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", name):
        raise Unfit(
            f"„{name}“ ist kein Rechnername. Bitte schreiben Sie nur den Namen, "
            "zum Beispiel mail.example.org."
        )
    return name


def some_host(value: object) -> str:
    """Return a host name or an IP address."""
    return host(filled(value))


def provider(value: object) -> str:
    """Return the name of a provider, or one of its domains, as it was given."""
    name = filled(value)
    if providers.meant(name) is None:
        raise Unfit(providers.UNKNOWN.format(name))
    return name


def hosts(value: object) -> tuple[str, ...]:
    """Return a list of host names in small letters."""
    return tuple(some_host(one).lower() for one in lines(value))


def ip_addresses(value: object) -> tuple[str, ...]:
    """Return a list of IP addresses, each as it is usually written."""
    found = []
    for one in lines(value):
        try:
            found.append(str(ipaddress.ip_address(one)))
        except ValueError:
            raise Unfit(
                f"„{one}“ ist keine IP-Adresse wie 127.0.0.1 oder ::1."
            ) from None
    return tuple(found)


def selector(value: object) -> str:
    """Return the name of a pair of DKIM keys; it may be empty.

    One label, so that it can also name a file; short enough for an ending behind it.
    """
    name = text(value)
    if name and not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?", name):
        raise Unfit(
            f"„{name}“ geht als Name eines Schlüssels nicht. Bitte nehmen Sie "
            "Kleinbuchstaben, Ziffern und Bindestriche, zum Beispiel mia2026."
        )
    return name


def is_loopback(name: str) -> bool:
    """Return whether *name* is this very machine, without asking DNS."""
    if name.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def base_url(value: object) -> str:
    """Return the address of the public pages without a slash at its end, or empty."""
    url = text(value).rstrip("/")
    if not url:
        return ""
    parts = _split(url)
    if parts is None or parts.query or parts.fragment or not parts.hostname:
        raise Unfit(f"„{url}“ ist keine Internetadresse wie https://mia.example.org.")
    is_local = parts.scheme == "http" and is_loopback(parts.hostname)
    if parts.scheme != "https" and not is_local:
        raise Unfit(f"„{url}“ muss mit https:// beginnen.")
    return url


def database_url(value: object) -> str:
    """Return an SQLAlchemy URL of a database we know."""
    url = filled(value)
    # A database in memory would be empty at every call.
    is_known = re.match(r"sqlite:///(?!:memory:).|postgresql(\+psycopg)?://.", url)
    if is_known is None or _split(url) is None:
        raise Unfit(
            "Die Datenbank muss mit sqlite:/// oder postgresql:// beginnen, zum "
            "Beispiel sqlite:///mia.db."
        )
    return url


def _split(url: str) -> SplitResult | None:
    """Return the parts of *url*; None if they cannot be told apart."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is no number
    except ValueError:
        return None
    return None if " " in parts.netloc else parts
