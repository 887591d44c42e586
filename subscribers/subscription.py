"""How a subscription moves: request, confirm, record consent, pause, resume, end.

Each function asks the SUBSCRIPTION table, and each act of the person is written
down as proof in the same transaction. Nothing here sends anything.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers import consent, suppression
from subscribers.errors import NoProof, UnknownPerson
from subscribers.models import ConsentAct, Mailbox, Subscription
from subscribers.states import SUBSCRIPTION, SubscriptionEvent, SubscriptionState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from subscribers.consent import Proof
    from subscribers.database import Db
    from subscribers.models import MailboxId, SuppressionReason


class Joined(StrEnum):
    """What became of entering somebody for a topic."""

    ACTIVE = "active"
    """New, with proof."""
    WAITING = "waiting"
    """New, without proof: waits for confirmation and gets nothing."""
    PROVEN = "proven"
    """Was waiting; the proof has come."""
    UNCHANGED = "unchanged"
    """Was there before."""
    STAYS_OUT = "stays_out"
    """Has left, or never confirmed; only a new wish of her own brings her back."""


GERMAN: Final[Mapping[Joined, str]] = {
    Joined.ACTIVE: "aktiv",
    Joined.WAITING: "wartet auf Bestätigung und bekommt noch nichts",
    Joined.PROVEN: "jetzt aktiv, der Nachweis ist da",
    Joined.UNCHANGED: "schon gespeichert",
    Joined.STAYS_OUT: "nicht angemeldet, und das bleibt so",
}
"""What became of somebody as people read it, after the name of a topic."""


def find(db: Db, mailbox: Mailbox, topic: Topic) -> Subscription | None:
    """Return the subscription of *mailbox* to *topic*, locked where rows can be."""
    return db.scalar(
        sa.select(Subscription)
        .where(Subscription.mailbox_id == mailbox.id, Subscription.topic == topic)
        .with_for_update()
        # What was read before the lock may have changed while we waited for it.
        .execution_options(populate_existing=True)
    )


def of(db: Db, mailbox: Mailbox) -> Sequence[Subscription]:
    """Return all subscriptions of *mailbox*, ordered by topic."""
    rows = db.scalars(
        sa.select(Subscription)
        .where(Subscription.mailbox_id == mailbox.id)
        .order_by(Subscription.topic)
    )
    return rows.all()


def by_mailbox(db: Db) -> dict[MailboxId, list[Subscription]]:
    """Return all subscriptions, grouped by mailbox, each group ordered by topic."""
    found: dict[MailboxId, list[Subscription]] = {}
    for row in db.scalars(sa.select(Subscription).order_by(Subscription.topic)):
        found.setdefault(row.mailbox_id, []).append(row)
    return found


def request(
    db: Db,
    mailbox: Mailbox,
    topic: Topic,
    proof: Proof,
    *,
    but_for: Collection[SuppressionReason] = (),
    now: datetime,
) -> Subscription:
    """Note that somebody wants letters about *topic*; she still has to confirm.

    Args:
        but_for: Reasons to suppress the address that her "Ja" will lift.

    Raises:
        Suppressed: The address must not be written to.
        ForbiddenTransition: She has asked before and has not left since.
    """
    _refuse_suppressed(db, mailbox, but_for)
    return _request(db, mailbox, topic, find(db, mailbox, topic), proof, now=now)


def confirm(
    db: Db, mailbox: Mailbox, topic: Topic, proof: Proof, *, now: datetime
) -> Subscription:
    """Make a requested subscription active because the person confirmed it.

    Raises:
        UnknownPerson: There is no such subscription.
        Suppressed: The address must not be written to.
        ForbiddenTransition: It does not wait for confirmation.
    """
    _refuse_suppressed(db, mailbox)
    row = _moved(db, mailbox, topic, SubscriptionEvent.CONFIRM, now=now)
    consent.record(db, mailbox.id, topic, ConsentAct.CONFIRMED, proof, now=now)
    return row


def record_consent(
    db: Db, mailbox: Mailbox, topic: Topic, proof: Proof, *, now: datetime
) -> Subscription:
    """Make a requested subscription active by a consent on paper, phone or in person.

    Raises:
        NoProof: *proof* does not show such a consent.
        UnknownPerson: There is no such subscription.
        Suppressed: The address must not be written to.
        ForbiddenTransition: It does not wait for a consent.
    """
    consent.require_documented(proof, now=now)
    _refuse_suppressed(db, mailbox)
    row = _get(db, mailbox, topic)
    _record_consent(db, row, proof, now=now)
    return row


def pause(
    db: Db,
    mailbox: Mailbox,
    topic: Topic,
    *,
    resume_on: date | None = None,
    now: datetime,
) -> Subscription:
    """Send nothing about *topic* until the person resumes; her consent stands.

    Args:
        resume_on: The local day on which it resumes by itself; None if it does not.

    Raises:
        UnknownPerson: There is no such subscription.
        ForbiddenTransition: It is not active.
    """
    row = _moved(db, mailbox, topic, SubscriptionEvent.PAUSE, now=now)
    row.resume_on = resume_on
    return row


def resume_due(db: Db, *, today: date, now: datetime) -> int:
    """End every pause whose day has come; returns how many.

    Args:
        today: By the town's clocks.
    """
    due = db.scalars(
        sa.select(Subscription).where(
            Subscription.state == SubscriptionState.PAUSED,
            Subscription.resume_on <= today,
        )
    ).all()
    for row in due:
        _move(row, SubscriptionEvent.RESUME, now=now)
    return len(due)


def resume(db: Db, mailbox: Mailbox, topic: Topic, *, now: datetime) -> Subscription:
    """End a pause.

    Raises:
        UnknownPerson: There is no such subscription.
        Suppressed: The address must not be written to.
        ForbiddenTransition: It is not paused.
    """
    _refuse_suppressed(db, mailbox)
    return _moved(db, mailbox, topic, SubscriptionEvent.RESUME, now=now)


def set_reminds(db: Db, mailbox: Mailbox, *, reminds: bool) -> bool:
    """Note whether reminders are welcome; they belong to the invitations.

    Returns:
        False if nobody there gets invitations, or will get them.
    """
    row = find(db, mailbox, Topic.INVITATIONS)
    if row is None or row.state not in SUBSCRIPTION.sources(SubscriptionEvent.END):
        return False
    row.reminds = reminds
    return True


def end(
    db: Db, mailbox: Mailbox, topic: Topic, proof: Proof, *, now: datetime
) -> Subscription:
    """End a subscription; takes effect with the commit.

    Raises:
        UnknownPerson: There is no such subscription.
        ForbiddenTransition: It is over already.
    """
    row = _moved(db, mailbox, topic, SubscriptionEvent.END, now=now)
    consent.record(db, mailbox.id, topic, ConsentAct.WITHDRAWN, proof, now=now)
    return row


def end_open(
    db: Db, mailbox: Mailbox, topics: Sequence[Topic], proof: Proof, *, now: datetime
) -> tuple[Topic, ...]:
    """End those subscriptions that are not over yet; return their topics.

    Leaving twice is no mistake: the second time the answer is empty.
    """
    open_states = SUBSCRIPTION.sources(SubscriptionEvent.END)
    ended = []
    for topic in topics:
        row = find(db, mailbox, topic)
        if row is not None and row.state in open_states:
            end(db, mailbox, topic, proof, now=now)
            ended.append(topic)
    return tuple(ended)


def join(
    db: Db,
    mailbox: Mailbox,
    topic: Topic,
    entry: Proof,
    *,
    own_wish: bool = False,
    now: datetime,
) -> Joined:
    """Enter somebody for *topic*: active with a documented consent, else waiting.

    Args:
        db: An open writing transaction.
        mailbox: Where she reads.
        topic: What she wants.
        entry: The documented consent; or channel OPERATOR if there is none.
        own_wish: She asked again after leaving. Without it a list written long ago
            cannot bring anybody back.
        now: The present moment.

    Raises:
        Suppressed: The address must not be written to.
        NoProof: *entry* is neither a documented consent nor an operator's entry, or
            is older than her leaving.
    """
    is_proof = entry.channel in consent.DOCUMENTED
    if is_proof:
        consent.require_documented(entry, now=now)
    _refuse_suppressed(db, mailbox)
    row = find(db, mailbox, topic)
    result = _outcome(row, is_proof=is_proof, own_wish=own_wish)
    if result in {Joined.UNCHANGED, Joined.STAYS_OUT}:
        return result
    if row is not None and is_proof and entry.happened_at.date() < _over_on(row):
        raise NoProof
    if row is None or result is not Joined.PROVEN:
        row = _request(db, mailbox, topic, row, entry, now=now)
    if is_proof:
        _record_consent(db, row, entry, now=now)
    return result


def _outcome(row: Subscription | None, *, is_proof: bool, own_wish: bool) -> Joined:
    """Return what entering somebody will come to, as things stand."""
    entered = Joined.ACTIVE if is_proof else Joined.WAITING
    match row.state if row is not None else None:
        case None:
            return entered
        case SubscriptionState.REQUESTED:
            return Joined.PROVEN if is_proof else Joined.UNCHANGED
        case SubscriptionState.ACTIVE | SubscriptionState.PAUSED:
            return Joined.UNCHANGED
        case SubscriptionState.LAPSED:
            # She never said no; a consent on paper completes what she began.
            return entered if is_proof or own_wish else Joined.STAYS_OUT
        case SubscriptionState.ENDED:
            return entered if own_wish else Joined.STAYS_OUT


def _over_on(row: Subscription) -> date:
    """Return the day on which *row* ended; a consent must not be older."""
    over = row.state is SubscriptionState.ENDED
    return row.changed_at.date() if over else date.min


def _moved(
    db: Db, mailbox: Mailbox, topic: Topic, event: SubscriptionEvent, *, now: datetime
) -> Subscription:
    row = _get(db, mailbox, topic)
    _move(row, event, now=now)
    return row


def _get(db: Db, mailbox: Mailbox, topic: Topic) -> Subscription:
    row = find(db, mailbox, topic)
    if row is None:
        raise UnknownPerson(f"{mailbox.address} ({topic})")
    return row


def _request(
    db: Db,
    mailbox: Mailbox,
    topic: Topic,
    row: Subscription | None,
    proof: Proof,
    *,
    now: datetime,
) -> Subscription:
    """Move *row* to requested; begin one if there is none."""
    if row is None:
        row = Subscription(
            mailbox_id=mailbox.id,
            topic=topic,
            state=SUBSCRIPTION.start,
            changed_at=now,
        )
        db.add(row)
    else:
        _move(row, SubscriptionEvent.REQUEST, now=now)
        # What she is asked to agree to names the reminder.
        row.reminds = True
    consent.record(db, mailbox.id, topic, ConsentAct.REQUESTED, proof, now=now)
    return row


def _record_consent(db: Db, row: Subscription, proof: Proof, *, now: datetime) -> None:
    _move(row, SubscriptionEvent.RECORD_CONSENT, now=now)
    consent.record(db, row.mailbox_id, row.topic, ConsentAct.RECORDED, proof, now=now)


def _move(row: Subscription, event: SubscriptionEvent, *, now: datetime) -> None:
    row.state = SUBSCRIPTION.after(row.state, event)
    row.changed_at = now
    row.resume_on = None


def _refuse_suppressed(
    db: Db, mailbox: Mailbox, but_for: Collection[SuppressionReason] = ()
) -> None:
    """Refuse a suppressed mailbox, and an erased one: nothing can be sent there."""
    if mailbox.fingerprint is None:
        raise UnknownPerson(f"Postfach {mailbox.id}")
    suppression.refuse(db, mailbox.fingerprint, but_for=but_for)
