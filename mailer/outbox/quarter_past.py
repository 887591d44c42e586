"""What a quarter was, for the network update: meetings, results, what partners tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.context import get_series, when
from mailer.editions.kinds import EditionKind
from mailer.editions.update_facts import FieldNews, News, NewsFile, PastMeeting
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.network import gathered
from mailer.outbox.quarter_figures import participants, span_of
from mailer.outbox.quarter_material import same
from mailer.rendering import markdown
from mailer.rendering.letter import LetterFile

if TYPE_CHECKING:
    from mailer.meetings.models import MeetingId
    from mailer.network.models import Contribution, ContributionFile
    from mailer.outbox.quarter_material import Material
    from subscribers.database import Db

LONGEST_TOPIC: Final = 160
"""Characters of an invitation's first sentence; a longer one is cut between words."""

OWN_NEWS: Final = "Aus der Koordination"
"""Where the coordinator's own contributions stand."""

_SENTENCE: Final = re.compile(r"(?s)(.+?[.!?])(?=\s+[A-ZÄÖÜ„]|\s*$)(?<!\d\.)")


def past(
    db: Db, known: Material
) -> tuple[tuple[PastMeeting, ...], tuple[PastMeeting, ...], tuple[str, ...]]:
    """Return the meetings of the quarter, earlier ones with late results, the rest."""
    span = span_of(known.quarter, known.zone)
    noted = gathered.results(db, known.quarter.first)
    rest = tuple(map(_one_line, noted.pop(None, [])))
    held = db.scalars(
        sa.select(Meeting)
        .where(Meeting.state != MeetingState.CANCELLED, *span.holds(Meeting.starts_at))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    late = [db.get_one(Meeting, one) for one in noted if one is not None]
    late = [one for one in late if one not in held]
    late.sort(key=lambda one: (one.starts_at, one.id))
    counted = participants(db, span)
    has_one_title = bool(same(one.title for one in [*held, *late]))

    def as_told(meeting: Meeting) -> PastMeeting:
        return PastMeeting(
            when=when(meeting, get_series(known.settings, meeting.series).zone),
            title="" if has_one_title else meeting.title,
            topic=_topic(db, meeting.id),
            results=tuple(map(_one_line, noted.get(meeting.id, []))),
            participants=counted.get(meeting.id),
        )

    return tuple(map(as_told, held)), tuple(map(as_told, late)), rest


def _topic(db: Db, meeting_id: MeetingId) -> str:
    """Return the first sentence of what its invitation said in the network's words."""
    issued = drafting.issued(db, EditionKind.INVITATION, meeting_id)
    words = " ".join(markdown.to_text(issued[0].words).split()) if issued else ""
    found = _SENTENCE.match(words)
    sentence = found[1] if found else words
    if len(sentence) <= LONGEST_TOPIC:
        return sentence
    return f"{sentence[:LONGEST_TOPIC].rpartition(' ')[0]} …"


def news(db: Db, known: Material) -> tuple[FieldNews, ...]:
    """Return what was accepted of partners and the coordinator, by field of work."""
    fields = known.settings.network.fields_of_work
    found = gathered.news(db, known.quarter.first, fields)
    return tuple(
        FieldNews(field or OWN_NEWS, tuple(told(one, known) for one in accepted))
        for field, accepted in found.items()
    )


def told(one: Contribution, known: Material) -> News:
    """Return one contribution as a letter tells it."""
    organisation = one.partner.organisation if one.partner is not None else ""
    return News(
        head=": ".join(part for part in (organisation, one.title) if part),
        text=one.text.strip(),
        files=tuple(_file(file, known) for file in one.files if file.is_shown),
    )


def _file(file: ContributionFile, known: Material) -> NewsFile:
    """Return what it is, and where it lies."""
    what = "Bild" if file.is_picture else "Dokument"
    note = "liegt dieser E-Mail bei" if file.is_attached else ""
    if not known.archive and not note:
        note = "auf Anfrage"
    return NewsFile(
        words=f"{what}: {file.description or file.name}",
        address=f"{known.archive}#datei-{file.id}" if known.archive else "",
        note=note,
    )


def attached(db: Db, known: Material) -> tuple[LetterFile, ...]:
    """Return the files that the coordinator wants in the letter, in its order."""
    fields = known.settings.network.fields_of_work
    found = gathered.news(db, known.quarter.first, fields)
    return tuple(
        LetterFile(file.name, file.media_type, file.content)
        for accepted in found.values()
        for one in accepted
        for file in one.files
        if file.is_attached and file.is_shown
    )


def _one_line(one: Contribution) -> str:
    return " ".join(markdown.to_text(one.text).split())
