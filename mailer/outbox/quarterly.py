"""What a network update says: from the rows of a quarter to its facts.

It speaks from the day on which it goes out: meetings of the quarter that are still to
come when it is drafted count as held. So its words stay the same while time passes,
and change when something is decided: then the coordinator must say yes again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer import german
from mailer.editions.context import (
    coordinator_facts,
    link_facts,
    network_facts,
    sender_facts,
)
from mailer.editions.due import UpdateTimes, update_on
from mailer.editions.quarter import working_day_until
from mailer.editions.update_facts import QuarterWords, UpdateFacts
from mailer.meetings.calendar_day import DayState
from mailer.network import gathered
from mailer.outbox import quarter_days, quarter_past
from mailer.outbox.quarter_figures import as_told, quarter_figures, span_of
from mailer.outbox.quarter_material import same
from subscribers.models import Partner
from subscribers.states import PartnerState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.editions.models import Edition
    from mailer.editions.update_facts import Figure
    from mailer.outbox.quarter_material import Material
    from subscribers.database import Db

BEFORE_THE_DRAFT: Final = timedelta(days=2)
"""So long before the draft contributions should be there: she has to read them."""

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


def update_facts(db: Db, edition: Edition, known: Material) -> UpdateFacts:
    """Return what the update about a quarter may mention.

    Raises:
        PlanRefused: The settings no longer know a series or a venue.
    """
    settings, quarter = known.settings, known.quarter
    days = quarter_days.coming_days(db, known)
    meetings, earlier, results = quarter_past.past(db, known)
    figures, has_before = _figures(db, known)
    found = UpdateFacts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        quarter=_words(known),
        meetings=meetings,
        earlier=earlier,
        results=results,
        news=quarter_past.news(db, known),
        newcomers=_newcomers(db, known),
        coming=tuple(quarter_days.as_told(days, known)),
        usual_title=same(day.title for day in days),
        usual_hours=same(
            quarter_days.hours(day) for day in days if day.state is DayState.PLANNED
        ),
        venue=quarter_days.venue(days, known),
        questions=tuple(
            quarter_past.told(one, known)
            for one in gathered.questions(db, quarter.first)
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
        has_calendar=quarter_days.have_rows(days),
    )
    return replace(found, sections=_sections(found))


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


def _newcomers(db: Db, known: Material) -> tuple[str, ...]:
    span = span_of(known.quarter, known.zone)
    rows = db.scalars(
        sa.select(Partner)
        .where(Partner.state != PartnerState.LEFT, *span.holds(Partner.created_at))
        .order_by(Partner.organisation)
    )
    return tuple(f"{one.organisation} ({one.field_of_work})" for one in rows)


def _figures(db: Db, known: Material) -> tuple[tuple[Figure, ...], bool]:
    """Return the numbers, and whether there are any of the quarter before."""
    this, that = (
        quarter_figures(db, span_of(one, known.zone))
        for one in (known.quarter, known.quarter.before)
    )
    has_before = any((that.meetings, that.participants, that.joined, that.sent))
    return as_told(this, that), has_before
