"""Questions that only a "Ja" answers: once, in time, and forgotten otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers import confirmation, mailboxes, people, subscription, suppression
from subscribers.address import EmailAddress
from subscribers.confirmation import Question
from subscribers.consent import Proof, history
from subscribers.errors import ForbiddenTransition, Suppressed
from subscribers.models import (
    ConfirmToken,
    ConsentAct,
    ConsentChannel,
    Mailbox,
    SuppressionReason,
)
from subscribers.states import SubscriptionState
from subscribers.tokens import confirm_token
from subscribers.topics import LetterStyle, Topic
from subscribers.wordings import Wording
from tests.factories import KEYS, a_mailbox, a_partner_contact, a_subscriber

if TYPE_CHECKING:
    from subscribers.database import Db

NOW = datetime(2026, 11, 12, 8, 41, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
OVER = NOW + timedelta(days=8)
TOPIC = Topic.INVITATIONS

ASKED = Proof(ConsentChannel.MAIL, NOW, "E-Mail", message_id="<wunsch@post.example>")
SAID_YES = Proof(ConsentChannel.MAIL, LATER, "E-Mail", message_id="<ja@post.example>")

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def question(number: int = 1) -> Question:
    """Return a question as the confirm mail puts it."""
    return Question(
        token=confirm_token(KEYS, f"<{number}@mia.example>"),
        wording=Wording("EW-2/2", "Mit der Bestätigung willigen Sie ein …"),
        expires_at=NOW + timedelta(days=7),
    )


def asked(db: Db, mailbox: Mailbox, number: int = 1) -> ConfirmToken:
    """Ask the reader of *mailbox*."""
    return confirmation.ask_to_join(
        db, mailbox, TOPIC, question(number), ASKED, now=NOW
    )


def state(db: Db, mailbox: Mailbox) -> SubscriptionState | None:
    """Return where the subscription of *mailbox* stands."""
    row = subscription.find(db, mailbox, TOPIC)
    return row.state if row is not None else None


@both
def test_a_yes_makes_the_request_active_with_proof(db: Db) -> None:
    """What she saw, both Message-IDs and both times are on record."""
    mailbox = a_mailbox(db)
    asked(db, mailbox)
    assert state(db, mailbox) is SubscriptionState.REQUESTED

    row = confirmation.find(db, question().token.upper() + " ", now=LATER)
    assert row is not None
    assert confirmation.confirm(db, row, SAID_YES, now=LATER) is mailbox

    assert state(db, mailbox) is SubscriptionState.ACTIVE
    first, second = history(db, mailbox.id)
    assert (first.act, second.act) == (ConsentAct.REQUESTED, ConsentAct.CONFIRMED)
    assert first.message_id == "<wunsch@post.example>"
    assert second.message_id == "<ja@post.example>"
    assert second.wording_version == "EW-2/2"
    assert second.wording.startswith("Mit der Bestätigung")
    assert people.find(db, mailbox) is not None


def test_the_token_is_stored_nowhere(db: Db) -> None:
    """The database knows a hash; the key makes 160 bits of every Message-ID."""
    row = asked(db, a_mailbox(db))
    token = question().token
    assert len(token) == 32
    assert token != confirm_token(KEYS, "<2@mia.example>")
    stored = {str(value) for value in vars(row).values()}
    assert not any(token in one for one in stored)


def test_a_token_works_once(db: Db) -> None:
    """Whoever finds the mail later cannot bring her back."""
    mailbox = a_mailbox(db)
    row = asked(db, mailbox)
    confirmation.confirm(db, row, SAID_YES, now=LATER)
    assert confirmation.find(db, question().token, now=LATER) is None
    assert confirmation.find_by_digest(db, row.digest, now=LATER) is None


def test_a_token_works_in_time(db: Db) -> None:
    """After its days the question is no question any more."""
    row = asked(db, a_mailbox(db))
    assert confirmation.find_by_digest(db, row.digest, now=LATER) is row
    assert confirmation.find(db, question().token, now=OVER) is None
    assert confirmation.find(db, "irgendetwas", now=LATER) is None


def test_who_asks_twice_may_answer_either_mail(db: Db) -> None:
    """The second question changes no state; one answer settles both."""
    mailbox = a_mailbox(db)
    first, second = asked(db, mailbox, 1), asked(db, mailbox, 2)
    confirmation.confirm(db, first, SAID_YES, now=LATER)
    db.refresh(second)
    assert confirmation.find_by_digest(db, second.digest, now=LATER) is None
    assert len(history(db, mailbox.id)) == 2


def test_who_is_active_is_not_asked(db: Db) -> None:
    """A second consent would be no proof of anything."""
    person = a_subscriber(db)
    with pytest.raises(ForbiddenTransition):
        asked(db, person.mailbox)


def test_an_own_wish_is_lifted_by_a_yes_alone(db: Db) -> None:
    """A request by somebody else leaves the protection as it is."""
    mailbox = a_mailbox(db)
    assert mailbox.fingerprint is not None
    suppression.add(db, mailbox.fingerprint, SuppressionReason.WISH, now=NOW)

    row = asked(db, mailbox)
    assert suppression.find(db, mailbox.fingerprint) is not None

    confirmation.confirm(db, row, SAID_YES, now=LATER)
    assert suppression.find(db, mailbox.fingerprint) is None
    assert state(db, mailbox) is SubscriptionState.ACTIVE


@pytest.mark.parametrize(
    "reason", [SuppressionReason.COMPLAINT, SuppressionReason.OPERATOR]
)
def test_who_complained_is_not_asked(db: Db, reason: SuppressionReason) -> None:
    """Nor whom the operator keeps out: a person decides."""
    mailbox = a_mailbox(db)
    assert mailbox.fingerprint is not None
    suppression.add(db, mailbox.fingerprint, reason, now=NOW)
    with pytest.raises(Suppressed):
        asked(db, mailbox)


@both
def test_what_is_not_confirmed_is_erased(db: Db) -> None:
    """Token, request and address go together; nothing of the person is left."""
    mailbox = a_mailbox(db, "egon@post.example")
    asked(db, mailbox)
    assert confirmation.erase_expired(db, now=LATER) == 0
    assert confirmation.erase_expired(db, now=OVER) == 1

    assert mailbox.address is None
    assert mailbox.erased_at == OVER
    assert subscription.of(db, mailbox) == []
    assert history(db, mailbox.id) == []
    assert db.scalars(sa.select(ConfirmToken)).all() == []
    assert mailboxes.find(db, EmailAddress.parse("egon@post.example")) is None


def test_who_was_with_us_before_is_not_erased(db: Db) -> None:
    """Her earlier consent and its end stay proven; only the new wish lapses."""
    person = a_subscriber(db, state=SubscriptionState.ENDED)
    asked(db, person.mailbox)
    confirmation.erase_expired(db, now=OVER)
    assert person.mailbox.address is not None
    assert state(db, person.mailbox) is SubscriptionState.LAPSED


def test_a_younger_question_keeps_the_request(db: Db) -> None:
    """Only the last one out takes the request with it."""
    mailbox = a_mailbox(db)
    asked(db, mailbox, 1)
    younger = Question(question(2).token, question(2).wording, OVER + timedelta(days=1))
    confirmation.ask_to_join(db, mailbox, TOPIC, younger, ASKED, now=NOW)
    assert confirmation.erase_expired(db, now=OVER) == 1
    assert state(db, mailbox) is SubscriptionState.REQUESTED


@both
def test_a_new_address_takes_everything_over(db: Db) -> None:
    """Name, style, subscription and choices move; the old address gets nothing more."""
    person = a_subscriber(db, style=LetterStyle.EASY)
    former, new = person.mailbox, a_mailbox(db)
    subscription.set_reminds(db, former, reminds=False)
    subscription.pause(db, former, TOPIC, resume_on=date(2027, 1, 31), now=NOW)
    row = confirmation.ask_to_move(db, former, new, question(), now=NOW)
    assert state(db, former) is SubscriptionState.PAUSED
    assert state(db, new) is None

    confirmation.confirm(db, row, SAID_YES, now=LATER)

    moved = subscription.find(db, new, TOPIC)
    assert moved is not None
    assert moved.state is SubscriptionState.PAUSED
    assert moved.resume_on == date(2027, 1, 31)
    assert moved.reminds is False
    assert state(db, former) is SubscriptionState.ENDED
    assert new.style is LetterStyle.EASY
    assert person.mailbox is new
    acts = [record.act for record in history(db, new.id)]
    assert acts == [ConsentAct.REQUESTED, ConsentAct.CONFIRMED]
    assert f"Postfach {former.id}" in history(db, new.id)[0].evidence


@pytest.mark.parametrize(
    "before",
    [
        SubscriptionState.ACTIVE,
        SubscriptionState.PAUSED,
        SubscriptionState.REQUESTED,
        SubscriptionState.ENDED,
    ],
)
def test_a_new_address_may_be_known_already(db: Db, before: SubscriptionState) -> None:
    """Whatever it was before, it is active afterwards, and one person reads it."""
    person, other = a_subscriber(db), a_subscriber(db, state=before)
    row = confirmation.ask_to_move(
        db, person.mailbox, other.mailbox, question(), now=NOW
    )
    former = person.mailbox
    confirmation.confirm(db, row, SAID_YES, now=LATER)
    assert state(db, other.mailbox) is SubscriptionState.ACTIVE
    assert state(db, former) is SubscriptionState.ENDED
    assert people.find(db, other.mailbox) is other


def test_a_partner_who_joins_is_no_second_person(db: Db) -> None:
    """Who speaks for an organisation there is known by that."""
    row_of_partner = a_partner_contact(db, topics=())
    row = asked(db, row_of_partner.mailbox)
    confirmation.confirm(db, row, SAID_YES, now=LATER)
    assert people.find(db, row_of_partner.mailbox) is None


def test_an_address_that_never_answers_changes_nothing(db: Db) -> None:
    """Until the new mailbox says yes, the old one stays; then the new one is erased."""
    person = a_subscriber(db)
    former, new = person.mailbox, a_mailbox(db)
    confirmation.ask_to_move(db, former, new, question(), now=NOW)
    confirmation.erase_expired(db, now=OVER)
    assert state(db, former) is SubscriptionState.ACTIVE
    assert new.address is None


def test_who_leaves_is_not_brought_back_by_an_old_mail(db: Db) -> None:
    """Leaving settles every open question."""
    mailbox = a_mailbox(db)
    row = asked(db, mailbox)
    confirmation.forget(db, mailbox, now=LATER)
    db.refresh(row)
    assert confirmation.find(db, question().token, now=LATER) is None


def test_a_pause_ends_on_its_day(db: Db) -> None:
    """Not before, and only once."""
    person = a_subscriber(db)
    resume_on = date(2026, 12, 1)
    subscription.pause(db, person.mailbox, TOPIC, resume_on=resume_on, now=NOW)
    day = timedelta(days=1)
    assert subscription.resume_due(db, today=resume_on - day, now=NOW) == 0
    assert subscription.resume_due(db, today=resume_on, now=NOW) == 1
    assert state(db, person.mailbox) is SubscriptionState.ACTIVE
    assert subscription.resume_due(db, today=resume_on, now=NOW) == 0
