"""The promise of the ledger, against every order of events that hypothesis invents.

Beside the ledger stands a server that writes down what it took responsibility for.
Workers, crashes, lost answers, ended consents, moved meetings and operators act in
any order; after each step the two books are compared.
"""

from __future__ import annotations

import itertools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)
from typing_extensions import override

from mailer import migrations
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.outbox import interventions, ledger, recovery, statements
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.states import OPEN, DeliveryEvent, DeliveryState
from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from subscribers import audience
from subscribers.database import Database
from subscribers.models import Mailbox, Subscription
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from mailer.outbox.ledger import Claim
    from subscribers.database import Db

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
MEETING_AT = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=20)
PEOPLE = 3
OCCASION = "edition/1"
LATER = Outcome(Verdict.DEFERRED, SmtpReply(451, "spaeter", None))
NEVER = Outcome(Verdict.REFUSED, SmtpReply(550, "unbekannt", None))
TAKEN = Outcome(Verdict.ACCEPTED, SmtpReply(250, "angenommen", None))
LOST = Outcome(Verdict.UNKNOWN, None)


class TwoBooks(RuleBasedStateMachine):
    """The ledger and the server's own list."""

    claims = Bundle("claims")
    marked = Bundle("marked")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "mia.db"
        self.database = Database(f"sqlite:///{file}", synchronous="OFF")
        migrations.upgrade(self.database)
        self.now = START
        self.held: dict[int, int] = {}
        self.numbers = itertools.count(1)
        with self.database.transaction() as db:
            self._people(db)
            recipients = list(audience.recipients(db, Topic.INVITATIONS))
            ledger.enqueue(
                db,
                ledger.Occasion(OCCASION, Topic.INVITATIONS, MEETING_AT),
                recipients,
                new_message_id=lambda: f"<{next(self.numbers)}@mia.example>",
                now=self.now,
            )

    def _people(self, db: Db) -> None:
        db.add(
            Meeting(
                id=1, uid="u", series="s", title="t", starts_at=MEETING_AT,
                ends_at=MEETING_AT, venue="v", state=MeetingState.PLANNED,
                created_at=START, changed_at=START,
            )
        )  # fmt: skip
        for number in range(1, PEOPLE + 1):
            address = f"person{number}@netz.example"
            db.add(
                Mailbox(
                    id=number, address=address, canonical=address,
                    fingerprint=str(number), created_at=START,
                )
            )  # fmt: skip
            db.flush()
            db.add(
                Subscription(
                    mailbox_id=number, topic=Topic.INVITATIONS,
                    state=SubscriptionState.ACTIVE, changed_at=START,
                )
            )  # fmt: skip
        db.add(
            FrozenLetter(
                occasion=OCCASION, style=LetterStyle.STANDARD, subject="s", text="t",
                html="h", dated_at=START, meeting_id=1, meeting_sequence=0,
            )
        )  # fmt: skip

    @override
    def teardown(self) -> None:
        """Close the files of this run."""
        self.database.close()
        self.folder.cleanup()

    @rule(target=claims, worker=st.sampled_from("AB"), limit=st.integers(1, PEOPLE))
    def claim(self, worker: str, limit: int) -> object:
        """A worker takes a lease."""
        with self.database.transaction() as db:
            taken = ledger.claim(
                db, worker=worker, limit=limit, lease=LEASE, now=self.now
            )
        return multiple(*[(worker, one) for one in taken])

    @rule(held=consumes(claims), outcome=st.sampled_from([LATER, NEVER]))
    def refuse_recipient(self, held: tuple[str, Claim], outcome: Outcome) -> None:
        """The server says no at RCPT: no content has left."""
        self._record(held, outcome)

    @rule(target=marked, held=consumes(claims))
    def mark(self, held: tuple[str, Claim]) -> object:
        """The worker asks whether the content may leave."""
        worker, claimed = held
        with self.database.transaction() as db:
            wanted = self._is_wanted(db, claimed.delivery_id)
            marked = ledger.mark(
                db.connection(), [claimed], worker=worker, now=self.now
            )
            allowed = claimed.delivery_id in marked
        assert wanted or not allowed, "content left without consent"
        return held if allowed else multiple()

    @rule(held=consumes(marked), outcome=st.sampled_from([LATER, NEVER, TAKEN]))
    def answer(self, held: tuple[str, Claim], outcome: Outcome) -> None:
        """The server answers the content, and the answer arrives."""
        if outcome is TAKEN:
            self._take(held[1])
        self._record(held, outcome)

    @rule(held=consumes(marked), taken=st.booleans(), crash=st.booleans())
    def lose_answer(self, held: tuple[str, Claim], taken: bool, crash: bool) -> None:
        """The answer is lost: with the connection, or with the whole worker."""
        if taken:
            self._take(held[1])
        if not crash:
            self._record(held, LOST)

    @rule(worker=st.sampled_from("AB"))
    def release(self, worker: str) -> None:
        """A worker stops as it should."""
        with self.database.transaction() as db:
            ledger.release(db, worker, now=self.now)

    @rule(
        passed=st.sampled_from(
            [timedelta(minutes=1), timedelta(hours=1), timedelta(days=4)]
        ),
        resends=st.booleans(),
    )
    def pass_time(self, passed: timedelta, resends: bool) -> None:
        """Time goes by and the sweep looks after what was left behind."""
        self.now += passed
        with self.database.transaction() as db:
            recovery.sweep(db, here="A", resends=resends, now=self.now)

    @rule(person=st.integers(1, PEOPLE), act=st.sampled_from(["end", "join", "erase"]))
    def decide(self, person: int, act: str) -> None:
        """A person leaves, comes back, or is erased."""
        state = SubscriptionState.ACTIVE if act == "join" else SubscriptionState.ENDED
        with self.database.transaction() as db:
            db.execute(
                sa.update(Subscription)
                .where(Subscription.mailbox_id == person)
                .values(state=state)
            )
            if act == "erase":
                db.execute(
                    sa.update(Mailbox)
                    .where(Mailbox.id == person)
                    .values(
                        address=None, canonical=None, fingerprint=None,
                        erased_at=self.now,
                    )
                )  # fmt: skip

    @rule()
    def move_meeting(self) -> None:
        """The meeting changes after the letter was frozen."""
        with self.database.transaction() as db:
            db.execute(sa.update(Meeting).values(sequence=Meeting.sequence + 1))

    @rule(act=st.sampled_from(["hold", "let_go", "withdraw", "reopen", "hasten"]))
    def intervene(self, act: str) -> None:
        """An operator holds, lets go, withdraws, or helps what was missed."""
        with self.database.transaction() as db:
            if act == "hold":
                interventions.hold(db, OCCASION, reason="Prüfung", now=self.now)
            elif act == "let_go":
                interventions.let_go(db, now=self.now)
            elif act == "reopen":
                interventions.reopen(db, now=self.now)
            elif act == "hasten":
                interventions.hasten(db, now=self.now)
            else:
                interventions.withdraw(db, OCCASION, reason="Absage", now=self.now)

    @rule(delivery=st.integers(1, PEOPLE))
    def prove(self, delivery: int) -> None:
        """A proof turns up for a doubtful delivery."""
        event = DeliveryEvent.ACCEPT if self.held.get(delivery) else DeliveryEvent.SKIP
        with self.database.transaction() as db:
            interventions.settle(db, delivery, event, reason="Beleg", now=self.now)  # type: ignore[arg-type]

    @invariant()
    def books_agree(self) -> None:
        """What the ledger says is true of the server, or visibly in doubt."""
        with self.database.reading() as db:
            for row in db.scalars(sa.select(Delivery)):
                held = self.held.get(row.id, 0)
                where = f"delivery {row.id}: {row.state}, copies {row.copies}"
                assert held <= row.copies <= statements.MAX_COPIES, where
                if row.state is DeliveryState.ACCEPTED:
                    assert held >= 1, where
                if row.state in {DeliveryState.SKIPPED, DeliveryState.EXPIRED}:
                    assert row.reason, where
                if row.state is DeliveryState.REFUSED:
                    assert row.reply_code, where
                if held:
                    assert row.state in OPEN or row.copies, where

    def _is_wanted(self, db: Db, delivery_id: int) -> bool:
        return bool(
            db.scalar(
                sa.select(Delivery.id)
                .join(Subscription, Subscription.mailbox_id == Delivery.mailbox_id)
                .join(Meeting, sa.true())
                .where(
                    Delivery.id == delivery_id,
                    Subscription.state == SubscriptionState.ACTIVE,
                    Meeting.sequence == 0,
                    Delivery.expires_at > self.now,
                )
            )
        )

    def _take(self, claimed: Claim) -> None:
        self.held[claimed.delivery_id] = self.held.get(claimed.delivery_id, 0) + 1

    def _record(self, held: tuple[str, Claim], outcome: Outcome) -> None:
        worker, claimed = held
        with self.database.transaction() as db:
            ending = ledger.Ending(claimed, outcome, self.now, timedelta(minutes=30))
            ledger.record(db.connection(), [ending], worker=worker, now=self.now)


TestTwoBooks = TwoBooks.TestCase
TestTwoBooks.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
