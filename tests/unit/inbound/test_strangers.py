"""Who only wrote to us is forgotten; who belongs to us is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.inbound.kinds import Classified, CommandKind, Kind
from mailer.inbound.strangers import forget_strangers
from subscribers.models import Mailbox
from subscribers.states import SubscriptionState
from tests.factories import a_partner_contact, a_subscriber
from tests.incoming import Post, a_command, a_mail, a_post

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

HUMAN = Classified(Kind.HUMAN, "human.test", "Es ist eine Frage.")
COORDINATOR = "k_sommer@aschersleben.de"

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def post(settings: Settings, clock: FixedClock, database: Database) -> Post:
    """The network's post office."""
    return a_post(settings, clock, database)


def known(post: Post) -> set[str | None]:
    """Return the addresses that are stored."""
    with post.database.reading() as db:
        found = sa.select(Mailbox.address).where(Mailbox.address.is_not(None))
        return set(db.scalars(found))


@both
def test_a_stranger_is_forgotten_after_a_month(post: Post) -> None:
    """Her address goes; subscribers, partners and the coordinator stay."""
    with post.database.transaction() as db:
        a_subscriber(db, "egon@post.example")
        a_subscriber(db, "weg@post.example", state=SubscriptionState.ENDED)
        a_partner_contact(db, address="buero@post.example")
    friends = known(post)
    post.take(a_mail("fremd@post.example"), HUMAN)
    post.send()
    assert known(post) == friends | {"fremd@post.example", COORDINATOR}

    for days, number in ((1, 0), (31, 1), (1, 0)):
        post.clock.moment += timedelta(days=days)
        with post.database.transaction() as db:
            assert forget_strangers(db, now=post.clock.now()) == number
    assert known(post) == friends | {COORDINATOR}


def test_who_writes_again_is_remembered(post: Post) -> None:
    """The month begins with her last mail, and with our last letter to her."""
    post.take(a_mail("fremd@post.example"), HUMAN)
    post.clock.moment += timedelta(days=20)
    post.take(a_mail("fremd@post.example"), a_command(CommandKind.HELP))
    post.send()
    for days, number in ((20, 0), (11, 1)):
        post.clock.moment += timedelta(days=days)
        with post.database.transaction() as db:
            assert forget_strangers(db, now=post.clock.now()) == number
