"""Joining and moving by mail: the wish, the question, the answer.

Nobody is entered because a mail says so: the reader of the mailbox is asked. So that
nobody can be flooded with our questions, a mailbox gets one a day, and all mailboxes
of a domain, and of the world, get so many.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions.service import asked_facts, service_facts, wording_names
from mailer.inbound.answers import A_DAY, WELCOME, answer, compose, may_answer
from mailer.inbound.bounces import wake
from mailer.inbound.classify import MAX_TOKENS, random_tokens
from mailer.inbound.desk import Effect, address_of
from mailer.inbound.kinds import CommandKind
from mailer.outbox.letterhead import QUESTION
from mailer.outbox.models import Delivery
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from subscribers import confirmation, mailboxes, subscription, suppression
from subscribers.confirmation import LIFTED, Question
from subscribers.errors import Suppressed
from subscribers.models import (
    ConfirmPurpose,
    ConfirmToken,
    Mailbox,
    PartnerContact,
)
from subscribers.states import SubscriptionState
from subscribers.tokens import confirm_token
from subscribers.topics import LetterStyle, Topic
from subscribers.wordings import ON_THE_EVIDENCE, Wording, WordingName, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.editions.service import AskedFacts
    from mailer.inbound.desk import Case, Desk
    from mailer.inbound.reading import Message
    from subscribers.address import EmailAddress
    from subscribers.database import Db
    from subscribers.models import Subscription

MAX_QUESTIONS_PER_DOMAIN: Final = 100
"""Confirm mails to one domain in a day: a town's meeting hall full of GMX readers."""

MAX_QUESTIONS: Final = 300
"""Confirm mails in a day in all; beyond it the coordinator decides."""

_GETTING: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})

CONFIRMATION: Final = "confirmation"
NEW_ADDRESS: Final = "new_address"

_WORDINGS: Final = {
    LetterStyle.STANDARD: WordingName.INVITATIONS_MAIL,
    LetterStyle.EASY: WordingName.INVITATIONS_MAIL_EASY,
}


def subscribe(db: Db, desk: Desk, case: Case) -> Effect | None:
    """Ask whoever wants to join; None if a person has to decide."""
    message, sender = case.message, case.sender
    if message is None or sender is None or not may_answer(message, desk.own_addresses):
        return None
    key = desk.keys.fingerprint_key
    mailbox = mailboxes.get_or_add(db, sender, key=key, now=case.now)
    case.incoming.mailbox_id = mailbox.id
    row = subscription.find(db, mailbox, Topic.INVITATIONS)
    if row is not None and row.state in _GETTING:
        return _welcome_back(db, desk, mailbox, case)
    if is_asked(db, mailbox, case):
        # Her question of the day was settled since then: she joined and left again.
        waits = row is not None and row.state is SubscriptionState.REQUESTED
        return Effect.ASKED_BEFORE if waits else None
    return (
        None if is_too_much(db, sender, case) else _ask_to_join(db, desk, mailbox, case)
    )


def _ask_to_join(db: Db, desk: Desk, mailbox: Mailbox, case: Case) -> Effect | None:
    if CommandKind.STYLE_EASY in case.classified.also:
        mailbox.style = LetterStyle.EASY
    words = wording(_WORDINGS[mailbox.style], wording_names(desk.settings))
    question, message_id = _question(desk, words, case)
    try:
        asked = confirmation.ask_to_join(
            db, mailbox, Topic.INVITATIONS, question, case.proof, now=case.now
        )
    except Suppressed:
        return None
    _ask(db, desk, asked, message_id, case)
    return Effect.ASKED


def confirm(db: Db, desk: Desk, case: Case) -> Effect | None:
    """Take the "Ja" to a question; None if it answers none that we know."""
    asked = find_question(db, case)
    if asked is None:
        return _confirmed_before(db, desk, case)
    try:
        mailbox = confirmation.confirm(db, asked, case.proof, now=case.now)
    except Suppressed:
        return None
    case.incoming.mailbox_id = mailbox.id
    joins = asked.purpose is ConfirmPurpose.SUBSCRIBE
    answer(db, desk, WELCOME if joins else "address_changed", mailbox, case)
    return Effect.CONFIRMED if joins else Effect.MOVED


def change_address(db: Db, desk: Desk, mailbox: Mailbox, case: Case) -> Effect | None:
    """Ask the new address; until it answers, the old one stays.

    Args:
        mailbox: The sender's.

    Returns:
        None if a person has to decide: nobody subscribed writes, several people may
        read the mailbox, or the new address is none.
    """
    target = address_of(case.classified.new_address or "")
    if (
        target is None
        or target.canonical in desk.own_addresses | {mailbox.canonical}
        or not open_rows(db, mailbox)
        or _speaks_for_a_partner(db, mailbox)
        or case.message is None
        or not may_answer(case.message, desk.own_addresses)
    ):
        return None
    key = desk.keys.fingerprint_key
    new = mailboxes.get_or_add(db, target, key=key, now=case.now)
    if is_asked(db, new, case):
        return Effect.ASKED_BEFORE
    if is_too_much(db, target, case):
        return None
    new.style = mailbox.style if not open_rows(db, new) else new.style
    question, message_id = _question(desk, ON_THE_EVIDENCE, case)
    try:
        asked = confirmation.ask_to_move(db, mailbox, new, question, now=case.now)
    except Suppressed:
        return None
    _ask(db, desk, asked, message_id, case)
    facts = service_facts(desk.settings, asked=_asked_facts(desk, asked))
    answer(db, desk, "address_requested", mailbox, case, facts=facts)
    return Effect.ASKED


def find_question(db: Db, case: Case) -> ConfirmToken | None:
    """Return the open question that a mail answers; None if it answers none.

    The token may stand in the subject or in the address. A mail that only refers to
    the confirm mail counts if it comes from the mailbox that was asked: a Message-ID
    stands in the logs of every server on the way.
    """
    if case.message is None:
        return None
    for token in islice(random_tokens(case.message), MAX_TOKENS):
        asked = confirmation.find(db, token, now=case.now)
        if asked is not None:
            return asked
    if case.sender is None:
        return None
    asker = mailboxes.find(db, case.sender)
    for occasion in occasions(db, case.message, case.classified.delivery):
        if occasion.startswith(QUESTION):
            number = int(occasion.removeprefix(QUESTION))
            asked = confirmation.find_by_id(db, number, now=case.now)
            if asked is not None and asker is not None and asker.id == asked.mailbox_id:
                return asked
    return None


def occasions(db: Db, message: Message, delivery: str | None = None) -> Sequence[str]:
    """Return the occasions of our letters that *message* refers to, the nearest first.

    Args:
        delivery: A delivery's id or Message-ID that was found elsewhere.
    """
    ids = [*message.references, *([delivery] if delivery else [])]
    rows = db.execute(
        sa.select(Delivery.message_id, Delivery.occasion).where(
            Delivery.message_id.in_(ids)
        )
    )
    known = {message_id: occasion for message_id, occasion in rows}  # noqa: C416 - a Row is no pair
    return [known[one] for one in dict.fromkeys(ids) if one in known]


def open_rows(db: Db, mailbox: Mailbox) -> list[Subscription]:
    """Return what the reader of *mailbox* gets, or will get after a pause."""
    return [row for row in subscription.of(db, mailbox) if row.state in _GETTING]


def is_asked(db: Db, mailbox: Mailbox, case: Case) -> bool:
    """Tell whether *mailbox* has had its question of the day."""
    return _questions(db, case, ConfirmToken.mailbox_id == mailbox.id) > 0


def is_too_much(db: Db, address: EmailAddress, case: Case) -> bool:
    """Tell whether today's questions to this domain, or to all, are used up."""
    there = Mailbox.canonical.endswith(f"@{address.domain}", autoescape=True)
    return (
        _questions(db, case, there) >= MAX_QUESTIONS_PER_DOMAIN
        or _questions(db, case) >= MAX_QUESTIONS
    )


def _welcome_back(db: Db, desk: Desk, mailbox: Mailbox, case: Case) -> Effect:
    """Tell somebody who is with us already; a pause ends."""
    wake(db, mailbox, case)
    held = suppression.holding(db, mailbox.fingerprint or "")
    if all(row.reason in LIFTED for row in held):
        for row in open_rows(db, mailbox):
            if row.state is SubscriptionState.PAUSED:
                subscription.resume(db, mailbox, row.topic, now=case.now)
    answer(db, desk, "already", mailbox, case)
    return Effect.ALREADY


def _confirmed_before(db: Db, desk: Desk, case: Case) -> Effect | None:
    """Calm somebody who says "Ja" twice."""
    mailbox = mailboxes.find(db, case.sender) if case.sender else None
    if mailbox is None or case.message is None or not open_rows(db, mailbox):
        return None
    if not any(one.startswith(QUESTION) for one in occasions(db, case.message)):
        return None
    case.incoming.mailbox_id = mailbox.id
    answer(db, desk, "already", mailbox, case)
    return Effect.ALREADY


def _question(desk: Desk, words: Wording, case: Case) -> tuple[Question, str]:
    """Return a question, and the Message-ID of the mail that will put it."""
    message_id = desk.press.new_message_id()
    question = Question(
        token=confirm_token(desk.keys, message_id),
        wording=words,
        expires_at=case.now + desk.settings.policy.confirm_within,
    )
    return question, message_id


def _ask(db: Db, desk: Desk, asked: ConfirmToken, message_id: str, case: Case) -> None:
    """Owe the confirm mail to whom it asks."""
    mailbox = db.get_one(Mailbox, asked.mailbox_id)
    joins = asked.purpose is ConfirmPurpose.SUBSCRIBE
    folder = CONFIRMATION if joins else NEW_ADDRESS
    facts = service_facts(desk.settings, asked=_asked_facts(desk, asked))
    letter = compose(db, desk, folder, mailbox.style, facts, now=case.now)
    message = case.message if joins else None
    posting = Posting(
        occasion=f"{QUESTION}{asked.id}",
        origin=LetterOrigin.REPLIED if message else LetterOrigin.GENERATED,
        message_id=message_id,
        style=mailbox.style,
        in_reply_to=message.message_id if message else None,
        thread=message.references[::-1] if message else (),
    )
    post(db, mailbox, letter, posting, now=case.now)


def _asked_facts(desk: Desk, asked: ConfirmToken) -> AskedFacts:
    words = Wording(asked.wording_version, asked.wording) if asked.wording else None
    return asked_facts(
        desk.settings, words, now=asked.created_at, expires_at=asked.expires_at
    )


def _questions(db: Db, case: Case, *conditions: sa.ColumnElement[bool]) -> int:
    counted = (
        sa.select(sa.func.count())
        .select_from(ConfirmToken)
        .join(Mailbox, Mailbox.id == ConfirmToken.mailbox_id)
        .where(ConfirmToken.created_at > case.now - A_DAY, *conditions)
    )
    return db.execute(counted).scalar_one()


def _speaks_for_a_partner(db: Db, mailbox: Mailbox) -> bool:
    contacts = sa.select(PartnerContact.id).where(
        PartnerContact.mailbox_id == mailbox.id, PartnerContact.left_at.is_(None)
    )
    return db.scalars(contacts.limit(1)).first() is not None
