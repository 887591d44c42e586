"""Network updates for tests: one with everything in it, and one with dates alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

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
from mailer.german import full_day
from mailer.outbox.quarterly import SECTIONS
from mailer.rendering import letter, typesetting
from mailer.rendering.environment import open_environment
from subscribers.topics import LetterStyle
from tests.letters import MEANS, a_reader, meeting_row, settings_for

if TYPE_CHECKING:
    from mailer.editions.facts import When
    from mailer.rendering.letter import Letter

QUARTER: Final = Quarter(date(2027, 1, 1))
"""Its next quarter has a day that falls out: 6 May 2027."""

WORDS: Final = (
    "Liebe Partnerinnen und Partner,\n\nder Winter war *voller* Ideen. Das Beste:\n"
    "\n- Der Stadtplan ohne Stufen ist fertig.\n- Die [Ausstellung]"
    "(https://mia.example/ausstellung) öffnet im Mai."
)
EASY_WORDS: Final = "Der Stadt-Plan ist fertig.\nDer Plan liegt im Rathaus."

ENTRY: Final = (
    "Einrichtung: Beispielhaus e. V., Beratungsstellen\n"
    "Ansprechperson: Hans Muster, Leitung\n"
    "Ansprechperson: Rita Beispiel\n"
    "Diese E-Mail geht an: info@haus.example"
)

FIELDS: Final = (
    "Soziale Einrichtungen",
    "Seniorinnen und Senioren",
    "Menschen mit Beeinträchtigungen",
    "Sportvereine/Reha-Sport",
    "Schulen und Kitas",
    "Wohnungswirtschaft",
    "Beratungsstellen",
    "engagierte Bürgerinnen und Bürger",
)

PICTURE: Final = "Bild: Eine breite Tür zwischen zwei Linden"

_HELD: Final = ((1, 7), (1, 21), (2, 4), (2, 18), (3, 4), (3, 18))
_COMING: Final = ((4, 1), (4, 15), (5, 6), (5, 20), (6, 3), (6, 17))


def full_facts(means: str = "both") -> UpdateFacts:
    """Return the facts of an update that has something to say in every section."""
    settings = settings_for(means)
    series = settings.series[0]
    archive = f"{MEANS[means][1]}/archiv/abc" if MEANS[means][1] else ""
    past = [
        PastMeeting(
            when=when(
                meeting_row(datetime(2027, month, day, 9, tzinfo=UTC)), series.zone
            ),
            title="",
            topic="Diesmal geht es um den Weg zum Bahnhof." if number == 1 else "",
            results=(
                ("Eine Gruppe geht den Weg im Mai gemeinsam ab.",)
                if number == 1
                else ()
            ),
            participants=(14, 11, None, 17, 9, 12)[number],
        )
        for number, (month, day) in enumerate(_HELD)
    ]
    news = [
        FieldNews(
            field,
            (
                News(
                    f"Beispielhaus {number} e. V.: Neue Räume",
                    "Wir haben umgebaut. Der Eingang hat **keine Stufe** mehr.\n\n"
                    f"Mehr steht [auf unserer Seite](https://haus{number}.example/neu).",
                    _files(number, archive),
                ),
            ),
        )
        for number, field in enumerate(FIELDS, start=1)
    ]
    days = [
        ComingDay(
            day=full_day(date(2027, month, day)),
            hours="",
            place="",
            title="",
            note="Christi Himmelfahrt" if month == 5 and day == 6 else "",
            is_off=month == 5 and day == 6,
        )
        for month, day in _COMING
    ]
    return UpdateFacts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        quarter=_words(QUARTER),
        meetings=tuple(past),
        earlier=(replace(past[0], when=_in_december(), results=("Spät notiert.",)),),
        results=("Das Netzwerk hat jetzt ein Faltblatt.",),
        news=(
            FieldNews("Aus der Koordination", (News("", "Das Büro zieht um."),)),
            *news,
        ),
        newcomers=("Sportverein Vorwärts e. V. (Sportvereine/Reha-Sport)",),
        coming=tuple(days),
        usual_title=series.title,
        usual_hours="10:00 bis 13:00 Uhr",
        venue=venue_words(settings.venues[series.venue], settings.coordinator.phone),
        questions=(News("", "Wer hat eine mobile Höranlage zum Ausleihen?"),),
        figures=(
            Figure("Treffen", "6", "5", 100, 83),
            Figure("Anwesende", "63", "nicht notiert", 100, 0),
            Figure("Angemeldet", "12", "31", 39, 100),
            Figure("Abgemeldet", "2", "0", 100, 0),
            Figure("Gesendete Briefe", "1.204", "980", 100, 81),
        ),
        has_before=True,
        sections=tuple(SECTIONS.items()),
        archive=archive,
        words=WORDS,
        easy_words=EASY_WORDS,
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
        has_calendar=True,
    )


def short_facts(means: str = "both") -> UpdateFacts:
    """Return the facts of an update about a quarter with nothing to say."""
    has = ("termine", "beitrag", "angaben")
    return replace(
        full_facts(means),
        meetings=(),
        earlier=(),
        results=(),
        news=(),
        newcomers=(),
        questions=(),
        figures=(),
        has_before=False,
        sections=tuple((name, SECTIONS[name]) for name in has),
        words="",
        easy_words="",
    )


FACTS: Final = {"full": full_facts, "short": short_facts}


@cache
def update_letter(
    name: str, style: LetterStyle = LetterStyle.STANDARD, means: str = "both"
) -> Letter:
    """Return an update as one partner's office gets it."""
    reader = a_reader(style, name=None, is_partner=True, base_url=MEANS[means][1])
    opened = open_update(name, style, means)
    return letter.fill(opened, replace(reader, entry=ENTRY))


def open_update(
    name: str, style: LetterStyle = LetterStyle.STANDARD, means: str = "both"
) -> Letter:
    """Return an update with its personal places open."""
    known = FACTS[name](means)
    return typesetting.render(open_environment(None), known, style, "network_update")


def _files(number: int, archive: str) -> tuple[NewsFile, ...]:
    """Return a picture for the first partner, and a document for the second."""
    page = f"{archive}#datei-{number}" if archive else ""
    note = "" if archive else "auf Anfrage"
    document = NewsFile("Dokument: Programm.pdf", page, "liegt dieser E-Mail bei")
    found = {1: NewsFile(PICTURE, page, note), 2: document}
    return (found[number],) if number in found else ()


def _words(quarter: Quarter) -> QuarterWords:
    return QuarterWords(
        german=quarter.german,
        before=quarter.before.german,
        following=quarter.following.german,
        next_issue="Juli 2027",
        deadline="Dienstag, 15. Juni 2027",
    )


def _in_december() -> When:
    zone = settings_for("both").series[0].zone
    return when(meeting_row(datetime(2026, 12, 17, 9, tzinfo=UTC)), zone)
