"""DMARC and DKIM records: what they say, and whether a domain fits another.

Source: RFC 7489, sections 3.1 (alignment), 6.3 and 6.6.3 (the record and where it
is); RFC 6376, sections 3.2 (lists of tags) and 3.6.1 (the key).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailer.doctor.resolver import Resolver

SHORT_KEY_OCTETS: Final = 200
"""Of a public RSA key in DER: 162 with 1024 bits, 294 with 2048 (RFC 8301)."""


@dataclass(frozen=True, slots=True)
class DmarcPolicy:
    """What a domain asks receivers to do with mail that only claims to be from it.

    Attributes:
        wish: "none", "quarantine" or "reject".
        is_strict_spf: Whether the return path must be of the very same domain.
        is_strict_dkim: The same for the signature.
        has_reports: Whether anybody gets reports.
    """

    wish: str
    is_strict_spf: bool
    is_strict_dkim: bool
    has_reports: bool


def tags(text: str) -> Mapping[str, str]:
    """Return a list "a=1; b=2" as names and values.

    Example:
        >>> tags("v=DMARC1; p = none ;")
        {'v': 'DMARC1', 'p': 'none'}
    """
    pairs = (one.partition("=") for one in text.split(";"))
    return {name.strip(): value.strip() for name, mark, value in pairs if mark}


def dmarc(domain: str, resolver: Resolver) -> DmarcPolicy | None:
    """Return the policy that holds for mail from *domain*; None if there is none."""
    for place in dict.fromkeys((domain, organisational(domain))):
        found = [
            tags(text)
            for text in resolver.texts(f"_dmarc.{place}")
            if tags(text).get("v") == "DMARC1"
        ]
        if len(found) != 1:
            continue  # several records count as none
        known = found[0]
        wish = known.get("p", "none")
        if place != domain:
            wish = known.get("sp", wish)
        return DmarcPolicy(
            wish=wish.lower(),
            is_strict_spf=known.get("aspf") == "s",
            is_strict_dkim=known.get("adkim") == "s",
            has_reports="rua" in known,
        )
    return None


def is_aligned(domain: str, sender: str, *, is_strict: bool) -> bool:
    """Tell whether *domain* speaks for the *sender*'s domain.

    Example:
        >>> is_aligned("bounce.town.example", "town.example", is_strict=False)
        True
    """
    if is_strict:
        return domain.lower() == sender.lower()
    return organisational(domain) == organisational(sender)


def organisational(domain: str) -> str:
    """Return the domain that somebody registered: the last two labels.

    Right for .de and most others. Where names are sold one level deeper (.co.uk) it
    is too short, and the doctor too friendly; the list of those is not worth its
    weight here.
    """
    return ".".join(domain.lower().split(".")[-2:])


def wrong_in_dns(published: str, texts: Sequence[str]) -> str:
    """Return what is wrong with *texts* at the name of a key, in German, or "".

    Args:
        published: What should stand there.

    Source: RFC 6376, sections 3.2 and 3.6.2.2: spaces do not count, and there is one
    record.
    """
    if not texts:
        return "fehlt im DNS"
    if len(texts) > 1:
        return f"im DNS stehen {len(texts)} Einträge, es darf nur einer sein"
    if _public(texts[0]) != _public(published):
        return "im DNS steht ein anderer Schlüssel"
    return ""


def _public(text: str) -> str:
    """Return the key in a record, without spaces."""
    return re.sub(r"\s", "", tags(text).get("p", ""))


def key_problem(text: str) -> str:
    """Return what is wrong with a DKIM key record, a German half-sentence, or ""."""
    known = tags(text)
    if known.get("v", "DKIM1") != "DKIM1" or "p" not in known:
        return "er ist kein DKIM-Schlüssel"
    packed = _public(text)
    if not packed:
        return "der Schlüssel ist zurückgezogen"
    try:
        key = base64.b64decode(packed, validate=True)
    except ValueError:
        return "der Schlüssel ist verstümmelt"
    if known.get("k", "rsa") == "rsa" and len(key) < SHORT_KEY_OCTETS:
        return "der Schlüssel hat weniger als 2048 Bit"
    return ""
