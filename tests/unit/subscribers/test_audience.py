"""The audience: everybody who may get a letter, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers import audience, privacy, subscription, suppression
from subscribers.database import stored
from subscribers.errors import InvalidAddress
from subscribers.models import (
    Mailbox,
    MailboxId,
    Subscription,
    SuppressionReason,
)
from subscribers.states import PartnerState, SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.factories import (
    BY_HAND,
    ENTERED_AT,
    a_mailbox,
    a_partner,
    a_partner_contact,
    a_subscriber,
)

if TYPE_CHECKING:
    from subscribers.database import Database, Db

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


LETTERS = sa.Table(
    "letters_of_this_test",
    sa.MetaData(),
    sa.Column("mailbox_id", sa.Integer),
    sa.Column("topic", stored(Topic)),
    sa.Column("is_marked", sa.Boolean, default=False),
)
"""Stands for the ledger, which asks ``wanted`` in its marking UPDATE."""


def a_letter(db: Db, mailbox: Mailbox, topic: Topic | None) -> None:
    """Owe *mailbox* a letter."""
    LETTERS.create(db.connection(), checkfirst=True)
    db.execute(sa.insert(LETTERS).values(mailbox_id=mailbox.id, topic=topic))


def marked(db: Db) -> list[MailboxId]:
    """Mark what is still wanted; return whose it is."""
    result = db.execute(
        sa.update(LETTERS)
        .where(
            LETTERS.c.is_marked.is_(False),
            audience.wanted(LETTERS.c.mailbox_id, LETTERS.c.topic),
        )
        .values(is_marked=True)
        .returning(LETTERS.c.mailbox_id)
    )
    return sorted(result.scalars())


@BOTH
def test_only_active_subscriptions_of_the_topic_get_letters(db: Db) -> None:
    """Requested, paused, lapsed and ended ones get nothing, other topics neither."""
    active = a_subscriber(db)
    for state in set(SubscriptionState) - {SubscriptionState.ACTIVE}:
        a_subscriber(db, state=state)
    a_subscriber(db, topics=[Topic.NETWORK_UPDATES])

    found = list(audience.recipients(db, Topic.INVITATIONS))

    assert [who.mailbox_id for who in found] == [active.mailbox_id]
    assert found[0].address.text == active.mailbox.address
    assert found[0].name == "Rita Beispiel"
    assert found[0].style is LetterStyle.STANDARD
    assert found[0].is_partner is False


@BOTH
def test_suppressed_and_erased_mailboxes_get_nothing(db: Db) -> None:
    """The list and the erasure win over an active subscription."""
    suppressed = a_subscriber(db).mailbox
    lifted = a_subscriber(db).mailbox
    erased = a_subscriber(db).mailbox
    for mailbox in (suppressed, lifted):
        assert mailbox.fingerprint is not None
        suppression.add(db, mailbox.fingerprint, SuppressionReason.WISH, now=ENTERED_AT)
    assert lifted.fingerprint is not None
    suppression.lift(db, lifted.fingerprint, SuppressionReason.WISH, now=ENTERED_AT)
    privacy.erase(db, erased, BY_HAND, now=ENTERED_AT)

    found = [who.mailbox_id for who in audience.recipients(db, Topic.INVITATIONS)]

    assert found == [lifted.id]


@BOTH
def test_a_shared_mailbox_gets_one_letter_without_a_name(db: Db) -> None:
    """Once per mailbox; nobody is greeted by a colleague's name."""
    office = a_partner_contact(db, address="info@haus.example", name="Hans Muster")
    a_partner_contact(db, address="INFO@haus.example", name="Eva Probe")

    (found,) = audience.recipients(db, Topic.NETWORK_UPDATES)

    assert found.mailbox_id == office.mailbox_id
    assert found.name is None
    assert found.is_partner is True


@BOTH
def test_one_person_in_several_roles_keeps_her_name(db: Db) -> None:
    """A resident who speaks for two partners is one reader."""
    a_subscriber(db, "eva@post.example", name="Eva Probe")
    for house in ("Haus A", "Haus B"):
        partner = a_partner(db, house)
        a_partner_contact(db, partner, "eva@post.example", name="Eva Probe")

    (found,) = audience.recipients(db, Topic.INVITATIONS)

    assert (found.name, found.is_partner) == ("Eva Probe", True)


@BOTH
def test_an_unnamed_reader_counts_as_somebody_else(db: Db) -> None:
    """info@ with one named contact is still greeted without a name."""
    a_partner_contact(db, address="info@haus.example", name=None)
    a_partner_contact(db, address="info@haus.example", name="Eva Probe")

    (found,) = audience.recipients(db, Topic.INVITATIONS)

    assert found.name is None


@BOTH
def test_who_has_left_counts_no_more(db: Db) -> None:
    """A contact who left, or whose partner left, is no reader and no partner."""
    a_subscriber(db, "eva@post.example", name="Eva Probe")
    a_partner_contact(db, address="eva@post.example", name="Alt", left_at=ENTERED_AT)
    gone = a_partner(db, "Haus A", state=PartnerState.LEFT)
    a_partner_contact(db, gone, "eva@post.example", name="Früher")

    (found,) = audience.recipients(db, Topic.INVITATIONS)

    assert (found.name, found.is_partner) == ("Eva Probe", False)


@BOTH
def test_a_resting_partner_is_still_a_partner(db: Db) -> None:
    """The line that says why a letter comes stays true."""
    a_partner_contact(db, a_partner(db, "Haus A", state=PartnerState.RESTING))

    (found,) = audience.recipients(db, Topic.NETWORK_UPDATES)

    assert found.is_partner is True


@BOTH
def test_a_thousand_recipients_are_one_query_in_order(
    database: Database, db: Db
) -> None:
    """More than one buffer full, ordered by mailbox, asked for once."""
    numbers = range(1, 1_201)
    db.execute(
        sa.insert(Mailbox),
        [
            {
                "id": number,
                "address": f"p{number}@post.example",
                "canonical": f"p{number}@post.example",
                "fingerprint": f"{number:064x}",
                "created_at": ENTERED_AT,
            }
            for number in numbers
        ],
    )
    db.execute(
        sa.insert(Subscription),
        [
            {
                "mailbox_id": number,
                "topic": Topic.INVITATIONS,
                "state": SubscriptionState.ACTIVE,
                "changed_at": ENTERED_AT,
            }
            for number in numbers
        ],
    )
    asked: list[str] = []
    sa.event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *args: asked.append(args[2]),
    )

    found = [who.mailbox_id for who in audience.recipients(db, Topic.INVITATIONS)]

    assert len(found) == 1_200
    assert found == sorted(found)
    assert len(asked) == 1


@BOTH
def test_the_stream_goes_on_while_rows_are_written(db: Db) -> None:
    """The ledger enqueues while it reads, in one transaction."""
    for _ in range(3):
        a_subscriber(db)

    LETTERS.create(db.connection())
    for who in audience.recipients(db, Topic.INVITATIONS):
        mailbox = db.get_one(Mailbox, who.mailbox_id)
        a_letter(db, mailbox, Topic.INVITATIONS)

    assert len(marked(db)) == 3


@BOTH
def test_count_says_how_many_in_each_style(db: Db) -> None:
    """What `mia invite` shows before it asks."""
    a_subscriber(db)
    a_subscriber(db, style=LetterStyle.EASY)
    a_subscriber(db, style=LetterStyle.EASY)
    a_subscriber(db, state=SubscriptionState.REQUESTED)

    assert audience.count(db, Topic.INVITATIONS) == {
        LetterStyle.STANDARD: 1,
        LetterStyle.EASY: 2,
    }


@BOTH
def test_the_mark_skips_who_left_after_enqueueing(db: Db) -> None:
    """Ended, paused, suppressed, erased: the UPDATE itself leaves them out."""
    people = [a_subscriber(db).mailbox for _ in range(5)]
    stays, ended, paused, suppressed, erased = people
    for mailbox in people:
        a_letter(db, mailbox, Topic.INVITATIONS)
    later = ENTERED_AT + timedelta(days=1)
    subscription.end(db, ended, Topic.INVITATIONS, BY_HAND, now=later)
    subscription.pause(db, paused, Topic.INVITATIONS, now=later)
    assert suppressed.fingerprint is not None
    suppression.add(db, suppressed.fingerprint, SuppressionReason.DEAD, now=later)
    privacy.erase(db, erased, BY_HAND, now=later)

    assert marked(db) == [stays.id]


@BOTH
def test_an_answer_without_topic_needs_a_mailbox_only(db: Db) -> None:
    """Who wrote to us gets an answer without a subscription, unless erased."""
    stranger = a_mailbox(db)
    erased = a_mailbox(db)
    a_letter(db, stranger, None)
    a_letter(db, erased, None)
    privacy.erase(db, erased, BY_HAND, now=ENTERED_AT)

    assert marked(db) == [stranger.id]


@BOTH
def test_the_other_topic_is_not_enough(db: Db) -> None:
    """Consent to invitations is no consent to the partners' news."""
    mailbox = a_subscriber(db, topics=[Topic.INVITATIONS]).mailbox
    a_letter(db, mailbox, Topic.NETWORK_UPDATES)

    assert marked(db) == []


@BOTH
def test_readers_pictures_the_mailboxes_asked_for(db: Db) -> None:
    """The worker learns name and style again; an erased mailbox is missing."""
    first = a_subscriber(db, name="Rita Beispiel").mailbox
    erased = a_subscriber(db).mailbox
    a_subscriber(db)
    privacy.erase(db, erased, BY_HAND, now=ENTERED_AT)

    found = audience.readers(db, [first.id, erased.id])

    assert list(found) == [first.id]
    assert found[first.id].name == "Rita Beispiel"


def test_a_tampered_row_stops_the_stream(db: Db) -> None:
    """Two stored forms that do not belong together are no address."""
    mailbox = a_subscriber(db).mailbox
    mailbox.address = "jemand@anders.example"
    mailbox.canonical = "rita@post.example"
    db.flush()

    with pytest.raises(InvalidAddress):
        list(audience.recipients(db, Topic.INVITATIONS))


@BOTH
def test_reminders_go_to_those_who_want_them(db: Db) -> None:
    """Streamed and counted alike; an invitation goes to everybody."""
    with_them, without = a_subscriber(db).mailbox, a_subscriber(db).mailbox
    subscription.set_reminds(db, without, reminds=False)
    only = audience.wants_reminders()

    reminded = audience.recipients(db, Topic.INVITATIONS, only)
    assert [one.mailbox_id for one in reminded] == [with_them.id]
    assert sum(audience.count(db, Topic.INVITATIONS, only).values()) == 1
    assert sum(audience.count(db, Topic.INVITATIONS).values()) == 2
