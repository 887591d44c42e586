"""Partners: several people, shared mailboxes, and leaving one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from subscribers import audience, partners, subscription
from subscribers.address import EmailAddress
from subscribers.errors import AmbiguousPerson, UnknownPerson
from subscribers.partners import Delegate
from subscribers.people import Newcomer
from subscribers.states import PartnerState
from subscribers.subscription import Joined
from subscribers.topics import LetterStyle, Topic
from tests.factories import (
    BY_HAND,
    ENTERED_AT,
    KEYS,
    ON_PAPER,
    a_partner,
    a_partner_contact,
    a_subscriber,
)

if TYPE_CHECKING:
    from subscribers.database import Db
    from subscribers.models import Mailbox, Partner

KEY = KEYS.fingerprint_key

LATER = ENTERED_AT + timedelta(days=30)

EVA = Delegate(
    newcomer=Newcomer(
        address=EmailAddress.parse("info@haus.example"),
        name="Eva Probe",
        style=LetterStyle.EASY,
        topics=(Topic.NETWORK_UPDATES,),
        entry=ON_PAPER,
    ),
    role="Leitung",
    basis="Benannt im Schreiben vom 12. Januar 2026",
)


def enter(db: Db, partner: Partner, delegate: Delegate) -> Joined:
    """Enter *delegate*; return what became of the partners' news."""
    entered = partners.enter(db, partner, delegate, key=KEY, now=ENTERED_AT)
    return entered.joined[Topic.NETWORK_UPDATES]


def active(db: Db, mailbox: Mailbox) -> set[Topic]:
    """Return the topics *mailbox* gets letters about."""
    return {row.topic for row in subscription.of(db, mailbox) if row.state == "active"}


def test_a_partner_is_found_whatever_the_capitals(db: Db) -> None:
    """Umlauts included; it is added once, and keeps its field of work."""
    first = partners.get_or_add(db, "Öhringer Haus", "Beratungsstellen", now=ENTERED_AT)

    second = partners.get_or_add(db, "öhringer haus", "Schulen", now=ENTERED_AT)

    assert second is first
    assert first.field_of_work == "Beratungsstellen"
    assert first.state is PartnerState.ACTIVE
    assert partners.get(db, "ÖHRINGER HAUS") is first
    with pytest.raises(UnknownPerson, match="Anderes Haus"):
        partners.get(db, "Anderes Haus")


def test_partners_are_listed_by_name(db: Db) -> None:
    """With their contacts."""
    a_partner_contact(db, a_partner(db, "Haus B"))
    a_partner(db, "Haus A")

    listed = partners.everybody(db)

    assert [one.organisation for one in listed] == ["Haus A", "Haus B"]
    assert [len(one.contacts) for one in listed] == [0, 1]


def test_a_delegate_is_entered_once(db: Db) -> None:
    """The second time nothing changes, whatever the capitals of the name."""
    partner = a_partner(db)
    shouted = replace(EVA, newcomer=replace(EVA.newcomer, name="EVA PROBE"))

    assert enter(db, partner, EVA) is Joined.ACTIVE
    assert enter(db, partner, shouted) is Joined.UNCHANGED

    (row,) = partners.open_contacts(db, partner.contacts[0].mailbox)
    assert (row.name, row.role, row.basis) == ("Eva Probe", "Leitung", EVA.basis)
    assert row.mailbox.style is LetterStyle.EASY


def test_a_shared_mailbox_without_a_name_is_one_contact(db: Db) -> None:
    """NULL is not NULL in SQL; here it is."""
    partner = a_partner(db)
    shared = replace(EVA, newcomer=replace(EVA.newcomer, name=None))

    enter(db, partner, shared)
    enter(db, partner, shared)

    db.refresh(partner)
    assert len(partner.contacts) == 1


def test_one_leaving_does_not_end_the_others(db: Db) -> None:
    """The mailbox goes on getting letters until its last contact has left."""
    partner = a_partner(db)
    eva = a_partner_contact(db, partner, "info@haus.example", name="Eva Probe")
    max_ = a_partner_contact(db, partner, "info@haus.example", name="Max Muster")
    other = a_partner_contact(db, partner, "max@haus.example", name="Max Muster")

    assert partners.end_contact(db, eva, BY_HAND, now=LATER) == ()
    assert active(db, max_.mailbox) == set(Topic)

    assert partners.end_contact(db, max_, BY_HAND, now=LATER) == tuple(Topic)
    assert active(db, max_.mailbox) == set()
    assert active(db, other.mailbox) == set(Topic)


def test_a_contact_who_is_a_resident_keeps_her_invitations(db: Db) -> None:
    """The partners' news end with the office, her own wish does not."""
    resident = a_subscriber(db, "eva@post.example")
    contact_row = a_partner_contact(db, address="eva@post.example")

    ended = partners.end_contact(db, contact_row, BY_HAND, now=LATER)

    assert ended == (Topic.NETWORK_UPDATES,)
    assert active(db, resident.mailbox) == {Topic.INVITATIONS}


def test_a_contact_of_two_partners_leaves_one(db: Db) -> None:
    """Who still speaks for another house goes on reading."""
    first = a_partner_contact(db, a_partner(db, "Haus A"), "eva@post.example")
    a_partner_contact(db, a_partner(db, "Haus B"), "eva@post.example")

    assert partners.end_contact(db, first, BY_HAND, now=LATER) == ()


def test_a_whole_partner_leaves(db: Db) -> None:
    """All its contacts go, nobody gets its letters any more."""
    partner = a_partner(db)
    a_partner_contact(db, partner, "a@haus.example", name="Eva")
    a_partner_contact(db, partner, "b@haus.example", name="Max")
    a_partner_contact(db, partner, "c@haus.example", name="Alt", left_at=ENTERED_AT)
    db.refresh(partner)

    gone = partners.leave(db, partner, BY_HAND, now=LATER)

    assert [row.name for row in gone] == ["Eva", "Max"]
    assert partner.state is PartnerState.LEFT
    assert {row.left_at for row in gone} == {LATER}
    addresses = [
        who.address.text for who in audience.recipients(db, Topic.NETWORK_UPDATES)
    ]
    assert addresses == ["c@haus.example"]  # asked for by itself; see the factory


def test_who_left_comes_back_by_her_own_wish_only(db: Db) -> None:
    """A list does not reopen a contact, a new consent does."""
    partner = a_partner(db)
    enter(db, partner, EVA)
    (row,) = partners.open_contacts(db, partner.contacts[0].mailbox)
    partners.end_contact(db, row, BY_HAND, now=ENTERED_AT)

    assert enter(db, partner, EVA) is Joined.STAYS_OUT
    assert row.left_at is not None

    wish = replace(EVA, newcomer=replace(EVA.newcomer, own_wish=True))
    assert enter(db, partner, wish) is Joined.ACTIVE
    assert row.left_at is None


def test_resting_changes_no_subscription(db: Db) -> None:
    """It is a note, and can be taken back."""
    row = a_partner_contact(db)

    partners.set_state(row.partner, PartnerState.RESTING)

    assert active(db, row.mailbox) == set(Topic)
    assert partners.open_contacts(db, row.mailbox) == [row]


def test_several_contacts_at_a_mailbox_must_be_named(db: Db) -> None:
    """The question lists them; name or organisation decide."""
    house, other = a_partner(db, "Haus A"), a_partner(db, "Haus B")
    eva = a_partner_contact(db, house, "info@haus.example", name="Eva Probe")
    shared = a_partner_contact(db, other, "info@haus.example", name=None)

    with pytest.raises(AmbiguousPerson) as caught:
        partners.get_contact(db, eva.mailbox, organisation=None, name=None)

    assert caught.value.names == ("Eva Probe, Haus A", "ohne Namen, Haus B")
    by_name = partners.get_contact(db, eva.mailbox, organisation=None, name="eva probe")
    assert by_name is eva
    by_house = partners.get_contact(db, eva.mailbox, organisation="haus b", name=None)
    assert by_house is shared
    with pytest.raises(UnknownPerson, match="Max"):
        partners.get_contact(db, eva.mailbox, organisation=None, name="Max")
