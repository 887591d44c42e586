"""Letters about contributions: to who decides, and to who sent one.

Each contribution is shown in a mail of its own: the text as readers would get it, the
file with its description, and every word that can be answered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from markupsafe import Markup

from mailer.coordination import drafts, letters, rights
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.letters import Envelope
from mailer.coordination.seals import Seal
from mailer.editions.service import ContributionFacts, service_facts
from mailer.german import short_day
from mailer.network import files, quarters
from mailer.network.kinds import ContributionKind
from mailer.network.offers import shortened
from mailer.network.states import ContributionState
from mailer.outbox.models import FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering import markdown
from mailer.rendering.typesetting import render
from subscribers.confirmation import may_be_answered
from subscribers.tokens import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailer.coordination.office import Office
    from mailer.network.models import Contribution, ContributionFile
    from mailer.rendering.letter import Letter
    from subscribers.database import Db

S = ContributionState

OCCASION: Final = "contribution/"
"""How the occasions of these letters begin; its number follows."""

MAX_NAMED: Final = 60
"""Characters of a contribution in a subject."""

MAX_CALLED: Final = 40
"""Characters of its own that name it to who sent it."""

KIND_NAMES: Final[Mapping[ContributionKind, str]] = {
    ContributionKind.NEWS: "Meldung",
    ContributionKind.RESULT: "Ergebnis",
    ContributionKind.QUESTION: "Frage an die Partner",
}

_NEXT: Final[Mapping[ContributionState, tuple[K, ...]]] = {
    S.WAITING: (K.TAKE, K.SHORTEN, K.DECLINE),
    S.ACCEPTED: (K.SHORTEN, K.DECLINE),
    S.DECLINED: (K.TAKE, K.SHORTEN),
    S.TOLD: (),
    S.LAPSED: (),
}
"""What can be said of a contribution, by its state."""


def named(row: Contribution) -> str:
    """Return what a contribution is called: "Meldung von Beispielhaus e. V."."""
    kind = KIND_NAMES[row.kind]
    if row.partner is not None:
        return shortened(f"{kind} von {row.partner.organisation}", MAX_NAMED)
    return f"Ihre {kind}" if row.kind is not ContributionKind.RESULT else f"Ihr {kind}"


def called(row: Contribution) -> str:
    """Return the title of a contribution, or how it begins."""
    return shortened(row.title or row.text, MAX_CALLED)


def seal_of(row: Contribution) -> Seal:
    """Return the seal of a contribution."""
    return Seal(Purpose.CONTRIBUTION, row.id)


def next_words(row: Contribution) -> tuple[K, ...]:
    """Return what can be said of a contribution now."""
    with_file = (K.ATTACH, K.DETACH) if row.files and row.state is not S.TOLD else ()
    undescribed = any(not one.is_shown for one in row.files)
    return (*_NEXT[row.state], *((K.DESCRIBE,) if undescribed else ()), *with_file)


def show(
    db: Db,
    office: Office,
    row: Contribution,
    *,
    brought_by: tuple[int, bytes | None],
    now: datetime,
) -> None:
    """Owe a contribution to all who may decide on it.

    Args:
        brought_by: Number of the mail that brought it, or the rest of it, and the mail
            itself, so that she sees the picture; None if it is too large.
    """
    number, enclosed = brought_by
    letter = _letter(office, row, is_enclosed=enclosed is not None)
    known = rights.roles(db, office.settings, now=now)
    for mailbox in rights.recipients(db, office, now=now):
        if K.TAKE in rights.MAY[known[mailbox.canonical or ""]]:
            occasion = f"{OCCASION}{row.id}.{number}/{mailbox.id}"
            envelope = Envelope(occasion, seal_of(row), enclosed=enclosed)
            letters.owe(db, office, mailbox, letter, envelope, now=now)


def tell_declined(
    db: Db, office: Office, row: Contribution, reason: str, *, now: datetime
) -> str:
    """Owe who sent a contribution the reason why it is declined, once.

    Returns:
        Where the reason goes; empty if nobody can be told, or was told before.
    """
    mailbox = row.mailbox
    occasion = f"{OCCASION}{row.id}/declined"
    told = sa.select(FrozenLetter.occasion).where(FrozenLetter.occasion == occasion)
    if (
        mailbox is None
        or row.partner is None
        or db.scalar(told) is not None
        or not may_be_answered(db, mailbox)
    ):
        return ""
    facts = service_facts(office.settings)
    known = replace(facts, contribution=replace(facts_of(row), reason=reason))
    style = mailbox.style
    letter = render(office.press.environment, known, style, "contribution_declined")
    posting = Posting(
        occasion=occasion,
        origin=LetterOrigin.REPLIED if row.message_id else LetterOrigin.GENERATED,
        message_id=office.press.new_message_id(),
        style=style,
        in_reply_to=row.message_id,
    )
    post(db, mailbox, letter, posting, now=now)
    return mailbox.address or ""


def facts_of(row: Contribution) -> ContributionFacts:
    """Return what a letter to who sent *row* may mention."""
    return ContributionFacts(called(row), quarters.named(row.quarter))


def _letter(office: Office, row: Contribution, *, is_enclosed: bool) -> Letter:
    received = row.received_at.astimezone(office.zone).date()
    facts = {
        "title": f"{named(row)}: {called(row)}",
        "named": named(row),
        "sender": row.mailbox.address if row.mailbox else "",
        "field": row.partner.field_of_work if row.partner else "",
        "day": short_day(received),
        "quarter": quarters.named(row.quarter),
        "heading": row.title,
        "text": markdown.to_text(row.text),
        "markup": Markup(markdown.to_html(row.text)),  # noqa: S704 - cleaned there
        "findings": [one.sentence for one in markdown.findings(row.text)],
        "meeting": _meeting(office, row),
        "participants": row.participants,
        "files": [_file(one) for one in row.files],
        "is_enclosed": is_enclosed,
        "rows": drafts.words_of(
            office, (*next_words(row), K.STATUS, K.HELP), office.today(row.received_at)
        ),
    }
    return letters.compose(office, "contribution", facts, seal_of(row))


def _meeting(office: Office, row: Contribution) -> str:
    if row.meeting is None:
        return ""
    return short_day(row.meeting.starts_at.astimezone(office.zone).date())


def _file(one: ContributionFile) -> str:
    """Return what the coordinator is told of a file, in one sentence or two."""
    head = f"„{one.name}“, {files.size(one.size)}"
    if not one.is_picture:
        return f"{head}."
    if one.description:
        return f"{head}. Das Bild zeigt: {one.description}"
    asked = " Wer es geschickt hat, ist darum gebeten." if one.asked_at else ""
    return (
        f"{head}. Das Bild hat noch keine Beschreibung; ohne sie bleibt es weg.{asked}"
    )
