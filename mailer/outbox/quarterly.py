"""What a network update says: from the rows of a quarter to its facts.

It speaks from the day on which it goes out: meetings of the quarter that are still to
come when it is drafted count as held. So its words stay the same while time passes,
and change when something is decided: then the coordinator must say yes again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer import german
from mailer.editions import drafting
from mailer.editions.context import (
    coordinator_facts,
    facts,
    get_series,
    link_facts,
    network_facts,
    sender_facts,
    venue_words,
    when,
)
from mailer.editions.due import UpdateTimes, update_on
from mailer.editions.kinds import EditionKind
from mailer.editions.quarter import Quarter, working_day_until
from mailer.editions.update_facts import (
    ComingDay,
    FieldNews,
    News,
    NewsFile,
    PastMeeting,
    QuarterWords,
    UpdateFacts,
)
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.network import gathered
from mailer.outbox.quarter_figures import (
    as_told,
    participants,
    quarter_figures,
    span_of,
)
from mailer.rendering import markdown
from mailer.rendering.letter import LetterFile
from subscribers.models import Partner, PartnerState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from mailer.editions.facts import Facts, VenueWords
    from mailer.editions.models import Edition
    from mailer.editions.update_facts import Figure
    from mailer.meetings.calendar_day import CalendarDay
    from mailer.meetings.closures import Closures
    from mailer.meetings.models import MeetingId
    from mailer.network.models import Contribution, ContributionFile
    from mailer.settings.model import Settings
    from subscribers.database import Db

BEFORE_THE_DRAFT: Final = timedelta(days=2)
"""So long before the draft contributions should be there: she has to read them."""

LONGEST_TOPIC: Final = 160
"""Characters of an invitation's first sentence; a longer one is cut between words."""

OWN_NEWS: Final = "Aus der Koordination"
"""Where the coordinator's own contributions stand."""

SECTIONS: Final[Mapping[str, str]] = {
    "rueckblick": "Was war",
    "einrichtungen": "Aus den Einrichtungen",
    "neu": "Neu im Netzwerk",
    "termine": "Was kommt",
    "fragen": "Offene Fragen an Sie",
    "zahlen": "Zahlen",
    "beitrag": "Ihr Beitrag für die nächste Ausgabe",
    "angaben": "Ihre Angaben bei uns",
}
"""Anchors and headings, in the order of the letter."""

_SENTENCE: Final = re.compile(r"(?s)(.+?[.!?])(?=\s+[A-ZÄÖÜ„]|\s*$)(?<!\d\.)")


@dataclass(frozen=True, slots=True)
class Material:
    """Where the facts of one update come from.

    Attributes:
        archive: Address of its page in the archive; empty without public pages.
    """

    settings: Settings
    closures: Closures
    quarter: Quarter
    archive: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock it looks at."""
        return self.settings.series[0].zone


def update_facts(db: Db, edition: Edition, known: Material) -> UpdateFacts:
    """Return what the update about a quarter may mention.

    Raises:
        PlanRefused: The settings no longer know a series or a venue.
    """
    settings, quarter = known.settings, known.quarter
    days = coming_days(db, known)
    meetings, earlier, results = _past(db, known)
    figures, has_before = _figures(db, known)
    found = UpdateFacts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        quarter=_words(known),
        meetings=meetings,
        earlier=earlier,
        results=results,
        news=_news(db, known),
        newcomers=_newcomers(db, known),
        coming=tuple(_coming(days, known)),
        usual_title=_same(day.title for day in days),
        usual_hours=_same(_hours(day) for day in days if day.state is DayState.PLANNED),
        venue=_venue(days, known),
        questions=tuple(
            _told(one, known) for one in gathered.questions(db, quarter.first)
        ),
        figures=figures,
        has_before=has_before,
        sections=(),
        archive=known.archive,
        words=edition.words.strip(),
        easy_words=edition.easy_words.strip(),
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
        has_calendar=_has_rows(days),
    )
    return replace(found, sections=_sections(found))


def coming_days(db: Db, known: Material) -> list[CalendarDay]:
    """Return what the next quarter has; a cancelled extra meeting is nobody's news."""
    following = known.quarter.following
    days = planning.calendar(
        db,
        known.settings.series,
        known.closures,
        first=following.first,
        last=following.last,
    )
    return [
        day
        for day in days
        if day.state is not DayState.CANCELLED or day.ruled_on is not None
    ]


def calendar_facts(db: Db, known: Material) -> list[Facts]:
    """Return the facts of every meeting of the next quarter, for a calendar file."""
    rows = [
        db.get_one(Meeting, day.meeting_id)
        for day in coming_days(db, known)
        if day.state is DayState.PLANNED and day.meeting_id is not None
    ]
    return [facts(known.settings, one) for one in rows]


def _has_rows(days: Sequence[CalendarDay]) -> bool:
    """Tell whether there are meetings, and all of them can stand in a calendar."""
    planned = [day.meeting_id for day in days if day.state is DayState.PLANNED]
    return bool(planned) and None not in planned


def _sections(found: UpdateFacts) -> tuple[tuple[str, str], ...]:
    """Return what the letter has; an empty section disappears."""
    has = {
        "rueckblick": bool(found.meetings or found.earlier or found.results),
        "einrichtungen": bool(found.news),
        "neu": bool(found.newcomers),
        "termine": bool(found.coming),
        "fragen": bool(found.questions),
        "zahlen": bool(found.figures),
    }
    return tuple(
        (anchor, title) for anchor, title in SECTIONS.items() if has.get(anchor, True)
    )


def _words(known: Material) -> QuarterWords:
    times = UpdateTimes.of(known.settings, known.closures)
    following = known.quarter.following
    next_one = update_on(following, times)
    drafted_on = next_one.draft_at.astimezone(known.zone).date()
    deadline = working_day_until(drafted_on - BEFORE_THE_DRAFT, known.closures)
    issued_on = next_one.due_at.astimezone(known.zone).date()
    return QuarterWords(
        german=known.quarter.german,
        before=known.quarter.before.german,
        following=following.german,
        next_issue=f"{german.MONTHS[issued_on.month - 1]} {issued_on.year}",
        deadline=german.full_day(deadline),
    )


def _past(
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
    has_one_title = bool(_same(one.title for one in [*held, *late]))

    def past(meeting: Meeting) -> PastMeeting:
        return PastMeeting(
            when=when(meeting, get_series(known.settings, meeting.series).zone),
            title="" if has_one_title else meeting.title,
            topic=_topic(db, meeting.id),
            results=tuple(map(_one_line, noted.get(meeting.id, []))),
            participants=counted.get(meeting.id),
        )

    return tuple(map(past, held)), tuple(map(past, late)), rest


def _topic(db: Db, meeting_id: MeetingId) -> str:
    """Return the first sentence of what its invitation said in the network's words."""
    issued = drafting.issued(db, EditionKind.INVITATION, meeting_id)
    words = " ".join(markdown.to_text(issued[0].words).split()) if issued else ""
    found = _SENTENCE.match(words)
    sentence = found[1] if found else words
    if len(sentence) <= LONGEST_TOPIC:
        return sentence
    return f"{sentence[:LONGEST_TOPIC].rpartition(' ')[0]} …"


def _news(db: Db, known: Material) -> tuple[FieldNews, ...]:
    fields = known.settings.network.fields_of_work
    found = gathered.news(db, known.quarter.first, fields)
    return tuple(
        FieldNews(field or OWN_NEWS, tuple(_told(one, known) for one in told))
        for field, told in found.items()
    )


def _told(one: Contribution, known: Material) -> News:
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
        for told in found.values()
        for one in told
        for file in one.files
        if file.is_attached and file.is_shown
    )


def _newcomers(db: Db, known: Material) -> tuple[str, ...]:
    span = span_of(known.quarter, known.zone)
    rows = db.scalars(
        sa.select(Partner)
        .where(Partner.state != PartnerState.LEFT, *span.holds(Partner.created_at))
        .order_by(Partner.organisation)
    )
    return tuple(f"{one.organisation} ({one.field_of_work})" for one in rows)


def _coming(days: Sequence[CalendarDay], known: Material) -> Iterable[ComingDay]:
    has_one_title = bool(_same(day.title for day in days))
    planned = [day for day in days if day.state is DayState.PLANNED]
    has_same_hours = bool(_same(map(_hours, planned)))
    has_one_venue = _venue(days, known) is not None
    for day in days:
        is_off = day.state is not DayState.PLANNED
        place = known.settings.venues.get(day.venue)
        yield ComingDay(
            day=german.full_day(day.on),
            hours="" if is_off or has_same_hours else _hours(day),
            place="" if is_off or has_one_venue or place is None else place.label,
            title="" if has_one_title else day.title,
            note=day.reason.rstrip("."),
            is_off=is_off,
        )


def _venue(days: Sequence[CalendarDay], known: Material) -> VenueWords | None:
    key = _same(day.venue for day in days if day.state is DayState.PLANNED)
    place = known.settings.venues.get(key)
    return venue_words(place, known.settings.coordinator.phone) if place else None


def _figures(db: Db, known: Material) -> tuple[tuple[Figure, ...], bool]:
    """Return the numbers, and whether there are any of the quarter before."""
    this, that = (
        quarter_figures(db, span_of(one, known.zone))
        for one in (known.quarter, known.quarter.before)
    )
    has_before = any((that.meetings, that.participants, that.joined, that.sent))
    return as_told(this, that), has_before


def _hours(day: CalendarDay) -> str:
    return german.hours(day.starts_at.time(), day.ends_at.time())


def _one_line(one: Contribution) -> str:
    return " ".join(markdown.to_text(one.text).split())


def _same(values: Iterable[str]) -> str:
    """Return what all *values* are; empty if they differ, or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else ""
