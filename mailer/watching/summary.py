"""The coordinator's letter about the past week: due once, and only while it is news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer import german
from mailer.editions import drafting
from mailer.editions.due import Leads, UpdateTimes, timetable, updates
from mailer.editions.kinds import KINDS as EDITION_KINDS
from mailer.editions.states import EditionState
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.outbox.models import FrozenLetter
from mailer.watching import alarms
from mailer.watching.figures import SEVEN_DAYS, Figures, Week, figures
from mailer.watching.kinds import KINDS
from subscribers import audience
from subscribers.models import Mailbox
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from mailer.meetings.calendar_day import CalendarDay
    from mailer.meetings.closures import Closures
    from mailer.settings.model import Settings
    from subscribers.database import Db

NEWS_FOR: Final = timedelta(days=2)
"""A summary that could not leave for so long is old news and does not leave."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the letter says.

    Attributes:
        coming: What takes place and what goes out in the next seven days, one German
            line each.
        troubles: Headlines of what is wrong now.
    """

    week: Week
    figures: Figures
    coming: tuple[str, ...]
    troubles: tuple[str, ...]


def occasion(week: Week) -> str:
    """Return why she gets it: "summary/2026-W48"."""
    return f"summary/{week.name}"


def due_week(settings: Settings, *, now: datetime) -> Week | None:
    """Return the week about which a summary should be written now; None if none."""
    if settings.summary.weekday is None:
        return None
    zone = settings.series[0].zone
    local = now.astimezone(zone)
    back = (local.weekday() - settings.summary.weekday) % 7
    day = local.date() - timedelta(days=back)
    due_at = datetime.combine(day, settings.summary.at, zone)
    if due_at > local:
        due_at -= SEVEN_DAYS
    if local - due_at >= NEWS_FOR:
        return None
    return Week(due_at.date() - SEVEN_DAYS, zone)


def is_wanted(db: Db, week: Week) -> bool:
    """Tell whether nobody has written it, and there were people to write about."""
    written = db.get(FrozenLetter, (occasion(week), LetterStyle.STANDARD))
    people = sa.select(Mailbox.id).where(Mailbox.created_at < week.ends_at).limit(1)
    return written is None and db.scalars(people).first() is not None


def summary(
    db: Db, week: Week, settings: Settings, closures: Closures, *, now: datetime
) -> Summary:
    """Return what the letter about *week* says."""
    return Summary(
        week=week,
        figures=figures(db, week),
        coming=tuple(coming(db, settings, closures, now=now)),
        troubles=tuple(
            dict.fromkeys(KINDS[one.kind].german for one in alarms.active(db))
        ),
    )


def coming(
    db: Db, settings: Settings, closures: Closures, *, now: datetime
) -> list[str]:
    """Return what the next seven days bring, in the order of time."""
    policy = settings.policy
    leads = Leads(policy.draft_before, policy.invite_before, policy.remind_before)
    zone = settings.series[0].zone
    until = now + SEVEN_DAYS
    days = planning.calendar(
        db,
        settings.series,
        closures,
        first=now.astimezone(zone).date(),
        last=(until + leads.draft).astimezone(zone).date(),
    )
    found = [(one.starts_at, _meeting(one)) for one in days]
    times = UpdateTimes.of(settings, closures)
    today = now.astimezone(zone).date()
    has_partners = bool(audience.count(db, Topic.NETWORK_UPDATES))
    of_quarters = updates(today, today, times) if has_partners else []
    over = drafting.decided(db, but=[*drafting.OPEN, EditionState.LAPSED])
    for due in [*timetable(days, leads), *of_quarters]:
        if (due.kind, due.about) in over:
            continue  # it has left before its time, or was called back
        is_update = due.quarter is not None
        whom = "die Partner" if is_update else "alle"
        which = due.title if is_update else f"zum {german.short_day(due.on)}"
        about = f"{EDITION_KINDS[due.kind].german} {which}"
        if due.draft_at != due.due_at:
            found.append((due.draft_at, f"Sie bekommen den Entwurf: {about}"))
        found.append((due.due_at, f"An {whom}: {about}"))
    soon = sorted(
        (at.astimezone(zone), line) for at, line in found if now <= at < until
    )
    return [
        f"{german.full_day(at)}, {german.oclock(at.time())}: {line}"
        for at, line in soon
    ]


def _meeting(day: CalendarDay) -> str:
    if day.state is DayState.PLANNED:
        return f"Treffen „{day.title}“"
    reason = f" ({day.reason.rstrip('.')})" if day.reason else ""
    return f"kein Treffen „{day.title}“{reason}"
