"""What comes back undelivered, and what was called spam: what follows for the person.

A failure counts against a mailbox only if it is certainly about it, and only until the
mailbox is seen to work: a letter accepted since then that did not come back, or a mail
from its reader. What is our own fault counts against nobody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.inbound.complaint import parse_complaint
from mailer.inbound.delivery_report import parse_report
from mailer.inbound.desk import Effect, address_of
from mailer.inbound.diagnostics import Severity
from mailer.inbound.forwarding import hand_over
from mailer.inbound.history import Failure
from mailer.inbound.kinds import Kind
from mailer.inbound.models import Incoming
from mailer.outbox import interventions
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from mailer.settings.model import OnHardBounce
from subscribers import confirmation, mailboxes, subscription, suppression
from subscribers.models import Mailbox, SuppressionReason
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.inbound.desk import Case, Desk
    from subscribers.database import Db

SETTLED_AFTER: Final = {
    Severity.HARD: timedelta(days=1),
    Severity.SOFT: timedelta(days=7),
}
"""A letter that is accepted and has not come back by then has arrived: a server that
knows no such mailbox says so within minutes, a full one after days of trying (RFC
5321, section 4.5.4.1)."""

HARD_REPORTS: Final = 2
"""So many letters must come back, where one alone is not clear enough."""

_FAILED: Final = frozenset({Severity.HARD, Severity.SOFT, Severity.POLICY})

_REASONS: Final = {
    Severity.HARD: SuppressionReason.DEAD,
    Severity.SOFT: SuppressionReason.FULL,
}


def report(db: Db, desk: Desk, case: Case) -> Effect:
    """Note what a delivery report says of one of our letters."""
    delivery = find_delivery(db, case)
    severity = Severity(case.classified.severity)
    if delivery is None or severity not in _FAILED:
        return Effect.NOTED
    left_at = delivery.changed_at
    interventions.bounce(db, delivery.id, reason=_reason(case), now=case.now)
    db.refresh(delivery)
    mailbox = db.get_one(Mailbox, delivery.mailbox_id)
    if severity is Severity.POLICY or mailbox.fingerprint is None:
        return Effect.NOTED
    settled = case.now - SETTLED_AFTER[severity]
    if has_worked(db, mailbox, since=left_at, settled=settled, case=case):
        return Effect.OUTDATED
    return _failed(db, desk, delivery, mailbox, case)


def _failed(
    db: Db, desk: Desk, delivery: Delivery, mailbox: Mailbox, case: Case
) -> Effect:
    """Count a failure; let letters rest if it is one too many."""
    severity, status = Severity(case.classified.severity), _status(case)
    if not _count(db, delivery, severity, status, case):
        return Effect.NOTED
    settled = case.now - SETTLED_AFTER[severity]
    if not _is_enough(db, desk, mailbox, severity, status=status, settled=settled):
        return Effect.COUNTED
    return _rest(db, desk, mailbox, severity, case)


def complaint(db: Db, _desk: Desk, case: Case) -> Effect:
    """End everything for somebody who calls our mail spam; no letter follows."""
    told = parse_complaint(case.message) if case.message is not None else None
    mailbox = _complainer(db, case)
    if told is None or not told.is_abuse or mailbox is None:
        return Effect.NOTED
    case.incoming.mailbox_id = mailbox.id
    subscription.end_open(db, mailbox, tuple(Topic), case.proof, now=case.now)
    confirmation.forget(db, mailbox, now=case.now)
    if mailbox.fingerprint is not None:
        reason = SuppressionReason.COMPLAINT
        suppression.add(db, mailbox.fingerprint, reason, now=case.now)
    return Effect.COMPLAINED


def find_delivery(db: Db, case: Case) -> Delivery | None:
    """Return the letter a mail is about, and note it; None if that is not certain."""
    found = case.classified.delivery
    if not found:
        return None
    known = Delivery.message_id == found
    if found.isdecimal():
        known = Delivery.id == int(found)
    delivery = db.scalar(sa.select(Delivery).where(known))
    if delivery is not None:
        case.incoming.delivery_id = delivery.id
        case.incoming.mailbox_id = delivery.mailbox_id
    return delivery


def has_worked(
    db: Db, mailbox: Mailbox, *, since: datetime, settled: datetime, case: Case
) -> bool:
    """Tell whether *mailbox* has been seen to work after *since*.

    Args:
        settled: What was accepted before this moment would have come back by now.
    """
    arrived = sa.select(Delivery.id).where(
        Delivery.mailbox_id == mailbox.id,
        Delivery.state == DeliveryState.ACCEPTED,
        Delivery.changed_at > since,
        Delivery.changed_at <= settled,
    )
    wrote = sa.select(Incoming.id).where(
        Incoming.mailbox_id == mailbox.id,
        Incoming.id != case.incoming.id,
        Incoming.kind.in_([Kind.COMMAND, Kind.HUMAN]),
        Incoming.received_at > since,
    )
    return any(db.scalars(one.limit(1)).first() is not None for one in (arrived, wrote))


def wake(db: Db, mailbox: Mailbox, case: Case) -> None:
    """Take a mailbox that writes to us for one that works; its failures are over."""
    if mailbox.fingerprint is None:
        return
    for reason in _REASONS.values():
        suppression.lift(db, mailbox.fingerprint, reason, now=case.now)
    db.execute(sa.delete(Failure).where(Failure.mailbox_id == mailbox.id))


def _count(
    db: Db, delivery: Delivery, severity: Severity, status: str, case: Case
) -> bool:
    """Write the failure down, once for each letter; a harder word replaces a softer."""
    known = db.scalar(sa.select(Failure).where(Failure.delivery_id == delivery.id))
    if known is not None:
        is_harder = known.severity == Severity.SOFT and severity is Severity.HARD
        if is_harder:
            known.severity, known.status = severity, status
        return is_harder
    db.add(
        Failure(
            mailbox_id=delivery.mailbox_id,
            delivery_id=delivery.id,
            severity=severity,
            status=status,
            failed_at=case.now,
        )
    )
    db.flush()
    return True


def _is_enough(
    db: Db,
    desk: Desk,
    mailbox: Mailbox,
    severity: Severity,
    *,
    status: str,
    settled: datetime,
) -> bool:
    """Tell whether letters to *mailbox* have to rest now."""
    policy = desk.settings.policy
    failures = _since_it_worked(db, mailbox, settled)
    if severity is Severity.HARD:
        is_clear = status.startswith("5.1.")
        if is_clear and policy.on_hard_bounce is OnHardBounce.REST:
            return True
        hard = [one for one in failures if one.severity == Severity.HARD]
        return len(hard) >= HARD_REPORTS
    if len(failures) < policy.soft_bounces:
        return False
    return failures[-1].failed_at - failures[0].failed_at >= policy.soft_bounce_span


def _since_it_worked(db: Db, mailbox: Mailbox, settled: datetime) -> Sequence[Failure]:
    """Return the failures of *mailbox*, oldest first, after it last took a letter."""
    arrived = (
        sa.select(sa.func.max(Delivery.id))
        .where(
            Delivery.mailbox_id == mailbox.id,
            Delivery.state == DeliveryState.ACCEPTED,
            Delivery.changed_at <= settled,
        )
        .scalar_subquery()
    )
    failures = sa.select(Failure).where(
        Failure.mailbox_id == mailbox.id,
        Failure.delivery_id > sa.func.coalesce(arrived, 0),
    )
    return db.scalars(failures.order_by(Failure.failed_at, Failure.id)).all()


def _rest(
    db: Db, desk: Desk, mailbox: Mailbox, severity: Severity, case: Case
) -> Effect:
    """Let letters to *mailbox* rest; the consent stands, the coordinator is told."""
    reason = _REASONS[severity]
    suppression.add(db, mailbox.fingerprint or "", reason, now=case.now)
    hand_over(
        db,
        desk,
        case,
        f"Briefe an {mailbox.address} ruhen jetzt: {suppression.GERMAN[reason]}.",
        "Die Anmeldung bleibt bestehen. Schreibt uns die Person von dieser Adresse "
        "oder meldet sie sich wieder an, bekommt sie wieder Post.",
        "Vielleicht können Sie die Person anrufen und nach ihrer neuen Adresse fragen.",
    )
    return Effect.RESTS


def _complainer(db: Db, case: Case) -> Mailbox | None:
    """Return who complains: by our own signs, else by the address the report names."""
    delivery = find_delivery(db, case)
    if delivery is not None:
        return db.get(Mailbox, delivery.mailbox_id)
    claim = case.classified.claim
    if claim is not None:
        return db.get(Mailbox, claim.mailbox_id)
    named = [address_of(one) for one in case.classified.addresses]
    known = [mailboxes.find(db, one) for one in named if one is not None]
    found = [one for one in known if one is not None]
    return found[0] if len(found) == 1 else None


def _status(case: Case) -> str:
    """Return the enhanced status code of the gravest recipient, or its nearest kin."""
    told = parse_report(case.message) if case.message is not None else None
    for one in told.recipients if told is not None else ():
        if one.severity == case.classified.severity and one.code:
            return one.code[:20]
    return ""


def _reason(case: Case) -> str:
    return f"Zurückgekommen: {case.classified.why}"
