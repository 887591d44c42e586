"""The ledger's steps one by one, on both databases."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.meetings.models import Meeting
from mailer.outbox import interventions, ledger, recovery, statements
from mailer.outbox.models import Attempt, Delivery, FrozenLetter, Lease
from mailer.outbox.states import OPEN, DeliveryEvent, DeliveryState
from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from subscribers import audience
from subscribers.models import Subscription
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.factories import a_meeting, a_subscriber

if TYPE_CHECKING:
    from mailer.outbox.ledger import Claim
    from subscribers.database import Database, Db

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=20)
WAIT = timedelta(minutes=30)
OCCASION = "edition/1"
ACCEPTED = Outcome(Verdict.ACCEPTED, SmtpReply(250, "taken"))
LATER = Outcome(Verdict.DEFERRED, SmtpReply(451, "later", "4.7.1"))
NEVER = Outcome(Verdict.REFUSED, SmtpReply(550, "no such person", "5.1.1"))

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def fill(db: Db, people: int = 3) -> int:
    """Put *people* into the audience and an occasion into the ledger."""
    for _ in range(people):
        a_subscriber(db)
    meeting = a_meeting(db)
    if db.get(FrozenLetter, (OCCASION, LetterStyle.STANDARD)) is None:
        db.add(
            FrozenLetter(
                occasion=OCCASION,
                style=LetterStyle.STANDARD,
                subject="s",
                text="t",
                html="h",
                dated_at=NOW,
                meeting_id=meeting.id,
                meeting_sequence=0,
            )
        )
        db.flush()
    return enqueue(db, meeting.starts_at)


def enqueue(db: Db, expires_at: datetime | None = None) -> int:
    """Enqueue the whole audience."""
    numbers = count(1 + db.execute(sa.select(sa.func.count(Delivery.id))).scalar_one())
    return ledger.enqueue(
        db,
        ledger.Occasion(OCCASION, Topic.INVITATIONS, expires_at),
        audience.recipients(db, Topic.INVITATIONS),
        new_message_id=lambda: f"<{next(numbers)}@mia.example>",
        now=NOW,
    )


def claim(
    db: Db, worker: str = "A", *, limit: int = 9, now: datetime = NOW
) -> list[Claim]:
    """Claim for *worker*."""
    return ledger.claim(db, worker=worker, limit=limit, lease=LEASE, now=now)


def rows(db: Db) -> list[Delivery]:
    """Return all deliveries as they stand in the database."""
    query = sa.select(Delivery).order_by(Delivery.id)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def transmit(db: Db, claimed: Claim, worker: str = "A", *, now: datetime = NOW) -> bool:
    """Ask for the mark."""
    marked = ledger.mark(db.connection(), [claimed], worker=worker, now=now)
    return claimed.delivery_id in marked


def record(db: Db, claimed: Claim, outcome: Outcome, *, now: datetime = NOW) -> None:
    """Record *outcome* for worker A."""
    ending = ledger.Ending(claimed, outcome, started_at=now, wait=WAIT)
    ledger.record(db.connection(), [ending], worker="A", now=now)


@both
def test_one_delivery_per_mailbox_and_occasion(db: Db) -> None:
    """Enqueueing twice adds nobody; a newcomer alone is added."""
    assert fill(db) == 3
    assert enqueue(db) == 0
    a_subscriber(db)
    assert enqueue(db) == 1


@both
def test_a_crowd_is_enqueued_while_it_is_read(
    db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, a few rows at a time: nobody is missed, nobody twice."""
    monkeypatch.setattr(ledger, "ENQUEUED_AT_ONCE", 2)
    monkeypatch.setattr(audience, "ROWS_AT_A_TIME", 3)
    assert fill(db, 11) == 11
    assert len({row.mailbox_id for row in rows(db)}) == 11


@both
def test_claims_come_in_the_order_of_the_recipients(db: Db) -> None:
    """First enqueued, first served, with all that is needed to write."""
    fill(db)
    first, second = claim(db, limit=2)
    assert first.delivery_id < second.delivery_id
    assert first.recipient.address.text.endswith("@post.example")
    assert first.number == 1
    assert [one.state for one in rows(db)] == [
        DeliveryState.CLAIMED,
        DeliveryState.CLAIMED,
        DeliveryState.QUEUED,
    ]


def test_no_step_goes_through_all_that_waits(database: Database) -> None:
    """Claims come in the order of an index, marks and answers by number: no sorting."""
    asked: list[str] = []

    with database.transaction() as db:
        fill(db)
        driver = db.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(asked.append)
        (claimed, *_) = claim(db)
        transmit(db, claimed)
        record(db, claimed, ACCEPTED)
        driver.set_trace_callback(None)
        steps = [one for one in asked if "LIMIT" in one or "UPDATE delivery" in one]
        plans = [_plan(db, one) for one in steps]

    assert len(plans) == 7
    for plan in plans:
        assert "TEMP B-TREE" not in plan
        assert plan.startswith(
            (
                "SEARCH delivery USING INTEGER PRIMARY KEY (rowid=?)",
                "SEARCH delivery USING INDEX ix_delivery_waiting_next_try_at_id (",
            )
        )


def _plan(db: Db, statement: str) -> str:
    """Return how SQLite goes about *statement*."""
    explained = f"EXPLAIN QUERY PLAN {statement}"
    return "\n".join(row.detail for row in db.execute(sa.text(explained)))


@both
def test_only_the_named_occasions_are_claimed(db: Db) -> None:
    """A test mail must not take somebody's invitation along."""
    fill(db)
    taken = ledger.claim(db, worker="A", limit=9, lease=LEASE, now=NOW, only=["test/1"])
    assert taken == []


@both
def test_the_whole_way_of_one_delivery(db: Db) -> None:
    """Claimed, begun, marked, accepted: one attempt, one copy, the server's words."""
    fill(db, 1)
    (claimed,) = claim(db)
    assert transmit(db, claimed)
    record(db, claimed, ACCEPTED)
    (row,) = rows(db)
    assert (row.state, row.tries, row.copies) == (DeliveryState.ACCEPTED, 1, 1)
    assert (row.reply_code, row.reply_text) == (250, "taken")
    attempt = db.scalars(sa.select(Attempt)).one()
    assert (attempt.number, attempt.outcome) == (1, "accept")


@both
def test_later_means_later(db: Db) -> None:
    """A deferred delivery is not claimed before its time, and is claimed then."""
    fill(db, 1)
    (claimed,) = claim(db)
    assert transmit(db, claimed)
    record(db, claimed, LATER)
    (row,) = rows(db)
    assert (row.state, row.copies) == (DeliveryState.DEFERRED, 0)
    assert claim(db, now=NOW + WAIT - timedelta(seconds=1)) == []
    (again,) = claim(db, now=NOW + WAIT)
    assert again.number == 2


@both
def test_a_refusal_leaves_no_copy(db: Db) -> None:
    """The server said never: final, and it has nothing of ours."""
    fill(db, 1)
    (claimed,) = claim(db)
    assert transmit(db, claimed)
    record(db, claimed, NEVER)
    (row,) = rows(db)
    assert (row.state, row.copies) == (DeliveryState.REFUSED, 0)


@both
def test_the_mark_asks_for_consent_again(db: Db) -> None:
    """Who leaves between claim and content gets nothing."""
    fill(db, 1)
    (claimed,) = claim(db)
    db.execute(sa.update(Subscription).values(state=SubscriptionState.ENDED))
    assert not transmit(db, claimed)


@both
def test_the_mark_knows_that_the_meeting_moved(db: Db) -> None:
    """A letter about the old time is superseded, not sent."""
    fill(db, 1)
    (claimed,) = claim(db)
    db.execute(sa.update(Meeting).values(sequence=1))
    assert not transmit(db, claimed)


@both
def test_nothing_is_sent_after_the_meeting_began(db: Db) -> None:
    """What waits then is expired, with a reason."""
    fill(db, 2)
    begun = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    assert claim(db, now=begun) == []
    recovery.sweep(db, here="A", resends=True, now=begun)
    assert {one.state for one in rows(db)} == {DeliveryState.EXPIRED}
    assert all(one.reason for one in rows(db))


@both
def test_a_worker_that_lost_its_lease_sends_nothing(db: Db) -> None:
    """A frozen worker wakes up after another one took over."""
    fill(db, 1)
    (old,) = claim(db, "A")
    later = NOW + LEASE + timedelta(seconds=1)
    interventions.end_leases(db, [], reason="r", now=later)
    (new,) = claim(db, "B", now=later)
    assert not transmit(db, old, now=later)
    assert transmit(db, new, "B", now=later)


@both
def test_one_page_holds_whatever_its_lanes_hand_in(db: Db) -> None:
    """Every way to end, also before a mark, beside first and second tries."""
    fill(db, 7)
    *ending, put_off, fresh = claim(db)
    accepted, deferred, refused, lost, unmarked = ending
    for one in (accepted, deferred, refused, lost, put_off):
        assert transmit(db, one)
    record(db, put_off, LATER)
    later = NOW + WAIT
    (again,) = claim(db, now=later)
    outcomes = (ACCEPTED, LATER, NEVER, Outcome(Verdict.UNKNOWN), NEVER)
    endings = [
        ledger.Ending(claimed, outcome, started_at=later, wait=WAIT)
        for claimed, outcome in zip(ending, outcomes, strict=True)
    ]

    marked = ledger.write(
        db.connection(), endings, [fresh, again], worker="A", now=later
    )

    assert marked == {fresh.delivery_id, again.delivery_id}
    found = {one.id: (one.state.value, one.tries, one.copies) for one in rows(db)}
    assert found == {
        accepted.delivery_id: ("accepted", 1, 1),
        deferred.delivery_id: ("deferred", 1, 0),
        refused.delivery_id: ("refused", 1, 0),
        lost.delivery_id: ("uncertain", 1, 1),
        unmarked.delivery_id: ("refused", 1, 0),
        put_off.delivery_id: ("transmitting", 2, 1),
        fresh.delivery_id: ("transmitting", 1, 1),
    }
    tried = db.execute(sa.select(Attempt.delivery_id, Attempt.outcome)).all()
    assert sorted(tuple(one) for one in tried) == [
        (accepted.delivery_id, "accept"),
        (deferred.delivery_id, "defer"),
        (refused.delivery_id, "refuse"),
        (lost.delivery_id, "lose"),
        (unmarked.delivery_id, "refuse"),
        (put_off.delivery_id, "defer"),
    ]


@both
def test_what_waits_is_in_nobodys_hands_and_not_at_its_end(db: Db) -> None:
    """The database knows it by itself, for every state there is."""
    fill(db, len(DeliveryState))
    for one, state in zip(rows(db), DeliveryState, strict=True):
        one.state = state
    db.flush()
    in_hand = {DeliveryState.CLAIMED, DeliveryState.TRANSMITTING}
    waiting = {one.state for one in rows(db) if one.waiting is not None}
    assert waiting == OPEN - in_hand
    assert all(one.waiting in {None, one.state} for one in rows(db))


def leases(db: Db) -> dict[str, datetime]:
    """Return who has a lease, and until when."""
    return {one.worker: one.until for one in db.execute(sa.select(Lease.__table__))}


@both
def test_a_sign_of_life_prolongs_all_that_a_worker_has(db: Db) -> None:
    """What he claimed long ago is still his; whoever gave none has lost his own."""
    fill(db, 3)
    for worker in ("A", "B"):
        claim(db, worker, limit=1)
    assert leases(db) == {"A": NOW + LEASE, "B": NOW + LEASE}
    ledger.extend(db, "A", lease=LEASE, now=NOW + LEASE / 2)
    ledger.extend(db, "C", lease=LEASE, now=NOW)

    recovery.sweep(db, here="D", resends=True, now=NOW + LEASE)

    assert leases(db) == {"A": NOW + LEASE * 1.5}
    states = [one.state for one in rows(db)]
    assert states == [DeliveryState.CLAIMED, *[DeliveryState.QUEUED] * 2]


@both
def test_who_gives_all_back_has_no_lease(db: Db) -> None:
    """Unless an answer is missing: then somebody must look after it."""
    fill(db, 2)
    (first, _) = claim(db)
    assert ledger.release(db, "A", now=NOW) == 2
    assert leases(db) == {}

    (first, second) = claim(db)
    assert transmit(db, first)
    assert ledger.release(db, "A", only=[second.delivery_id], now=NOW) == 1
    assert ledger.release(db, "A", now=NOW) == 0
    assert leases(db) == {"A": NOW + LEASE}
    record(db, first, ACCEPTED)
    ledger.release(db, "A", now=NOW)
    assert leases(db) == {}


@both
def test_a_worker_who_comes_back_late_takes_a_new_lease(db: Db) -> None:
    """What was taken from him stays with the other; what he claims now is his."""
    fill(db, 2)
    claim(db, "A", limit=1)
    later = NOW + LEASE
    recovery.sweep(db, here="B", resends=True, now=later)
    claim(db, "B", limit=1, now=later)
    ledger.extend(db, "A", lease=LEASE, now=later)
    assert leases(db) == {"B": later + LEASE}
    (mine,) = claim(db, "A", now=later)
    assert leases(db) == {"A": later + LEASE, "B": later + LEASE}
    assert transmit(db, mine, now=later)


@both
def test_a_late_answer_settles_the_doubt(db: Db) -> None:
    """The lease ran out while the server thought; its answer still counts."""
    fill(db, 1)
    (claimed,) = claim(db)
    assert transmit(db, claimed)
    later = NOW + LEASE + timedelta(seconds=1)
    interventions.end_leases(db, [], reason="r", now=later)
    assert rows(db)[0].state is DeliveryState.UNCERTAIN
    record(db, claimed, ACCEPTED, now=later)
    assert rows(db)[0].state is DeliveryState.ACCEPTED


@both
def test_a_late_answer_cannot_speak_for_a_second_copy(db: Db) -> None:
    """Once a second copy is queued, the first worker's answer is only history."""
    fill(db, 1)
    (claimed,) = claim(db)
    assert transmit(db, claimed)
    later = NOW + LEASE + timedelta(seconds=1)
    interventions.end_leases(db, [], reason="r", now=later)
    assert interventions.retry_doubtful(db, reason="r", now=later) == 1
    record(db, claimed, NEVER, now=later)
    assert rows(db)[0].state is DeliveryState.QUEUED


@both
def test_there_is_never_a_third_copy(db: Db) -> None:
    """Two lost answers: in doubt for good, whoever asks."""
    fill(db, 1)
    for _ in range(statements.MAX_COPIES):
        (claimed,) = claim(db)
        assert transmit(db, claimed)
        record(db, claimed, Outcome(Verdict.UNKNOWN))
        interventions.retry_doubtful(db, reason="r", now=NOW)
    (row,) = rows(db)
    assert (row.state, row.copies) == (DeliveryState.UNCERTAIN, 2)
    asked = interventions.settle(db, row.id, DeliveryEvent.RETRY, reason="r", now=NOW)
    assert not asked


@both
def test_two_workers_share_the_outbox_without_a_double(database: Database) -> None:
    """Claims that happen at the same time never hand out the same delivery."""
    with database.transaction() as db:
        fill(db, 40)
    taken: list[int] = []
    start = threading.Barrier(2)

    def work(name: str) -> None:
        start.wait()
        while True:
            with database.transaction() as db:
                claims = claim(db, name, limit=3)
            if not claims:
                return
            taken.extend(one.delivery_id for one in claims)

    workers = [threading.Thread(target=work, args=(name,)) for name in "AB"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


@both
def test_a_delivery_needs_its_letter(database: Database) -> None:
    """Nothing can be queued that could not be written."""
    with database.transaction() as db:
        a_subscriber(db)
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        enqueue(db)
