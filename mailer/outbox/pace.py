"""How many messages may leave now: limits per minute, hour and day.

A relay that says "500 an hour" counts some hour, and nobody tells us which. So every
hour counts here: in no stretch of sixty minutes do more than 500 leave. Each period
is a ring of sixty slots, and what left is counted in its slot; a slot is forgotten
when all of it lies further back than the period. That costs at most one slot in
sixty, and leaves a burst whole: 200 invitations under a limit of 500 go at once.

What is spent is a plain value: it is stored as it stands, so a limit survives a
restart and is shared by all workers (see ``pacing``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.settings.model import ProviderPace, Smtp


class Period(StrEnum):
    """Over what time a limit counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


LENGTHS: Final = {
    Period.MINUTE: timedelta(minutes=1),
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
}

SLOTS: Final = 60
"""Slots in each period: one second, one minute, 24 minutes."""

Limits: TypeAlias = "Mapping[Period, int]"
"""Messages per period; a period that is missing, or 0, has no limit."""

Spent: TypeAlias = "Mapping[Period, Mapping[int, int]]"
"""For each period: number of a slot since 1970 to the messages that left in it."""


@dataclass(frozen=True, slots=True)
class Room:
    """What may leave now.

    Attributes:
        free: Messages; None for any number.
        free_at: From when at least one more may leave; None if that is now.
    """

    free: int | None
    free_at: datetime | None


def limits_of(counted: Smtp | ProviderPace) -> Limits:
    """Return the limits that a table of the settings file has."""
    return {
        Period.MINUTE: counted.per_minute,
        Period.HOUR: counted.per_hour,
        Period.DAY: counted.per_day,
    }


def room(limits: Limits, spent: Spent, *, now: datetime) -> Room:
    """Return how many messages may leave at *now*.

    Example:
        >>> noon = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
        >>> spent = spend({}, 40, now=noon)
        >>> room({Period.HOUR: 100}, spent, now=noon).free
        60
        >>> room({Period.HOUR: 40}, spent, now=noon).free_at.strftime("%H:%M")
        '13:01'
    """
    free: int | None = None
    waits: list[datetime] = []
    for period, limit in limits.items():
        if not limit:
            continue
        counted = _counted(period, spent, now)
        left = max(0, limit - sum(counted.values()))
        free = left if free is None else min(free, left)
        if not left:
            waits.append(_free_at(period, limit, counted))
    return Room(free, max(waits, default=None))


def spend(spent: Spent, messages: int, *, now: datetime) -> Spent:
    """Return *spent* with *messages* more, and without what is long past.

    All periods are counted, whatever the limits: one set tomorrow knows of today.
    """
    after: dict[Period, dict[int, int]] = {}
    for period in Period:
        counted = dict(_counted(period, spent, now))
        slot = _slot(period, now)
        counted[slot] = counted.get(slot, 0) + messages
        after[period] = counted
    return after


def give_back(spent: Spent, messages: int) -> Spent:
    """Return *spent* less *messages* that did not leave after all, the latest first."""
    after: dict[Period, dict[int, int]] = {}
    for period, counted in spent.items():
        rest, kept = messages, dict(counted)
        for slot in sorted(kept, reverse=True):
            taken = min(rest, kept[slot])
            kept[slot] -= taken
            rest -= taken
        after[period] = {slot: number for slot, number in kept.items() if number}
    return after


def _counted(period: Period, spent: Spent, now: datetime) -> Mapping[int, int]:
    """Return the slots that lie within *period* before *now*, in part or in whole.

    A slot far ahead comes from a clock that was wrong; nobody waits for it.
    """
    here = _slot(period, now)
    return {
        slot: number
        for slot, number in spent.get(period, {}).items()
        if abs(here - slot) <= SLOTS
    }


def _free_at(period: Period, limit: int, counted: Mapping[int, int]) -> datetime:
    """Return when enough of the oldest slots is forgotten for one more message."""
    total = sum(counted.values())
    slot = 0
    for slot in sorted(counted):
        total -= counted[slot]
        if total < limit:
            break
    return datetime.fromtimestamp((slot + SLOTS + 1) * _width(period), UTC)


def _slot(period: Period, moment: datetime) -> int:
    return int(moment.timestamp() // _width(period))


def _width(period: Period) -> float:
    """Return the seconds of one slot."""
    return LENGTHS[period].total_seconds() / SLOTS
