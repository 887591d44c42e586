"""Partners: organisations, and the people and mailboxes that speak for them.

One contact who leaves ends nothing for the others; a mailbox goes quiet only when
nobody who reads it is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from subscribers import people, subscription
from subscribers.errors import AmbiguousPerson, UnknownPerson
from subscribers.models import (
    Mailbox,
    Partner,
    PartnerContact,
)
from subscribers.states import PartnerState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from subscribers.consent import Proof
    from subscribers.database import Db
    from subscribers.models import MailboxId, PartnerId
    from subscribers.people import Entered, Newcomer


@dataclass(frozen=True, slots=True)
class Delegate:
    """Somebody to be entered as speaking for a partner.

    Attributes:
        newcomer: Who; name None for a shared mailbox such as info@.
        role: What she does there, in her own words; None if unknown.
        basis: Legal basis or consent, in words.
    """

    newcomer: Newcomer
    role: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is entered about an organisation, for one of its mailboxes.

    Attributes:
        people: Who speaks for it there and elsewhere, "Hans Muster, Leitung".
    """

    organisation: str
    field_of_work: str
    people: tuple[str, ...]


def entries(
    db: Db, mailbox_ids: Sequence[MailboxId]
) -> dict[MailboxId, tuple[Entry, ...]]:
    """Return for whom somebody speaks in these mailboxes, ordered by name."""
    if not mailbox_ids:
        return {}
    contacts = db.scalars(
        sa.select(PartnerContact)
        .join(Partner)
        .options(selectinload(PartnerContact.partner).selectinload(Partner.contacts))
        .where(
            PartnerContact.mailbox_id.in_(mailbox_ids),
            PartnerContact.left_at.is_(None),
            Partner.state != PartnerState.LEFT,
        )
        .order_by(Partner.organisation, PartnerContact.id)
    )
    found: dict[MailboxId, dict[PartnerId, Entry]] = {}
    for one in contacts:
        found.setdefault(one.mailbox_id, {})[one.partner_id] = _entry(one.partner)
    return {number: tuple(known.values()) for number, known in found.items()}


def _entry(partner: Partner) -> Entry:
    speaking = [one for one in partner.contacts if one.left_at is None]
    people = (
        ", ".join(part for part in (one.name, one.role) if part) for one in speaking
    )
    return Entry(
        partner.organisation,
        partner.field_of_work,
        tuple(dict.fromkeys(one for one in people if one)),
    )


def find(db: Db, organisation: str) -> Partner | None:
    """Return the partner called *organisation*, whatever its capitals, or None."""
    # Partners are some dozens, and lower() of SQLite knows no umlauts.
    names = db.execute(sa.select(Partner.id, Partner.organisation))
    found = next((number for number, name in names if _same(name, organisation)), None)
    return db.get(Partner, found) if found is not None else None


def get(db: Db, organisation: str) -> Partner:
    """Return the partner called *organisation*.

    Raises:
        UnknownPerson: There is none.
    """
    partner = find(db, organisation)
    if partner is None:
        raise UnknownPerson(organisation)
    return partner


def everybody(db: Db) -> Sequence[Partner]:
    """Return all partners with their contacts, ordered by name."""
    rows = db.scalars(
        sa.select(Partner)
        .options(selectinload(Partner.contacts))
        .order_by(Partner.organisation)
    )
    return rows.all()


def get_or_add(
    db: Db,
    organisation: str,
    field_of_work: str,
    *,
    now: datetime,
    state: PartnerState = PartnerState.ACTIVE,
) -> Partner:
    """Return the partner called *organisation*; add it if it is new.

    A partner that is known keeps its field of work and its state.
    """
    known = find(db, organisation)
    if known is not None:
        return known
    partner = Partner(
        organisation=organisation,
        field_of_work=field_of_work,
        state=state,
        created_at=now,
    )
    db.add(partner)
    db.flush()
    return partner


def enter(
    db: Db, partner: Partner, delegate: Delegate, *, key: bytes, now: datetime
) -> Entered:
    """Enter somebody who speaks for *partner*; who has left stays out.

    Only an own wish (``Newcomer.own_wish``) brings a former contact back, and nobody
    comes in for a partner that has left.

    Raises:
        Suppressed: The address must not be written to; it is not stored either.
        NoProof: See ``subscription.join``.
    """
    newcomer = delegate.newcomer
    mailbox = people.admit(db, newcomer.address, key=key, now=now)
    known = _known(db, partner, mailbox, newcomer.name)
    has_left = known is not None and known.left_at is not None
    if partner.state is PartnerState.LEFT or (has_left and not newcomer.own_wish):
        stays_out = dict.fromkeys(newcomer.topics, subscription.Joined.STAYS_OUT)
        return people.Entered(mailbox, is_new=False, joined=stays_out)
    if known is not None and has_left:
        known.left_at = None
        known.since_at = now
    if known is None:
        db.add(_contact_row(partner, mailbox, delegate, now=now))
        if newcomer.style is not None:
            mailbox.style = newcomer.style
    db.flush()
    joined = people.join_all(db, mailbox, newcomer, now=now)
    return people.Entered(mailbox, is_new=known is None, joined=joined)


def open_contacts(db: Db, mailbox: Mailbox) -> Sequence[PartnerContact]:
    """Return who speaks for a partner at *mailbox*, oldest first."""
    rows = db.scalars(
        sa.select(PartnerContact)
        .join(Partner)
        .where(
            PartnerContact.mailbox_id == mailbox.id,
            PartnerContact.left_at.is_(None),
            Partner.state != PartnerState.LEFT,
        )
        .order_by(PartnerContact.id)
    )
    return rows.all()


def get_contact(
    db: Db, mailbox: Mailbox, *, organisation: str | None, name: str | None
) -> PartnerContact:
    """Return the one contact at *mailbox* who is meant.

    Args:
        db: An open transaction.
        mailbox: Where the contact reads.
        organisation: Narrows the choice; None for any.
        name: Narrows the choice; None for any.

    Raises:
        UnknownPerson: Nobody fits.
        AmbiguousPerson: Several fit.
    """
    fitting = [
        row
        for row in open_contacts(db, mailbox)
        if (organisation is None or _same(row.partner.organisation, organisation))
        and (name is None or _same(row.name or "", name))
    ]
    if not fitting:
        raise UnknownPerson(name or organisation or mailbox.address or "")
    if len(fitting) > 1:
        raise AmbiguousPerson(
            mailbox.address or "",
            tuple(
                f"{row.name or 'ohne Namen'}, {row.partner.organisation}"
                for row in fitting
            ),
        )
    return fitting[0]


def end_contact(
    db: Db, going: PartnerContact, proof: Proof, *, now: datetime
) -> tuple[Topic, ...]:
    """Let one contact go; return the topics that end because nobody reads them now.

    The partners' news end with the last contact at the mailbox; everything ends if
    no resident reads it either.
    """
    going.left_at = now
    db.flush()
    mailbox = going.mailbox
    if open_contacts(db, mailbox):
        return ()
    ending = tuple(Topic)
    if people.find(db, mailbox) is not None:
        ending = (Topic.NETWORK_UPDATES,)
    return subscription.end_open(db, mailbox, ending, proof, now=now)


def leave(
    db: Db, partner: Partner, proof: Proof, *, now: datetime
) -> list[PartnerContact]:
    """Let a whole partner go; return the contacts who went with it."""
    leaving = [row for row in partner.contacts if row.left_at is None]
    for row in leaving:
        end_contact(db, row, proof, now=now)
    partner.state = PartnerState.LEFT
    db.flush()
    return leaving


def rename(db: Db, partner: Partner, organisation: str) -> None:
    """Give *partner* another name.

    Raises:
        AmbiguousPerson: Another partner has it.
    """
    other = find(db, organisation)
    if other is not None and other.id != partner.id:
        raise AmbiguousPerson(organisation, (other.organisation, partner.organisation))
    partner.organisation = organisation


def set_state(partner: Partner, state: PartnerState) -> None:
    """Note that *partner* rests, or is back; subscriptions stay as they are."""
    partner.state = state


def _known(
    db: Db, partner: Partner, mailbox: Mailbox, name: str | None
) -> PartnerContact | None:
    """Return the row of this contact; NULL names are equal here, unlike in SQL."""
    rows = db.scalars(
        sa.select(PartnerContact).where(
            PartnerContact.partner_id == partner.id,
            PartnerContact.mailbox_id == mailbox.id,
        )
    )
    return next((row for row in rows if _same(row.name or "", name or "")), None)


def _contact_row(
    partner: Partner, mailbox: Mailbox, delegate: Delegate, *, now: datetime
) -> PartnerContact:
    return PartnerContact(
        partner=partner,
        mailbox=mailbox,
        name=delegate.newcomer.name,
        role=delegate.role,
        basis=delegate.basis,
        since_at=now,
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
