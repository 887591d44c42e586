"""The HTML of letters as html-validate reads it: valid, and good practice."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mailer.settings.model import VenueAnswer, VenueFacts
from subscribers.topics import LetterStyle
from tests.conftest import missing
from tests.desk_letters import DESK, desk_letter
from tests.letters import invitation
from tests.service_letters import FOLDERS, service_letter
from tests.update_letters import update_letter
from tests.year_letters import year_letter

if TYPE_CHECKING:
    from mailer.rendering.letter import Letter

pytestmark = pytest.mark.node

TOOL: Final = Path("tests/node/node_modules/.bin/html-validate").absolute()

RULES: Final = {
    "root": True,
    "extends": ["html-validate:recommended"],
    "rules": {
        "no-inline-style": "off",  # webmail keeps nothing else
        "no-conditional-comment": "off",  # Outlook's width
    },
}


def complaints(folder: Path, html: str) -> list[str]:
    """Return what html-validate says about a page."""
    if not TOOL.exists():
        missing("html-validate (npm ci in tests/node)")
    (folder / ".htmlvalidate.json").write_text(json.dumps(RULES), encoding="utf-8")
    (folder / "letter.html").write_text(html, encoding="utf-8")
    run = subprocess.run(
        [TOOL, "--formatter", "json", "letter.html"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return [
        f"{said['ruleId']}, line {said['line']}: {said['message']}"
        for file in json.loads(run.stdout or "[]")
        for said in file["messages"]
    ]


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("means", ["nothing", "both"])
def test_letters_are_valid(means: str, style: LetterStyle, tmp_path: Path) -> None:
    """No error and no warning on either style, with little and with much."""
    known = VenueFacts(step_free=VenueAnswer.YES) if means == "both" else None
    words = "Ein [Link](https://mia.example/a) und\n\n- ein Punkt\n\n# Überschrift"
    letter: Letter = invitation(means, style, words, known)
    assert complaints(tmp_path, letter.html) == []


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("folder", FOLDERS)
def test_letters_to_one_person_are_valid(
    folder: str, style: LetterStyle, tmp_path: Path
) -> None:
    """The same for each of them."""
    assert complaints(tmp_path, service_letter(folder, style).html) == []


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("name", ["reminder", "holiday", "cancellation", "update-all"])
def test_letters_of_the_year_are_valid(
    name: str, style: LetterStyle, tmp_path: Path
) -> None:
    """The same for those that hold every piece of the rest."""
    assert complaints(tmp_path, year_letter(name, style).html) == []


@pytest.mark.parametrize("style", LetterStyle)
def test_the_letter_about_a_quarter_is_valid(
    style: LetterStyle, tmp_path: Path
) -> None:
    """With a list of contents, a table of numbers and everything else in it."""
    assert complaints(tmp_path, update_letter("full", style).html) == []


@pytest.mark.parametrize("name", DESK)
def test_mails_to_the_coordinator_are_valid(name: str, tmp_path: Path) -> None:
    """The same for what she gets, with whole letters inside."""
    assert complaints(tmp_path, desk_letter(name).html) == []


def test_faults_are_found(tmp_path: Path) -> None:
    """The judge is awake: an unclosed element and a wrong nesting."""
    html = invitation().html.replace("</h1>", "</h2><p><div></div></p>")
    assert complaints(tmp_path, html) != []
