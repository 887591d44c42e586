"""Pure: what must be true of a form before anybody reads it.

A form must come from a page of ours, be neither too new nor too old, and leave alone
the field that people do not see. None of it needs a cookie.

Source: Fetch Metadata Request Headers, "Sec-Fetch-Site"; Fetch, "Origin header".
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from subscribers.base32 import base32
from subscribers.keyed import hmac_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

TRAP: Final = "website"
"""The field that only machines fill in; its name invites them."""

STAMP: Final = "stempel"
"""The field that says when the form was shown, with a seal."""

YOUNGEST: Final = timedelta(seconds=2)
"""No person fills in a form faster, even with everything proposed by her browser."""

OLDEST: Final = timedelta(hours=12)
"""A form may lie open over a day at work."""

_SEAL_BYTES: Final = 15
"""120 bits, in base 32 a whole number of letters."""


class Age(StrEnum):
    """How old a form is."""

    FINE = "fine"
    TOO_NEW = "too_new"
    TOO_OLD = "too_old"
    NOT_OURS = "not_ours"


def stamp(key: bytes, form: str, now: datetime) -> str:
    """Return what a form carries so that its age can be told.

    Args:
        key: ``TokenKeys.form_key``.
        form: Which form, "join": the stamp of one is no stamp of another.
    """
    seconds = f"{int(now.timestamp())}"
    return f"{seconds}.{_seal(key, form, seconds)}"


def age(key: bytes, form: str, given: str, now: datetime) -> Age:
    """Return how old the form is that brought the stamp *given*."""
    seconds, _, seal = given.partition(".")
    # Digits only: what follows may be shown to nobody, but it must not raise.
    if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > len("9" * 11):
        return Age.NOT_OURS
    if not hmac.compare_digest(_seal(key, form, seconds).encode(), seal.encode()):
        return Age.NOT_OURS
    passed = now - datetime.fromtimestamp(int(seconds), UTC)
    if passed < YOUNGEST:
        return Age.TOO_NEW
    return Age.TOO_OLD if passed > OLDEST else Age.FINE


def comes_from_us(headers: Mapping[str, str], origins: frozenset[str]) -> bool:
    """Tell whether a form was sent from a page of ours, as far as the browser says.

    Our pages send no referrer, and for that the rule makes browsers call their origin
    "null"; so that says nothing, and a browser that says nothing is old.

    Args:
        headers: Of the request, by name in small letters.
        origins: Ours, "https://mia.example.org".
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin", "null")
    return origin == "null" or origin in origins


def origins_of(base_url: str) -> frozenset[str]:
    """Return the origin of our pages; empty without one."""
    parts = urlsplit(base_url)
    return frozenset({f"{parts.scheme}://{parts.netloc}"} if parts.netloc else ())


def _seal(key: bytes, form: str, seconds: str) -> str:
    made = hmac_sha256(key, f"{form}|{seconds}".encode())
    return base32(made[:_SEAL_BYTES])
