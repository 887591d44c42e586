"""The question that only a "Ja" answers: asked once, answered once, then forgotten.

Somebody asks to join, or names a new address. Whoever reads that mailbox is asked,
with a token that only the confirm mail holds. Of the token the database knows a hash;
what is not confirmed in time is erased together with it, the address too if nothing
else binds it to us.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers import people, privacy, subscription, suppression
from subscribers.consent import Proof
from subscribers.models import (
    ConfirmPurpose,
    ConfirmToken,
    ConsentAct,
    ConsentRecord,
    Mailbox,
    PartnerContact,
    Subscriber,
    Subscription,
    SuppressionReason,
)
from subscribers.states import SUBSCRIPTION, SubscriptionEvent, SubscriptionState
from subscribers.topics import Topic
from subscribers.wordings import ON_THE_EVIDENCE, Wording

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

LIFTED: Final = frozenset(
    {SuppressionReason.WISH, SuppressionReason.DEAD, SuppressionReason.FULL}
)
"""What a "Ja" from the mailbox itself lifts: her own wish, and a mailbox that works
again. A complaint and a decision of the operator it does not."""

_OPEN: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})
_OVER: Final = frozenset({SubscriptionState.LAPSED, SubscriptionState.ENDED})


@dataclass(frozen=True, slots=True)
class Question:
    """What is remembered of a question.

    Attributes:
        token: What the confirm mail asks to be sent back; only its hash is stored.
        wording: What the person is asked to agree to.
        expires_at: When the question is forgotten.
    """

    token: str
    wording: Wording
    expires_at: datetime


def ask_to_join(
    db: Db,
    mailbox: Mailbox,
    topic: Topic,
    question: Question,
    proof: Proof,
    *,
    now: datetime,
) -> ConfirmToken:
    """Note somebody's wish for *topic* and the question that she is asked.

    Asking again is no mistake: then there are two questions, and either answer does.

    Args:
        proof: What shows the request.

    Raises:
        Suppressed: The address must not be written to, for a reason that her "Ja"
            would not lift.
        ForbiddenTransition: She gets these letters already.
    """
    row = subscription.find(db, mailbox, topic)
    if row is None or row.state is not SubscriptionState.REQUESTED:
        subscription.request(db, mailbox, topic, proof, but_for=LIFTED, now=now)
    asked = ConfirmToken(
        mailbox_id=mailbox.id, purpose=ConfirmPurpose.SUBSCRIBE, topic=topic
    )
    return _remember(db, asked, question, now=now)


def ask_to_move(
    db: Db, former: Mailbox, new: Mailbox, question: Question, *, now: datetime
) -> ConfirmToken:
    """Note that the reader of *former* wants her letters at *new*; nothing moves yet.

    Raises:
        Suppressed: The new address must not be written to.
    """
    if new.fingerprint is not None:
        suppression.refuse(db, new.fingerprint, but_for=LIFTED)
    asked = ConfirmToken(
        mailbox_id=new.id,
        purpose=ConfirmPurpose.CHANGE_ADDRESS,
        former_mailbox_id=former.id,
    )
    return _remember(db, asked, question, now=now)


def may_be_answered(db: Db, mailbox: Mailbox) -> bool:
    """Tell whether *mailbox* is there, and nobody complained from it."""
    if mailbox.fingerprint is None or mailbox.erased_at is not None:
        return False
    held = suppression.holding(db, mailbox.fingerprint)
    return all(row.reason in LIFTED for row in held)


def find(db: Db, token: str, *, now: datetime) -> ConfirmToken | None:
    """Return the open question that *token* answers; None if there is none."""
    return find_by_digest(db, digest_of(token), now=now)


def was_answered(db: Db, token: str) -> bool:
    """Tell whether *token* has been used, and is not forgotten yet."""
    used = sa.select(ConfirmToken.id).where(
        ConfirmToken.digest == digest_of(token), ConfirmToken.used_at.is_not(None)
    )
    return db.scalar(used) is not None


def find_by_digest(db: Db, digest: str, *, now: datetime) -> ConfirmToken | None:
    """Return the open question whose token has this digest; None if there is none."""
    return db.scalar(_open(now).where(ConfirmToken.digest == digest))


def confirm(db: Db, asked: ConfirmToken, proof: Proof, *, now: datetime) -> Mailbox:
    """Do what the person said yes to, once; return the mailbox she answered for.

    Args:
        asked: An open question, from ``find``.
        proof: What shows the answer; its wording is replaced by the one she saw.

    Raises:
        Suppressed: The address must not be written to.
    """
    mailbox = db.get_one(Mailbox, asked.mailbox_id)
    # First of all: whoever is refused keeps every protection she has.
    suppression.refuse(db, mailbox.fingerprint or "", but_for=LIFTED)
    proof = Proof(
        channel=proof.channel,
        happened_at=proof.happened_at,
        evidence=proof.evidence,
        wording=Wording(version=asked.wording_version, text=asked.wording),
        message_id=proof.message_id,
    )
    _lift(db, mailbox, now=now)
    if asked.purpose is ConfirmPurpose.SUBSCRIBE:
        _join(db, asked, mailbox, proof, now=now)
    elif asked.former_mailbox_id is not None:
        _move(db, db.get_one(Mailbox, asked.former_mailbox_id), mailbox, proof, now=now)
    asked.used_at = now
    forget(db, mailbox, now=now)
    return mailbox


def forget(db: Db, mailbox: Mailbox, *, now: datetime) -> None:
    """Let all other questions to *mailbox* lapse, and those that start from it.

    Who has answered, or left, is not asked by an older mail any more.
    """
    db.execute(
        sa.update(ConfirmToken)
        .where(
            sa.or_(
                ConfirmToken.mailbox_id == mailbox.id,
                ConfirmToken.former_mailbox_id == mailbox.id,
            ),
            ConfirmToken.used_at.is_(None),
            ConfirmToken.expires_at > now,
        )
        .values(expires_at=now)
    )


def erase_expired(db: Db, *, now: datetime) -> int:
    """Erase every question that was not answered in time; returns how many.

    A request that was never confirmed goes with it, and with that the address, if
    nothing else binds it to us.
    """
    # What was answered is on record as consent; the question is of no more use.
    over = db.scalars(
        sa.select(ConfirmToken).where(ConfirmToken.expires_at <= now)
    ).all()
    for row in over:
        mailbox = db.get_one(Mailbox, row.mailbox_id)
        db.delete(row)
        db.flush()
        if row.used_at is None and not _is_asked(db, mailbox):
            _give_up(db, mailbox, now=now)
    return sum(row.used_at is None for row in over)


def digest_of(token: str) -> str:
    """Return what is stored of a token: SHA-256, in hexadecimal digits."""
    return hashlib.sha256(token.strip().lower().encode()).hexdigest()


def _remember(
    db: Db, row: ConfirmToken, question: Question, *, now: datetime
) -> ConfirmToken:
    row.digest = digest_of(question.token)
    row.wording_version = question.wording.version
    row.wording = question.wording.text
    row.created_at = now
    row.expires_at = question.expires_at
    db.add(row)
    db.flush()
    return row


def _open(now: datetime) -> sa.Select[ConfirmToken]:
    return (
        sa.select(ConfirmToken)
        .where(ConfirmToken.used_at.is_(None), ConfirmToken.expires_at > now)
        .with_for_update()
    )  # PostgreSQL: of two answers at once, the second waits


def _lift(db: Db, mailbox: Mailbox, *, now: datetime) -> None:
    if mailbox.fingerprint is not None:
        for reason in sorted(LIFTED):
            suppression.lift(db, mailbox.fingerprint, reason, now=now)


def _join(
    db: Db, asked: ConfirmToken, mailbox: Mailbox, proof: Proof, *, now: datetime
) -> None:
    topic = asked.topic or Topic.INVITATIONS
    row = subscription.find(db, mailbox, topic)
    if row is not None and row.state is SubscriptionState.REQUESTED:
        subscription.confirm(db, mailbox, topic, proof, now=now)
    if topic is Topic.NETWORK_UPDATES:
        # What a partner's contact says yes to (EW-4) is for the invitations, too.
        _begin(db, mailbox, Topic.INVITATIONS, proof, now=now)
    person = people.find(db, mailbox)
    if person is not None:
        person.name = asked.name or person.name
    elif not _speaks_for_a_partner(db, mailbox):
        db.add(Subscriber(mailbox=mailbox, name=asked.name, created_at=now))
    db.flush()


def _move(
    db: Db, former: Mailbox, new: Mailbox, proof: Proof, *, now: datetime
) -> None:
    """Give *new* all that *former* has: name, style and subscriptions."""
    told = Proof(
        channel=proof.channel,
        happened_at=proof.happened_at,
        evidence=f"{proof.evidence}; zuvor Postfach {former.id}",
        wording=ON_THE_EVIDENCE,
        message_id=proof.message_id,
    )
    new.style = former.style
    person = people.find(db, former)
    if person is not None and people.find(db, new) is None:
        person.mailbox = new
    for row in subscription.of(db, former):
        if row.state in _OPEN:
            paused, resume_on = row.state is SubscriptionState.PAUSED, row.resume_on
            _begin(db, new, row.topic, told, now=now)
            if paused:
                subscription.pause(db, new, row.topic, resume_on=resume_on, now=now)
            if row.topic is Topic.INVITATIONS:
                subscription.set_reminds(db, new, reminds=row.reminds)
        if row.state in SUBSCRIPTION.sources(SubscriptionEvent.END):
            subscription.end(db, former, row.topic, told, now=now)
    db.flush()


def _begin(
    db: Db, mailbox: Mailbox, topic: Topic, proof: Proof, *, now: datetime
) -> None:
    """Make *mailbox* active for *topic*, whatever it was before."""
    row = subscription.find(db, mailbox, topic)
    if row is not None and row.state is SubscriptionState.PAUSED:
        subscription.resume(db, mailbox, topic, now=now)
    if row is not None and row.state in _OPEN:
        return
    if row is None or row.state is not SubscriptionState.REQUESTED:
        subscription.request(db, mailbox, topic, proof, now=now)
    subscription.confirm(db, mailbox, topic, proof, now=now)


def _is_asked(db: Db, mailbox: Mailbox) -> bool:
    """Tell whether another question to *mailbox* still waits to be settled."""
    waiting = sa.select(ConfirmToken.id).where(
        ConfirmToken.mailbox_id == mailbox.id, ConfirmToken.used_at.is_(None)
    )
    return db.scalars(waiting.limit(1)).first() is not None


def _give_up(db: Db, mailbox: Mailbox, *, now: datetime) -> None:
    """End what was only asked for; erase a mailbox that nothing else binds to us."""
    rows = subscription.of(db, mailbox)
    for row in rows:
        if row.state is SubscriptionState.REQUESTED:
            row.state = SUBSCRIPTION.after(row.state, SubscriptionEvent.LAPSE)
            row.changed_at = now
    db.flush()
    if (
        any(row.state not in _OVER for row in rows)
        or _has_agreed(db, mailbox)
        or people.find(db, mailbox) is not None
        or _speaks_for_a_partner(db, mailbox)
    ):
        return
    for table in (Subscription, ConsentRecord):
        db.execute(sa.delete(table).where(table.mailbox_id == mailbox.id))
    db.expire_all()
    if mailbox.erased_at is None:
        privacy.empty(mailbox, now=now)
    db.flush()


def _has_agreed(db: Db, mailbox: Mailbox) -> bool:
    """Tell whether a consent is on record: such proof stays."""
    proof = sa.select(ConsentRecord.id).where(
        ConsentRecord.mailbox_id == mailbox.id,
        ConsentRecord.act.in_([ConsentAct.CONFIRMED, ConsentAct.RECORDED]),
    )
    return db.scalars(proof.limit(1)).first() is not None


def _speaks_for_a_partner(db: Db, mailbox: Mailbox) -> bool:
    contacts = sa.select(PartnerContact.id).where(
        PartnerContact.mailbox_id == mailbox.id
    )
    return db.scalars(contacts.limit(1)).first() is not None
