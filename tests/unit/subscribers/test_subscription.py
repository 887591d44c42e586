"""Subscriptions: they move by the table, with proof, and never against the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from subscribers import consent, privacy, subscription, suppression
from subscribers.consent import Proof
from subscribers.errors import ForbiddenTransition, NoProof, Suppressed, UnknownPerson
from subscribers.models import ConsentAct, ConsentChannel, Mailbox, SuppressionReason
from subscribers.states import SubscriptionState
from subscribers.subscription import Joined
from subscribers.topics import Topic
from subscribers.wordings import Wording
from tests.factories import (
    BY_HAND,
    ENTERED_AT,
    ON_PAPER,
    a_mailbox,
    a_subscriber,
    a_subscription,
)

if TYPE_CHECKING:
    from subscribers.database import Db

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

LATER = ENTERED_AT + timedelta(days=30)

TOPIC = Topic.INVITATIONS

BY_MAIL = Proof(
    channel=ConsentChannel.MAIL,
    happened_at=ENTERED_AT,
    evidence="Antwort „Ja“",
    wording=Wording("EW-2/2", "Mit der Bestätigung willigen Sie ein …"),
    message_id="<1@post.example>",
)


def acts(db: Db, mailbox: Mailbox) -> list[ConsentAct]:
    """Return what the records prove, in their order."""
    return [row.act for row in consent.history(db, mailbox.id)]


def suppress(db: Db, mailbox: Mailbox) -> None:
    """Put *mailbox* on the list."""
    assert mailbox.fingerprint is not None
    suppression.add(db, mailbox.fingerprint, SuppressionReason.WISH, now=ENTERED_AT)


@BOTH
def test_double_opt_in_leaves_two_records(db: Db) -> None:
    """Asked, confirmed: active, with wording and Message-ID as proof."""
    mailbox = a_mailbox(db)

    asked = subscription.request(db, mailbox, TOPIC, BY_MAIL, now=ENTERED_AT)
    assert asked.state is SubscriptionState.REQUESTED
    row = subscription.confirm(db, mailbox, TOPIC, BY_MAIL, now=LATER)

    assert row.state is SubscriptionState.ACTIVE
    assert row.changed_at == LATER
    first, second = consent.history(db, mailbox.id)
    assert (first.act, second.act) == (ConsentAct.REQUESTED, ConsentAct.CONFIRMED)
    assert second.wording_version == "EW-2/2"
    assert second.wording == BY_MAIL.wording.text
    assert second.message_id == "<1@post.example>"
    assert second.recorded_at == LATER


@BOTH
def test_a_consent_on_paper_makes_active(db: Db) -> None:
    """Without a confirm mail, with the paper as evidence."""
    mailbox = a_mailbox(db)
    subscription.request(db, mailbox, TOPIC, ON_PAPER, now=ENTERED_AT)

    row = subscription.record_consent(db, mailbox, TOPIC, ON_PAPER, now=ENTERED_AT)

    assert row.state is SubscriptionState.ACTIVE
    assert acts(db, mailbox) == [ConsentAct.REQUESTED, ConsentAct.RECORDED]


@pytest.mark.parametrize(
    "proof",
    [
        replace(ON_PAPER, evidence=" "),
        replace(ON_PAPER, happened_at=LATER),
        replace(ON_PAPER, channel=ConsentChannel.MAIL),
        BY_HAND,
    ],
    ids=["no evidence", "in the future", "by mail", "operator's entry"],
)
def test_nothing_less_than_proof_makes_active(db: Db, proof: Proof) -> None:
    """The subscription stays where it was, and no record claims otherwise."""
    mailbox = a_mailbox(db)
    row = subscription.request(db, mailbox, TOPIC, BY_HAND, now=ENTERED_AT)

    with pytest.raises(NoProof):
        subscription.record_consent(db, mailbox, TOPIC, proof, now=ENTERED_AT)

    assert row.state is SubscriptionState.REQUESTED
    assert acts(db, mailbox) == [ConsentAct.REQUESTED]


def test_a_pause_is_no_withdrawal(db: Db) -> None:
    """The consent stands; resuming needs no new one."""
    mailbox = a_subscriber(db).mailbox
    before = acts(db, mailbox)

    paused = subscription.pause(db, mailbox, TOPIC, now=LATER)
    assert paused.state is SubscriptionState.PAUSED
    resumed = subscription.resume(db, mailbox, TOPIC, now=LATER)

    assert resumed.state is SubscriptionState.ACTIVE
    assert acts(db, mailbox) == before


def test_the_end_is_recorded_as_withdrawal(db: Db) -> None:
    """And ending what is over is refused, not repeated."""
    mailbox = a_subscriber(db).mailbox

    row = subscription.end(db, mailbox, TOPIC, BY_HAND, now=LATER)

    assert row.state is SubscriptionState.ENDED
    assert acts(db, mailbox)[-1] is ConsentAct.WITHDRAWN
    with pytest.raises(ForbiddenTransition):
        subscription.end(db, mailbox, TOPIC, BY_HAND, now=LATER)


def test_leaving_twice_is_no_mistake(db: Db) -> None:
    """The second time nothing ends, and no record is added."""
    mailbox = a_subscriber(db, topics=[*Topic]).mailbox

    first = subscription.end_open(db, mailbox, [*Topic], BY_HAND, now=LATER)
    records = acts(db, mailbox)
    second = subscription.end_open(db, mailbox, [*Topic], BY_HAND, now=LATER)

    assert (first, second) == (tuple(Topic), ())
    assert acts(db, mailbox) == records


def test_who_left_may_ask_again(db: Db) -> None:
    """Ended leads to requested, with a new record."""
    mailbox = a_subscriber(db, state=SubscriptionState.ENDED).mailbox

    row = subscription.request(db, mailbox, TOPIC, BY_MAIL, now=LATER)

    assert row.state is SubscriptionState.REQUESTED
    assert acts(db, mailbox)[-1] is ConsentAct.REQUESTED


def test_asking_twice_is_forbidden(db: Db) -> None:
    """The caller decides whether to send the confirm mail again."""
    mailbox = a_subscriber(db, state=SubscriptionState.REQUESTED).mailbox

    with pytest.raises(ForbiddenTransition):
        subscription.request(db, mailbox, TOPIC, BY_MAIL, now=LATER)


def test_a_suppressed_address_moves_towards_no_letter(db: Db) -> None:
    """Request, confirm, record and resume are refused; ending is not."""
    waiting = a_subscriber(db, state=SubscriptionState.REQUESTED).mailbox
    paused = a_subscriber(db, state=SubscriptionState.PAUSED).mailbox
    stranger = a_mailbox(db)
    for mailbox in (waiting, paused, stranger):
        suppress(db, mailbox)

    with pytest.raises(Suppressed):
        subscription.request(db, stranger, TOPIC, BY_MAIL, now=LATER)
    with pytest.raises(Suppressed):
        subscription.confirm(db, waiting, TOPIC, BY_MAIL, now=LATER)
    with pytest.raises(Suppressed):
        subscription.record_consent(db, waiting, TOPIC, ON_PAPER, now=LATER)
    with pytest.raises(Suppressed):
        subscription.resume(db, paused, TOPIC, now=LATER)
    assert subscription.end_open(db, waiting, [TOPIC], BY_HAND, now=LATER) == (TOPIC,)


def test_an_erased_mailbox_subscribes_to_nothing(db: Db) -> None:
    """There is no address left to write to."""
    mailbox = a_mailbox(db)
    privacy.erase(db, mailbox, BY_HAND, now=LATER)

    with pytest.raises(UnknownPerson):
        subscription.request(db, mailbox, TOPIC, BY_MAIL, now=LATER)


def test_what_was_never_asked_for_cannot_move(db: Db) -> None:
    """The error names address and topic."""
    mailbox = a_mailbox(db, "rita@post.example")

    with pytest.raises(UnknownPerson) as caught:
        subscription.confirm(db, mailbox, TOPIC, BY_MAIL, now=LATER)
    assert caught.value.text == "rita@post.example (invitations)"


S, J = SubscriptionState, Joined


@pytest.mark.parametrize(
    ("state", "proof", "own_wish", "joined", "after"),
    [
        (None, ON_PAPER, False, J.ACTIVE, S.ACTIVE),
        (None, BY_HAND, False, J.WAITING, S.REQUESTED),
        (S.REQUESTED, ON_PAPER, False, J.PROVEN, S.ACTIVE),
        (S.REQUESTED, BY_HAND, False, J.UNCHANGED, S.REQUESTED),
        (S.ACTIVE, ON_PAPER, False, J.UNCHANGED, S.ACTIVE),
        (S.PAUSED, ON_PAPER, True, J.UNCHANGED, S.PAUSED),
        (S.LAPSED, BY_HAND, False, J.STAYS_OUT, S.LAPSED),
        (S.LAPSED, ON_PAPER, False, J.ACTIVE, S.ACTIVE),
        (S.LAPSED, BY_HAND, True, J.WAITING, S.REQUESTED),
        (S.ENDED, ON_PAPER, False, J.STAYS_OUT, S.ENDED),
        (S.ENDED, BY_HAND, True, J.WAITING, S.REQUESTED),
        (S.ENDED, ON_PAPER, True, J.ACTIVE, S.ACTIVE),
    ],
)
def test_joining_depends_on_state_proof_and_wish(
    db: Db,
    state: SubscriptionState | None,
    proof: Proof,
    own_wish: bool,
    joined: Joined,
    after: SubscriptionState,
) -> None:
    """Nobody becomes active without proof; nobody comes back by a list."""
    mailbox = a_mailbox(db)
    if state is not None:
        a_subscription(db, mailbox, TOPIC, state=state)

    found = subscription.join(db, mailbox, TOPIC, proof, own_wish=own_wish, now=LATER)

    row = subscription.find(db, mailbox, TOPIC)
    assert found is joined
    assert row is not None
    assert row.state is after


def test_a_consent_older_than_the_leaving_proves_nothing(db: Db) -> None:
    """The list she once signed does not undo her "Abmelden"."""
    mailbox = a_mailbox(db)
    a_subscription(db, mailbox, TOPIC, state=SubscriptionState.ENDED, now=LATER)

    with pytest.raises(NoProof):
        subscription.join(db, mailbox, TOPIC, ON_PAPER, own_wish=True, now=LATER)


def test_joining_a_suppressed_address_is_refused(db: Db) -> None:
    """Even with proof."""
    mailbox = a_mailbox(db)
    suppress(db, mailbox)

    with pytest.raises(Suppressed):
        subscription.join(db, mailbox, TOPIC, ON_PAPER, now=LATER)


def test_subscriptions_are_listed_by_topic(db: Db) -> None:
    """For one mailbox and for all."""
    mailbox = a_subscriber(db, topics=[*reversed(Topic)]).mailbox

    listed = subscription.of(db, mailbox)

    assert [row.topic for row in listed] == [Topic.INVITATIONS, Topic.NETWORK_UPDATES]
    assert subscription.by_mailbox(db) == {mailbox.id: list(listed)}


def test_reminders_are_welcome_until_somebody_says_no(db: Db) -> None:
    """The choice belongs to the invitations and touches nothing else."""
    person = a_subscriber(db, topics=[*Topic])
    before = subscription.find(db, person.mailbox, TOPIC)
    assert before is not None
    assert before.reminds is True

    assert subscription.set_reminds(db, person.mailbox, reminds=False)

    after = subscription.find(db, person.mailbox, TOPIC)
    assert after is not None
    assert after.reminds is False
    assert after.state is SubscriptionState.ACTIVE
    assert after.changed_at == ENTERED_AT


@pytest.mark.parametrize("state", [None, SubscriptionState.ENDED])
def test_who_is_not_invited_has_nothing_to_choose(
    db: Db, state: SubscriptionState | None
) -> None:
    """Without a subscription, or after it has ended."""
    mailbox = a_mailbox(db)
    if state is not None:
        a_subscription(db, mailbox, TOPIC, state=state)
    assert not subscription.set_reminds(db, mailbox, reminds=False)


def test_who_joins_again_agrees_to_reminders_again(db: Db) -> None:
    """The words she agrees to name the reminder."""
    mailbox = a_mailbox(db)
    row = a_subscription(db, mailbox, TOPIC)
    subscription.set_reminds(db, mailbox, reminds=False)
    subscription.end(db, mailbox, TOPIC, BY_HAND, now=LATER)

    subscription.request(db, mailbox, TOPIC, BY_MAIL, now=LATER)

    assert row.reminds is True
