"""Service letters: neutral, complete, easy where they must be, and true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mailer.rendering import accessibility, looks
from mailer.rendering.agreement import facts_in
from mailer.rendering.document import parse
from subscribers.topics import LetterStyle
from tests import leichte_sprache
from tests.letters import BASE_URL, MEANS
from tests.service_letters import FOLDERS, TOKEN, service_letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STANDARD, EASY = LetterStyle.STANDARD, LetterStyle.EASY

every_letter = pytest.mark.parametrize("folder", FOLDERS)
every_style = pytest.mark.parametrize("style", LetterStyle)


@every_letter
@every_style
@pytest.mark.parametrize("means", ["nothing", "inbox", "both"])
def test_each_is_as_approved(
    folder: str,
    style: LetterStyle,
    means: str,
    golden: Callable[[Path | str, str], None],
) -> None:
    """Subject and text for each kind of set-up; the HTML where there is most of it."""
    letter = service_letter(folder, style, means)
    golden(
        f"letters/{folder}/{means}.{style}.txt", f"{letter.subject}\n\n{letter.text}"
    )
    if means == "both":
        golden(f"letters/{folder}/{means}.{style}.html", letter.html)


@every_letter
@pytest.mark.parametrize("means", MEANS)
def test_easy_letters_are_easy(folder: str, means: str) -> None:
    """The checker finds no error and no hint."""
    letter = service_letter(folder, EASY, means)
    assert leichte_sprache.check(f"{letter.subject}\n\n{letter.text}") == []


@every_letter
@every_style
@pytest.mark.parametrize("means", MEANS)
def test_letters_promise_only_what_works(
    folder: str, style: LetterStyle, means: str
) -> None:
    """Links need public pages, answering with a word needs a mailbox."""
    letter = service_letter(folder, style, means)
    inbox, base_url = MEANS[means]
    for part in (letter.text, re.sub(r"<[^>]+>", "", letter.html)):
        if inbox is None and folder != "address_requested":
            assert not re.search(r"ntworten Sie (auf|mit|bitte|einfach)", part)
        assert base_url or "https://" not in part


@every_letter
@every_style
def test_each_gives_a_telephone_and_a_sender(folder: str, style: LetterStyle) -> None:
    """A human way out, and who is responsible, in every automatic mail."""
    letter = service_letter(folder, style)
    phone = "03473 95 81 11" if style is EASY else "03473 958-111"
    for part in (letter.text, letter.html.replace("\u00a0", " ")):
        assert phone in part
        assert "Stadt Aschersleben" in part
        assert f"{BASE_URL}/impressum" in part
        assert f"{BASE_URL}/datenschutz" in part


@every_letter
@every_style
@pytest.mark.parametrize("means", ["nothing", "both"])
def test_html_and_text_say_the_same(
    folder: str, style: LetterStyle, means: str
) -> None:
    """Dates, times, telephone numbers and addresses stand in both."""
    letter = service_letter(folder, style, means)
    shown, said = facts_in(parse(letter.html).text), facts_in(letter.text)
    for kind in ("Datum", "Uhrzeit", "Telefonnummer", "E-Mail-Adresse"):
        assert shown[kind] == said[kind], kind


@every_letter
@every_style
def test_html_is_accessible(folder: str, style: LetterStyle) -> None:
    """The rules for HTML of every letter hold for these too."""
    letter = service_letter(folder, style)
    document = parse(letter.html)
    found = [one for rule in accessibility.RULES for one in rule(document, letter)]
    assert found + looks.check(document, style) == []


@every_style
@pytest.mark.parametrize("means", ["inbox", "both"])
@pytest.mark.parametrize("folder", ["confirmation", "new_address"])
def test_a_question_is_neutral(folder: str, style: LetterStyle, means: str) -> None:
    """No advertising, no dates of meetings, no way to leave what nobody has joined."""
    letter = service_letter(folder, style, means)
    said = f"{letter.subject}\n{letter.text}"
    assert not re.search(r"(?i)willkommen|freuen uns|nächste|Hohe Straße", said)
    assert "/abmelden/" not in letter.html
    assert "10:00" not in said
    assert set(facts_in(said)["Datum"]) <= {"12. November 2026", "19. November 2026"}
    assert letter.calendar is None


@every_style
def test_the_question_shows_what_is_agreed_to(style: LetterStyle) -> None:
    """Purpose, who is responsible, how to withdraw, and the version of the words."""
    text = service_letter("confirmation", style, "inbox").text
    for said in ("Miteinander reden", "Stadt Aschersleben", "bmelden", "19. N", "Ja"):
        assert said in text
    if style is STANDARD:
        assert "EW-2/2" in text


def test_the_answer_can_be_given_in_three_ways() -> None:
    """By replying, by a mail whose subject holds the token, by a page."""
    letter = service_letter("confirmation")
    assert f"mailto:post@mia.example?subject=Ja%20{TOKEN}" in letter.html
    assert f"{BASE_URL}/bestaetigen/{TOKEN}" in letter.html
    assert f"{BASE_URL}/bestaetigen/{TOKEN}" in letter.text


@every_style
def test_the_welcome_names_the_next_meeting(style: LetterStyle) -> None:
    """Day, time and place, from the same facts as the invitation."""
    letter = service_letter("welcome", style)
    for said in ("3. Dezember 2026", "10", "Hohe Straße 21", "nmeld"):
        assert said in letter.text


@every_letter
def test_subjects_are_short(folder: str) -> None:
    """At most 65 characters."""
    for style in LetterStyle:
        assert len(service_letter(folder, style).subject) <= 65
