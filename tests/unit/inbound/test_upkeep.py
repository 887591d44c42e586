"""What has had its time goes by itself, whenever mail is read or sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.inbound.upkeep import keep_up
from subscribers import subscription
from subscribers.models import ConfirmToken, Subscription
from subscribers.states import SubscriptionState
from subscribers.topics import Topic
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database, Db

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("resume_on", "state"),
    [
        (PRESENT.date(), SubscriptionState.ACTIVE),
        (PRESENT.date() + timedelta(days=1), SubscriptionState.PAUSED),
        (None, SubscriptionState.PAUSED),
    ],
    ids=["today", "tomorrow", "nobody said"],
)
def test_a_pause_ends_on_its_day(
    db: Db, resume_on: date | None, state: SubscriptionState
) -> None:
    """On the day itself letters come again; not before, and never by a guess."""
    person = a_subscriber(db)
    subscription.pause(
        db, person.mailbox, Topic.INVITATIONS, resume_on=resume_on, now=PRESENT
    )

    keep_up(db, zone=BERLIN, now=PRESENT)

    assert db.scalars(sa.select(Subscription.state)).all() == [state]


def test_an_unanswered_question_is_forgotten(
    settings_file: Path, database_url: str, database: Database
) -> None:
    """After its days the question goes, and with it the address that never answered."""
    environ = {"MIA_DATABASE_URL": database_url, "MIA_INBOX_ADDRESS": "mia@mia.example"}
    mia = Program(settings_file, environ)
    assert mia.here("subscribers", "ask", "eva@post.example").exit_code == ExitCode.OK

    with database.transaction() as db:
        keep_up(db, zone=BERLIN, now=PRESENT + timedelta(days=6))
        assert db.scalars(sa.select(ConfirmToken)).all()
        keep_up(db, zone=BERLIN, now=PRESENT + timedelta(days=8))
        assert not db.scalars(sa.select(ConfirmToken)).all()
    gone = mia.here("subscribers", "show", "eva@post.example")
    assert gone.exit_code == ExitCode.DATA
    assert mia.here("subscribers", "ask", "max@post.example").exit_code == ExitCode.OK
