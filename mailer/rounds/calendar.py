"""The calendar as a round sees it: rows up to date, and what they make due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.editions.due import Leads, UpdateTimes, timetable, updates
from mailer.editions.quarter import Quarter
from mailer.meetings import planning
from mailer.meetings.localtime import local_day
from subscribers import subscription

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailer.editions.due import Due
    from mailer.outbox.press import Press
    from mailer.settings.model import Settings
    from subscribers.database import Db

HORIZON: Final = timedelta(days=200)
"""How far a round looks ahead: further than any lead time of a town, and far enough to
see a meeting that was put off for half a year."""


def prepare(db: Db, press: Press, *, now: datetime) -> list[str]:
    """Make the meetings of the near future, end pauses; return what is odd.

    Returns:
        German sentences about meetings that stay against the rule of today.
    """
    settings = press.settings
    told: list[str] = []
    for series in settings.series:
        until = max(
            local_day(now + settings.policy.plan_ahead, series.zone),
            # A network update has a calendar file of all that the next quarter brings.
            Quarter.of(local_day(now, series.zone)).following.last,
        )
        made = planning.materialise(db, series, press.closures, until=until, now=now)
        told += [kept.sentence for kept in made.kept_against_rule]
    today = local_day(now, settings.series[0].zone)
    subscription.resume_due(db, today=today, now=now)
    return told


def expected(db: Db, press: Press, *, now: datetime) -> list[Due]:
    """Return what the calendar wants said about the days to come, earliest first."""
    today = local_day(now, press.settings.series[0].zone)
    return between(db, press, today, today + HORIZON)


def between(db: Db, press: Press, first: date, last: date) -> list[Due]:
    """Return what the calendar wants said about the days from *first* to *last*.

    And about the quarters whose update may be of use on one of these days.
    """
    settings = press.settings
    days = planning.calendar(
        db, settings.series, press.closures, first=first, last=last
    )
    times = UpdateTimes.of(settings, press.closures)
    due = [*timetable(days, leads_of(settings)), *updates(first, last, times)]
    return sorted(due, key=lambda one: (one.due_at, one.about, one.kind))


def leads_of(settings: Settings) -> Leads:
    """Return the lead times of the settings."""
    policy = settings.policy
    return Leads(policy.draft_before, policy.invite_before, policy.remind_before)
