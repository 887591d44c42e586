"""What people and the program may do to deliveries that have not simply gone well."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.outbox import interventions, moves
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.states import DeliveryState
from subscribers import suppression
from subscribers.models import Mailbox, SuppressionReason
from subscribers.topics import LetterStyle, Topic
from tests.conftest import PRESENT
from tests.factories import a_subscriber

if TYPE_CHECKING:
    from subscribers.database import Db

S = DeliveryState
DAY = timedelta(days=1)

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def owe(db: Db, state: DeliveryState, **values: object) -> Delivery:
    """Owe a letter to somebody new; it stands where *state* says."""
    mailbox = a_subscriber(db).mailbox
    if db.get(FrozenLetter, ("edition/1", LetterStyle.STANDARD)) is None:
        db.add(
            FrozenLetter(
                occasion="edition/1", style=LetterStyle.STANDARD, subject="s",
                text="t", html="h", dated_at=PRESENT,
            )
        )  # fmt: skip
        db.flush()
    row = Delivery(
        occasion="edition/1",
        mailbox_id=mailbox.id,
        topic=Topic.INVITATIONS,
        style=LetterStyle.STANDARD,
        state=state,
        message_id=f"<{mailbox.id}@mia.example>",
        created_at=PRESENT,
        changed_at=PRESENT,
    )
    for name, value in values.items():
        setattr(row, name, value)
    db.add(row)
    db.flush()
    return row


def state_of(db: Db, row: Delivery) -> DeliveryState:
    """Return where a delivery stands in the database."""
    db.refresh(row)
    return row.state


@both
@pytest.mark.parametrize("state", [S.REFUSED, S.EXPIRED, S.SKIPPED])
def test_a_missed_letter_gets_one_more_chance(db: Db, state: DeliveryState) -> None:
    """It waits as if it were new; nothing of the old end is left."""
    row = owe(db, state, reason="x", worker="A", next_try_at=PRESENT + DAY)
    assert interventions.reopen(db, now=PRESENT) == 1
    assert state_of(db, row) is S.QUEUED
    assert (row.reason, row.worker, row.next_try_at) == ("", None, PRESENT)


def test_whoever_has_it_or_may_have_it_gets_no_second_one(db: Db) -> None:
    """A copy at a server forbids the next one, whatever the row says."""
    taken = owe(db, S.ACCEPTED, copies=1)
    doubted = owe(db, S.SKIPPED, copies=1, reason="x")
    assert interventions.reopen(db, now=PRESENT) == 0
    assert state_of(db, taken) is S.ACCEPTED
    assert state_of(db, doubted) is S.SKIPPED


def test_nobody_is_written_to_after_the_time_or_against_her_will(db: Db) -> None:
    """What kept the letter back is asked again, and still counts."""
    late = owe(db, S.EXPIRED, expires_at=PRESENT, reason="x")
    unwilling = owe(db, S.SKIPPED, reason="x")
    mailbox = db.get_one(Mailbox, unwilling.mailbox_id)
    assert mailbox.fingerprint is not None
    suppression.add(db, mailbox.fingerprint, SuppressionReason.DEAD, now=PRESENT)
    db.flush()
    assert interventions.reopen(db, now=PRESENT) == 0
    assert state_of(db, late) is S.EXPIRED
    assert state_of(db, unwilling) is S.SKIPPED


@both
def test_what_nobody_looked_after_is_held(db: Db) -> None:
    """Due three days ago and no worker since: a person decides."""
    old = owe(db, S.QUEUED, created_at=PRESENT - 3 * DAY)
    deferred = owe(db, S.DEFERRED, next_try_at=PRESENT - 3 * DAY)
    fresh = owe(db, S.QUEUED)
    waiting = owe(
        db, S.DEFERRED, created_at=PRESENT - 3 * DAY, next_try_at=PRESENT - DAY
    )
    held = interventions.hold_overdue(
        db, overdue_after=2 * DAY, last_work_at=PRESENT - 3 * DAY, now=PRESENT
    )
    assert held == 2
    assert [state_of(db, one) for one in (old, deferred)] == [S.HELD, S.HELD]
    assert old.reason == interventions.NOBODY_THERE
    assert [state_of(db, one) for one in (fresh, waiting)] == [S.QUEUED, S.DEFERRED]


def test_what_waits_while_somebody_works_is_not_overdue(db: Db) -> None:
    """A daily limit may let a letter wait for a week; that is no standstill."""
    row = owe(db, S.QUEUED, created_at=PRESENT - 7 * DAY)
    looked = PRESENT - timedelta(hours=1)
    held = interventions.hold_overdue(
        db, overdue_after=2 * DAY, last_work_at=looked, now=PRESENT
    )
    assert held == 0
    assert state_of(db, row) is S.QUEUED


def test_a_database_that_never_sent_has_overdue_letters_too(db: Db) -> None:
    """Nothing proves that somebody looked: old ones are held."""
    owe(db, S.QUEUED, created_at=PRESENT - 3 * DAY)
    held = interventions.hold_overdue(
        db, overdue_after=2 * DAY, last_work_at=None, now=PRESENT
    )
    assert held == 1


@both
def test_later_ends_after_five_days(db: Db) -> None:
    """RFC 5321, section 4.5.4.1: the give-up time is four to five days."""
    old = PRESENT - timedelta(days=5)
    soon = PRESENT + timedelta(hours=1)
    gone = owe(db, S.DEFERRED, created_at=old, next_try_at=soon)
    due = owe(db, S.DEFERRED, created_at=old, next_try_at=PRESENT)
    young = owe(db, S.DEFERRED, created_at=old + DAY, next_try_at=soon)
    meeting = owe(
        db, S.DEFERRED, created_at=old, next_try_at=soon, expires_at=PRESENT + DAY
    )
    moves.set_aside(db, now=PRESENT)
    assert state_of(db, gone) is S.EXPIRED
    assert gone.reason == moves.GIVEN_UP
    assert state_of(db, due) is S.DEFERRED, "its last try is due"
    assert state_of(db, young) is S.DEFERRED
    assert state_of(db, meeting) is S.DEFERRED, "the meeting is its end"


def test_what_a_person_lets_go_is_not_overdue_again(db: Db) -> None:
    """However long it was held, and whenever the next worker comes."""
    row = owe(db, S.HELD, created_at=PRESENT - 9 * DAY, reason="x")
    interventions.let_go(db, now=PRESENT)
    later = PRESENT + DAY
    held = interventions.hold_overdue(
        db, overdue_after=2 * DAY, last_work_at=PRESENT - 9 * DAY, now=later
    )
    assert held == 0
    assert state_of(db, row) is S.QUEUED


def test_a_deferred_letter_can_be_hastened(db: Db) -> None:
    """The next try is now; nothing else changes, and others stay as they are."""
    row = owe(db, S.DEFERRED, tries=2, next_try_at=PRESENT + DAY)
    held = owe(db, S.HELD, reason="x")
    assert interventions.hasten(db, now=PRESENT) == 1
    assert state_of(db, row) is S.DEFERRED
    assert (row.next_try_at, row.tries) == (PRESENT, 2)
    assert state_of(db, held) is S.HELD
    assert interventions.hasten(db, sa.false(), now=PRESENT) == 0
