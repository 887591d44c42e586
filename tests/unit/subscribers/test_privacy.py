"""Erasure: nothing of the person is left but proof and protection."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers import consent, people, privacy, subscription
from subscribers.database import Base
from subscribers.models import ConsentAct, PartnerContact
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.factories import BY_HAND, ENTERED_AT, a_partner_contact, a_subscriber

if TYPE_CHECKING:
    from subscribers.database import Db

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

LATER = ENTERED_AT + timedelta(days=30)


@BOTH
def test_no_table_keeps_the_address_or_the_name(db: Db) -> None:
    """Searched in every text of every row of every table."""
    mailbox = a_subscriber(db, "fiedler@post.example", name="Egon Fiedler").mailbox
    a_partner_contact(db, address="fiedler@post.example", name="Egon Fiedler")

    privacy.erase(db, mailbox, BY_HAND, now=LATER)

    for table in Base.metadata.sorted_tables:
        for row in db.execute(sa.select(table)):
            assert "fiedler" not in str(tuple(row)).casefold()


def test_subscriptions_end_and_the_proof_stays(db: Db) -> None:
    """What was agreed, and that it was withdrawn."""
    mailbox = a_subscriber(db, topics=[*Topic], style=LetterStyle.EASY).mailbox
    before = len(consent.history(db, mailbox.id))

    privacy.erase(db, mailbox, BY_HAND, now=LATER)

    states = {row.state for row in subscription.of(db, mailbox)}
    assert states == {SubscriptionState.ENDED}
    records = consent.history(db, mailbox.id)
    assert len(records) == before + 2
    assert {row.act for row in records[before:]} == {ConsentAct.WITHDRAWN}
    assert people.find(db, mailbox) is None


def test_the_row_stays_empty_and_its_links_are_dead(db: Db) -> None:
    """Deliveries point to the id; the reading wish says nothing any more."""
    mailbox = a_subscriber(db, style=LetterStyle.EASY).mailbox
    version = mailbox.token_version

    privacy.erase(db, mailbox, BY_HAND, now=LATER)

    assert (mailbox.address, mailbox.canonical, mailbox.fingerprint) == (None,) * 3
    assert mailbox.style is LetterStyle.STANDARD
    assert mailbox.token_version == version + 1
    assert mailbox.erased_at == LATER


def test_contacts_lose_name_and_role_and_keep_the_basis(db: Db) -> None:
    """Why we wrote to the partner stays provable."""
    row = a_partner_contact(db)

    privacy.erase(db, row.mailbox, BY_HAND, now=LATER)

    kept = db.scalars(sa.select(PartnerContact)).one()
    assert (kept.name, kept.role, kept.left_at) == (None, None, LATER)
    assert kept.basis == "Benannt im Schreiben vom 12. Januar 2026"


def test_erasing_twice_changes_nothing(db: Db) -> None:
    """The first day stays."""
    mailbox = a_subscriber(db).mailbox
    privacy.erase(db, mailbox, BY_HAND, now=ENTERED_AT)

    privacy.erase(db, mailbox, BY_HAND, now=LATER)

    assert mailbox.erased_at == ENTERED_AT
