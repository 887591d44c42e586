"""What the coordinator reads: each kind of mail as approved, and readable by all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from mailer.rendering import accessibility, excerpt, looks
from mailer.rendering.agreement import facts_in
from mailer.rendering.document import parse
from subscribers.topics import LetterStyle
from tests.desk_letters import DESK, desk_letter
from tests.drafting_by_mail import KATHRIN, TownHall, a_town_hall, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

ANSWERS: Final = {
    "released": "Freigeben",
    "released_again": "OK",
    "stopped": "Stopp",
    "moved": "neuer Termin: 10. Dezember 14 bis 16 Uhr, der Raum ist belegt",
    "cancelled": "fällt aus: Der Raum ist nicht geheizt.",
    "added": "zusätzlicher Termin: 10. Dezember 14 bis 16 Uhr",
    "reworded": "Thema: Wir reden über *Busse*.\n\n- Linie 1\n- Linie 2",
    "question": "neuer Termin: Freitag, 10. Dezember",
    "empty": "",
    "status": "Status",
    "help": "Hilfe",
}
"""What she answers to her draft, each in a town hall of its own."""

BOTH_BODIES: Final = ("question", "reworded")


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall on 23 November 2026."""
    return a_town_hall(settings, clock, database)


def html(message: EmailMessage) -> str:
    """Return the HTML she sees."""
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def compare(
    golden: Callable[[Path | str, str], None], name: str, message: EmailMessage
) -> None:
    """Compare subject and text with the approved ones."""
    golden(f"letters/desk/{name}.txt", f"{message['Subject']}\n\n{plain(message)}")


def test_the_draft_is_as_approved(
    hall: TownHall, golden: Callable[[Path | str, str], None]
) -> None:
    """Text and HTML."""
    draft = hall.draft()
    compare(golden, "draft", draft)
    golden("letters/desk/draft.html", html(draft))


@pytest.mark.parametrize("name", ANSWERS)
def test_each_result_is_as_approved(
    hall: TownHall, name: str, golden: Callable[[Path | str, str], None]
) -> None:
    """What happens now, in a sentence, and what can be said next."""
    draft = hall.draft()
    if name == "released_again":
        hall.say(ANSWERS["released"], draft)
        hall.send()
    hall.say(ANSWERS[name], draft)
    result = hall.result()
    compare(golden, name, result)
    if name in BOTH_BODIES:
        golden(f"letters/desk/{name}.html", html(result))


def test_a_question_without_a_seal_is_as_approved(
    hall: TownHall, golden: Callable[[Path | str, str], None]
) -> None:
    """What would happen on a "Ja"."""
    hall.say("fällt aus: 3. Dezember: Der Raum ist nicht geheizt.")
    compare(golden, "unsealed", hall.to(KATHRIN)[0])


def test_a_deputy_is_told_as_approved(
    hall: TownHall, golden: Callable[[Path | str, str], None]
) -> None:
    """Who named her, until when, and how to say no."""
    draft = hall.draft()
    hall.say("Vertretung: krause@stadt.example bis 15. Januar", draft)
    compare(golden, "deputy", hall.to("krause@stadt.example")[0])


@pytest.mark.parametrize("name", DESK)
def test_the_checks_for_letters_find_nothing(name: str) -> None:
    """One main heading, named links, sizes, contrasts; HTML and text agree."""
    letter = desk_letter(name)
    document = parse(letter.html)
    found = [one for rule in accessibility.RULES for one in rule(document, letter)]
    found += looks.check(document, LetterStyle.STANDARD)
    assert [one.sentence for one in found] == []
    said = facts_in(f"{letter.subject}\n{letter.text}")
    assert facts_in(document.text) == said


def test_without_a_mailbox_nothing_is_promised(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """The draft is shown; that a word can answer it is not said."""
    hall = a_town_hall(settings, clock, database, has_inbox=False)
    text = plain(hall.draft())
    assert "antworten" not in text.partition("So sieht sie")[0].lower()
    assert "Kennung" not in text


def test_an_enclosed_letter_has_its_place() -> None:
    """One level below the letter around it; no signature mark in its text."""
    inner = excerpt.of_html(
        "<html><head><title>x</title></head><body class='page'><!-- y --><h1>A</h1>"
        "<h3>B</h3></body></html>"
    )
    assert inner == "<h2>A</h2><h4>B</h4>"
    assert excerpt.of_text("Text\n\n-- \nAdresse\n") == "Text\n\nAdresse"
