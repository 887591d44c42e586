"""Joining and moving by mail: the wish, the question, the answer.

Nobody is entered because a mail says so: the reader of the mailbox is asked (see
``asking``), and only her answer counts.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions.service import service_facts
from mailer.inbound import asking
from mailer.inbound.answers import WELCOMES, answer, may_answer
from mailer.inbound.bounces import wake
from mailer.inbound.classify import MAX_TOKENS, random_tokens
from mailer.inbound.desk import Effect, address_of
from mailer.inbound.kinds import CommandKind
from mailer.outbox.letterhead import QUESTION
from mailer.outbox.models import Delivery
from subscribers import confirmation, mailboxes, subscription, suppression
from subscribers.confirmation import LIFTED
from subscribers.errors import Suppressed
from subscribers.models import (
    ConfirmPurpose,
    ConfirmToken,
    Mailbox,
    PartnerContact,
)
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.inbound.desk import Case, Desk
    from mailer.inbound.reading import Message
    from subscribers.database import Db
    from subscribers.models import Subscription

_GETTING: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})


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
    if asking.is_asked(db, mailbox, case.now):
        # Her question of the day was settled since then: she joined and left again.
        waits = row is not None and row.state is SubscriptionState.REQUESTED
        return Effect.ASKED_BEFORE if waits else None
    if CommandKind.STYLE_EASY in case.classified.also:
        mailbox.style = LetterStyle.EASY
    is_owed = asking.ask_to_join(
        db, desk, mailbox, case.proof, message=message, now=case.now
    )
    return Effect.ASKED if is_owed else None


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
    folder = WELCOMES[asked.topic] if joins else "address_changed"
    answer(db, desk, folder, mailbox, case)
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
        or speaks_for_a_partner(db, mailbox)
        or case.message is None
        or not may_answer(case.message, desk.own_addresses)
    ):
        return None
    key = desk.keys.fingerprint_key
    new = mailboxes.get_or_add(db, target, key=key, now=case.now)
    if asking.is_asked(db, new, case.now):
        return Effect.ASKED_BEFORE
    new.style = mailbox.style if not open_rows(db, new) else new.style
    asked = asking.ask_to_move(db, desk, mailbox, new, now=case.now)
    if asked is None:
        return None
    facts = service_facts(desk.settings, asked=asking.told(desk, asked))
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


def speaks_for_a_partner(db: Db, mailbox: Mailbox) -> bool:
    """Tell whether an organisation is written to at *mailbox*, now."""
    contacts = sa.select(PartnerContact.id).where(
        PartnerContact.mailbox_id == mailbox.id, PartnerContact.left_at.is_(None)
    )
    return db.scalars(contacts.limit(1)).first() is not None
