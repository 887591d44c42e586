"""``mia meetings``: look at the calendar and change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from mailer.commands import meeting_choice as choosing
from mailer.commands import meeting_rows as rows
from mailer.commands.days import Clock, Day, DayOrNumber
from mailer.commands.meeting_choice import Choice
from mailer.commands.terminal import json_option, note, show_json
from mailer.errors import UsageRefused
from mailer.german import full_day, short_day
from mailer.logs import LogEvent, log
from mailer.meetings import planning
from mailer.meetings.localtime import local_day
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.meetings.models import Meeting
    from mailer.meetings.planning import CalendarDay
    from mailer.settings.model import Settings

series_option = click.option(
    "--series", "series_key", metavar="REIHE", help="Nur diese Terminreihe."
)
start_option = click.option("--start", type=Clock(), metavar="UHRZEIT", help="Anfang.")
end_option = click.option("--end", type=Clock(), metavar="UHRZEIT", help="Ende.")
venue_option = click.option(
    "--venue", metavar="ORT", help="Kurzname des Ortes in den Einstellungen."
)
title_option = click.option("--title", help="Titel, wenn er anders ist als sonst.")
reason_option = click.option("--reason", default="", help="Grund; alle lesen ihn.")
holiday_option = click.option(
    "--on-holiday",
    "despite_closure",
    is_flag=True,
    help="Auch an einem Feiertag oder geschlossenen Tag.",
)
which_argument = click.argument("which", metavar="TAG|NUMMER", type=DayOrNumber())


@click.group()
def meetings() -> None:
    """Treffen ansehen, planen, verlegen und absagen."""


@meetings.command("list")
@click.option("--from", "first", type=Day(), metavar="TAG", help="Vorgabe: heute.")
@click.option(
    "--until", "last", type=Day(), metavar="TAG", help="Vorgabe: zwölf Monate danach."
)
@series_option
@json_option
@click.pass_obj
def list_(
    front: Front,
    first: date | None,
    last: date | None,
    series_key: str | None,
    *,
    as_json: bool,
) -> None:
    """Zeigen, wann Treffen sind, welche ausfallen und warum."""
    app = front.application()
    chosen = choosing.chosen_series(app.settings, series_key)
    first = first or _today(app)
    last = last or _a_year_after(first)
    if last < first:
        raise UsageRefused(
            f"Der letzte Tag ({short_day(last)}) liegt vor dem ersten "
            f"({short_day(first)})."
        )
    with app.database.reading() as db:
        found = planning.calendar(db, chosen, app.closures, first=first, last=last)
    if as_json:
        show_json([rows.as_json(day, app.settings.venues) for day in found])
    elif found:
        click.echo(rows.as_table(found, app.settings.venues, now=app.clock.now()))
    else:
        note(f"Von {short_day(first)} bis {short_day(last)} gibt es kein Treffen.")


@meetings.command()
@which_argument
@series_option
@json_option
@click.pass_obj
def show(
    front: Front, which: date | int, series_key: str | None, *, as_json: bool
) -> None:
    """Alles über ein Treffen zeigen."""
    app = front.application()
    found = _days_meant(app, which, series_key)
    if as_json:
        show_json([rows.as_json(day, app.settings.venues) for day in found])
    else:
        now = app.clock.now()
        texts = [rows.as_lines(day, app.settings.venues, now=now) for day in found]
        click.echo("\n\n".join(texts))


@meetings.command()
@click.argument("day", metavar="TAG", type=Day())
@start_option
@end_option
@venue_option
@title_option
@reason_option
@series_option
@holiday_option
@click.pass_obj
def add(front: Front, /, day: date, series_key: str | None, **given: Any) -> None:  # noqa: ANN401 - Click's options
    """Ein zusätzliches Treffen eintragen."""
    app = front.application()
    series = choosing.one_series(app.settings, series_key)
    proposal = choosing.changed(planning.usual(series, day), app.settings, given)
    with app.database.transaction() as db:
        meeting = planning.add(
            db,
            series,
            app.closures,
            proposal,
            now=app.clock.now(),
        )
    log(LogEvent.MEETING_ADDED, meeting=meeting.id)
    click.echo(f"Eingetragen: {_told(meeting, app.settings)}.")


@meetings.command()
@which_argument
@click.option("--to", "day", type=Day(), metavar="TAG", help="Der neue Tag.")
@start_option
@end_option
@venue_option
@reason_option
@series_option
@holiday_option
@click.pass_obj
def move(
    front: Front,
    /,
    which: date | int,
    day: date | None,
    series_key: str | None,
    **given: Any,  # noqa: ANN401 - Click's options
) -> None:
    """Tag, Zeit oder Ort eines Treffens ändern."""
    if not any((day, given["start"], given["end"], given["venue"])):
        raise UsageRefused(
            "Wohin? Bitte nennen Sie den neuen Tag mit „--to“, eine neue Zeit mit "
            "„--start“ und „--end“ oder einen anderen Ort mit „--venue“."
        )
    app = front.application()
    choice = Choice(which, series_key, MeetingState.PLANNED)
    now = app.clock.now()
    with app.database.transaction() as db:
        choosing.make_missing(db, app, choice, now=now)
    with app.database.transaction() as db:
        meeting = choosing.get_meeting(db, app, choice)
        series = choosing.get_series(app.settings, meeting)
        before = _told(meeting, app.settings)
        proposal = planning.as_it_is(meeting, series.zone)
        proposal = replace(proposal, on=day or proposal.on)
        planning.move(
            db,
            meeting,
            series,
            app.closures,
            choosing.changed(proposal, app.settings, given),
            now=now,
        )
    log(LogEvent.MEETING_MOVED, **_version(meeting))
    click.echo(f"Bisher: {before}.\nJetzt: {_told(meeting, app.settings)}.")
    _tell_when(meeting)


@meetings.command()
@which_argument
@click.option("--reason", required=True, help="Grund; alle lesen ihn.")
@series_option
@click.pass_obj
def cancel(
    front: Front, which: date | int, reason: str, series_key: str | None
) -> None:
    """Ein Treffen absagen."""
    app = front.application()
    choice = Choice(which, series_key, MeetingState.PLANNED)
    now = app.clock.now()
    with app.database.transaction() as db:
        choosing.make_missing(db, app, choice, now=now)
    with app.database.transaction() as db:
        meeting = choosing.get_meeting(db, app, choice)
        zone = choosing.zone_of(app.settings, meeting)
        planning.cancel(db, meeting, reason=reason, zone=zone, now=now)
    log(LogEvent.MEETING_CANCELLED, **_version(meeting))
    click.echo(f"Abgesagt: {_told(meeting, app.settings)}.")
    _tell_when(meeting)


@meetings.command()
@which_argument
@series_option
@click.pass_obj
def reinstate(front: Front, which: date | int, series_key: str | None) -> None:
    """Ein abgesagtes Treffen findet doch statt."""
    app = front.application()
    choice = Choice(which, series_key, MeetingState.CANCELLED)
    now = app.clock.now()
    with app.database.transaction() as db:
        choosing.make_missing(db, app, choice, now=now)
    with app.database.transaction() as db:
        meeting = choosing.get_meeting(db, app, choice)
        zone = choosing.zone_of(app.settings, meeting)
        planning.reinstate(db, meeting, zone=zone, now=now)
    log(LogEvent.MEETING_REINSTATED, **_version(meeting))
    click.echo(f"Findet doch statt: {_told(meeting, app.settings)}.")
    _tell_when(meeting)


@meetings.command()
@series_option
@click.pass_obj
def plan(front: Front, series_key: str | None) -> None:
    """Die Treffen der nächsten Zeit aus den Regeln anlegen.

    Zweimal aufgerufen ändert sich nichts. Treffen, zu denen schon eingeladen wurde,
    bleiben immer, wie sie sind.
    """
    app = front.application()
    now = app.clock.now()
    for series in choosing.chosen_series(app.settings, series_key):
        until = local_day(now + app.settings.policy.plan_ahead, series.zone)
        with app.database.transaction() as db:
            done = planning.materialise(db, series, app.closures, until=until, now=now)
        log(
            LogEvent.SERIES_MATERIALISED,
            series=series.key,
            added=len(done.added),
            dropped=len(done.removed),
        )
        click.echo(f"{series.title}, geplant bis {short_day(until)}:")
        click.echo("\n".join(rows.as_report(done)))


def _days_meant(
    app: Application, which: date | int, series_key: str | None
) -> Sequence[CalendarDay]:
    """Return what the calendar says of one day or one number, without writing."""
    settings = app.settings
    chosen = choosing.chosen_series(settings, series_key)
    with app.database.reading() as db:
        if isinstance(which, date):
            found = planning.calendar(db, chosen, app.closures, first=which, last=which)
            if not found:
                raise choosing.nothing_on(db, app, which)
            return found
        choice = Choice(which, series_key, MeetingState.PLANNED)
        meeting = choosing.get_meeting(db, app, choice)
        series = choosing.get_series(settings, meeting)
        on = local_day(meeting.starts_at, series.zone)
        found = planning.calendar(db, [series], app.closures, first=on, last=on)
    return [day for day in found if day.meeting_id == meeting.id]


def _told(meeting: Meeting, settings: Settings) -> str:
    """Return one line about *meeting*: when, what, where."""
    zone = choosing.zone_of(settings, meeting)
    start, end = (
        moment.astimezone(zone) for moment in (meeting.starts_at, meeting.ends_at)
    )
    return (
        f"{full_day(start)}, {start:%H:%M} bis {end:%H:%M} Uhr, „{meeting.title}“, "
        f"{rows.where(meeting.venue, settings.venues)}"
    )


def _version(meeting: Meeting) -> dict[str, int]:
    """Return what the log says of a changed meeting."""
    return {"meeting": meeting.id, "sequence": meeting.sequence}


def _tell_when(meeting: Meeting) -> None:
    """Say that people who were told are told again."""
    if meeting.announced_at is not None:
        note(
            "Wer von diesem Treffen schon weiß, erfährt die Änderung von selbst, "
            "sobald „mia run“ läuft; sofort geht es mit „mia tick“."
        )


def _today(app: Application) -> date:
    zone: ZoneInfo = app.settings.series[0].zone
    return local_day(app.clock.now(), zone)


def _a_year_after(day: date) -> date:
    # 29 February has no anniversary; the year ends on 28 February then.
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)
