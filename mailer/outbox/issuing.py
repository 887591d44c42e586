"""From an approved edition to deliveries: compose, freeze, enqueue.

Issuing is one transaction: the letters are frozen, one delivery per mailbox stands in
the ledger, the meeting counts as announced and the edition as issued; or nothing of
all that happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.context import facts, get_series
from mailer.editions.kinds import KINDS
from mailer.editions.models import Edition
from mailer.editions.states import EditionEvent, EditionState
from mailer.errors import PlanRefused
from mailer.meetings import planning
from mailer.meetings.agenda import DayState
from mailer.outbox import interventions, ledger
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.states import OPEN
from mailer.rendering.calendar_file import with_calendar
from mailer.rendering.letter import Letter, render
from subscribers import audience
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from jinja2 import Environment

    from mailer.editions.context import Facts, Gathering
    from mailer.meetings.closures import Closures
    from mailer.meetings.models import Meeting
    from mailer.settings.model import Series, Settings
    from subscribers.database import Db

LATER_WITHIN: Final = timedelta(days=120)
"""How far ahead a letter names later dates; beyond that they are too uncertain."""

WITHDRAWN: Final = "Die Aussendung wurde zurückgezogen."


@dataclass(frozen=True, slots=True)
class Press:
    """What a letter is made with.

    Attributes:
        environment: Of the templates.
        closures: Days without a meeting, for the list of later dates.
        new_message_id: Makes a Message-ID that was never used before.
    """

    settings: Settings
    environment: Environment
    closures: Closures
    new_message_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter in every style, personal places open, and the facts behind it."""

    facts: Facts
    letters: Mapping[LetterStyle, Letter]


def compose(db: Db, edition: Edition, press: Press, *, now: datetime) -> Composed:
    """Return what *edition* says if it is issued at *now*; nothing is written.

    Raises:
        TemplateBroken: A template cannot be rendered.
        PlanRefused: The settings no longer know the series or the venue.
    """
    meeting = meeting_of(edition)
    series = get_series(press.settings, meeting.series)
    known = facts(
        press.settings,
        meeting,
        later=_later(db, meeting, series, press),
        words=edition.words,
        easy_words=edition.easy_words,
    )
    kind = KINDS[edition.kind]
    letters = {
        style: with_calendar(
            render(press.environment, known, style, kind.folder),
            known,
            style,
            method=kind.method,
            stamped_at=now,
        )
        for style in LetterStyle
    }
    return Composed(facts=known, letters=letters)


def issue(db: Db, edition: Edition, press: Press, *, now: datetime) -> int:
    """Freeze *edition* and write one delivery per mailbox; return how many.

    Raises:
        PlanRefused: It is not approved, or its meeting has begun or is cancelled.
        TemplateBroken: A template cannot be rendered.
    """
    meeting = meeting_of(edition)
    drafting.check_meeting(meeting, now=now)
    drafting.move(edition, EditionEvent.ISSUE, now=now)
    composed = compose(db, edition, press, now=now)
    freeze(db, edition.occasion, composed.letters, meeting=meeting, now=now)
    topic = KINDS[edition.kind].topic
    number = ledger.enqueue(
        db,
        ledger.Occasion(edition.occasion, topic, meeting.starts_at),
        audience.recipients(db, topic),
        new_message_id=press.new_message_id,
        now=now,
    )
    planning.mark_announced(db, meeting, now=now)
    return number


def freeze(
    db: Db,
    occasion: str,
    letters: Mapping[LetterStyle, Letter],
    *,
    meeting: Meeting,
    now: datetime,
) -> None:
    """Store *letters* for *occasion*; from now on they never change."""
    for style, letter in letters.items():
        db.add(
            FrozenLetter(
                occasion=occasion,
                style=style,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                calendar=letter.calendar,
                method=letter.method,
                dated_at=now,
                meeting_id=meeting.id,
                meeting_sequence=meeting.sequence,
            )
        )
    # The deliveries point to these rows.
    db.flush()


def withdraw(db: Db, edition: Edition, *, now: datetime) -> int:
    """Withdraw *edition*; return how many deliveries that stops.

    Raises:
        PlanRefused: It is closed or withdrawn already.
    """
    drafting.move(edition, EditionEvent.WITHDRAW, now=now)
    return interventions.withdraw(db, edition.occasion, reason=WITHDRAWN, now=now)


def close_finished(db: Db, *, now: datetime) -> list[Edition]:
    """Close every issued edition that has no open delivery any more."""
    issued = db.scalars(sa.select(Edition).where(Edition.state == EditionState.ISSUED))
    finished = [edition for edition in issued if not _is_open(db, edition.occasion)]
    for edition in finished:
        drafting.move(edition, EditionEvent.CLOSE, now=now)
    return finished


def meeting_of(edition: Edition) -> Meeting:
    """Return the meeting *edition* is about.

    Raises:
        PlanRefused: It is about none.
    """
    if edition.meeting is None:
        raise PlanRefused(f"Aussendung {edition.id} gehört zu keinem Treffen.")
    return edition.meeting


def _is_open(db: Db, occasion: str) -> bool:
    waiting = sa.select(Delivery.id).where(
        Delivery.occasion == occasion, Delivery.state.in_(OPEN)
    )
    return db.scalars(waiting.limit(1)).first() is not None


def _later(
    db: Db, meeting: Meeting, series: Series, press: Press
) -> Sequence[Gathering]:
    """Return the next planned days of the same series after *meeting*."""
    on = meeting.starts_at.astimezone(series.zone).date()
    days = planning.calendar(
        db,
        [series],
        press.closures,
        first=on,
        last=on + LATER_WITHIN,
    )
    coming = [
        day
        for day in days
        if day.state is DayState.PLANNED and day.starts_at > meeting.starts_at
    ]
    return coming[: press.settings.policy.next_dates]
