"""Who stands in for the coordinator: named by her, told so, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.coordination import drafts, letters, rights
from mailer.coordination.letters import Envelope
from mailer.coordination.matter import open_editions
from mailer.coordination.models import Deputy
from mailer.errors import PlanRefused
from mailer.german import short_day
from subscribers import mailboxes
from subscribers.address import EmailAddress

if TYPE_CHECKING:
    from datetime import date

    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from subscribers.database import Db
    from subscribers.models import Mailbox


_NAMED: Final = (
    "{name} hat Sie als Vertretung genannt, {span}. Sie bekommen ab jetzt die Entwürfe "
    "der Einladungen, und Ihre Antworten gelten wie die eigenen. Möchten Sie das "
    "nicht, sagen Sie es bitte {name}, Telefon {phone}."
)


def name_deputy(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Let somebody get the drafts too, and answer them.

    Raises:
        PlanRefused: It is herself, whoever must agree, or our own mailbox.
    """
    address = EmailAddress.parse(instruction.address)
    settings, now = matter.office.settings, matter.now
    if address.canonical in _not_to_be_named(matter):
        raise PlanRefused(
            f"{address.text} kann Sie nicht vertreten: Diese Adresse gehört Ihnen, dem "
            "Programm oder der Person, die mit freigibt."
        )
    until = instruction.until
    if until is not None and until < matter.office.today(now):
        raise PlanRefused(f"Der {short_day(until)} ist schon vorbei.")
    mailbox = mailboxes.get_or_add(
        db, address, key=matter.office.keys.fingerprint_key, now=now
    )
    known = {
        one.mailbox_id: one for one in rights.active_deputies(db, settings, now=now)
    }
    if mailbox.id in known:
        known[mailbox.id].until_on = until
        matter.said.append(f"{address.text} vertritt Sie jetzt {_span(until)}.")
        return
    deputy = Deputy(mailbox_id=mailbox.id, since_at=now, until_on=until)
    db.add(deputy)
    db.flush()
    _tell(db, matter, deputy, mailbox)
    matter.said.append(
        f"{address.text} vertritt Sie {_span(until)}: Entwürfe gehen auch dorthin, und "
        "Antworten von dort gelten wie Ihre. „Vertretung beenden“ beendet das."
    )


def end_deputies(db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Let nobody stand in for the coordinator any more."""
    found = rights.active_deputies(db, matter.office.settings, now=matter.now)
    for one in found:
        one.ended_at = matter.now
    db.flush()
    matter.said.append(
        "Die Vertretung ist beendet; Entwürfe gehen wieder nur an Sie."
        if found
        else "Es gibt zurzeit keine Vertretung."
    )


def _not_to_be_named(matter: Matter) -> set[str]:
    settings = matter.office.settings
    ours = [
        settings.coordinator.email,
        settings.coordinator.second_release,
        settings.inbox_address,
        settings.sender.address,
    ]
    return {one.canonical for one in ours if one is not None}


def _tell(db: Db, matter: Matter, deputy: Deputy, mailbox: Mailbox) -> None:
    """Owe the deputy a word, and every draft that waits."""
    office, now = matter.office, matter.now
    name, phone = office.settings.coordinator.name, office.settings.coordinator.phone
    facts = {
        "title": f"Sie vertreten {name}",
        "said": [_NAMED.format(name=name, span=_span(deputy.until_on), phone=phone)],
        "items": (),
        "rows": (),
    }
    letter = letters.compose(office, "result", facts, None)
    envelope = Envelope(f"deputy/{deputy.id}", None)
    letters.owe(db, office, mailbox, letter, envelope, now=now)
    for edition in open_editions(db):
        draft = drafts.look(db, office, edition, now=now)
        if draft.digest == edition.draft_digest:
            drafts.show(db, office, edition, draft, mailbox, now=now)


def _span(until: date | None) -> str:
    return f"bis zum {short_day(until)}" if until else "bis auf Weiteres"
