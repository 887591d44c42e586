"""The tables about people.

An address stands in one column of one table, ``mailbox.address`` (with its
canonical form beside it); everything else points to the mailbox. So "once per
person" is "once per mailbox", and erasing a person empties one row.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from subscribers.database import Base, UtcDateTime, stored
from subscribers.states import PartnerState, SubscriptionState
from subscribers.topics import LetterStyle, Topic

MailboxId = NewType("MailboxId", int)
PartnerId = NewType("PartnerId", int)
ConfirmTokenId = NewType("ConfirmTokenId", int)


class ConsentAct(StrEnum):
    """What a consent record proves."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    RECORDED = "recorded"
    """Given on paper, by phone or in person, and written down by somebody."""
    WITHDRAWN = "withdrawn"


class ConsentChannel(StrEnum):
    """How a person told us."""

    MAIL = "mail"
    WEB = "web"
    PAPER = "paper"
    PHONE = "phone"
    IN_PERSON = "in_person"
    OPERATOR = "operator"
    """Somebody entered or ended it for her; no act of her own is on record."""


class SuppressionReason(StrEnum):
    """Why nothing may be sent to an address any more."""

    WISH = "wish"
    """The person asked never to be written to again."""
    COMPLAINT = "complaint"
    DEAD = "dead"
    """The mailbox does not exist."""
    FULL = "full"
    """The mailbox has taken nothing for weeks."""
    OPERATOR = "operator"


class ConfirmPurpose(StrEnum):
    """The one thing a confirm token is good for."""

    SUBSCRIBE = "subscribe"
    CHANGE_ADDRESS = "change_address"


class Mailbox(Base):
    """One mailbox in the world, whoever reads it.

    Attributes:
        address: As a person writes it; None once erased.
        canonical: What makes two spellings one mailbox; None once erased.
        fingerprint: Keyed hash of *canonical*, to be compared with the suppression
            list; None once erased.
        style: How its reader wants letters worded; a wish without a reason.
        token_version: Raising it revokes every link sent to this mailbox.
        erased_at: When the person was erased; the row stays, empty.
    """

    __tablename__ = "mailbox"

    id: Mapped[MailboxId] = mapped_column(sa.Integer, primary_key=True)
    address: Mapped[str | None] = mapped_column(String(254))
    canonical: Mapped[str | None] = mapped_column(String(254), unique=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    style: Mapped[LetterStyle] = mapped_column(
        stored(LetterStyle), default=LetterStyle.STANDARD
    )
    token_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Subscriber(Base):
    """A person who reads our letters in a mailbox of her own.

    Attributes:
        name: As she wants to be greeted, "Vorname Nachname"; None if unknown.
    """

    __tablename__ = "subscriber"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    mailbox: Mapped[Mailbox] = relationship(lazy="joined", innerjoin=True)


class Subscription(Base):
    """One mailbox's wish for one topic.

    Attributes:
        resume_on: The local day on which a pause ends by itself; None if it does not.
        reminds: Whether a reminder the day before is welcome.
    """

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("mailbox_id", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"))
    topic: Mapped[Topic] = mapped_column(stored(Topic))
    state: Mapped[SubscriptionState] = mapped_column(stored(SubscriptionState))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resume_on: Mapped[date | None]
    reminds: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    mailbox: Mapped[Mailbox] = relationship()


class ConsentRecord(Base):
    """Proof of one act of consent; written once, never changed (Art. 7(1) DSGVO).

    Attributes:
        wording: The exact words the person saw or heard; empty for a withdrawal.
        wording_version: Which version of them, e.g. "EW-2/1".
        evidence: What shows it: "Liste vom 29. Januar 2026, Blatt 2".
        message_id: Of the mail that carried the act; None on paper and by phone.
        happened_at: When the person acted.
        recorded_at: When we wrote it down.
    """

    __tablename__ = "consent_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"), index=True)
    topic: Mapped[Topic] = mapped_column(stored(Topic))
    act: Mapped[ConsentAct] = mapped_column(stored(ConsentAct))
    channel: Mapped[ConsentChannel] = mapped_column(stored(ConsentChannel))
    wording_version: Mapped[str] = mapped_column(String(40))
    wording: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(String(998))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConfirmToken(Base):
    """A question that waits for its "Ja"; who has the token may answer it, once.

    The token itself is in nobody's database: it stands in the confirm mail.

    Attributes:
        mailbox_id: Who was asked.
        topic: What she asked for; None for a change of address.
        former_mailbox_id: Which mailbox she leaves for this one; None if none.
        digest: SHA-256 of the token, in hexadecimal.
        wording, wording_version: What she is asked to agree to.
        expires_at: After this moment the question is forgotten.
        used_at: When she said yes; None until then.
        name: As she wants to be greeted once she has; None if she did not say.
    """

    __tablename__ = "confirm_token"

    id: Mapped[ConfirmTokenId] = mapped_column(sa.Integer, primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"), index=True)
    purpose: Mapped[ConfirmPurpose] = mapped_column(stored(ConfirmPurpose))
    topic: Mapped[Topic | None] = mapped_column(stored(Topic))
    former_mailbox_id: Mapped[MailboxId | None] = mapped_column(
        ForeignKey("mailbox.id")
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    wording_version: Mapped[str] = mapped_column(String(40))
    wording: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    name: Mapped[str | None] = mapped_column(String(200))


class Suppression(Base):
    """An address that must not be written to, known only by its fingerprint.

    Attributes:
        lifted_at: When it stopped to hold; None while it holds.
    """

    __tablename__ = "suppression"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[SuppressionReason] = mapped_column(stored(SuppressionReason))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Partner(Base):
    """An organisation that works in the network."""

    __tablename__ = "partner"

    id: Mapped[PartnerId] = mapped_column(sa.Integer, primary_key=True)
    organisation: Mapped[str] = mapped_column(String(200), unique=True)
    field_of_work: Mapped[str] = mapped_column(String(200))
    state: Mapped[PartnerState] = mapped_column(
        stored(PartnerState), default=PartnerState.ACTIVE
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    contacts: Mapped[list[PartnerContact]] = relationship(
        back_populates="partner", order_by="PartnerContact.id"
    )


class PartnerContact(Base):
    """A person, or a shared mailbox, that speaks for a partner.

    Attributes:
        name: None for a shared mailbox such as info@.
        role: What the person does there, in her own words.
        basis: Legal basis or consent, in words: "Benannt im Schreiben vom …".
        left_at: When the contact stopped to speak for the partner.
    """

    __tablename__ = "partner_contact"
    __table_args__ = (UniqueConstraint("partner_id", "mailbox_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[PartnerId] = mapped_column(ForeignKey("partner.id"), index=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str | None] = mapped_column(String(200))
    basis: Mapped[str] = mapped_column(Text)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    partner: Mapped[Partner] = relationship(back_populates="contacts")
    mailbox: Mapped[Mailbox] = relationship(lazy="joined", innerjoin=True)


@event.listens_for(ConsentRecord, "before_update")
def _refuse_update(_mapper: object, _connection: object, target: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
    """Keep the proof append-only from Python; the migration adds a trigger."""
    raise TypeError(f"consent record {target.id} cannot be changed")
