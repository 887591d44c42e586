"""Pure: how often what may be tried, and what happens then. A table.

The first limit that is reached decides, and nothing behind it is counted any more: who
tries from one network uses up that network, and not the day of all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from subscribers.keyed import hmac_sha256


class Reached(StrEnum):
    """What happens when a limit is reached."""

    WAIT = "wait"
    """The visitor is told to wait; it says nothing about any address."""
    ATTACK = "attack"
    """For now nobody is served here; whoever wants something writes a mail."""
    SILENT = "silent"
    """The answer is the same as always, and nothing happens: an address has had
    enough, which is nobody's business."""


class By(StrEnum):
    """Whose visits are counted together."""

    NETWORK = "network"
    DOMAIN = "domain"
    ADDRESS = "address"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many visits in so much time.

    Attributes:
        by: Whose visits count together.
        most: The last one that is served.
        span: Spans begin at whole multiples of it.
        reached: What happens to the visits after that.
    """

    by: By
    most: int
    span: timedelta
    reached: Reached


TEN_MINUTES: Final = timedelta(minutes=10)
A_DAY: Final = timedelta(days=1)

LETTERS: Final = (
    # A class, or a whole meeting, that joins together from one house.
    Limit(By.NETWORK, 30, TEN_MINUTES, Reached.WAIT),
    Limit(By.NETWORK, 100, A_DAY, Reached.WAIT),
    # As many tries as somebody makes who mistypes; her mailbox gets one mail anyway.
    Limit(By.ADDRESS, 5, A_DAY, Reached.SILENT),
    # A little more than ``inbound.asking`` lets out in a day, so that this comes last.
    Limit(By.DOMAIN, 120, A_DAY, Reached.ATTACK),
    Limit(By.ALL, 320, A_DAY, Reached.ATTACK),
)
"""For whatever makes a letter leave."""

REPORTS: Final = tuple(one for one in LETTERS if one.by in {By.NETWORK, By.ALL})
"""For a message to the coordinator: it is about nobody's address, and none of them may
be dropped without a word."""


def digest(key: bytes, limit: Limit, value: str, now: datetime) -> str:
    """Return under which name the visits of *value* are counted in this span.

    Args:
        key: ``TokenKeys.tally_key``; without it nobody can tell whose name it is.
    """
    about = f"{limit.by}|{limit.span}|{_begins_at(limit, now):%Y%m%d%H%M}|{value}"
    return hmac_sha256(key, about.encode())[:16].hex()


def ends_at(limit: Limit, now: datetime) -> datetime:
    """Return when the present span of *limit* is over."""
    return _begins_at(limit, now) + limit.span


def value_of(limit: Limit, *, network: str, address: str) -> str:
    """Return whose visit it is, for *limit*.

    Args:
        network: "198.51.100.0/24".
        address: In canonical form; empty if none was given.
    """
    match limit.by:
        case By.NETWORK:
            return network
        case By.ADDRESS:
            return address
        case By.DOMAIN:
            return address.rpartition("@")[2]
        case By.ALL:
            return ""


def _begins_at(limit: Limit, now: datetime) -> datetime:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return start + (now - start) // limit.span * limit.span
