"""An answer of the coordinator, from her words to the one mail that answers it.

All in the transaction in which her mail is taken: either everything it says is done and
she is owed the result, or nothing is done and she is owed a question.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.coordination import deeds, drafts, results, rights
from mailer.coordination.kinds import CONTRIBUTING, OF_THE_DRAFT, READING, Unclear
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.matter import Matter
from mailer.coordination.models import Proposal
from mailer.coordination.reading import read_instructions
from mailer.coordination.seals import Seal
from mailer.editions import drafting
from mailer.editions.models import Edition
from mailer.errors import PlanRefused
from mailer.logs import log
from mailer.meetings.models import Meeting
from mailer.network.models import Contribution
from mailer.outbox.models import Delivery
from subscribers import mailboxes
from subscribers.models import Partner
from subscribers.tokens import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.coordination.answer import Answer
    from mailer.coordination.kinds import Instruction
    from mailer.coordination.office import Office
    from mailer.editions.models import EditionId
    from mailer.meetings.models import MeetingId
    from subscribers.database import Db

A_DAY: Final = timedelta(days=1)

MAX_QUESTIONS_A_DAY: Final = 10
"""Questions back to one mailbox: more is a machine that answers ours."""

PROPOSAL_HOLDS: Final = timedelta(days=14)
"""A "Ja" that comes later is answered with a question."""

EMPTY: Final = (
    "In Ihrer Antwort stand kein eigener Text. Bitte schreiben Sie ganz oben, was "
    "geschehen soll."
)
OLD: Final = (
    "Ihre Antwort gehört zu einem früheren Entwurf. Es wurde nichts geändert. Hier ist "
    "der Entwurf, wie er jetzt ist; bitte antworten Sie auf diesen."
)
NOT_YOURS: Final = "Das darf nur {name} sagen: „{what}“."
UNSEALED: Final = (
    "Sie ist keine Antwort auf einen Entwurf; deshalb frage ich zur Sicherheit nach. "
    "Antworten Sie „Ja“, dann gilt:"
)
LATE: Final = (
    "Die Rückfrage, auf die Sie antworten, ist schon älter. Bitte schreiben Sie noch "
    "einmal, was geschehen soll."
)
DONE_BEFORE: Final = "Das ist schon erledigt."
DROPPED: Final = "Gut, dann bleibt alles, wie es ist."


class Answered(StrEnum):
    """What became of an answer."""

    DONE = "done"
    ASKED_BACK = "asked_back"
    IGNORED = "ignored"
    """A machine has been answering our questions all day."""


def take(db: Db, office: Office, answer: Answer, *, now: datetime) -> Answered | None:
    """Do what an answer says and owe its one result; None if it is not for us.

    Args:
        db: The transaction in which the mail is taken.
    """
    settings = office.settings
    role = rights.role_of(db, settings, answer.sender, now=now)
    if role is None:
        return None
    key = office.keys.fingerprint_key
    mailbox = mailboxes.get_or_add(db, answer.sender, key=key, now=now)
    matter = Matter(office, mailbox, role, now)
    matter.enclosed, matter.message_id = answer.enclosed, answer.thread.message_id
    proposal = _turn_to(db, matter, answer.seal)
    if proposal is None and not matter.is_known:
        # Asked of somebody else, or gone: it says as little as no seal.
        answer = replace(answer, seal=None)
    matter.is_sealed = answer.seal is not None
    read = _read(matter, answer, answer.own, answer.subject, at=now)
    if isinstance(read, Unclear):
        return _ask(db, matter, answer, read.reasons or (EMPTY,))
    return _carry(db, matter, answer, read, proposal)


def _read(
    matter: Matter, answer: Answer, own: str, subject: str, *, at: datetime
) -> tuple[Instruction, ...] | Unclear:
    """Return what is said in *own*, days counted from *at*, if she may say it."""
    name = matter.office.settings.coordinator.name
    read = read_instructions(
        own,
        subject=subject,
        signers=f"{name} {answer.signers}",
        today=matter.office.today(at),
    )
    denied = [] if isinstance(read, Unclear) else rights.forbidden(matter.role, read)
    if denied:
        return Unclear((NOT_YOURS.format(name=name, what=denied[0].written),))
    return read


def _carry(
    db: Db,
    matter: Matter,
    answer: Answer,
    read: tuple[Instruction, ...],
    proposal: Proposal | None,
) -> Answered:
    """Do what was read, if it is certain that it is meant as things are now."""
    kinds = {one.kind for one in read}
    if proposal is not None and kinds <= {K.YES, K.RELEASE, K.NO}:
        return _settle(db, matter, answer, proposal, is_yes=K.NO not in kinds)
    if answer.seal is None and not kinds <= READING | CONTRIBUTING:
        return _propose(db, matter, answer, read)
    if kinds & (OF_THE_DRAFT | {K.YES}) and _is_old(db, matter, answer):
        results.show_present(db, matter, answer, [OLD])
        return Answered.ASKED_BACK
    return _do(db, matter, answer, read)


def _turn_to(db: Db, matter: Matter, seal: Seal | None) -> Proposal | None:
    """Let *matter* be about what *seal* names; return the proposal if it is one."""
    if seal is None:
        return None
    match seal.purpose:
        case Purpose.DRAFT:
            matter.edition = db.get(Edition, seal.number)
            if matter.edition is not None:
                matter.meeting = matter.edition.meeting
                matter.edition = _present(db, matter.edition)
        case Purpose.CONTRIBUTION:
            matter.contribution = db.get(Contribution, seal.number)
        case Purpose.PARTNER:
            matter.partner = db.get(Partner, seal.number)
        case _:
            return _turn_to_proposal(db, matter, seal)
    return None


def _turn_to_proposal(db: Db, matter: Matter, seal: Seal) -> Proposal | None:
    """Return the proposal that *seal* names; None if somebody else was asked."""
    proposal = db.get(Proposal, seal.number)
    if proposal is None or proposal.mailbox_id != matter.mailbox.id:
        return None
    matter.edition = db.get(Edition, proposal.edition_id or 0)
    matter.meeting = db.get(Meeting, proposal.meeting_id or 0)
    return proposal


def _present(db: Db, edition: Edition) -> Edition:
    """Return what stands for *edition* now: after a "Stopp" perhaps a new draft."""
    if edition.state in drafting.OPEN:
        return edition
    if edition.meeting is None:
        return drafting.find_open(db, edition.kind, edition.about) or edition
    return drafting.find(db, edition.kind, edition.meeting) or edition


def _is_old(db: Db, matter: Matter, answer: Answer) -> bool:
    """Tell whether the draft now says something else than the one she answers."""
    edition, seal = matter.edition, answer.seal
    if edition is None or seal is None or edition.state not in drafting.OPEN:
        return False
    if seal.purpose is not Purpose.DRAFT:
        return False
    if (seal.number, seal.version) != (edition.id, edition.draft_version):
        return True
    draft = drafts.look(db, matter.office, edition, now=matter.now)
    return draft.digest != edition.draft_digest


def _do(
    db: Db, matter: Matter, answer: Answer, read: Sequence[Instruction]
) -> Answered:
    """Carry out all of it, or nothing; owe the result, or a question."""
    named = (matter.edition, matter.meeting, matter.contribution)
    try:
        with db.begin_nested():
            deeds.carry_out(db, matter, read)
    except PlanRefused as refused:
        matter.edition, matter.meeting, matter.contribution = named
        matter.said.clear()
        return _ask(db, matter, answer, [refused.reason])
    results.tell(db, matter, answer, read)
    for event, fields in matter.events:
        log(event, **fields)
    return Answered.DONE


def _propose(
    db: Db, matter: Matter, answer: Answer, read: tuple[Instruction, ...]
) -> Answered:
    """Ask before anything is done for a mail without a seal; say what would be done."""
    try:
        edition_id, meeting_id = _try_out(db, matter, read)
    except PlanRefused as refused:
        matter.edition = matter.meeting = None
        return _ask(db, matter, answer, [refused.reason])
    # What was made only for the trial is gone with it.
    matter.edition = db.get(Edition, edition_id) if edition_id else None
    matter.meeting = db.get(Meeting, meeting_id) if meeting_id else None
    proposal = Proposal(
        mailbox_id=matter.mailbox.id,
        words="\n\n".join(part for part in (answer.subject, answer.own) if part),
        edition_id=matter.ids[0],
        meeting_id=matter.ids[1],
        created_at=matter.now,
    )
    db.add(proposal)
    db.flush()
    results.ask_back(
        db,
        matter,
        answer,
        [UNSEALED],
        items=matter.said,
        seal=Seal(Purpose.PROPOSAL, proposal.id),
    )
    return Answered.ASKED_BACK


def _try_out(
    db: Db, matter: Matter, read: Sequence[Instruction]
) -> tuple[EditionId | None, MeetingId | None]:
    """Do all of it and undo it; ``matter.said`` tells what would be done.

    Returns:
        Which edition and which meeting it is about.
    """
    trial = db.begin_nested()
    try:
        deeds.carry_out(db, matter, read)
        return matter.ids
    finally:
        trial.rollback()


def _settle(
    db: Db, matter: Matter, answer: Answer, proposal: Proposal, *, is_yes: bool
) -> Answered:
    """Do, or drop, what was asked back; once."""
    if proposal.done_at is not None:
        return _ask(db, matter, answer, [DONE_BEFORE])
    if matter.now - proposal.created_at > PROPOSAL_HOLDS:
        return _ask(db, matter, answer, [LATE])
    if not is_yes:
        proposal.done_at = matter.now
        return _ask(db, matter, answer, [DROPPED])
    read = _read(matter, answer, proposal.words, "", at=proposal.created_at)
    if isinstance(read, Unclear):
        return _ask(db, matter, answer, read.reasons)
    matter.edition = matter.meeting = None
    done = _do(db, matter, answer, read)
    if done is Answered.DONE:
        proposal.done_at = matter.now
        proposal.edition_id, proposal.meeting_id = matter.ids
    return done


def _ask(db: Db, matter: Matter, answer: Answer, reasons: Sequence[str]) -> Answered:
    """Owe a question, unless something has been answering our questions all day."""
    asked = sa.select(sa.func.count()).where(
        Delivery.occasion.startswith(results.QUESTION),
        Delivery.mailbox_id == matter.mailbox.id,
        Delivery.created_at > matter.now - A_DAY,
    )
    if db.execute(asked).scalar_one() >= MAX_QUESTIONS_A_DAY:
        return Answered.IGNORED
    results.ask_back(db, matter, answer, reasons)
    return Answered.ASKED_BACK
