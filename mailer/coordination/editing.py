"""What instructions do to a draft: release it, stop it, give it words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.coordination import drafts, forecast, releasing
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.matter import edition_for
from mailer.coordination.rights import Role
from mailer.editions import drafting
from mailer.editions.states import EditionEvent, EditionState
from mailer.errors import PlanRefused
from mailer.german import and_list
from mailer.logs import LogEvent
from mailer.meetings.states import MeetingState
from mailer.outbox import issuing
from mailer.outbox.composing import refuse_unreadable
from mailer.outbox.models import Delivery

if TYPE_CHECKING:
    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from mailer.editions.models import Edition
    from subscribers.database import Db

S = EditionState


def release(db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Let the draft go out when it is due, if nobody else must agree.

    Raises:
        PlanRefused: Its meeting is off or has begun, or somebody could not read it.
    """
    edition = edition_for(db, matter)
    name = forecast.named(matter.office, edition)
    match edition.state:
        case S.DRAFT:
            _release(db, matter, edition)
        case S.APPROVED:
            matter.said += [f"Die {name} ist schon freigegeben.", _leaves(db, matter)]
        case S.ISSUED | S.CLOSED:
            matter.said.append(f"Die {name} ist schon auf dem Weg.")
        case _:
            _begin_again(db, matter, edition)


def stop(db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Keep what has not left."""
    edition = edition_for(db, matter)
    name = forecast.named(matter.office, edition)
    if edition.state in drafting.OPEN:
        issuing.withdraw(db, edition, now=matter.now)
        matter.note(LogEvent.EDITION_WITHDRAWN, edition=edition.id, skipped=0)
        matter.said.append(
            f"Die {name} ist gestoppt und geht nicht hinaus. Überlegen Sie es sich "
            "anders, antworten Sie „Freigeben“; dann bekommen Sie einen neuen Entwurf."
        )
    elif edition.state is S.ISSUED:
        stopped = issuing.withdraw(db, edition, now=matter.now)
        matter.note(LogEvent.EDITION_WITHDRAWN, edition=edition.id, skipped=stopped)
        left = _deliveries(db, edition) - stopped
        matter.said.append(
            f"Die {name} ist gestoppt. Nicht gesendet wird sie an "
            f"{forecast.people(stopped)}; hinausgegangen war sie schon an "
            f"{forecast.people(left)}."
        )
    elif edition.state is S.CLOSED:
        matter.said.append(
            f"Die {name} ist schon bei allen angekommen; aufzuhalten ist nichts mehr. "
            "„fällt aus“ und „neuer Termin“ erreichen alle, die eingeladen sind."
        )
    else:
        matter.said.append(f"Die {name} ist schon {_how(edition)}.")


def reword(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Give the draft the coordinator's own text, or take it out again.

    Raises:
        PlanRefused: It is frozen or stopped.
    """
    edition = edition_for(db, matter)
    _refuse_fixed(edition)
    recall(matter, edition)
    is_easy = instruction.kind is K.EASY_WORDS
    drafting.reword(
        edition,
        words=None if is_easy else instruction.text,
        easy_words=instruction.text if is_easy else None,
    )
    letter = f"in die {forecast.german(edition)}"
    where = "in die Fassung in Leichter Sprache" if is_easy else letter
    matter.said.append(
        f"Ihr Text ist {where} aufgenommen."
        if instruction.text
        else "Ihr eigener Text ist herausgenommen."
    )


def recall(matter: Matter, edition: Edition) -> None:
    """Let a changed draft wait again: what is released is what she has seen."""
    matter.is_changed = True
    if edition.state is S.APPROVED:
        drafting.move(edition, EditionEvent.RECALL, now=matter.now)
        edition.approved_at = None


def look_again(db: Db, matter: Matter) -> None:
    """Note whether the open draft says something else now, such as one more date."""
    edition = matter.edition
    if edition is not None and edition.state in drafting.OPEN:
        draft = drafts.look(db, matter.office, edition, now=matter.now)
        matter.is_changed |= draft.digest != edition.draft_digest


def _release(db: Db, matter: Matter, edition: Edition) -> None:
    _refuse_off(edition, matter)
    draft = drafts.look(db, matter.office, edition, now=matter.now)
    refuse_unreadable(draft.composed)
    # What she changed in this very mail counts as seen: she wrote it.
    matter.is_changed |= drafts.note(edition, draft)
    is_new = releasing.give(db, edition, matter.mailbox, now=matter.now)
    missing = releasing.missing(db, matter.office.settings, edition)
    if missing:
        noted = "notiert" if is_new else "schon notiert"
        matter.said.append(
            f"Ihre Freigabe ist {noted}. Hinaus geht die "
            f"{forecast.german(edition)} erst, wenn auch "
            f"{and_list(missing)} freigibt."
        )
        return
    drafting.move(edition, EditionEvent.APPROVE, now=matter.now)
    matter.note(LogEvent.EDITION_APPROVED, edition=edition.id)
    matter.said += [
        f"Die {forecast.named(matter.office, edition)} ist freigegeben.",
        _leaves(db, matter),
    ]


def _begin_again(db: Db, matter: Matter, edition: Edition) -> None:
    """Make a new draft of what was stopped; it is to be released anew."""
    how = _how(edition)
    name = forecast.named(matter.office, edition)
    if matter.role is Role.SECOND:
        raise PlanRefused(f"Die {name} ist {how}.")
    _refuse_off(edition, matter)
    matter.edition = drafting.renew(db, edition, now=matter.now)
    matter.is_changed = True
    matter.said.append(
        f"Die {name} war {how}. Hier ist ein neuer Entwurf; bitte geben Sie ihn frei."
    )


def _how(edition: Edition) -> str:
    """Return how an edition ended that was never issued."""
    return "gestoppt" if edition.state is S.WITHDRAWN else "überholt"


def _refuse_fixed(edition: Edition) -> None:
    if edition.state in drafting.OPEN:
        return
    name = forecast.german(edition)
    if edition.state in (S.ISSUED, S.CLOSED):
        raise PlanRefused(
            f"Die {name} ist schon auf dem Weg; ihr Text steht fest. „Stopp“ hält auf, "
            "was noch nicht gesendet ist."
        )
    raise PlanRefused(
        f"Die {name} ist {_how(edition)}. Antworten Sie „Freigeben“, dann bekommen Sie "
        "einen neuen Entwurf."
    )


def _refuse_off(edition: Edition, matter: Matter) -> None:
    meeting = edition.meeting
    if meeting is None:
        return
    if meeting.state is not MeetingState.PLANNED:
        raise PlanRefused(
            "Dieses Treffen fällt aus; dazu wird nicht eingeladen. Soll es doch "
            "stattfinden? Dann antworten Sie „findet doch statt“."
        )
    if meeting.starts_at <= matter.now:
        raise PlanRefused("Dieses Treffen hat schon begonnen.")


def _leaves(db: Db, matter: Matter) -> str:
    edition = edition_for(db, matter)
    return forecast.leaves(db, matter.office, edition, now=matter.now)


def _deliveries(db: Db, edition: Edition) -> int:
    counted = sa.select(sa.func.count()).where(Delivery.occasion == edition.occasion)
    return db.execute(counted).scalar_one()
