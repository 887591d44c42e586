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
    from collections.abc import Iterator, Mapping

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


OF_THE_YEAR: Final = ("reminder", "holiday", "cancellation", "update-all")
"""Those that hold every piece of the rest."""


def letters() -> Iterator[tuple[str, Letter]]:
    """Yield every kind of letter with a name, those with styles in both."""
    words = "Ein [Link](https://mia.example/a) und\n\n- ein Punkt\n\n# Überschrift"
    for style in LetterStyle:
        for means, access in (
            ("nothing", None),
            ("both", VenueFacts(step_free=VenueAnswer.YES)),
        ):
            yield f"invitation-{means}-{style}", invitation(means, style, words, access)
        for folder in FOLDERS:
            yield f"{folder}-{style}", service_letter(folder, style)
        for name in OF_THE_YEAR:
            yield f"{name}-{style}", year_letter(name, style)
        yield f"quarter-{style}", update_letter("full", style)
    for name in DESK:
        yield f"desk-{name}", desk_letter(name)


def complaints(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Return what html-validate says about pages, each by its name."""
    if not TOOL.exists():
        missing("html-validate (npm ci in tests/node)")
    (folder / ".htmlvalidate.json").write_text(json.dumps(RULES), encoding="utf-8")
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    run = subprocess.run(
        [TOOL, "--formatter", "json", "*.html"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return [
        f"{Path(file['filePath']).name}, line {said['line']}: {said['ruleId']}, "
        f"{said['message']}"
        for file in json.loads(run.stdout)
        for said in file["messages"]
    ]


def test_letters_are_valid(tmp_path: Path) -> None:
    """No error and no warning on any kind, in any style, with little and with much.

    All at once: Node starts for a second, and a letter takes a twentieth of it.
    """
    pages = {name: letter.html for name, letter in letters()}
    assert complaints(tmp_path, pages) == []


def test_faults_are_found_in_each(tmp_path: Path) -> None:
    """The judge is awake: an unclosed element and a wrong nesting."""
    html = invitation().html.replace("</h1>", "</h2><p><div></div></p>")
    found = complaints(
        tmp_path, {"bad": html, "good": invitation().html, "worse": html}
    )
    assert {one.partition(",")[0] for one in found} == {"bad.html", "worse.html"}
