"""Pure: the VTIMEZONE that tells a calendar what the clocks of a zone do.

Europe/Berlin is written by hand and compared with the zone database hour by hour:
generated ones have been seen with the summer beginning an hour late. For any other
zone the changes that matter are read from the zone database itself, one observance
each, with no rule that could be wrong about a year nobody looked at.

Source: RFC 5545, section 3.6.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

BERLIN: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:DAYLIGHT",
    # The local time before the change: clocks showed 02:00 when they were moved.
    "DTSTART:19810329T020000",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
    "TZNAME:CEST",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    # The European Union ends summer in October since 1996.
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "TZNAME:CET",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""Since 1996 these two rules are the whole truth (Directive 2000/84/EC)."""

LOOKED_BACK: Final = timedelta(days=550)
"""How far before the first moment a change is searched: more than a year, so that a
zone with summer time shows both its offsets."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Change:
    """One moment at which clocks were moved; *at* in UTC."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


def vtimezone(zone: ZoneInfo, first: datetime, last: datetime) -> Sequence[str]:
    """Return the unfolded lines of a VTIMEZONE that is right from *first* to *last*.

    Args:
        zone: From the zone database, so it has a key.
        first: Earliest moment that will be named with this zone.
        last: Latest such moment.

    Raises:
        ValueError: The zone has no name that a calendar could look up.
    """
    if not zone.key:
        raise ValueError("a time zone without a name cannot be written")
    if zone.key == "Europe/Berlin":
        return BERLIN
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone.key}"]
    # Whole days, so that halving one ends on a whole second.
    start = (first.astimezone(UTC) - LOOKED_BACK).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    lines += _observance(_beginning(zone, start))
    for change in _changes(zone, start, last.astimezone(UTC) + DAY):
        lines += _observance(change)
    return [*lines, "END:VTIMEZONE"]


def _beginning(zone: ZoneInfo, start: datetime) -> _Change:
    """Return the state of the clocks at *start* as if they had been set then."""
    local = start.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    return _Change(start, offset, offset, local.tzname() or "", bool(local.dst()))


def _changes(zone: ZoneInfo, start: datetime, stop: datetime) -> Iterator[_Change]:
    """Yield every change of the clocks between two moments in UTC."""
    moment = start
    while moment < stop:
        later = moment + DAY
        if _clock(zone, moment) != _clock(zone, later):
            yield _change_between(zone, moment, later)
        moment = later


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> _Change:
    """Return the change that lies between *low* and *high*, found by halving."""
    before = _clock(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _clock(zone, middle) == before:
            low = middle
        else:
            high = middle
    offset, is_summer, name = _clock(zone, high)
    return _Change(high, before[0], offset, name, is_summer)


def _clock(zone: ZoneInfo, moment: datetime) -> tuple[timedelta, bool, str]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(), bool(local.dst()), local.tzname() or ""


def _observance(change: _Change) -> list[str]:
    kind = "DAYLIGHT" if change.is_summer else "STANDARD"
    onset = (change.at + change.before).replace(tzinfo=None)
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        f"TZNAME:{change.name}",
        f"TZOFFSETFROM:{_offset(change.before)}",
        f"TZOFFSETTO:{_offset(change.after)}",
        f"END:{kind}",
    ]


def _offset(offset: timedelta) -> str:
    """Return an offset as RFC 5545, section 3.3.14, writes it: "+0100"."""
    sign = "-" if offset < timedelta() else "+"
    minutes, seconds = divmod(int(abs(offset).total_seconds()), 60)
    return f"{sign}{minutes // 60:02}{minutes % 60:02}" + (
        f"{seconds:02}" if seconds else ""
    )
