"""Proof of who agreed to what, when and how (Art. 7(1) DSGVO).

Records are only ever added. They outlive the subscription and the person's
erasure, because the proof must hold as long as somebody may ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers.errors import NoProof
from subscribers.models import ConsentAct, ConsentChannel, ConsentRecord
from subscribers.wordings import ON_THE_EVIDENCE, Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from subscribers.database import Db
    from subscribers.models import MailboxId
    from subscribers.topics import Topic

DOCUMENTED: Final = frozenset(
    {ConsentChannel.PAPER, ConsentChannel.PHONE, ConsentChannel.IN_PERSON}
)
"""Ways on which a consent can be given to a person, who then writes it down."""

GERMAN: Final[Mapping[ConsentChannel, str]] = {
    ConsentChannel.MAIL: "E-Mail",
    ConsentChannel.WEB: "Internet",
    ConsentChannel.PAPER: "Papier",
    ConsentChannel.PHONE: "Telefon",
    ConsentChannel.IN_PERSON: "persönlich",
    ConsentChannel.OPERATOR: "von Hand eingetragen",
}
"""The channels as people read them."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How one act of a person is shown.

    Attributes:
        channel: How she told us.
        happened_at: When she acted; aware.
        evidence: What shows it: "Liste vom 29. Januar 2026, Blatt 2".
        wording: What she saw or heard.
        message_id: Of the mail that carried the act, if one did.
    """

    channel: ConsentChannel
    happened_at: datetime
    evidence: str
    wording: Wording = ON_THE_EVIDENCE
    message_id: str | None = None


def record(
    db: Db,
    mailbox_id: MailboxId,
    topic: Topic,
    act: ConsentAct,
    proof: Proof,
    *,
    now: datetime,
) -> ConsentRecord:
    """Write down one act of consent.

    Args:
        db: The transaction in which the subscription moves.
        mailbox_id: Whose act.
        topic: About what.
        act: Which act.
        proof: What shows it.
        now: Becomes ``recorded_at``.
    """
    row = ConsentRecord(
        mailbox_id=mailbox_id,
        topic=topic,
        act=act,
        channel=proof.channel,
        wording_version=proof.wording.version,
        wording=proof.wording.text,
        evidence=proof.evidence,
        message_id=proof.message_id,
        happened_at=proof.happened_at,
        recorded_at=now,
    )
    db.add(row)
    return row


def require_documented(proof: Proof, *, now: datetime) -> None:
    """Refuse what does not show a consent given on paper, by phone or in person.

    Raises:
        NoProof: The way is another one, the evidence is empty, or the day is still
            to come.
    """
    if (
        proof.channel not in DOCUMENTED
        or not proof.evidence.strip()
        or proof.happened_at > now
    ):
        raise NoProof


def history(db: Db, mailbox_id: MailboxId) -> Sequence[ConsentRecord]:
    """Return all records of a mailbox, in the order they were written."""
    rows = db.scalars(
        sa.select(ConsentRecord)
        .where(ConsentRecord.mailbox_id == mailbox_id)
        .order_by(ConsentRecord.id)
    )
    return rows.all()
