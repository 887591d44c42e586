"""What the coordinator does with contributions: hers, and those of partners.

She sees each in a mail of its own, whose seal says which one her answer is about.
Without such a seal nothing is decided, since several may wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.coordination import contributors, editing
from mailer.coordination.kinds import InstructionKind as K
from mailer.errors import PlanRefused
from mailer.german import full_day, sentence, short_day
from mailer.logs import LogEvent
from mailer.network import contributing, files
from mailer.network.contributing import Offered
from mailer.network.kinds import ContributionKind
from mailer.network.quarters import named, quarter_of
from mailer.network.states import ContributionState
from subscribers.errors import ForbiddenTransition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from mailer.meetings.models import Meeting
    from mailer.network.files import Checked
    from mailer.network.models import Contribution
    from subscribers.database import Db

S = ContributionState

KINDS: Final[Mapping[K, ContributionKind]] = {
    K.NEWS: ContributionKind.NEWS,
    K.RESULT: ContributionKind.RESULT,
    K.QUESTION: ContributionKind.QUESTION,
}

WHICH: Final = (
    "Welche Meldung meinen Sie? Bitte antworten Sie auf die E-Mail, in der sie steht."
)

UNSEALED: Final = (
    "Ihre E-Mail war keine Antwort auf eine von uns; deshalb frage ich zur Sicherheit "
    "nach. Antworten Sie „Übernehmen“, dann kommt sie in die Netzwerk-Info."
)

_OVER: Final[Mapping[ContributionState, str]] = {
    S.TOLD: "Diese Meldung stand schon in einer Netzwerk-Info; daran ist nichts mehr "
    "zu ändern.",
    S.LAPSED: "Diese Meldung hat zwei Netzwerk-Infos lang gewartet und ist verfallen. "
    "Schreiben Sie sie mit „Meldung:“ neu, wenn sie noch gilt.",
    S.DECLINED: "Diese Meldung ist schon abgelehnt.",
}


def take(_db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Let a contribution come into the update as it is.

    Raises:
        PlanRefused: Nobody knows which one, or it is too late.
    """
    row = _meant(matter)
    if row.state is S.ACCEPTED:
        matter.said.append(f"{contributors.named(row)} ist schon übernommen.")
        return
    _decided(matter, row, lambda: contributing.accept(row, now=matter.now))
    matter.said.append(f"{contributors.named(row)} ist übernommen. {_where(row)}")
    _mind_files(matter, row)


def shorten(_db: Db, matter: Matter, instruction: Instruction) -> None:
    """Let a contribution come into the update in her words.

    Raises:
        PlanRefused: Nobody knows which one, or it is too late.
    """
    row = _meant(matter)
    text = instruction.text
    _decided(matter, row, lambda: contributing.shorten(row, text, now=matter.now))
    matter.said.append(
        f"{contributors.named(row)} ist mit Ihrem Text übernommen. {_where(row)}"
    )
    _mind_files(matter, row)


def decline(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Leave a contribution out; who sent it is told if she gave a reason for it.

    Raises:
        PlanRefused: Nobody knows which one, or it is too late.
    """
    row = _meant(matter)
    _decided(matter, row, lambda: contributing.decline(row, now=matter.now))
    matter.said.append(
        f"{contributors.named(row)} ist abgelehnt und kommt nicht in die Netzwerk-Info."
    )
    if not instruction.reason:
        matter.said.append("Wer sie geschickt hat, bekommt keine Nachricht.")
        return
    reason = sentence(instruction.reason)
    told = contributors.tell_declined(db, matter.office, row, reason, now=matter.now)
    matter.said.append(
        f"Ihr Grund geht an {told}."
        if told
        else "Ihr Grund geht an niemanden: Es ist keine Adresse bekannt."
    )


def attach(_db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Let the files of a contribution go with the letter.

    Raises:
        PlanRefused: It has none, or they are too large for a letter.
    """
    row = _meant(matter)
    most = files.Limits.of(matter.office.settings).most_attached
    if not row.files:
        raise PlanRefused("Zu dieser Meldung gehört keine Datei.")
    for one in row.files:
        if not one.is_shown:
            raise PlanRefused(
                "Das Bild hat noch keine Beschreibung. Schreiben Sie „Bild:“ und was "
                "es zeigt, dann kann es mit hinaus."
            )
        if one.size > most:
            raise PlanRefused(
                f"„{one.name}“ ist zu groß für den Brief: {files.size(one.size)}, "
                f"möglich sind {files.size(most)}. {_elsewhere(matter)}"
            )
        one.is_attached = True
    matter.said.append("Die Datei geht mit der Netzwerk-Info hinaus.")
    if row.state is not S.ACCEPTED:
        matter.said.append("Die Meldung selbst wartet noch auf Ihr „Übernehmen“.")


def detach(_db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Forget the files of a contribution.

    Raises:
        PlanRefused: Nobody knows which one, or it has none.
    """
    row = _meant(matter)
    if not row.files:
        raise PlanRefused("Zu dieser Meldung gehört keine Datei.")
    if row.state is S.TOLD:
        raise PlanRefused(_OVER[S.TOLD])
    row.files.clear()
    matter.said.append("Die Datei ist gelöscht; der Text bleibt.")


def describe(_db: Db, matter: Matter, instruction: Instruction) -> None:
    """Say in her words what the picture of a contribution shows.

    Raises:
        PlanRefused: Nobody knows which one, or it has no picture.
    """
    row = _meant(matter)
    if not contributing.describe(row, instruction.text):
        raise PlanRefused("Zu dieser Meldung gehört kein Bild.")
    matter.said.append("Das Bild hat jetzt diese Beschreibung.")


def contribute(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Write down a contribution of her own; without a seal it waits for her word.

    Raises:
        PlanRefused: It is known already, its file is not taken, or there was no meeting
            on the day she names.
    """
    meeting = _meeting(db, matter, instruction)
    offered = Offered(
        KINDS[instruction.kind],
        instruction.text,
        title=instruction.title,
        mailbox_id=matter.mailbox.id,
        meeting_id=meeting.id if meeting is not None else None,
        participants=instruction.participants,
        message_id=matter.message_id,
        files=_files(matter),
    )
    quarter = quarter_of(matter.office.today(matter.now))
    row = contributing.enter(db, offered, quarter, now=matter.now)
    if row is None:
        raise PlanRefused("Diese Meldung liegt schon vor, mit denselben Worten.")
    matter.enclosed = ()  # the files of a mail belong to the first contribution in it
    matter.note(
        LogEvent.CONTRIBUTION_OFFERED, contribution=row.id, files=len(row.files)
    )
    matter.contribution = row
    if not matter.is_sealed:
        matter.said.append(f"{_noted(row, meeting, matter)} {UNSEALED}")
        return
    _decided(matter, row, lambda: contributing.accept(row, now=matter.now))
    matter.said.append(f"{_noted(row, meeting, matter)} {_where(row)}")
    editing.look_again(db, matter)


def _files(matter: Matter) -> list[Checked]:
    """Return the file with her mail, as it may be kept."""
    if len(matter.enclosed) > 1:
        raise PlanRefused(
            "Zu einer Meldung gehört eine Datei; an Ihrer E-Mail hängen "
            f"{len(matter.enclosed)}. Bitte schicken Sie die anderen mit einer eigenen "
            "Meldung."
        )
    limits = files.Limits.of(matter.office.settings)
    found = [files.check(one, limits) for one in matter.enclosed]
    for one in found:
        if isinstance(one, files.Unfit):
            raise PlanRefused(one.why)
    return [one for one in found if isinstance(one, files.Checked)]


def _meeting(db: Db, matter: Matter, instruction: Instruction) -> Meeting | None:
    """Return the meeting that a result is of; None for everything else."""
    if instruction.kind is not K.RESULT:
        return None
    meeting = contributing.meeting_of_result(
        db, instruction.day, zone=matter.office.zone, now=matter.now
    )
    if meeting is None and instruction.day is not None:
        raise PlanRefused(f"Am {full_day(instruction.day)}, war kein Treffen.")
    return meeting


def _meant(matter: Matter) -> Contribution:
    if matter.contribution is None:
        raise PlanRefused(WHICH)
    return matter.contribution


def _decided(matter: Matter, row: Contribution, decide: Callable[[], None]) -> None:
    """Let her decision hold, if it is not too late for it."""
    try:
        decide()
    except ForbiddenTransition:
        raise PlanRefused(_OVER[row.state]) from None
    matter.note(LogEvent.CONTRIBUTION_DECIDED, contribution=row.id)


def _mind_files(matter: Matter, row: Contribution) -> None:
    """Say what becomes of the files of a contribution that is taken."""
    for one in row.files:
        if not one.is_shown:
            matter.said.append(
                f"„{one.name}“ bleibt weg, solange niemand sagt, was das Bild zeigt. "
                "Sie können das selbst: „Bild:“ und die Beschreibung."
            )
        elif not one.is_attached:
            matter.said.append(
                f"„{one.name}“ geht nicht mit hinaus. {_elsewhere(matter)} „Anhang "
                "anhängen“ schickt die Datei mit."
            )


def _elsewhere(matter: Matter) -> str:
    """Return how readers come to a file that does not go with the letter."""
    if matter.office.settings.web_base_url:
        return "Im Brief steht ein Link zu ihr."
    return "Im Brief steht, dass es sie gibt."


def _noted(row: Contribution, meeting: Meeting | None, matter: Matter) -> str:
    """Return that her own contribution is written down, in one sentence."""
    if row.kind is ContributionKind.QUESTION:
        return "Ihre Frage an die Partner ist notiert."
    if row.kind is ContributionKind.NEWS:
        return "Ihre Meldung ist notiert."
    if meeting is None:
        return "Ihr Ergebnis ist notiert."
    day = meeting.starts_at.astimezone(matter.office.zone).date()
    counted = (
        f", mit {row.participants} Teilnehmenden"
        if row.participants is not None
        else ""
    )
    return f"Ihr Ergebnis zum Treffen am {short_day(day)} ist notiert{counted}."


def _where(row: Contribution) -> str:
    return f"Das steht in der Netzwerk-Info über {named(row.quarter)}."
