"""The numbers of a week: equal to what docs/figures.md counts in plain SQL."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.inbound.models import Incoming
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.kinds import ContributionKind
from mailer.outbox.models import Attempt, Delivery, FrozenLetter
from mailer.outbox.states import DeliveryState
from mailer.watching.figures import Figures, Week, figures
from subscribers import subscription, suppression
from subscribers.database import UtcDateTime
from subscribers.models import SuppressionReason
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.architecture import tree
from tests.factories import BY_HAND, a_mailbox, a_subscriber

if TYPE_CHECKING:
    from subscribers.database import Db

WEEK: Final = Week(date(2026, 11, 16), ZoneInfo("Europe/Berlin"))
BEFORE: Final = WEEK.starts_at - timedelta(seconds=1)
WITHIN: Final = WEEK.starts_at
LAST: Final = WEEK.ends_at - timedelta(seconds=1)
AFTER: Final = WEEK.ends_at

_numbers = count(1)


def defined() -> dict[str, str]:
    """Return the SQL of every figure."""
    text = tree.read(Path("docs/figures.md"))
    return dict(
        re.findall(r"^## (\w+)\n.*?^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    )


def counted(db: Db, sql: str) -> int:
    """Return what a statement of the document counts."""
    statement = sa.text(sql)
    known = {"start": WEEK.starts_at, "end": WEEK.ends_at}
    for name, moment in known.items():
        if f":{name}" in sql:
            bound = sa.bindparam(name, moment, type_=UtcDateTime)
            statement = statement.bindparams(bound)
    return int(db.execute(statement).scalar_one())


def a_delivery(
    db: Db,
    state: DeliveryState,
    changed_at: datetime,
    *accepted_at: datetime,
    topic: Topic | None = Topic.INVITATIONS,
) -> None:
    """Add a delivery and an attempt for each moment at which a server took it."""
    number = next(_numbers)
    db.add(
        FrozenLetter(
            occasion=f"edition/{number}", style=LetterStyle.STANDARD, subject="",
            text="", html="", dated_at=changed_at,
        )
    )  # fmt: skip
    db.flush()
    delivery = Delivery(
        occasion=f"edition/{number}", mailbox_id=a_mailbox(db).id, topic=topic,
        style=LetterStyle.STANDARD, state=state, message_id=f"<{number}@mia.example>",
        created_at=BEFORE, changed_at=changed_at,
    )  # fmt: skip
    db.add(delivery)
    db.flush()
    for tries, moment in enumerate(accepted_at, start=1):
        db.add(
            Attempt(
                delivery_id=delivery.id, number=tries, worker="w", started_at=moment,
                finished_at=moment, outcome="accept",
            )
        )  # fmt: skip


def a_week(db: Db) -> None:
    """Fill the ledger: on both sides of each midnight, and what must not count."""
    accepted = DeliveryState.ACCEPTED
    for moment in (BEFORE, WITHIN, LAST, AFTER):
        a_delivery(db, accepted, moment, moment)
        for state in (DeliveryState.REFUSED, DeliveryState.BOUNCED):
            a_delivery(db, state, moment)
    a_delivery(db, accepted, LAST, WITHIN, LAST)  # two copies are one letter
    a_delivery(db, accepted, LAST, LAST, topic=None)  # an answer is no letter
    a_delivery(db, DeliveryState.EXPIRED, LAST)
    a_delivery(db, DeliveryState.SKIPPED, LAST)
    a_delivery(db, DeliveryState.UNCERTAIN, BEFORE)
    a_delivery(db, DeliveryState.HELD, BEFORE)
    _people(db)
    for stage in (EditionState.DRAFT, EditionState.ISSUED):
        db.add(
            Edition(
                kind=EditionKind.INVITATION, about=stage, state=stage, created_at=BEFORE
            )
        )
    for digest, raw, effected_at in (
        ("a", None, LAST),
        ("b", b"x", LAST),
        ("c", None, None),
    ):
        db.add(
            Incoming(
                digest=digest, source="stdin", received_at=LAST, octets=1, kind="human",
                rule="r", raw=raw, effected_at=effected_at,
            )
        )  # fmt: skip
    for text in ("Wartet.", "Übernommen."):
        offered = Offered(ContributionKind.NEWS, text)
        row = contributing.enter(db, offered, date(2026, 10, 1), now=LAST)
        if row is not None and text == "Übernommen.":
            contributing.accept(row, now=LAST)
    db.flush()


def _people(db: Db) -> None:
    for moment in (BEFORE, WITHIN, LAST, AFTER):
        a_subscriber(db, topics=tuple(Topic), now=moment)
    for moment in (BEFORE, LAST):
        gone = a_subscriber(db, now=BEFORE)
        subscription.end(db, gone.mailbox, Topic.INVITATIONS, BY_HAND, now=moment)
    a_subscriber(db, state=SubscriptionState.REQUESTED, now=LAST)
    resting = a_subscriber(db, now=BEFORE).mailbox
    assert resting.fingerprint is not None
    suppression.add(db, resting.fingerprint, SuppressionReason.FULL, now=LAST)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_every_number_equals_the_ledger(db: Db) -> None:
    """Each figure is what its SQL in the document counts, and what we have put in."""
    a_week(db)
    found = figures(db, WEEK)
    assert asdict(found) == {name: counted(db, sql) for name, sql in defined().items()}
    assert found == Figures(
        sent=3,
        not_delivered=5,
        joined=2,
        left=1,
        readers=4,
        in_doubt=1,
        held=1,
        drafts=1,
        mails=2,
        contributions=1,
    )


def test_every_number_has_its_definition() -> None:
    """The document defines all figures, in their order, and no other."""
    assert list(defined()) == [one.name for one in fields(Figures)]


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        (date(2026, 11, 16), 168),
        (date(2026, 10, 19), 169),  # the clocks go back on Sunday the 25th
        (date(2027, 3, 22), 167),  # and forward on Sunday the 28th
    ],
)
def test_a_week_has_seven_local_days(first: date, hours: int) -> None:
    """From midnight to midnight, also when the clocks change."""
    week = Week(first, ZoneInfo("Europe/Berlin"))
    length = week.ends_at.astimezone(UTC) - week.starts_at.astimezone(UTC)
    assert length == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("first", "name", "german"),
    [
        (date(2026, 11, 23), "2026-W48", "23. bis 29. November 2026"),
        (date(2026, 12, 28), "2026-W53", "28. Dezember 2026 bis 3. Januar 2027"),
        (date(2027, 1, 4), "2027-W01", "4. bis 10. Januar 2027"),
    ],
)
def test_a_week_is_named_by_its_number_and_its_days(
    first: date, name: str, german: str
) -> None:
    """ISO 8601 for the ledger, days for people, also at the end of the year."""
    week = Week(first, ZoneInfo("Europe/Berlin"))
    assert (week.name, week.german) == (name, german)
