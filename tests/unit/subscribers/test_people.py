"""Residents: how they come in, and what stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from subscribers import people, privacy, subscription, suppression
from subscribers.address import EmailAddress, fingerprint
from subscribers.errors import Suppressed
from subscribers.models import SuppressionReason
from subscribers.people import Newcomer
from subscribers.subscription import Joined
from subscribers.topics import LetterStyle, Topic
from tests.factories import BY_HAND, ENTERED_AT, KEYS, ON_PAPER, a_subscriber

if TYPE_CHECKING:
    from subscribers.database import Db

KEY = KEYS.fingerprint_key

RITA = Newcomer(
    address=EmailAddress.parse("rita@post.example"),
    name="Rita Beispiel",
    style=LetterStyle.EASY,
    topics=(Topic.INVITATIONS,),
    entry=ON_PAPER,
)


def test_a_newcomer_gets_a_mailbox_a_name_and_her_topics(db: Db) -> None:
    """With proof she is active at once."""
    entered = people.enter(db, RITA, key=KEY, now=ENTERED_AT)

    person = people.find(db, entered.mailbox)
    assert person is not None
    assert person.name == "Rita Beispiel"
    assert entered.is_new
    assert entered.mailbox.style is LetterStyle.EASY
    assert entered.joined == {Topic.INVITATIONS: Joined.ACTIVE}


def test_a_known_person_keeps_name_and_style(db: Db) -> None:
    """A second list changes neither, but may bring a topic or a missing name."""
    a_subscriber(db, "rita@post.example", name=None)
    changed = replace(RITA, topics=(Topic.INVITATIONS, Topic.NETWORK_UPDATES))

    entered = people.enter(db, changed, key=KEY, now=ENTERED_AT)
    again = people.enter(db, replace(RITA, name="Max"), key=KEY, now=ENTERED_AT)

    person = people.find(db, entered.mailbox)
    assert person is not None
    assert person.name == "Rita Beispiel"
    assert not entered.is_new
    assert entered.mailbox.style is LetterStyle.STANDARD
    assert entered.joined[Topic.NETWORK_UPDATES] is Joined.ACTIVE
    assert again.joined == {Topic.INVITATIONS: Joined.UNCHANGED}


@pytest.mark.parametrize("reminds", [True, False])
def test_a_newcomer_says_whether_reminders_are_welcome(
    db: Db, *, reminds: bool
) -> None:
    """Once she is there, no list changes her choice."""
    entered = people.enter(db, replace(RITA, reminds=reminds), key=KEY, now=ENTERED_AT)
    people.enter(db, replace(RITA, reminds=not reminds), key=KEY, now=ENTERED_AT)

    row = subscription.find(db, entered.mailbox, Topic.INVITATIONS)
    assert row is not None
    assert row.reminds is reminds


def test_a_suppressed_newcomer_leaves_no_trace(db: Db) -> None:
    """Her address is not even stored."""
    print_of = fingerprint("rita@post.example", key=KEY)
    suppression.add(db, print_of, SuppressionReason.DEAD, now=ENTERED_AT)

    with pytest.raises(Suppressed, match="das Postfach gibt es nicht mehr"):
        people.enter(db, RITA, key=KEY, now=ENTERED_AT)

    assert people.everybody(db) == []


def test_everybody_is_ordered_and_without_the_erased(db: Db) -> None:
    """By mailbox, so lists stay as they are."""
    first, second = a_subscriber(db), a_subscriber(db)
    erased = a_subscriber(db).mailbox
    privacy.erase(db, erased, BY_HAND, now=ENTERED_AT)

    assert people.everybody(db) == [first, second]
