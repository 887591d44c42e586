"""The one mail that answers an answer: what happens now, and what can be said next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mailer.coordination import (
    contributors,
    delegates,
    drafts,
    forecast,
    letters,
    rights,
)
from mailer.coordination.deeds import OF_A_CONTRIBUTION
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.letters import Envelope
from mailer.editions import drafting
from mailer.editions.states import EditionState
from mailer.german import short_day
from mailer.meetings.states import MeetingState
from subscribers import mailboxes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from mailer.coordination.answer import Answer
    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from mailer.coordination.seals import Seal
    from mailer.rendering.letter import Letter
    from subscribers.database import Db

RESULT: Final = "result/"
QUESTION: Final = "question/"
"""How the occasions of these letters begin; the number of the incoming mail follows."""

TITLES: Final[Mapping[K, str]] = {
    K.RELEASE: "Ihre Freigabe: {edition}",
    K.YES: "Ihre Freigabe: {edition}",
    K.STOP: "Gestoppt: {edition}",
    K.WORDS: "Ihr Text: {edition}",
    K.EASY_WORDS: "Ihr Text: {edition}",
    K.VENUE: "Ort: Treffen am {day}",
    K.MOVE: "Neuer Termin: Treffen am {day}",
    K.CANCEL: "Abgesagt: Treffen am {day}",
    K.REINSTATE: "Findet doch statt: Treffen am {day}",
    K.ADD: "Zusätzlicher Termin",
    K.TAKE: "Übernommen: {contribution}",
    K.SHORTEN: "Übernommen: {contribution}",
    K.DECLINE: "Abgelehnt: {contribution}",
    K.ATTACH: "Mit Anhang: {contribution}",
    K.DETACH: "Ohne Anhang: {contribution}",
    K.DESCRIBE: "Bildbeschreibung: {contribution}",
    K.NEWS: "Notiert: {contribution}",
    K.RESULT: "Notiert: {contribution}",
    K.QUESTION: "Notiert: {contribution}",
    K.DEPART: "Ausgeschieden: {partner}",
    K.SUCCEED: "Nachfolge: {partner}",
    K.DEPUTY: "Ihre Vertretung",
    K.END_DEPUTY: "Ihre Vertretung",
    K.STATUS: "Stand der Dinge",
    K.HELP: "So antworten Sie",
    K.NO: "Nichts geändert",
}
"""Subject and heading of the result, by the last thing she said."""

COPY: Final = (
    "Ihre Vertretung, {deputy}, hat etwas veranlasst. Diese Antwort hat sie bekommen:"
)

NOTHING_DONE: Final = "Es wurde nichts geändert."


@dataclass(frozen=True, slots=True)
class Page:
    """A result as the coordinator reads it.

    Attributes:
        occasion: A name that was never used before.
        title: Its subject and heading.
        said: Paragraphs.
        items: A list below them.
        kinds: What can be said next.
        seal: What an answer to it is about; None for the draft, if there is one.
    """

    occasion: str
    title: str
    said: tuple[str, ...]
    items: tuple[str, ...]
    kinds: tuple[K, ...]
    seal: Seal | None = None


def tell(
    db: Db, matter: Matter, answer: Answer, instructions: Sequence[Instruction]
) -> None:
    """Owe the result of what was done: with the new draft, if there is one."""
    if matter.is_changed and _shows_draft(db, matter, answer):
        return
    kinds = [_meaning(matter, one.kind) for one in instructions]
    row = matter.contribution
    title = TITLES[kinds[-1]].format(
        edition=forecast.named(matter.office, matter.edition) if matter.edition else "",
        day=short_day(_day(matter)),
        contribution=contributors.named(row) if row is not None else "",
        partner=matter.partner.organisation if matter.partner is not None else "",
    )
    is_list = K.STATUS in kinds
    page = Page(
        f"{RESULT}{answer.number}",
        title,
        said=() if is_list else tuple(matter.said),
        items=tuple(matter.said) if is_list else (),
        kinds=tuple(K) if K.HELP in kinds else next_words(matter),
    )
    _owe(db, matter, answer, page)
    if matter.role is rights.Role.DEPUTY and not is_list and K.HELP not in kinds:
        _owe_copy(db, matter, answer, page)


def ask_back(
    db: Db,
    matter: Matter,
    answer: Answer,
    reasons: Sequence[str],
    *,
    items: Sequence[str] = (),
    seal: Seal | None = None,
) -> None:
    """Owe a question instead of a result; nothing was done.

    Args:
        items: What would be done, if that is asked.
        seal: Of what is asked, if it is not the draft.
    """
    page = Page(
        f"{QUESTION}{answer.number}",
        f"Rückfrage: {_about(matter)}",
        said=(*reasons, *(() if items else (NOTHING_DONE,))),
        items=tuple(items),
        kinds=(K.YES, K.NO) if items else next_words(matter),
        seal=seal,
    )
    _owe(db, matter, answer, page)


def show_present(db: Db, matter: Matter, answer: Answer, said: Sequence[str]) -> None:
    """Owe the draft as it is now, to all who may answer it if it says something new."""
    matter.said = list(said)
    if not _shows_draft(db, matter, answer):
        ask_back(db, matter, answer, said)


def next_words(matter: Matter) -> tuple[K, ...]:
    """Return what can be said next, by where edition and meeting stand."""
    meeting, edition = matter.meeting, matter.edition
    kinds: tuple[K, ...] = ()
    if matter.contribution is not None and edition is None:
        kinds = contributors.next_words(matter.contribution)
    elif matter.partner is not None:
        kinds = (K.DEPART, K.SUCCEED)
    elif meeting is not None and meeting.state is MeetingState.CANCELLED:
        kinds = (K.REINSTATE,)
    else:
        if edition is not None:
            kinds = _NEXT.get(edition.state, ())
        if meeting is not None and meeting.starts_at > matter.now:
            kinds += (K.MOVE, K.VENUE, K.CANCEL)
    may = rights.MAY[matter.role]
    return tuple(one for one in (*kinds, K.STATUS, K.HELP) if one in may)


_NEXT: Final[Mapping[EditionState, tuple[K, ...]]] = {
    EditionState.DRAFT: (K.RELEASE, K.STOP, K.WORDS, K.EASY_WORDS),
    EditionState.APPROVED: (K.STOP, K.WORDS, K.EASY_WORDS),
    EditionState.ISSUED: (K.STOP,),
    EditionState.WITHDRAWN: (K.RELEASE,),
}
"""What can be said of an edition, by its state."""


def _shows_draft(db: Db, matter: Matter, answer: Answer) -> bool:
    """Owe the present draft, and to the others too if they have not seen it."""
    edition = matter.edition
    if edition is None or edition.state not in drafting.OPEN or _is_off(matter):
        return False
    office, now = matter.office, matter.now
    draft = drafts.look(db, office, edition, now=now)
    is_new = drafts.note(edition, draft) or matter.is_changed
    opening = drafts.Opening(said=tuple(matter.said))
    letter = drafts.draft_letter(db, office, edition, draft, opening, now=now)
    envelope = Envelope(
        f"{RESULT}{answer.number}",
        drafts.seal_of(edition),
        answer.thread,
        drafts.ends_at(edition),
    )
    letters.owe(db, office, matter.mailbox, letter, envelope, now=now)
    for mailbox in rights.recipients(db, office, now=now) if is_new else ():
        if mailbox.id != matter.mailbox.id:
            drafts.show(db, office, edition, draft, mailbox, now=now)
    return True


def _meaning(matter: Matter, kind: K) -> K:
    """Return what *kind* meant in this mail."""
    is_about_one = matter.contribution is not None and matter.edition is None
    return OF_A_CONTRIBUTION.get(kind, kind) if is_about_one else kind


def _is_off(matter: Matter) -> bool:
    meeting = matter.edition.meeting if matter.edition else None
    return meeting is not None and meeting.state is not MeetingState.PLANNED


def _owe(db: Db, matter: Matter, answer: Answer, page: Page) -> None:
    """Owe *page* to whoever has answered."""
    letter, seal = _printed(matter, answer, page)
    envelope = Envelope(page.occasion, seal, answer.thread)
    letters.owe(db, matter.office, matter.mailbox, letter, envelope, now=matter.now)


def _owe_copy(db: Db, matter: Matter, answer: Answer, page: Page) -> None:
    """Owe the coordinator what her deputy did; she can answer it herself."""
    office, now = matter.office, matter.now
    copy = replace(
        page,
        occasion=f"{page.occasion}/copy",
        title=f"Kopie: {page.title}",
        said=(COPY.format(deputy=matter.mailbox.address), *page.said),
    )
    letter, seal = _printed(matter, answer, copy)
    email, key = office.settings.coordinator.email, office.keys.fingerprint_key
    mailbox = mailboxes.get_or_add(db, email, key=key, now=now)
    letters.owe(db, office, mailbox, letter, Envelope(copy.occasion, seal), now=now)


def _printed(matter: Matter, answer: Answer, page: Page) -> tuple[Letter, Seal | None]:
    """Return *page* as a letter, and the seal of what an answer to it is about."""
    seal = page.seal or answer.seal
    if page.seal is None and matter.edition is not None:
        seal = drafts.seal_of(matter.edition)
    elif page.seal is None and matter.contribution is not None:
        seal = contributors.seal_of(matter.contribution)
    elif page.seal is None and matter.partner is not None:
        seal = delegates.seal_of(matter.partner)
    facts = {
        "title": page.title,
        "said": page.said,
        "items": page.items,
        "rows": drafts.words_of(matter.office, page.kinds, _day(matter)),
    }
    return letters.compose(matter.office, "result", facts, seal), seal


def _day(matter: Matter) -> date:
    """Return the day it is about; today if it is about none."""
    if matter.meeting is not None:
        return matter.meeting.starts_at.astimezone(matter.office.zone).date()
    if matter.edition is not None:
        return forecast.about(matter.office, matter.edition)
    return matter.office.today(matter.now)


def _about(matter: Matter) -> str:
    if matter.edition is not None:
        return forecast.named(matter.office, matter.edition)
    if matter.contribution is not None:
        return contributors.named(matter.contribution)
    if matter.partner is not None:
        return matter.partner.organisation
    return "Ihre E-Mail"
