"""Which meeting somebody means: by day or by number, and in which series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from mailer.errors import PlanRefused, UsageRefused
from mailer.german import and_list, full_day, hours
from mailer.meetings import models, planning
from mailer.meetings.calendar_day import DayState
from mailer.meetings.localtime import local_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import time
    from zoneinfo import ZoneInfo

    from mailer.application import Application
    from mailer.meetings.models import Meeting
    from mailer.meetings.planning import Proposal
    from mailer.meetings.states import MeetingState
    from mailer.settings.model import Series, Settings
    from subscribers.database import Db

NEIGHBOURHOOD: Final = timedelta(days=92)
"""How far around an unknown day we look for meetings that may be meant."""

NAMED: Final = 3
"""How many of them an error names."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says about the meeting that is meant.

    Attributes:
        which: A local day, or the number of a meeting.
        series_key: From ``--series``; None leaves all series in question.
        state: In which state the meeting must be to be meant at all, if several are
            on that day.
    """

    which: date | int
    series_key: str | None
    state: MeetingState


def chosen_series(settings: Settings, key: str | None) -> tuple[Series, ...]:
    """Return the series called *key*, or all.

    Raises:
        UsageRefused: There is no such series.
    """
    found = tuple(one for one in settings.series if key in (None, one.key))
    if not found:
        known = and_list([f"„{one.key}“" for one in settings.series])
        raise UsageRefused(f"Eine Reihe „{key}“ gibt es nicht. Bekannt: {known}.")
    return found


def one_series(settings: Settings, key: str | None) -> Series:
    """Return the series called *key*, or the only one.

    Raises:
        UsageRefused: There is no such series, or it is not clear which one is meant.
    """
    found = chosen_series(settings, key)
    if len(found) > 1:
        known = and_list([f"„{one.key}“" for one in found])
        raise UsageRefused(
            f"Es gibt mehrere Reihen: {known}. Bitte nennen Sie eine mit „--series“."
        )
    return found[0]


def series_of(settings: Settings, meeting: Meeting) -> Series | None:
    """Return the series of *meeting*; None if the settings no longer have it."""
    return next((one for one in settings.series if one.key == meeting.series), None)


def zone_of(settings: Settings, meeting: Meeting) -> ZoneInfo:
    """Return the zone *meeting* is shown in, also when its series is gone."""
    return (series_of(settings, meeting) or settings.series[0]).zone


def make_missing(db: Db, app: Application, choice: Choice, *, now: datetime) -> None:
    """Give the rule days that are meant their rows, in a transaction of their own.

    Then they have numbers to choose between, which a refusal must not take back.

    Raises:
        PlanRefused: The day is past.
        UsageRefused: There is no such series.
    """
    if not isinstance(choice.which, date):
        return
    for series in chosen_series(app.settings, choice.series_key):
        if choice.which < local_day(now, series.zone):
            raise PlanRefused(
                f"{full_day(choice.which)}, ist vorbei. "
                "Was vorbei ist, lässt sich nicht mehr ändern."
            )
        planning.materialise_day(db, series, app.closures, choice.which, now=now)


def get_meeting(db: Db, app: Application, choice: Choice) -> Meeting:
    """Return the meeting that is meant.

    Raises:
        PlanRefused: There is none.
        UsageRefused: There are several, or there is no such series.
    """
    if not isinstance(choice.which, date):
        meeting = db.get(models.Meeting, models.MeetingId(choice.which))
        if meeting is None:
            raise PlanRefused(
                f"Ein Treffen mit der Nummer {choice.which} gibt es nicht. "
                "Alle Nummern zeigt „mia meetings list“."
            )
        return meeting
    found = [
        meeting
        for series in chosen_series(app.settings, choice.series_key)
        for meeting in planning.meetings_on(
            db, choice.which, series.zone, series_keys=[series.key]
        )
    ]
    if not found:
        raise nothing_on(db, app, choice.which)
    return _only(found, app.settings, choice)


def _only(found: Sequence[Meeting], settings: Settings, choice: Choice) -> Meeting:
    """Return the one meeting that is meant, or say between which to choose."""
    meant = [row for row in found if row.state is choice.state] or found
    if len(meant) > 1:
        told = and_list([_short(row, zone_of(settings, row)) for row in meant])
        raise UsageRefused(
            f"An diesem Tag gibt es mehrere Treffen: {told}. "
            "Bitte nennen Sie die Nummer statt des Tages."
        )
    return meant[0]


def nothing_on(db: Db, app: Application, day: date) -> PlanRefused:
    """Return the refusal that tells why *day* has no meeting, and which days have."""
    around = planning.calendar(
        db,
        app.settings.series,
        app.closures,
        first=day - NEIGHBOURHOOD,
        last=day + NEIGHBOURHOOD,
    )
    closed = [one for one in around if one.on == day and one.state is DayState.CLOSED]
    if closed:
        said = f"Am {full_day(day)}, fällt das Treffen aus: {closed[0].reason}."
    else:
        said = f"Am {full_day(day)}, gibt es kein Treffen."
    planned = {one.on for one in around if one.state is DayState.PLANNED}
    near = sorted(sorted(planned, key=lambda on: abs(on - day))[:NAMED])
    if near:
        said += f" In der Nähe liegen: {'; '.join(map(full_day, near))}."
    return PlanRefused(said)


def _short(row: Meeting, zone: ZoneInfo) -> str:
    start, end = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    span = hours(start.time(), end.time())
    return f"Nummer {row.id} („{row.title}“, {span})"


def changed(proposal: Proposal, settings: Settings, given: dict[str, Any]) -> Proposal:
    """Return *proposal* with what the options say instead.

    A new beginning alone moves the end with it: the meeting lasts as long as before.
    """
    if given.get("venue") not in (None, *settings.venues):
        known = ", ".join(settings.venues)
        raise UsageRefused(
            f"Einen Ort „{given['venue']}“ gibt es in den Einstellungen nicht. "
            f"Bekannt: {known}."
        )
    wanted = {name: value for name, value in given.items() if value}
    if "start" in wanted and "end" not in wanted:
        wanted["end"] = _as_long(proposal, wanted["start"])
    return replace(proposal, **wanted)


def _as_long(proposal: Proposal, start: time) -> time:
    """Return the end of a meeting that begins at *start* and lasts as long."""
    begins = datetime.combine(proposal.on, start)
    lasts = datetime.combine(proposal.on, proposal.end) - datetime.combine(
        proposal.on, proposal.start
    )
    ends = begins + lasts
    if ends.date() != proposal.on:
        raise UsageRefused(
            "Das Treffen ginge über Mitternacht. Bitte nennen Sie auch das Ende."
        )
    return ends.time()


def get_series(settings: Settings, meeting: Meeting) -> Series:
    """Return the series of *meeting*, or say that it is gone."""
    series = series_of(settings, meeting)
    if series is None:
        raise PlanRefused(
            f"Die Reihe „{meeting.series}“ steht nicht mehr in den Einstellungen. "
            "Das Treffen lässt sich nur noch absagen."
        )
    return series
