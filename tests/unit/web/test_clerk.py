"""The clerk: each wish once, none lost, and none that blocks the others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.outbox.models import FrozenLetter
from mailer.web import clerk
from mailer.web.models import Wish, WishKind
from mailer.web.site import Site
from subscribers import failpoints, suppression
from subscribers.address import EmailAddress
from subscribers.errors import StoreUnavailable
from subscribers.models import ConfirmToken, Mailbox, Subscriber, SuppressionReason
from subscribers.states import SubscriptionState
from tests.factories import a_mailbox, a_partner_contact, a_subscriber
from tests.web_server import public

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application
    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def site(application: Application) -> Site:
    """The pages without a server."""
    application.settings = public(application.settings)
    clock = application.clock
    return Site(application.desk, application.database, clock, clock.now())


def wished(
    site: Site,
    address: str = "rita@post.example",
    kind: WishKind = WishKind.JOIN,
    *,
    by: int | None = None,
) -> None:
    """Write a wish down, as a page does."""
    with site.database.transaction() as db:
        db.add(Wish(kind=kind, address=address, mailbox_id=by, made_at=site.now))


def left(database: Database) -> list[tuple[str, int]]:
    """Return the wishes that are left, with their tries."""
    with database.reading() as db:
        rows = db.execute(sa.select(Wish.address, Wish.tries).order_by(Wish.id))
        return [(address, tries) for address, tries in rows]


def subjects(database: Database) -> list[str]:
    """Return the subjects of all letters that are owed."""
    with database.reading() as db:
        return sorted(db.scalars(sa.select(FrozenLetter.subject)))


@both
def test_every_wish_has_its_effect_once(site: Site) -> None:
    """Two for one address are one question; the wishes are gone with their effect."""
    wished(site)
    wished(site, "Rita@Post.example")
    wished(site, "max@post.example")
    assert clerk.settle(site) == 3
    assert left(site.database) == []
    assert len(subjects(site.database)) == 2
    assert clerk.settle(site) == 0


def test_one_that_fails_blocks_nobody_and_is_tried_again(
    site: Site, logged: Callable[[], list[tuple[str, dict[str, object]]]]
) -> None:
    """It is logged without an address, rests after five tries and goes after a day."""
    wished(site, "kaputt")
    wished(site)
    assert clerk.settle(site) == 1
    assert left(site.database) == [("kaputt", 1)]
    for _ in range(6):
        clerk.settle(site)
    assert left(site.database) == [("kaputt", clerk.MAX_TRIES)]
    failures = [fields for name, fields in logged() if name == "wish.failed"]
    assert len(failures) == clerk.MAX_TRIES
    assert "kaputt" not in str(failures)
    with site.database.transaction() as db:
        clerk.sweep(db, now=site.now + timedelta(days=1))
    assert left(site.database) == []
    assert "wishes.dropped" in [name for name, _ in logged()]


@pytest.mark.parametrize("place", ["settle.before:eio", "settle.before:enospc"])
def test_a_crash_before_the_commit_loses_no_wish(site: Site, place: str) -> None:
    """Neither the question nor the end of the wish is written without the other."""
    wished(site)
    failpoint = failpoints.parse(place)
    assert failpoint is not None
    with failpoints.armed(failpoint), pytest.raises(StoreUnavailable):
        clerk.settle(site)
    assert left(site.database) == [("rita@post.example", 0)]
    assert subjects(site.database) == []
    assert clerk.settle(site) == 1
    assert len(subjects(site.database)) == 1


@pytest.mark.parametrize(
    "reason", [SuppressionReason.COMPLAINT, SuppressionReason.OPERATOR]
)
def test_who_must_not_be_written_to_is_not(
    site: Site, reason: SuppressionReason
) -> None:
    """Neither asked nor stored anew; the page has said the same as ever."""
    with site.database.transaction() as db:
        mailbox = a_mailbox(db, "rita@post.example")
        suppression.add(db, mailbox.fingerprint or "", reason, now=site.now)
        a_subscriber(db, "max@post.example")
        max_box = db.scalars(
            sa.select(Mailbox).where(Mailbox.canonical == "max@post.example")
        ).one()
        suppression.add(db, max_box.fingerprint or "", reason, now=site.now)
    wished(site)
    wished(site, "max@post.example")
    wished(site, "max@post.example", WishKind.LINK)
    assert clerk.settle(site) == 3
    assert subjects(site.database) == []
    with site.database.reading() as db:
        assert db.scalars(sa.select(ConfirmToken)).all() == []


def test_our_own_address_joins_nothing(site: Site) -> None:
    """The program would write to itself."""
    wished(site, site.settings.sender.address.text)
    assert clerk.settle(site) == 1
    assert subjects(site.database) == []


def test_who_has_left_may_come_back(site: Site) -> None:
    """A new wish asks anew."""
    with site.database.transaction() as db:
        a_subscriber(db, "rita@post.example", state=SubscriptionState.ENDED)
    wished(site)
    clerk.settle(site)
    assert subjects(site.database) == ["Bitte bestätigen Sie Ihre Anmeldung"]


def test_a_partner_moves_through_a_person(site: Site) -> None:
    """Several people may read there: the letter says who decides, and nothing moves."""
    with site.database.transaction() as db:
        number = a_partner_contact(db, address="buero@haus.example").mailbox.id
    wished(site, "neu@haus.example", WishKind.MOVE, by=number)
    clerk.settle(site)
    with site.database.reading() as db:
        assert db.scalars(sa.select(ConfirmToken)).all() == []
    assert len(subjects(site.database)) == 1


@pytest.mark.parametrize("target", ["rita@post.example", "k_sommer@aschersleben.de"])
def test_nobody_moves_to_herself_or_to_us(site: Site, target: str) -> None:
    """There is nothing to ask."""
    with site.database.transaction() as db:
        number = a_subscriber(db, "rita@post.example").mailbox.id
    wished(site, target, WishKind.MOVE, by=number)
    assert clerk.settle(site) == 1
    assert subjects(site.database) == []


def test_a_stranger_cannot_be_moved(site: Site) -> None:
    """Who has left meanwhile has nothing that could move."""
    with site.database.transaction() as db:
        row = a_subscriber(db, "rita@post.example", state=SubscriptionState.ENDED)
        number = row.mailbox.id
    wished(site, "neu@post.example", WishKind.MOVE, by=number)
    clerk.settle(site)
    assert subjects(site.database) == []
    with site.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count(Subscriber.id))) == 1
        known = sa.select(Mailbox).where(
            Mailbox.canonical == EmailAddress.parse("neu@post.example").canonical
        )
        assert db.scalar(known) is None
