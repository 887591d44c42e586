"""A partner's mail becomes a contribution: written down, shown, kindly received.

Who may contribute is whoever speaks for a partner now. From then on it waits for the
coordinator, who gets it in a mail of its own; the sender hears once that it has come,
and what of it could not be taken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.coordination import contributors
from mailer.coordination.dates import Implausible, past_day
from mailer.coordination.office import Office
from mailer.editions.kinds import KINDS
from mailer.editions.models import Edition
from mailer.editions.service import ContributionFacts, service_facts
from mailer.inbound import enclosures, frame, joining
from mailer.inbound.answers import answer
from mailer.inbound.desk import Case, Desk, Effect, lies_with_a_person
from mailer.inbound.forwarding import MAX_ENCLOSED_BYTES
from mailer.logs import LogEvent, log
from mailer.network import contributing, files, quarters
from mailer.network.contributing import Offered
from mailer.network.files import Checked, Enclosed, Limits, Unfit
from mailer.network.kinds import ContributionKind
from mailer.network.models import Contribution, ContributionFile
from mailer.network.states import ContributionState
from subscribers import mailboxes, partners
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mailer.inbound.offering import Offer
    from mailer.inbound.reading import Message
    from subscribers.address import EmailAddress
    from subscribers.database import Db
    from subscribers.models import Mailbox, PartnerContact

FOLDER: Final = "contribution_received"

_TITLE: Final = "netzwerk-info"
"""How the subject of an update begins, for programs that lose the references."""


def speaker(db: Db, sender: EmailAddress | None) -> PartnerContact | None:
    """Return who speaks for a partner at the address of *sender*; None if nobody."""
    mailbox = mailboxes.find(db, sender) if sender is not None else None
    contacts = partners.open_contacts(db, mailbox) if mailbox is not None else ()
    return next(iter(contacts), None)


def answers_update(db: Db, message: Message) -> bool:
    """Tell whether *message* answers a network update."""
    titled = frame.subject(message.subject)
    if titled.is_answer and titled.text.lower().startswith(_TITLE):
        return True
    numbers = [
        int(one.removeprefix("edition/"))
        for one in joining.occasions(db, message)
        if one.startswith("edition/")
    ]
    kinds = db.scalars(sa.select(Edition.kind).where(Edition.id.in_(numbers)))
    return any(KINDS[one].topic is Topic.NETWORK_UPDATES for one in kinds)


def take(db: Db, desk: Desk, case: Case) -> Effect | None:
    """Write down what a partner contributes; None if a person has to decide."""
    speaks, message = speaker(db, case.sender), case.message
    if speaks is None or message is None:
        return None
    enclosed = enclosures.enclosed(message, case.content)
    taken, notes = _checked(enclosed, Limits.of(desk.settings))
    quarter = _quarter(desk, case)
    fresh: list[Contribution] = []
    known: list[Contribution] = []
    for number, offer in enumerate(case.classified.offered):
        offered = _offered(db, desk, case, offer, speaks)
        # One file may come with a mail; it belongs to what stands first.
        offered = replace(offered, files=() if number else taken)
        same = contributing.find_same(db, offered, quarter)
        row = contributing.enter(db, offered, quarter, now=case.now)
        fresh += [row] if row is not None else []
        known += [same] if same is not None else []
    if _receive(db, desk, speaks.mailbox, case, _told(fresh, known, notes)):
        for one in _undescribed(fresh):
            one.asked_at = case.now
    for row in fresh:
        _show(db, desk, row, case)
    return Effect.CONTRIBUTED if fresh else Effect.CONTRIBUTED_BEFORE


def describe(db: Db, desk: Desk, case: Case) -> Effect | None:
    """Take what the last picture of the sender shows; None if it waits for nothing."""
    speaks = speaker(db, case.sender)
    if speaks is None:
        return None
    row = db.scalars(
        sa.select(Contribution)
        .join(ContributionFile)
        .where(
            Contribution.mailbox_id == speaks.mailbox_id,
            Contribution.state.in_(
                (ContributionState.WAITING, ContributionState.ACCEPTED)
            ),
            ContributionFile.description == "",
        )
        .order_by(Contribution.id.desc())
        .limit(1)
    ).first()
    if row is None or not contributing.describe(row, case.classified.describes):
        return None
    facts = replace(contributors.facts_of(row), is_described=True)
    _receive(db, desk, speaks.mailbox, case, facts)
    _show(db, desk, row, case)
    return Effect.DESCRIBED


def tell_too_large(db: Db, desk: Desk, case: Case) -> None:
    """Tell a partner that nobody could read what she sent.

    Not in a mailbox that a person reads too: it may be for her.
    """
    speaks = speaker(db, case.sender)
    if speaks is None or lies_with_a_person(desk, case.incoming):
        return
    most = files.size(Limits.of(desk.settings).most)
    note = f"Eine Datei darf höchstens {most} groß sein."
    facts = replace(
        service_facts(desk.settings),
        contribution=ContributionFacts("", "", notes=(note,)),
    )
    answer(db, desk, "contribution_too_large", speaks.mailbox, case, facts=facts)


def _checked(
    enclosed: Sequence[Enclosed], limits: Limits
) -> tuple[tuple[Checked, ...], tuple[str, ...]]:
    """Return the file that is taken, and what is said of the others."""
    found = [files.check(one, limits) for one in enclosed]
    fit = [one for one in found if isinstance(one, Checked)]
    notes = [one.why for one in found if isinstance(one, Unfit)]
    notes += [
        f"Die Datei „{one.name}“ haben wir nicht genommen: Zu einer Meldung gehört "
        "eine Datei. Bitte schicken Sie sie mit einer eigenen Meldung."
        for one in fit[1:]
    ]
    return tuple(fit[:1]), tuple(notes)


def _told(
    fresh: Sequence[Contribution], known: Sequence[Contribution], notes: tuple[str, ...]
) -> ContributionFacts:
    """Return what the sender is told."""
    return replace(
        contributors.facts_of((*fresh, *known)[0]),
        is_known=not fresh,
        notes=notes,
        wants_description=bool(_undescribed(fresh)),
    )


def _undescribed(rows: Sequence[Contribution]) -> list[ContributionFile]:
    return [one for row in rows for one in row.files if not one.is_shown]


def _offered(
    db: Db, desk: Desk, case: Case, offer: Offer, speaks: PartnerContact
) -> Offered:
    """Return what is written down of one contribution in a mail."""
    meeting = None
    if offer.kind is ContributionKind.RESULT:
        zone = desk.settings.series[0].zone
        day = _day(offer, case.now.astimezone(zone).date())
        meeting = contributing.meeting_of_result(db, day, zone=zone, now=case.now)
    message_id = case.message.message_id if case.message is not None else None
    return Offered(
        offer.kind,
        offer.said.text,
        title=offer.said.title,
        partner_id=speaks.partner_id,
        mailbox_id=speaks.mailbox_id,
        meeting_id=meeting.id if meeting is not None else None,
        participants=offer.said.participants,
        message_id=message_id[:998] if message_id else None,
        description=offer.said.description,
    )


def _day(offer: Offer, today: date) -> date | None:
    """Return the day of the meeting that a result names; None if nobody can tell."""
    try:
        return past_day(offer.about, today=today)
    except Implausible:
        return None


def _quarter(desk: Desk, case: Case) -> date:
    """Return the quarter whose update tells what comes now."""
    today = case.now.astimezone(desk.settings.series[0].zone).date()
    return quarters.quarter_of(today)


def _receive(
    db: Db, desk: Desk, mailbox: Mailbox, case: Case, told: ContributionFacts
) -> bool:
    """Tell the sender what became of it; False if she had such an answer today."""
    case.incoming.mailbox_id = mailbox.id
    facts = replace(service_facts(desk.settings), contribution=told)
    return answer(db, desk, FOLDER, mailbox, case, facts=facts)


def _show(db: Db, desk: Desk, row: Contribution, case: Case) -> None:
    """Show the coordinator what waits for her word."""
    office = Office(desk.press, desk.keys)
    fits = len(case.content) <= MAX_ENCLOSED_BYTES
    brought_by = (case.incoming.id, case.content if fits else None)
    contributors.show(db, office, row, brought_by=brought_by, now=case.now)
    log(LogEvent.CONTRIBUTION_OFFERED, contribution=row.id, files=len(row.files))
