"""The pages in a real browser: every journey by keyboard, every state looked at.

Somebody goes all the ways there are, without scripts and in a window of 320 pixels.
What she has seen is then judged by axe and html-validate, in light, dark and forced
colours, and with text twice as large.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from tests.accessibility.test_html_validate import TOOL
from tests.accessibility.test_in_a_browser import AXE, DOUBLE_PRINT, SPACED
from tests.accessibility.town_online import links, town_online
from tests.accessibility.visitor_at_the_keyboard import KeyboardVisitor
from tests.archived import fill
from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

    from tests.accessibility.town_online import TownOnline

pytestmark = pytest.mark.browser

RITA: Final = "rita@post.example"

RULES: Final = {**AXE, "rules": {"color-contrast-enhanced": {"enabled": True}}}
"""As for letters; a page has landmarks of its own."""

READING: Final = {
    "front": "/",
    "dates": "/termine",
    "archive": "/archiv",
    "statement": "/barrierefreiheit",
    "privacy": "/datenschutz",
    "imprint": "/impressum",
    "front, easy": "/leicht",
    "dates, easy": "/leicht/termine",
    "archive, easy": "/leicht/archiv",
    "statement, easy": "/leicht/barrierefreiheit",
    "privacy, easy": "/leicht/datenschutz",
    "imprint, easy": "/leicht/impressum",
    "not there": "/gibt-es-nicht",
    "a link that is none": "/bestaetigen/abcdefgh",
}


@dataclass
class Walk:
    """Everything that somebody has seen on all her ways.

    Attributes:
        requests: Every address that her browser wanted.
        cookies: What was left with her.
        focus: On what the focus was after something was wrong, by the page's name.
    """

    visitor: KeyboardVisitor
    url: str
    requests: list[str]
    cookies: list[Any]
    focus: dict[str, str]


@pytest.fixture(scope="module")
def walk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """One person on all ways: join, confirm, choose, leave, come back, ask, read."""
    with town_online(tmp_path_factory.mktemp("town")) as town:
        fill(town.application)
        context = browser.new_context(
            java_script_enabled=False,
            viewport={"width": 320, "height": 640},
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        visitor = KeyboardVisitor(page)
        focus: dict[str, str] = {}
        _join(visitor, town, focus)
        own, out = _ask_for_links(visitor, town, focus)
        _choose(visitor, own, focus)
        _leave(visitor, out)
        _report(visitor, town, focus)
        for name, path in READING.items():
            visitor.open(f"{town.url}{path}", name)
        visitor.open(f"{town.url}/archiv", "archive")
        visitor.follow("Einladung", "letter")
        visitor.follow("Leichte Sprache", "letter, easy")
        yield Walk(visitor, town.url, requests, context.cookies(), focus)
        context.close()


def _join(visitor: KeyboardVisitor, town: TownOnline, focus: dict[str, str]) -> None:
    visitor.open(f"{town.url}/", "front")
    visitor.follow("Einladungen bekommen", "join")
    visitor.follow("Anmelden", "join, wrong")
    focus["join, wrong"] = visitor.focused()
    visitor.tab_to("Bitte geben Sie Ihre E-Mail-Adresse ein.")
    visitor.press("Enter")
    focus["join, after the summary"] = visitor.focused()
    visitor.type(RITA)
    visitor.tab_to("Standardsprache")
    visitor.press("ArrowDown")
    visitor.tab_to("Ja, ich möchte")
    visitor.press("Space")
    town.let_time_pass()
    visitor.follow("Anmelden", "look for mail")
    (confirm, *_) = links(town.mail_to(RITA))
    visitor.open(confirm, "confirm")
    visitor.follow("Anmeldung bestätigen", "confirmed")
    visitor.open(confirm, "confirmed before")


def _choose(visitor: KeyboardVisitor, own: str, focus: dict[str, str]) -> None:
    visitor.open(own, "choose")
    visitor.tab_to("so lassen")
    visitor.press("ArrowDown")
    visitor.follow("Einstellungen speichern", "saved")
    visitor.open(own, "choose")
    visitor.follow("Neue Adresse bestätigen lassen", "choose, wrong")
    focus["choose, wrong"] = visitor.focused()
    visitor.tab_to("Neue E-Mail-Adresse")
    visitor.type("rita@neu.example")
    visitor.follow("Neue Adresse bestätigen lassen", "move asked")
    visitor.open(own, "choose")
    visitor.follow("Meine Daten per E-Mail bekommen", "data sent")


def _leave(visitor: KeyboardVisitor, out: str) -> None:
    visitor.open(out, "leave")
    visitor.follow("Abmelden", "left")
    visitor.follow("Abmeldung rückgängig machen", "undone")


def _ask_for_links(
    visitor: KeyboardVisitor, town: TownOnline, focus: dict[str, str]
) -> tuple[str, str]:
    """Return her link to the settings and the one to leave."""
    visitor.open(f"{town.url}/link", "lost link")
    visitor.follow("Meinen Link schicken", "lost link, wrong")
    focus["lost link, wrong"] = visitor.focused()
    visitor.tab_to("E-Mail-Adresse")
    visitor.type(RITA)
    town.let_time_pass()
    visitor.follow("Meinen Link schicken", "link sent")
    own, out, *_ = links(town.mail_to(RITA))
    return own, out


def _report(visitor: KeyboardVisitor, town: TownOnline, focus: dict[str, str]) -> None:
    visitor.open(f"{town.url}/barrierefreiheit", "statement")
    visitor.follow("Eine Barriere melden", "report")
    visitor.follow("Nachricht senden", "report, wrong")
    focus["report, wrong"] = visitor.focused()
    visitor.tab_to("Ihre Nachricht")
    visitor.type("Die Schrift ist mir zu klein.")
    town.let_time_pass()
    visitor.follow("Nachricht senden", "reported")


def test_every_result_has_a_german_title_of_its_own(walk: Walk) -> None:
    """In the window and as main heading the same; WCAG 2.2, criterion 2.4.2.

    Where something is wrong, the title of the window says so before anything else.
    """
    for name, (title, heading) in walk.visitor.titles.items():
        said = "Fehler: " if name.endswith("wrong") else ""
        assert title.replace("\u00a0", " ") == f"{said}{heading} – MIA", name
    for before, after in (
        ("join", "look for mail"),
        ("confirm", "confirmed"),
        ("leave", "left"),
        ("left", "undone"),
        ("lost link", "link sent"),
        ("report", "reported"),
    ):
        assert walk.visitor.titles[before] != walk.visitor.titles[after]


def test_what_is_wrong_gets_the_focus(walk: Walk) -> None:
    """First the summary; its link leads into the field."""
    assert walk.focus.pop("join, after the summary") == "email"
    assert set(walk.focus.values()) == {"fehler"}


def test_the_browser_asks_nobody_else(walk: Walk) -> None:
    """No remote request and no cookie on all the ways."""
    own = urlsplit(walk.url).netloc
    assert {urlsplit(one).netloc for one in walk.requests} == {own}
    assert walk.cookies == []


def test_every_state_is_valid_html(walk: Walk, tmp_path: Path) -> None:
    """No error and no warning of html-validate."""
    if not TOOL.exists():
        missing("html-validate (npm ci in tests/node)")
    rules = {
        "root": True,
        "extends": ["html-validate:recommended"],
        # The style sheet keeps a number on its line; it stays as people dial it.
        "rules": {"tel-non-breaking": "off"},
    }
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps(rules), encoding="utf-8")
    for name, html in walk.visitor.seen.items():
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
    run = subprocess.run(
        [TOOL, "--formatter", "text", "*.html"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.stdout.strip(), run.returncode) == ("", 0)


@pytest.fixture(scope="module")
def sheet() -> bytes:
    """The style sheet of the pages."""
    from importlib.resources import files  # noqa: PLC0415 - one fixture needs it

    return (files("templates") / "web/style.css").read_bytes()


def shown(page: Page, html: str, sheet: bytes) -> None:
    """Show what somebody has seen once more, where scripts may look at it."""

    def answer(route: Route) -> None:
        if route.request.url.endswith("/page"):
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif route.request.url.endswith("/style.css"):
            route.fulfill(body=sheet, content_type="text/css")
        else:
            route.fulfill(status=204)

    page.unroute("**/*")
    page.route("**/*", answer)
    page.goto("http://seiten.example/page")


def wider(page: Page) -> int:
    """Return how many pixels a page is wider than its window."""
    found: int = page.evaluate(
        "() => document.documentElement.scrollWidth - window.innerWidth"
    )
    return found


WINDOWS: Final[dict[str, dict[str, Any]]] = {
    "light and narrow": {"viewport": {"width": 320, "height": 640}},
    "dark and wide": {
        "viewport": {"width": 1100, "height": 800},
        "color_scheme": "dark",
    },
    "forced colours": {
        "viewport": {"width": 640, "height": 800},
        "forced_colors": "active",
    },
}

SOME: Final = ("front", "dates", "join, wrong", "choose", "letter", "dates, easy")
"""What is looked at in every window: each piece that pages are made of."""


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing(
    walk: Walk, browser: Browser, sheet: bytes, window: str
) -> None:
    """WCAG 2.2 A and AA, contrast of 7:1, good practice; undecided is wrong."""
    context = browser.new_context(**WINDOWS[window])
    page, axe, found = context.new_page(), Axe(), []
    names = walk.visitor.seen if "narrow" in window else SOME
    for name in names:
        shown(page, walk.visitor.seen[name], sheet)
        judged = axe.run(page, options=RULES).response
        found += [
            f"{name}: {rule['id']} {node['html'][:90]}"
            for kind in ("violations", "incomplete")
            for rule in judged[kind]
            for node in rule["nodes"]
        ]
        assert {"document-title", "html-has-lang", "bypass"} <= {
            rule["id"] for rule in judged["passes"]
        }
        assert wider(page) <= 0, name
    context.close()
    assert found == []


def test_large_and_spaced_text_fits(walk: Walk, browser: Browser, sheet: bytes) -> None:
    """Text at 200 % and wide spacing scroll nothing sideways and cut nothing off."""
    context = browser.new_context(viewport={"width": 640, "height": 800})
    page = context.new_page()
    for name in SOME:
        html = walk.visitor.seen[name]
        shown(page, html, sheet)
        page.evaluate(DOUBLE_PRINT)
        assert wider(page) <= 0, name
        shown(page, html, sheet)
        page.add_style_tag(content=SPACED)
        assert wider(page) <= 0, name
    context.close()
