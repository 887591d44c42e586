"""E-mail addresses: the strict gate before storage and before the wire.

A text becomes an ``EmailAddress`` or an ``InvalidAddress``; nothing else in the
program builds one. The gate is strict because a lenient SMTP client turns
``'b@exa mple.org'`` into mail for somebody else.

Source: RFC 5321, sections 4.1.2 and 4.5.3.1; RFC 5890 and 5891 for the domain.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final, NamedTuple

from subscribers.errors import InvalidAddress

MAX_ADDRESS_CHARS: Final = 254
"""RFC 5321, section 4.5.3.1.3: a path has 256 octets, two of them are < and >."""

MAX_LOCAL_CHARS: Final = 64
"""RFC 5321, section 4.5.3.1.1."""

MAX_LABEL_CHARS: Final = 63
"""RFC 1035, section 2.3.4: of a domain between two dots."""

_USUAL: Final = re.compile(
    r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}"
)
"""What nearly every address looks like, and no rule has anything against."""

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

SHOWN_CHARS: Final = 80
"""How much of a wrong address an error repeats: a line of a terminal."""


class EmailAddress(NamedTuple):
    """One address, checked.

    Attributes:
        text: As a person would write it: "Rita@Bücher.example".
        wire: As SMTP gets it, all ASCII: "Rita@xn--bcher-kva.example".
        canonical: What makes two spellings one mailbox: *wire* in lower case. The
            local part is case-sensitive on paper only (RFC 5321, section 2.4).
    """

    text: str
    wire: str
    canonical: str

    @classmethod
    def parse(cls, text: str) -> EmailAddress:
        """Return the address written as *text*.

        Raises:
            InvalidAddress: It is none, or none that every server takes.

        Example:
            >>> EmailAddress.parse(" Rita@Bücher.example ").canonical
            'rita@xn--bcher-kva.example'
        """
        given = text.strip(" \t\u00a0")
        if _is_usual(given):
            return cls(text=given, wire=given, canonical=given.lower())
        # It takes longer to load than all of a short command's own work.
        from email_validator import (  # noqa: PLC0415 - see above
            EmailNotValidError,
            validate_email,
        )

        if CONTROL.search(given):
            raise InvalidAddress(_visible(text), "sie enthält Steuerzeichen")
        if "@" not in given:
            raise InvalidAddress(_visible(text), "das Zeichen @ fehlt")
        if not given.rpartition("@")[0].isascii():
            # SMTPUTF8 (RFC 6531) is not offered by every relay on the way.
            raise InvalidAddress(
                _visible(text),
                "vor dem @ stehen Zeichen, die nicht jeder Mailserver annimmt; möglich "
                "sind Buchstaben ohne Umlaute, Ziffern und . _ - +",
            )
        try:
            valid = validate_email(
                given,
                check_deliverability=False,
                allow_smtputf8=False,
                strict=True,
                globally_deliverable=False,
            )
        except EmailNotValidError:
            raise InvalidAddress(_visible(text), _reason(given)) from None
        wire = valid.ascii_email
        if wire is None or len(wire) > MAX_ADDRESS_CHARS or "." not in valid.domain:
            raise InvalidAddress(_visible(text), _reason(given))
        return cls(text=valid.normalized, wire=wire, canonical=wire.lower())

    @classmethod
    def restore(cls, text: str, canonical: str) -> EmailAddress:
        """Return an address that was parsed once and read back from the database.

        A tenth of the work of ``parse``, for the stream of all recipients.

        Raises:
            InvalidAddress: The two stored forms do not belong together.
        """
        wire = text
        if not text.isascii():  # its domain is not, the rest is
            wire = f"{text.rpartition('@')[0]}@{canonical.rpartition('@')[2]}"
        if wire.lower() != canonical or not wire.isascii() or not wire.isprintable():
            raise InvalidAddress(
                masked(canonical), "ihre gespeicherten Formen passen nicht zusammen"
            )
        return cls(text, wire, canonical)

    @property
    def domain(self) -> str:
        """The domain as the wire has it, in lower case."""
        return self.canonical.rpartition("@")[2]

    @property
    def masked(self) -> str:
        """The address as a log or a screen may show it: "r…@example.org"."""
        return masked(self.canonical)


def _is_usual(given: str) -> bool:
    """Say whether *given* is an address beyond doubt; of others more must be asked."""
    return (
        len(given) <= MAX_ADDRESS_CHARS
        and _USUAL.fullmatch(given) is not None
        and given.index("@") <= MAX_LOCAL_CHARS
        and max(map(len, given.rpartition("@")[2].split("."))) <= MAX_LABEL_CHARS
    )


def masked(canonical: str) -> str:
    """Return an address with all but its first letter hidden.

    Example:
        >>> masked("rita@example.org")
        'r…@example.org'
    """
    local, _, domain = canonical.rpartition("@")
    return f"{local[:1]}…@{domain}"


def fingerprint(canonical: str, *, key: bytes) -> str:
    """Return the keyed hash under which a mailbox can be known without its address.

    Args:
        canonical: The canonical form of an address.
        key: At least 16 secret bytes; without them nobody can test a guess.

    Returns:
        64 hexadecimal digits (HMAC-SHA-256, RFC 2104).
    """
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


def _visible(text: str) -> str:
    """Return *text* fit for an error message: one line, no control characters."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in text.strip())
    return shown if len(shown) <= SHOWN_CHARS else f"{shown[: SHOWN_CHARS - 1]}…"


def _reason(given: str) -> str:
    """Return a German half-sentence for the usual slips: the first that fits."""
    local, _, domain = given.rpartition("@")
    slips = (
        (" " in given, "sie enthält ein Leerzeichen"),
        ("@" in local, "sie enthält mehr als ein @"),
        (not local, "vor dem @ fehlt der Name"),
        (not domain, "hinter dem @ fehlt die Domain"),
        ("." not in domain, "hinter dem @ fehlt die Endung, zum Beispiel .de"),
        (
            ".." in given or given.startswith(".") or local.endswith("."),
            "ein Punkt steht an falscher Stelle",
        ),
        (len(local) > MAX_LOCAL_CHARS, "vor dem @ stehen mehr als 64 Zeichen"),
    )
    told = (reason for is_so, reason in slips if is_so)
    return next(told, "sie enthält Zeichen, die nicht erlaubt sind")
