"""What came of incoming mail and still counts: answers given, failures reported."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mailer.inbound.models import IncomingId
from mailer.outbox.models import DeliveryId
from subscribers.database import Base, UtcDateTime
from subscribers.models import MailboxId


class Answer(Base):
    """One automatic answer, so that nobody gets two of a kind in a day.

    Attributes:
        mailbox_id: Who got it.
        kind: Which answer, the name of its folder of templates.
        incoming_id: Which mail it answers; None if the program wrote by itself.
    """

    __tablename__ = "answer"
    __table_args__ = (Index("ix_answer_mailbox_id_kind", "mailbox_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"))
    kind: Mapped[str] = mapped_column(String(40))
    incoming_id: Mapped[IncomingId | None] = mapped_column(ForeignKey("incoming.id"))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Failure(Base):
    """One report that a mailbox did not take a letter; the person has done nothing.

    Attributes:
        delivery_id: Which letter came back.
        severity: "hard" or "soft"; nothing else is ever counted.
        status: The enhanced status code, "5.1.1"; empty if the report had none.
    """

    __tablename__ = "failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"), index=True)
    delivery_id: Mapped[DeliveryId] = mapped_column(
        ForeignKey("delivery.id"), unique=True
    )
    severity: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
