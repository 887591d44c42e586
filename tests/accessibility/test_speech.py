"""How a letter sounds: eSpeak NG says the key lines, and we read its phonemes.

NVDA brings this engine along. eSpeak reads "10:00" as "zehn Uhr null null" and a dash
as "Strich"; neither may be heard where a time is said in a sentence.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mailer.rendering import document
from subscribers.topics import LetterStyle
from tests.conftest import missing
from tests.letters import invitation, open_invitation, some_facts
from tests.web_server import serving
from tests.year_letters import FIRST, NAMES, year_letter

if TYPE_CHECKING:
    from mailer.application import Application


@pytest.fixture(autouse=True)
def a_voice() -> None:
    """Without eSpeak nothing can be heard."""
    if shutil.which("espeak-ng") is None:
        missing("espeak-ng")


NULL_NULL = "nUl"
STRICH = "Str'IC"


def spoken(text: str) -> str:
    """Return the phonemes of German *text*."""
    run = subprocess.run(
        ["espeak-ng", "-v", "de", "-q", "-x", text],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return run.stdout


@pytest.mark.parametrize("style", LetterStyle)
def test_subjects_are_spoken_in_words(style: LetterStyle) -> None:
    """No dash and no zeros in what is read first in every mailbox."""
    said = spoken(open_invitation("both", style).subject)
    assert STRICH not in said
    assert NULL_NULL not in said
    assert "ts'E2mb3" in said  # Dezember, as a word


@pytest.mark.parametrize("style", LetterStyle)
def test_subjects_of_the_year_are_spoken_in_words(style: LetterStyle) -> None:
    """The same for every letter that says that something is near, moved or off."""
    for name in NAMES:
        said = spoken(year_letter(name, style).subject)
        assert STRICH not in said
        assert NULL_NULL not in said


@pytest.mark.parametrize("name", ["", *FIRST])
def test_easy_letters_are_spoken_in_words(name: str) -> None:
    """The invitation and each other kind, whole but for their addresses."""
    easy = LetterStyle.EASY
    letter = invitation("both", easy) if not name else year_letter(name, easy)
    lines = [
        line
        for line in letter.text.splitlines()
        if "://" not in line and "@" not in line
    ]
    said = spoken("\n".join(line for line in lines if not line.startswith("- ")))
    assert STRICH not in said
    assert NULL_NULL not in said


def test_easy_pages_are_spoken_in_words(application: Application) -> None:
    """What Renate and Egon would hear of the pages that say when and where."""
    with serving(application) as visitor:
        pages = [visitor.get(path).text for path in ("/leicht", "/leicht/termine")]
    for page in pages:
        main = page[page.index("<main") : page.index("</main>")]
        lines = document.parse(f"<body>{main}</main></body>").text.splitlines()
        said = spoken("\n".join(line for line in lines if "@" not in line))
        assert "ts'E2mb3" in said  # Dezember, as a word
        assert STRICH not in said
        assert NULL_NULL not in said


def test_the_telephone_is_spoken_in_pairs() -> None:
    """In threes, "958 111" becomes one number of hundreds of thousands."""
    coordinator = some_facts().coordinator
    assert "t'aUz@nt" in spoken("03473 958 111")
    assert "t'aUz@nt" not in spoken(coordinator.phone_easy.partition(" ")[2])


def test_the_span_is_spoken_with_bis() -> None:
    """In the line of facts, "bis" is a word; a hyphen would be a "Strich"."""
    said = spoken(some_facts().when.hours)
    assert "bIs" in said
    assert STRICH not in said
    assert STRICH in spoken("10-13 Uhr")
