"""Who speaks for a partner: somebody leaves, somebody follows, if she says so.

A mail that says so changes nothing by itself. It becomes a task: she is shown what it
says, with the words that would do it, and answers in them or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.coordination import letters, rights
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.letters import Envelope
from mailer.coordination.seals import Seal
from mailer.errors import PlanRefused
from mailer.german import and_list
from mailer.logs import LogEvent
from mailer.network.quarters import quarter_of
from mailer.outbox.models import FrozenLetter
from subscribers import partners
from subscribers.address import EmailAddress
from subscribers.consent import Proof
from subscribers.errors import Suppressed
from subscribers.models import ConsentChannel, PartnerContact
from subscribers.partners import Delegate
from subscribers.people import Newcomer
from subscribers.tokens import Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from mailer.coordination.office import Office
    from subscribers.database import Db
    from subscribers.models import Partner

OCCASION: Final = "departure/"
"""How the occasions of these letters begin; contact and quarter follow."""

WHICH: Final = (
    "Welche Einrichtung meinen Sie? Bitte antworten Sie auf die E-Mail, die von dieser "
    "Person spricht."
)
UNCLEAR: Final = (
    "Wer spricht nicht mehr für die Einrichtung? Bitte schreiben Sie „Ausgeschieden:“ "
    "und den Namen. Soll alles bleiben, brauchen Sie nicht zu antworten."
)


def seal_of(partner: Partner) -> Seal:
    """Return the seal of what is said about who speaks for *partner*."""
    return Seal(Purpose.PARTNER, partner.id)


def show(
    db: Db,
    office: Office,
    going: PartnerContact,
    *,
    following: str,
    enclosed: bytes | None,
    now: datetime,
) -> bool:
    """Owe the coordinator the question whether somebody has left, once a quarter.

    Args:
        following: An address that the mail names; empty if none or several.
        enclosed: The mail itself; None if it is too large.

    Returns:
        False if she was asked before.
    """
    quarter = quarter_of(office.today(now))
    occasion = f"{OCCASION}{going.id}.{quarter.isoformat()}"
    had = sa.select(FrozenLetter.occasion).where(
        FrozenLetter.occasion.startswith(occasion)
    )
    if db.scalars(had.limit(1)).first() is not None:
        return False
    partner = going.partner
    seal = seal_of(partner)
    facts = {
        "organisation": partner.organisation,
        "who": who(going),
        "others": [who(one) for one in _open(partner) if one.id != going.id],
        "following": following,
        "leave": f"Ausgeschieden: {going.name or going.mailbox.address}",
        "follow": f"Nachfolge: Vorname Nachname, {following or 'name@haus.example'}",
        "is_enclosed": enclosed is not None,
    }
    letter = letters.compose(office, "departure", facts, seal)
    known = rights.roles(db, office.settings, now=now)
    for mailbox in rights.recipients(db, office, now=now):
        if K.DEPART in rights.MAY[known[mailbox.canonical or ""]]:
            envelope = Envelope(f"{occasion}/{mailbox.id}", seal, enclosed=enclosed)
            letters.owe(db, office, mailbox, letter, envelope, now=now)
    return True


def depart(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Let somebody speak no more for the partner; all others stay.

    Raises:
        PlanRefused: Nobody knows who is meant.
    """
    partner = _meant(matter)
    going = _going(partner, instruction.name)
    name = who(going)
    partners.end_contact(db, going, _proof(matter), now=matter.now)
    matter.note(LogEvent.PARTNER_CHANGED, partner=partner.id)
    matter.said.append(f"{name} spricht nicht mehr für {partner.organisation}.")
    if not _open(partner):
        matter.said.append(
            "Jetzt hat diese Einrichtung keine Ansprechperson mehr und bekommt keine "
            "Post. „Nachfolge:“ mit Namen und Adresse ändert das."
        )


def succeed(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Enter somebody who follows; she is asked before she gets anything.

    Raises:
        PlanRefused: The address must not be written to.
    """
    partner = _meant(matter)
    address = EmailAddress.parse(instruction.address)
    proof = _proof(matter)
    newcomer = Newcomer(
        address=address,
        name=instruction.name or None,
        style=None,
        topics=(),
        entry=proof,
        own_wish=True,
    )
    delegate = Delegate(newcomer, instruction.role or None, proof.evidence)
    key = matter.office.keys.fingerprint_key
    try:
        entered = partners.enter(db, partner, delegate, key=key, now=matter.now)
    except Suppressed:
        raise PlanRefused(
            f"An {address.text} dürfen wir nicht schreiben: Die Adresse ist gesperrt."
        ) from None
    matter.note(LogEvent.PARTNER_CHANGED, partner=partner.id)
    name = instruction.name or address.text
    if not entered.is_new:
        matter.said.append(f"{name} spricht schon für {partner.organisation}.")
        return
    matter.said.append(
        f"{name} ist für {partner.organisation} eingetragen und wird per E-Mail "
        "gefragt. Bis zum „Ja“ bekommt diese Person sonst nichts."
    )


def who(one: PartnerContact) -> str:
    """Return who speaks for a partner: name and address, or the address alone."""
    address = one.mailbox.address or "gelöscht"
    return f"{one.name} ({address})" if one.name else address


def _meant(matter: Matter) -> Partner:
    if matter.partner is None:
        raise PlanRefused(WHICH)
    return matter.partner


def _going(partner: Partner, name: str) -> PartnerContact:
    """Return who is meant: by name or address, or the only one there is."""
    known = _open(partner)
    wanted = name.casefold()
    fitting = [
        one
        for one in known
        if not wanted or wanted in {(one.name or "").casefold(), one.mailbox.canonical}
    ]
    if len(fitting) == 1:
        return fitting[0]
    names = and_list([who(one) for one in known])
    raise PlanRefused(
        f"Wer ist gemeint? Für {partner.organisation} sprechen: {names}."
        if known
        else f"Für {partner.organisation} spricht schon niemand mehr."
    )


def _open(partner: Partner) -> list[PartnerContact]:
    return [one for one in partner.contacts if one.left_at is None]


def _proof(matter: Matter) -> Proof:
    """Return how it is shown that the coordinator said so."""
    name = matter.office.settings.coordinator.name
    return Proof(
        channel=ConsentChannel.OPERATOR,
        happened_at=matter.now,
        evidence=f"Benannt in einer E-Mail von {name}",
        message_id=matter.message_id,
    )
