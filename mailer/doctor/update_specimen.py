"""A network update that says a little of everything, with the present settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer import german
from mailer.editions.context import (
    coordinator_facts,
    link_facts,
    network_facts,
    sender_facts,
    venue_words,
    when,
)
from mailer.editions.quarter import Quarter
from mailer.editions.update_facts import (
    ComingDay,
    FieldNews,
    Figure,
    News,
    NewsFile,
    PastMeeting,
    QuarterWords,
    UpdateFacts,
)
from mailer.outbox.quarterly import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.meetings.slots import Slot
    from mailer.settings.model import Series, Settings

ORGANISATION: Final = "Beispielhaus e. V."

TOPIC: Final = "Es geht um den Markt."

RESULT: Final = "Die Liste der Stufen steht."

NEWS: Final = News(
    f"{ORGANISATION}: Neue Räume",
    "Wir haben neue Räume und freuen uns über Besuch.",
    (NewsFile("Bild: Ein heller Raum mit vier Tischen", "", "auf Anfrage"),),
)


def update_specimen(
    settings: Settings, series: Series, coming: Sequence[Slot]
) -> UpdateFacts:
    """Return what an update about the quarter before the next meeting would mention."""
    following = Quarter.of(coming[0].on)
    place = settings.venues[coming[0].venue]
    first = when(coming[0], series.zone)
    return UpdateFacts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        quarter=_words(following),
        meetings=(PastMeeting(first, "", TOPIC, (RESULT,), 14),),
        earlier=(),
        results=(),
        news=tuple(
            FieldNews(field, (NEWS,)) for field in settings.network.fields_of_work
        ),
        newcomers=(ORGANISATION,),
        coming=tuple(
            ComingDay(german.full_day(slot.on), "", "", "", "", is_off=False)
            for slot in coming
            if slot.on <= following.last
        ),
        usual_title=series.title,
        usual_hours=first.hours,
        venue=venue_words(place, settings.coordinator.phone),
        questions=(News("", "Wer hat einen Raum ohne Stufen?"),),
        figures=(Figure("Treffen", "6", "5", 100, 83),),
        has_before=True,
        sections=tuple(SECTIONS.items()),
        archive="",
        words="",
        easy_words="",
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
        has_calendar=True,
    )


def _words(following: Quarter) -> QuarterWords:
    quarter, issued_on = following.before, following.following.first
    return QuarterWords(
        german=quarter.german,
        before=quarter.before.german,
        following=following.german,
        next_issue=f"{german.MONTHS[issued_on.month - 1]} {issued_on.year}",
        deadline=german.full_day(following.last),
    )
