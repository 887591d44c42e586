"""The numbers of a quarter: equal to what docs/figures.md counts in plain SQL."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from mailer.editions.quarter import Quarter
from mailer.meetings.states import MeetingState
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.kinds import ContributionKind
from mailer.outbox.models import Attempt, Delivery, FrozenLetter
from mailer.outbox.quarter_figures import (
    QuarterFigures,
    as_told,
    participants,
    quarter_figures,
    span_of,
)
from mailer.outbox.states import DeliveryState
from subscribers import subscription
from subscribers.database import UtcDateTime
from subscribers.topics import LetterStyle, Topic
from tests.architecture import tree
from tests.factories import BY_HAND, a_mailbox, a_meeting, a_subscriber

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.meetings.models import Meeting
    from subscribers.database import Db

QUARTER: Final = Quarter(date(2026, 10, 1))
SPAN: Final = span_of(QUARTER, ZoneInfo("Europe/Berlin"))
A_MOMENT: Final = timedelta(seconds=1)
BEFORE: Final = SPAN.starts_at - A_MOMENT
FIRST: Final = SPAN.starts_at
LAST: Final = SPAN.ends_at - A_MOMENT
AFTER: Final = SPAN.ends_at


def defined() -> dict[str, str]:
    """Return the SQL of every figure of a quarter."""
    text = tree.read(Path("docs/figures.md"))
    pattern = r"^## quarter\.(\w+)\n.*?^```sql\n(.*?)^```"
    return dict(re.findall(pattern, text, re.MULTILINE | re.DOTALL))


def counted(db: Db, sql: str) -> int | None:
    """Return what a statement of the document counts."""
    bound = [
        sa.bindparam(name, moment, type_=UtcDateTime)
        for name, moment in (("start", SPAN.starts_at), ("end", SPAN.ends_at))
    ]
    number = db.execute(sa.text(sql).bindparams(*bound)).scalar_one()
    return None if number is None else int(number)


def a_letter(db: Db, at: datetime, topic: Topic | None = Topic.INVITATIONS) -> None:
    """Add a letter that a server took at a moment."""
    mailbox = a_mailbox(db)
    name = f"edition/{mailbox.id}"
    db.add(
        FrozenLetter(
            occasion=name, style=LetterStyle.STANDARD, subject="", text="", html="",
            dated_at=at,
        )
    )  # fmt: skip
    db.flush()
    delivery = Delivery(
        occasion=name, mailbox_id=mailbox.id, topic=topic, style=LetterStyle.STANDARD,
        state=DeliveryState.ACCEPTED, message_id=f"<{name}@mia.example>",
        created_at=at, changed_at=at,
    )  # fmt: skip
    db.add(delivery)
    db.flush()
    db.add(
        Attempt(
            delivery_id=delivery.id, number=1, worker="w", started_at=at,
            finished_at=at, outcome="accept",
        )
    )  # fmt: skip


def noted(db: Db, meeting: Meeting, number: int, at: datetime, *, taken: bool) -> None:
    """Note how many took part in a meeting."""
    offered = Offered(
        ContributionKind.RESULT,
        f"{meeting.id} {number}",
        meeting_id=meeting.id,
        participants=number,
    )
    row = contributing.enter(db, offered, QUARTER.first, now=at)
    assert row is not None
    if taken:
        contributing.accept(row, now=at)


def a_quarter(db: Db) -> None:
    """Fill the tables: on both sides of each midnight, and what must not count."""
    meetings = [a_meeting(db, moment) for moment in (BEFORE, FIRST, LAST, AFTER)]
    off = a_meeting(db, FIRST, state=MeetingState.CANCELLED)
    a_meeting(db, LAST, state=MeetingState.HELD)
    noted(db, meetings[1], 10, FIRST, taken=True)
    noted(db, meetings[1], 12, LAST, taken=True)  # counted again: this one holds
    noted(db, meetings[1], 99, AFTER, taken=False)
    noted(db, meetings[2], 5, AFTER, taken=True)
    for meeting in (meetings[0], off):
        noted(db, meeting, 50, FIRST, taken=True)
    for moment in (BEFORE, FIRST, LAST, AFTER):
        a_letter(db, moment)
        a_subscriber(db, topics=tuple(Topic), now=moment)
    a_letter(db, FIRST, topic=None)
    for moment in (BEFORE, LAST):
        gone = a_subscriber(db, now=BEFORE)
        subscription.end(db, gone.mailbox, Topic.INVITATIONS, BY_HAND, now=moment)
    db.flush()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_every_number_equals_the_ledger(db: Db) -> None:
    """Each figure is what its SQL in the document counts, and what we have put in."""
    a_quarter(db)
    found = quarter_figures(db, SPAN)
    assert asdict(found) == {name: counted(db, sql) for name, sql in defined().items()}
    assert found == QuarterFigures(
        meetings=3, participants=17, joined=2, left=1, sent=2
    )


def test_nobody_counted_is_not_nobody_came(db: Db) -> None:
    """No note at all is no number; a meeting with a note of zero has one."""
    meeting = a_meeting(db, FIRST)
    assert quarter_figures(db, SPAN).participants is None
    noted(db, meeting, 0, LAST, taken=True)
    assert quarter_figures(db, SPAN).participants == 0
    assert participants(db, SPAN) == {meeting.id: 0}


def test_every_number_has_its_definition() -> None:
    """The document defines all figures, in their order, and no other."""
    assert list(defined()) == [one.name for one in fields(QuarterFigures)]


def test_numbers_are_told_beside_those_before() -> None:
    """Bars are percents of the longer one; what is nothing in both is left out."""
    now = QuarterFigures(meetings=6, participants=None, joined=0, left=1, sent=1204)
    before = QuarterFigures(meetings=3, participants=40, joined=0, left=2, sent=0)
    told = [
        (one.label, one.now, one.before, one.bar_now, one.bar_before)
        for one in as_told(now, before)
    ]
    assert told == [
        ("Treffen", "6", "3", 100, 50),
        ("Anwesende", "nicht notiert", "40", 0, 100),
        ("Abgemeldet", "1", "2", 50, 100),
        ("Gesendete Briefe", "1.204", "0", 100, 0),
    ]
