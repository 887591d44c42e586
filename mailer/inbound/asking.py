"""The question itself: a neutral mail that asks for a "Ja", and how many may leave.

So that nobody can be flooded with our questions, a mailbox gets one a day, and all
mailboxes of a domain, and of the world, get so many.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions.service import asked_facts, service_facts, wording_names
from mailer.outbox.letterhead import QUESTION
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering.typesetting import render
from subscribers import confirmation, subscription
from subscribers.confirmation import Question
from subscribers.errors import Suppressed
from subscribers.models import ConfirmPurpose, ConfirmToken, Mailbox
from subscribers.states import SubscriptionState
from subscribers.tokens import confirm_token
from subscribers.topics import LetterStyle, Topic
from subscribers.wordings import ON_THE_EVIDENCE, Wording, WordingName, wording

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.editions.service import AskedFacts
    from mailer.inbound.desk import Desk
    from mailer.inbound.reading import Message
    from subscribers.consent import Proof
    from subscribers.database import Db
    from subscribers.models import PartnerContact

A_DAY: Final = timedelta(days=1)

MAX_QUESTIONS_PER_DOMAIN: Final = 100
"""Confirm mails to one domain in a day: a town's meeting hall full of GMX readers."""

MAX_QUESTIONS: Final = 300
"""Confirm mails in a day in all; beyond it the coordinator decides."""

FOLDERS: Final = {
    ConfirmPurpose.SUBSCRIBE: "confirmation",
    ConfirmPurpose.CHANGE_ADDRESS: "new_address",
}

_GETTING: Final = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)

_WORDINGS: Final = {
    LetterStyle.STANDARD: WordingName.INVITATIONS_MAIL,
    LetterStyle.EASY: WordingName.INVITATIONS_MAIL_EASY,
}


def ask_to_join(
    db: Db,
    desk: Desk,
    mailbox: Mailbox,
    proof: Proof,
    *,
    message: Message | None = None,
    now: datetime,
) -> ConfirmToken | None:
    """Note a wish for the invitations, and owe the mail that asks to confirm it.

    Args:
        proof: What shows the wish: a mail, a call, a list on paper.
        message: The mail that asked; None if she asked in another way.

    Returns:
        None if nobody may be asked there, or today's questions are used up.

    Raises:
        ForbiddenTransition: She gets these letters already.
    """
    if is_too_much(db, mailbox, now):
        return None
    words = wording(_WORDINGS[mailbox.style], wording_names(desk.settings))
    question, message_id = _question(desk, words, now)
    try:
        asked = confirmation.ask_to_join(
            db, mailbox, Topic.INVITATIONS, question, proof, now=now
        )
    except Suppressed:
        return None
    _owe(db, desk, asked, message_id, message)
    return asked


def ask_delegate(
    db: Db, desk: Desk, named: PartnerContact, proof: Proof, *, now: datetime
) -> bool:
    """Ask somebody who shall speak for a partner; her "Ja" is for both topics.

    Args:
        proof: What shows that she was named.

    Returns:
        False if nobody may be asked there, today's questions are used up, or she gets
        our letters already.
    """
    mailbox = named.mailbox
    row = subscription.find(db, mailbox, Topic.NETWORK_UPDATES)
    is_getting = row is not None and row.state in _GETTING
    if is_getting or is_asked(db, mailbox, now) or is_too_much(db, mailbox, now):
        return False
    names = replace(wording_names(desk.settings), partner=named.partner.organisation)
    words = wording(WordingName.NETWORK_UPDATES, names)
    question, message_id = _question(desk, words, now)
    try:
        asked = confirmation.ask_to_join(
            db, mailbox, Topic.NETWORK_UPDATES, question, proof, now=now
        )
    except Suppressed:
        return False
    _owe(db, desk, asked, message_id, None)
    return True


def ask_to_move(
    db: Db, desk: Desk, former: Mailbox, new: Mailbox, *, now: datetime
) -> ConfirmToken | None:
    """Note a change of address, and owe the new one the mail that asks to confirm it.

    Returns:
        None if nobody may be asked there, or today's questions are used up.
    """
    if is_too_much(db, new, now):
        return None
    question, message_id = _question(desk, ON_THE_EVIDENCE, now)
    try:
        asked = confirmation.ask_to_move(db, former, new, question, now=now)
    except Suppressed:
        return None
    _owe(db, desk, asked, message_id, None)
    return asked


def is_asked(db: Db, mailbox: Mailbox, now: datetime) -> bool:
    """Tell whether *mailbox* has had its question of the day."""
    return _questions(db, now, ConfirmToken.mailbox_id == mailbox.id) > 0


def is_too_much(db: Db, mailbox: Mailbox, now: datetime) -> bool:
    """Tell whether today's questions to its domain, or to all, are used up."""
    domain = (mailbox.canonical or "").rpartition("@")[2]
    there = Mailbox.canonical.endswith(f"@{domain}", autoescape=True)
    return (
        _questions(db, now, there) >= MAX_QUESTIONS_PER_DOMAIN
        or _questions(db, now) >= MAX_QUESTIONS
    )


def told(desk: Desk, asked: ConfirmToken) -> AskedFacts:
    """Return what a letter says about an open question."""
    words = Wording(asked.wording_version, asked.wording) if asked.wording else None
    facts = asked_facts(
        desk.settings, words, now=asked.created_at, expires_at=asked.expires_at
    )
    return replace(facts, is_delegate=asked.topic is Topic.NETWORK_UPDATES)


def _question(desk: Desk, words: Wording, now: datetime) -> tuple[Question, str]:
    """Return a question, and the Message-ID of the mail that will put it."""
    message_id = desk.press.new_message_id()
    question = Question(
        token=confirm_token(desk.keys, message_id),
        wording=words,
        expires_at=now + desk.settings.policy.confirm_within,
    )
    return question, message_id


def _owe(
    db: Db, desk: Desk, asked: ConfirmToken, message_id: str, message: Message | None
) -> None:
    """Owe the mail that asks to whom it asks."""
    mailbox = db.get_one(Mailbox, asked.mailbox_id)
    facts = service_facts(desk.settings, asked=told(desk, asked))
    folder = FOLDERS[asked.purpose]
    letter = render(desk.press.environment, facts, mailbox.style, folder)
    posting = Posting(
        # Not its number: SQLite gives that of a forgotten question to another one.
        occasion=f"{QUESTION}{asked.digest}",
        origin=LetterOrigin.REPLIED if message else LetterOrigin.GENERATED,
        message_id=message_id,
        style=mailbox.style,
        in_reply_to=message.message_id if message else None,
        thread=message.references[::-1] if message else (),
        expires_at=asked.expires_at,
    )
    post(db, mailbox, letter, posting, now=asked.created_at)


def _questions(db: Db, now: datetime, *conditions: sa.ColumnElement[bool]) -> int:
    counted = (
        sa.select(sa.func.count())
        .select_from(ConfirmToken)
        .join(Mailbox, Mailbox.id == ConfirmToken.mailbox_id)
        .where(ConfirmToken.created_at > now - A_DAY, *conditions)
    )
    return db.execute(counted).scalar_one()
