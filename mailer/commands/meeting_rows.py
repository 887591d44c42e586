"""How the calendar looks on a terminal, and what ``--json`` says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.commands.terminal import count, table
from mailer.german import full_day, hours, short_day
from mailer.meetings.calendar_day import DayState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailer.meetings.calendar_day import CalendarDay
    from mailer.meetings.materialising import Materialised
    from mailer.settings.model import Venue

STATES: Final[Mapping[DayState, str]] = {
    DayState.PLANNED: "geplant",
    DayState.CANCELLED: "abgesagt",
    DayState.HELD: "hat stattgefunden",
    DayState.CLOSED: "fällt aus",
}


def as_json(day: CalendarDay, venues: Mapping[str, Venue]) -> dict[str, object]:
    """Return one day for other programs; ``id`` is null while no row exists."""
    return {
        "date": day.on.isoformat(),
        "start": day.starts_at.isoformat(),
        "end": day.ends_at.isoformat(),
        "state": day.state.value,
        "reason": day.reason,
        "venue": where(day.venue, venues),
        "title": day.title,
        "series": day.series,
        "id": day.meeting_id,
    }


def as_table(
    days: Sequence[CalendarDay], venues: Mapping[str, Venue], *, now: datetime
) -> str:
    """Return the days as plain columns; one common place is said once, below."""
    places = {where(day.venue, venues) for day in days}
    headers = ["Nr.", "Tag", "Zeit", "Stand", "Titel", "Grund"]
    rows = [_row(day, now) for day in days]
    if len(places) > 1:
        headers.append("Ort")
        for row, day in zip(rows, days, strict=True):
            row.append(where(day.venue, venues))
        return table(rows, headers)
    return f"{table(rows, headers)}\n\nOrt: {places.pop()}"


def as_lines(day: CalendarDay, venues: Mapping[str, Venue], *, now: datetime) -> str:
    """Return one day in full, a fact a line."""
    facts = {
        "Titel": day.title,
        "Wann": when(day),
        "Wo": where(day.venue, venues),
        "Stand": _state(day, now),
        "Grund": day.reason,
        "Reihe": day.series,
        "Nummer": str(day.meeting_id or ""),
    }
    return "\n".join(f"{name}: {fact}" for name, fact in facts.items() if fact)


def when(day: CalendarDay) -> str:
    """Return day and time: "Donnerstag, 3. Dezember 2026, 10:00 bis 13:00 Uhr"."""
    return f"{full_day(day.on)}, {_hours(day)}"


def where(key: str, venues: Mapping[str, Venue]) -> str:
    """Return the label of a venue; its key if the settings no longer know it."""
    venue = venues.get(key)
    return venue.label if venue is not None else key


def _row(day: CalendarDay, now: datetime) -> list[object]:
    return [
        day.meeting_id,
        full_day(day.on),
        _hours(day),
        _state(day, now),
        day.title,
        day.reason,
    ]


def _hours(day: CalendarDay) -> str:
    return hours(day.starts_at.time(), day.ends_at.time())


def _state(day: CalendarDay, now: datetime) -> str:
    """Return where a day stands, in words; nobody may have noted that it was held."""
    if day.state is DayState.PLANNED and day.ends_at <= now:
        return "vorbei"
    told = ", schon eingeladen" if day.announced else ""
    return f"{STATES[day.state]}{told}"


def as_report(done: Materialised) -> list[str]:
    """Return what planning one series did, a line each."""
    lines = [
        f"{verb}: {count(len(days), 'Treffen', 'Treffen')}"
        f" ({'; '.join(map(short_day, days))})"
        for verb, days in (
            ("Neu", done.added),
            ("An die Regel angepasst", done.changed),
            ("Entfernt", done.removed),
        )
        if days
    ]
    lines += [kept.sentence for kept in done.kept_against_rule]
    return lines or ["Nichts zu tun."]
