"""The draft by mail: the finished letter in both styles, and what may be answered.

A draft has a version. It rises when the letter says something else than the last time
the coordinator was shown it, for whatever reason: her own words, a meeting that moved,
a later date that fell out. She releases exactly what she has seen.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.coordination import forecast, letters, rights
from mailer.coordination.kinds import CONTRIBUTING
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.letters import Envelope
from mailer.coordination.seals import Seal
from mailer.coordination.table import table
from mailer.editions import drafting
from mailer.editions.due import USEFUL_FOR
from mailer.editions.kinds import KINDS
from mailer.editions.states import EditionEvent, EditionState
from mailer.logs import LogEvent, log
from mailer.outbox.composing import compose, lasting_words, proofread
from mailer.rendering import excerpt
from mailer.rendering.finding import Level
from mailer.rendering.letter import fill
from mailer.rendering.person import (
    ANY_ENTRY,
    Person,
    greeting,
    preferences_url,
    reason,
    unsubscribe_url,
)
from subscribers.tokens import Purpose
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from mailer.coordination.office import Office
    from mailer.editions.models import Edition
    from mailer.outbox.composing import Composed
    from mailer.rendering.finding import Finding
    from mailer.rendering.letter import Letter
    from subscribers.database import Db
    from subscribers.models import Mailbox
    from subscribers.topics import LetterStyle

SAMPLE: Final = "muster"
"""Stands where a reader's own token would: her link leads nowhere."""

OFFERED: Final = (
    K.RELEASE,
    K.STOP,
    K.WORDS,
    K.EASY_WORDS,
    K.VENUE,
    K.MOVE,
    K.CANCEL,
    K.DEPUTY,
    K.STATUS,
    K.HELP,
)
"""What a draft offers to be answered, in this order."""

RECALLED: Final = (
    "seit der Freigabe hat sich etwas geändert. Deshalb gilt sie nicht mehr: Bitte "
    "sehen Sie den neuen Entwurf an, und geben Sie ihn frei."
)

INTRODUCTION: Final = "Einleitung: Danke für die vielen Beiträge."
"""How her own text is written for a network update; it stands at its beginning."""

NO_WORDS: Final = "Thema: keins"
NO_INTRODUCTION: Final = "Einleitung: keine"
"""How she takes it back, from most drafts and from that of a network update."""

_OF_MEETINGS: Final = frozenset({K.VENUE, K.MOVE, K.CANCEL})

NO_EASY_WORDS: Final = (
    "Ihr eigener Text steht nur in der Fassung in Standardsprache. In Leichter Sprache "
    "fehlt er, bis Sie „Leichte Sprache:“ und den Text antworten."
)
"""Nothing is turned into Leichte Sprache by a machine."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an edition would say now.

    Attributes:
        findings: What the checks found, errors first.
        digest: Of every word in it that lasts.
    """

    composed: Composed
    findings: tuple[Finding, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How a mail begins that shows a draft.

    Attributes:
        said: What was done before, if it answers a mail; one sentence each.
        why: Why it comes now, after the greeting; empty if that is plain.
        is_reminder: She has seen it and has not answered.
    """

    said: tuple[str, ...] = ()
    why: str = ""
    is_reminder: bool = False


NOTHING_SPECIAL: Final = Opening()


def look(db: Db, office: Office, edition: Edition, *, now: datetime) -> Draft:
    """Return what *edition* would say now, and what the checks found.

    Raises:
        TemplateBroken: A template cannot be rendered.
        PlanRefused: The settings no longer know the series or the venue.
    """
    composed = compose(db, edition, office.press, now=now)
    digest = _digest(composed.lasting or composed.letters)
    return Draft(composed, tuple(proofread(composed)), digest)


def _digest(letters: Mapping[LetterStyle, Letter]) -> str:
    """Return what is different as soon as one word is."""
    whole = hashlib.sha256()
    for _, letter in sorted(letters.items()):
        for part in (letter.subject, letter.text, letter.html):
            whole.update(part.encode() + b"\0")
    return whole.hexdigest()


def _says_the_same(db: Db, office: Office, edition: Edition, *, now: datetime) -> bool:
    """Say whether *edition* would say what was shown; asked in every round."""
    if not edition.draft_digest:
        return False
    letters = lasting_words(db, edition, office.press, now=now)
    return _digest(letters) == edition.draft_digest


def send_draft(db: Db, office: Office, edition: Edition, *, now: datetime) -> bool:
    """Owe the draft of *edition* to all who may answer it, unless they have seen it.

    To be called whenever an open edition may say something new.

    Returns:
        False if it says nothing new.
    """
    if _says_the_same(db, office, edition, now=now):
        return False
    draft = look(db, office, edition, now=now)
    _send_to_all(db, office, edition, draft, "", now=now)
    return True


def recall_changed(db: Db, office: Office, edition: Edition, *, now: datetime) -> bool:
    """Take back the yes to a network update that says something else now.

    A quarter goes on until its letter leaves: a meeting falls out, a contribution is
    accepted late. She releases exactly what she has seen, so she is asked again.

    Returns:
        False if the yes still holds.
    """
    if edition.state is not EditionState.APPROVED or edition.quarter is None:
        return False
    if _says_the_same(db, office, edition, now=now):
        return False
    draft = look(db, office, edition, now=now)
    drafting.move(edition, EditionEvent.RECALL, now=now)
    edition.approved_at = None
    _send_to_all(db, office, edition, draft, RECALLED, now=now)
    return True


def _send_to_all(
    db: Db, office: Office, edition: Edition, draft: Draft, why: str, *, now: datetime
) -> None:
    note(edition, draft)
    letter = draft_letter(db, office, edition, draft, Opening(why=why), now=now)
    for mailbox in rights.recipients(db, office, now=now):
        envelope = envelope_for(edition, mailbox, str(edition.draft_version))
        letters.owe_once(db, office, mailbox, letter, envelope, now=now)
    log(LogEvent.EDITION_SHOWN, edition=edition.id, version=edition.draft_version)


def show(
    db: Db,
    office: Office,
    edition: Edition,
    draft: Draft,
    mailbox: Mailbox,
    *,
    now: datetime,
) -> None:
    """Owe one person the present draft, unless she has had this version."""
    letter = draft_letter(db, office, edition, draft, now=now)
    envelope = envelope_for(edition, mailbox, str(edition.draft_version))
    letters.owe_once(db, office, mailbox, letter, envelope, now=now)


def envelope_for(edition: Edition, mailbox: Mailbox, name: str) -> Envelope:
    """Return how a draft goes out.

    Args:
        name: Of this draft among those of the edition, its version.
    """
    occasion = f"draft/{edition.id}.{name}/{mailbox.id}"
    return Envelope(occasion, seal_of(edition), expires_at=ends_at(edition))


def note(edition: Edition, draft: Draft) -> bool:
    """Number what she is about to see; tell whether it says something new."""
    if draft.digest == edition.draft_digest:
        return False
    edition.draft_version += 1
    edition.draft_digest = draft.digest
    return True


def draft_letter(
    db: Db,
    office: Office,
    edition: Edition,
    draft: Draft,
    opening: Opening = NOTHING_SPECIAL,
    *,
    now: datetime,
) -> Letter:
    """Return the mail that shows *draft*."""
    samples = _samples(office, edition, draft.composed)
    facts = {
        "said": opening.said,
        "why": opening.why,
        "is_reminder": opening.is_reminder,
        "named": forecast.named(office, edition),
        "german": forecast.german(edition),
        "is_new": edition.draft_version > 1,
        "is_approved": edition.state is EditionState.APPROVED,
        "readers": forecast.by_style(forecast.reached(db, edition, now=now)),
        "if_nothing": forecast.if_nothing(db, office, edition, now=now),
        "findings": tuple(map(_said, draft.findings)),
        "rows": _rows(office, edition),
        "subjects": {style.value: one.subject for style, one in samples.items()},
        "texts": {
            style.value: excerpt.of_text(one.text) for style, one in samples.items()
        },
    }
    inner = {style: excerpt.of_html(one.html) for style, one in samples.items()}
    return letters.compose(office, "draft", facts, seal_of(edition), inner)


def seal_of(edition: Edition) -> Seal:
    """Return the seal of the present draft of *edition*."""
    return Seal(Purpose.DRAFT, edition.id, edition.draft_version)


def words_of(office: Office, kinds: Iterable[K], about: date) -> list[dict[str, str]]:
    """Return how *kinds* are written and what they do, with days after *about*."""
    room = next(one.room for one in office.settings.venues.values())
    rows = [table().row(kind) for kind in kinds]
    return [{"usage": row.shown(about, room), "effect": row.effect} for row in rows]


def _rows(office: Office, edition: Edition) -> list[dict[str, str]]:
    """Return what may be answered to the draft of *edition*, and what that does."""
    kinds = [one for one in OFFERED if edition.meeting or one not in _OF_MEETINGS]
    if edition.quarter is not None:
        kinds += [one for one in K if one in CONTRIBUTING]
    rows = words_of(office, kinds, forecast.about(office, edition))
    for kind, row in zip(kinds, rows, strict=True):
        # The table speaks of invitations, which most drafts are.
        row["effect"] = row["effect"].replace("Einladung", forecast.german(edition))
        if kind is K.WORDS and edition.quarter is not None:
            row["usage"] = INTRODUCTION
            row["effect"] = row["effect"].replace(NO_WORDS, NO_INTRODUCTION)
    return rows


def ends_at(edition: Edition) -> datetime | None:
    """Return when nobody has any use for a draft any more; None if nobody knows."""
    if edition.quarter is not None and edition.due_at is not None:
        return edition.due_at + USEFUL_FOR
    return edition.meeting.starts_at if edition.meeting else None


def _samples(
    office: Office, edition: Edition, composed: Composed
) -> Mapping[LetterStyle, Letter]:
    """Return the letters as an invented reader gets them."""
    is_for_partners = KINDS[edition.kind].topic is Topic.NETWORK_UPDATES
    base, network = office.settings.web_base_url, office.settings.network.name
    return {
        style: fill(
            letter,
            Person(
                greeting=greeting(None, style),
                unsubscribe_url=unsubscribe_url(base, SAMPLE),
                unsubscribe_token=SAMPLE,
                preferences_url=preferences_url(base, SAMPLE),
                reason=reason(network, style, is_partner=is_for_partners),
                entry=ANY_ENTRY,
            ),
        )
        for style, letter in composed.letters.items()
    }


def _said(finding: Finding) -> str:
    word = "Fehler" if finding.level is Level.ERROR else "Hinweis"
    sentence = NO_EASY_WORDS if finding.rule == "easy-words" else finding.sentence
    return f"{word}: {sentence}"
