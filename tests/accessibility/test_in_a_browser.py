"""Letters in a real browser: axe, narrow windows, large print, dark mode, webmail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from mailer.rendering.agreement import facts_in
from mailer.settings.model import VenueAnswer, VenueFacts
from subscribers.topics import LetterStyle
from tests.accessibility import webmail
from tests.desk_letters import DESK, desk_letter
from tests.letters import WORDS, invitation
from tests.service_letters import service_letter
from tests.update_letters import FACTS, update_letter
from tests.year_letters import year_letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mailer.rendering.letter import Letter
    from tests.accessibility.conftest import View

    Opened = Callable[..., AbstractContextManager[View]]

pytestmark = pytest.mark.browser

ACCESS: Final = VenueFacts(step_free=VenueAnswer.YES, lift=VenueAnswer.NO)
LONG_WORDS: Final = (
    f"{WORDS}\n\n### Neu\n\n- Punkt *eins*\n- [Programm](https://mia.example/programm)"
)

LETTERS: Final = {
    f"{means}-{style}": (means, style, words, access)
    for means, words, access in (
        ("nothing", WORDS, None),
        ("both", LONG_WORDS, ACCESS),
    )
    for style in LetterStyle
}
"""The letters that are looked at: little and much of everything, in both styles."""

WINDOWS: Final[dict[str, dict[str, Any]]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced-colours": {"forced_colors": "active"},
    "forced-colours-dark": {"forced_colors": "active", "color_scheme": "dark"},
    "narrow": {"width": 320},
}

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE: Final = {
    "runOnly": {
        "type": "tag",
        "values": TAGS,
    },
    # Of what passes, the names are enough.
    "resultTypes": ["violations", "incomplete"],
    "rules": {
        "color-contrast-enhanced": {"enabled": True},
        "target-size": {"enabled": True},
        # Landmarks belong to the page around a mail, not into the mail.
        "region": {"enabled": False},
        "landmark-one-main": {"enabled": False},
    },
}

SPACED: Final = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""
"""WCAG 2.2, criterion 1.4.12."""

DOUBLE_PRINT: Final = """() => {
  const sizes = [...document.querySelectorAll('body *')]
    .map(e => [e, parseFloat(getComputedStyle(e).fontSize)]);
  for (const [e, size] of sizes) e.style.fontSize = `${size * 2}px`;
}"""
"""Text at 200 %, everything else as it was (WCAG 2.2, criterion 1.4.4)."""


@dataclass
class Judgement:
    """What axe said about a page."""

    wrong: list[str]
    passed: set[str]


def judged(seen: View) -> Judgement:
    """Run axe; what it cannot decide counts as wrong, because a person must look."""
    response = Axe().run(seen.page, options=AXE).response
    return Judgement(
        wrong=[
            f"{rule['id']}: {node['html'][:90]}"
            for kind in ("violations", "incomplete")
            for rule in response[kind]
            for node in rule["nodes"]
        ],
        passed={rule["id"] for rule in response["passes"]},
    )


def solid(text: str) -> str:
    """Return *text* without white space: where it stands is the browser's affair."""
    return "".join(text.split())


SERVICE: Final = {
    f"{folder}-{style}": (folder, style)
    for folder in ("confirmation", "welcome", "goodbye", "not_understood")
    for style in LetterStyle
}
"""Letters to one person: the longest of them, and those that everybody gets."""

OF_THE_YEAR: Final = {
    f"{name}-{style}": (name, style)
    for name in ("reminder", "cancellation", "update-all")
    for style in LetterStyle
}
"""The other letters that go to everybody: those that hold every piece of the rest."""


@pytest.fixture(params=LETTERS)
def letter(request: pytest.FixtureRequest) -> Letter:
    """Return one of the letters that are looked at."""
    return invitation(*LETTERS[request.param])


OF_PARTNERS: Final = {f"partners-{name}": name for name in FACTS}
"""The letter about a quarter, with everything in it and with dates alone."""


@pytest.fixture(params=[*SERVICE, *OF_THE_YEAR, *DESK, *OF_PARTNERS])
def other_letter(request: pytest.FixtureRequest) -> Letter:
    """Return one of the letters that are no invitation."""
    if request.param in SERVICE:
        return service_letter(*SERVICE[request.param])
    if request.param in OF_PARTNERS:
        return update_letter(OF_PARTNERS[request.param])
    if request.param in DESK:
        return desk_letter(request.param)
    return year_letter(*OF_THE_YEAR[request.param])


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing(letter: Letter, window: str, view: Opened) -> None:
    """WCAG 2.2 A and AA, enhanced contrast, good practice; undecided is wrong."""
    with view(letter.html, **WINDOWS[window]) as seen:
        judgement = judged(seen)
        assert judgement.wrong == []
        assert seen.requests == []
        assert {"document-title", "html-has-lang", "link-name"} <= judgement.passed
        if "forced" not in window:
            assert "color-contrast-enhanced" in judgement.passed


def test_axe_finds_nothing_in_other_letters(other_letter: Letter, view: Opened) -> None:
    """On a narrow bright screen, on a dark one, and in webmail.

    Webmail removes what a dark screen would change.
    """
    whole, stripped = other_letter.html, webmail.shown(other_letter.html)
    for html, scheme in ((whole, "light"), (whole, "dark"), (stripped, "light")):
        with view(html, width=320, color_scheme=scheme) as seen:
            assert judged(seen).wrong == []
            assert seen.overflow() <= 0
            assert seen.requests == []


def test_other_letters_read_like_their_text(other_letter: Letter, view: Opened) -> None:
    """Every line of the text is heard, in its order; one main heading.

    Up to the part on leaving, where a link is a word in HTML and an address in text.
    """
    with view(other_letter.html) as seen:
        heard, position = solid(seen.linear()), 0
        assert [level for level, _ in seen.headings()].count(1) == 1
    body = re.split("\n-- \n|Abmelden oder etwas ändern", other_letter.text)[0]
    for whole in body.splitlines():
        # A row of the table: its columns have headings.
        is_row = ", davor " in whole
        line = whole.replace(", davor", "").replace(":", "") if is_row else whole
        said = solid(line.strip().removeprefix("- ").removesuffix(":"))
        if said and "https://" not in said:
            found = heard.find(said, position)
            assert found >= 0, line
            position = found


def test_webmail_leaves_a_readable_letter(letter: Letter, view: Opened) -> None:
    """Without style sheet, language, roles and backgrounds all is still there."""
    with view(letter.html) as whole, view(webmail.shown(letter.html)) as seen:
        assert judged(seen).wrong == []
        assert seen.headings()[1:] == whole.headings()
        assert seen.linear().removeprefix("Posteingang ") == whole.linear()
        assert not {"table", "LayoutTable"} & {role for role, _ in seen.heard()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_webmail_passes_axe_in_a_narrow_window(
    letter: Letter, scheme: str, view: Opened
) -> None:
    """GMX on a small screen, bright or dark."""
    html = webmail.shown(letter.html)
    with view(html, width=320, color_scheme=scheme) as seen:
        assert judged(seen).wrong == []
        assert seen.overflow() <= 0


def test_no_sideways_scrolling(letter: Letter, view: Opened) -> None:
    """WCAG 2.2, criterion 1.4.10: a window of 320 pixels is enough."""
    with view(letter.html, width=320) as seen:
        assert seen.overflow() <= 0


def test_large_print_fits(letter: Letter, view: Opened) -> None:
    """Text at 200 % in a window of 640 pixels needs no sideways scrolling."""
    with view(letter.html, width=640) as seen:
        seen.page.evaluate(DOUBLE_PRINT)
        assert seen.overflow() <= 0


def test_wide_spacing_fits(letter: Letter, view: Opened) -> None:
    """Readers who space letters, words and lines lose nothing."""
    with view(letter.html, width=320) as seen:
        seen.page.add_style_tag(content=SPACED)
        assert seen.overflow() <= 0
        clipped = seen.page.evaluate(
            "() => [...document.querySelectorAll('body *')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        assert clipped == []


def test_links_are_large_enough(letter: Letter, view: Opened) -> None:
    """WCAG 2.2, criterion 2.5.8: every line of a link is at least 24 pixels high."""
    with view(letter.html, width=320) as seen:
        low = seen.page.evaluate(
            "() => [...document.querySelectorAll('a')].flatMap(a => "
            "[...a.getClientRects()].filter(r => r.height < 24).map(() => a.innerText))"
        )
        assert low == []


def test_nothing_is_loaded(letter: Letter, view: Opened) -> None:
    """No pixel, font or picture: nobody learns that a letter was read."""
    for scheme in ("light", "dark"):
        with view(letter.html, color_scheme=scheme) as seen:
            seen.page.wait_for_load_state("networkidle")
            assert seen.requests == []


def test_the_reading_order_is_that_of_the_text(letter: Letter, view: Opened) -> None:
    """Dates, times, telephone and addresses come in the order of the text part."""
    with view(letter.html) as seen:
        linear = seen.linear()
    body = letter.text.partition("\n-- \n")[0]
    for kind, found in facts_in(body).items():
        if kind == "Link":
            continue
        shown = [one for one in found if one in linear]
        assert set(shown) == found
        assert sorted(shown, key=linear.index) == sorted(shown, key=body.index)


def test_the_paragraphs_are_those_of_the_text(letter: Letter, view: Opened) -> None:
    """Every line above the unsubscribe part is read from the HTML, in its order."""
    with view(letter.html) as seen:
        linear = seen.linear()
    end = "Abmelden oder etwas ändern"
    easy_end = "Möchten Sie keine E-Mails mehr"
    above = letter.text.partition(end)[0].partition(easy_end)[0]
    heard, position = solid(linear), 0
    for line in above.splitlines():
        said = solid(line.removeprefix("- "))
        if said and "https://" not in said and said != "Programm:":
            found = heard.find(said, position)
            assert found >= 0, line
            position = found


def test_headings_can_be_jumped_to(view: Opened) -> None:
    """One main heading, then one for each section, in both styles."""
    with view(invitation("both").html) as seen:
        assert seen.headings() == [
            (1, "Einladung: „Miteinander reden“ am Donnerstag, 3. Dezember 2026"),
            (2, "Auf einen Blick"),
            (2, "Worum geht es?"),
            (2, "Barrierefreiheit und Unterstützung"),
            (2, "Fragen?"),
            (2, "Die nächsten Termine"),
            (2, "Abmelden oder etwas ändern"),
        ]
    with view(invitation("both", LetterStyle.EASY).html) as seen:
        levels = [level for level, _ in seen.headings()]
        assert levels == [1] + [2] * 10
        assert all(text.endswith("?") for level, text in seen.headings() if level > 1)


def test_renate_hears_who_when_and_where_first(letter: Letter, view: Opened) -> None:
    """In webmail, day, time and place are said in the first half minute.

    Speech needs about that long for sixty words of the standard letter, and for
    eighty of the short ones of Leichte Sprache.
    """
    words = 80 if "Leichter Sprache" in letter.subject else 60
    with view(webmail.shown(letter.html)) as seen:
        first = " ".join(seen.linear().removeprefix("Posteingang ").split()[:words])
    for said in ("Donnerstag, 3. Dezember 2026", "10", "Hohe Straße 21"):
        assert said in first


@pytest.mark.parametrize("name", ["update", "update-all", "cancellation", "holiday"])
def test_renate_hears_first_that_she_must_not_come(name: str, view: Opened) -> None:
    """In webmail, the day and "nicht" are said before twenty seconds are over."""
    with view(webmail.shown(year_letter(name).html)) as seen:
        first = " ".join(seen.linear().removeprefix("Posteingang ").split()[:48])
    assert "Bitte kommen Sie" in first
    assert re.search(r"am (?:3\. Dezember 2026|diesem Tag)|an diesem Tag", first)
    assert "nicht." in first


def test_the_imitation_shows_what_gets_lost(view: Opened) -> None:
    """White text on a colour is found: webmail removes the colour."""
    bad = (
        '<body><div style="background-color: #0b3d91; color: white">Wichtig</div>'
        '<section aria-label="x"><p role="heading" style="/* a */ color: red">T</p>'
        "</section></body>"
    )
    page = webmail.shown(bad)
    assert "#0b3d91" not in page
    assert "aria-" not in page
    assert "section" not in page
    assert "/*" not in page
    with view(page) as seen:
        assert any("color-contrast" in one for one in judged(seen).wrong)
