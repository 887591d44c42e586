"""The list of addresses that must never be written to.

It knows fingerprints, not addresses, so it goes on protecting a person after
everything else about her has been erased.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers.errors import Suppressed
from subscribers.models import Mailbox, MailboxId, Suppression, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from subscribers.database import Db

GERMAN: Final[Mapping[SuppressionReason, str]] = {
    SuppressionReason.WISH: "auf eigenen Wunsch",
    SuppressionReason.COMPLAINT: "nach einer Beschwerde",
    SuppressionReason.DEAD: "das Postfach gibt es nicht mehr",
    SuppressionReason.FULL: "das Postfach nimmt seit Wochen nichts an",
    SuppressionReason.OPERATOR: "von Hand gesperrt",
}
"""The reasons as people read them, after "gesperrt"."""


def add(
    db: Db, fingerprint: str, reason: SuppressionReason, *, now: datetime
) -> Suppression:
    """Suppress an address from now on; the same reason is noted once.

    Args:
        db: An open writing transaction.
        fingerprint: As ``address.fingerprint`` makes it.
        reason: Why.
        now: Becomes ``since_at``.
    """
    for known in holding(db, fingerprint):
        if known.reason is reason:
            return known
    row = Suppression(fingerprint=fingerprint, reason=reason, since_at=now)
    db.add(row)
    db.flush()
    return row


def holding(db: Db, fingerprint: str) -> Sequence[Suppression]:
    """Return the suppressions that hold for an address, oldest first."""
    rows = db.scalars(
        sa.select(Suppression)
        .where(Suppression.fingerprint == fingerprint, Suppression.lifted_at.is_(None))
        .order_by(Suppression.id)
    )
    return rows.all()


def find(db: Db, fingerprint: str) -> Suppression | None:
    """Return the oldest suppression that holds for an address, or None."""
    rows = holding(db, fingerprint)
    return rows[0] if rows else None


def refuse(
    db: Db, fingerprint: str, *, but_for: Collection[SuppressionReason] = ()
) -> None:
    """Let nobody pass who must not be written to.

    Args:
        but_for: Reasons that do not count here, because a "Ja" will lift them.

    Raises:
        Suppressed: The address is on the list.
    """
    for row in holding(db, fingerprint):
        if row.reason not in but_for:
            raise Suppressed(GERMAN[row.reason])


def lift(db: Db, fingerprint: str, reason: SuppressionReason, *, now: datetime) -> bool:
    """End the suppression that holds for *reason*; return whether there was one."""
    rows = [row for row in holding(db, fingerprint) if row.reason is reason]
    for row in rows:
        row.lifted_at = now
    db.flush()
    return bool(rows)


def suppressed(db: Db) -> dict[MailboxId, SuppressionReason]:
    """Return the mailboxes that must not be written to, each with a reason."""
    rows = db.execute(
        sa.select(Mailbox.id, Suppression.reason)
        .join(Suppression, Suppression.fingerprint == Mailbox.fingerprint)
        .where(Suppression.lifted_at.is_(None))
        .order_by(Suppression.id.desc())
    )
    return {mailbox_id: reason for mailbox_id, reason in rows}  # noqa: C416 - a Row is no pair


def holds_for(mailbox: type[Mailbox]) -> sa.ColumnElement[bool]:
    """Return the SQL condition that the address of *mailbox* is suppressed."""
    return (
        sa.exists()
        .where(
            Suppression.fingerprint == mailbox.fingerprint,
            Suppression.lifted_at.is_(None),
        )
        .correlate_except(Suppression)
    )
