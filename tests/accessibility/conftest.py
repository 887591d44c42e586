"""A real browser for letters: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from playwright.sync_api import Browser, Page, Request

FLAGS: Final = [
    "--no-sandbox",  # CI runs as root, where Chromium has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class View:
    """A letter as a browser shows it.

    Attributes:
        page: The browser's page.
        requests: Every address it wanted to load.
    """

    page: Page
    requests: list[str] = field(default_factory=list)

    def heard(self) -> list[tuple[str, str]]:
        """Return role and name of all that is read aloud, in that order."""
        protocol = self.page.context.new_cdp_session(self.page)
        nodes = protocol.send("Accessibility.getFullAXTree")["nodes"]
        protocol.detach()
        by_id = {node["nodeId"]: node for node in nodes}
        waiting, walked = [nodes[0]], []
        while waiting:
            node = waiting.pop()
            waiting += [by_id[one] for one in reversed(node["childIds"])]
            if not node["ignored"]:
                walked.append((node["role"]["value"], node["name"]["value"]))
        return walked

    def linear(self) -> str:
        """Return all text in the order in which it is read aloud."""
        said = " ".join(name for role, name in self.heard() if role == "StaticText")
        return " ".join(said.replace("\u00a0", " ").split())

    def headings(self) -> list[tuple[int, str]]:
        """Return level and text of every heading, in order."""
        found: list[list[Any]] = self.page.evaluate(
            "() => [...document.querySelectorAll('h1,h2,h3')]"
            ".map(e => [Number(e.tagName[1]), e.innerText])"
        )
        return [(level, " ".join(text.split())) for level, text in found]

    def overflow(self) -> int:
        """Return how many pixels the page is wider than its window."""
        wider: int = self.page.evaluate(
            "() => document.documentElement.scrollWidth - window.innerWidth"
        )
        return wider


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the letters of a module.

    Not longer: Playwright keeps an event loop running in this thread, and no other
    test could start its own.
    """
    found = shutil.which("chromium")
    if found is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def windows() -> list[Page]:
    """Windows that nobody looks into: a new one would read its scripts for a second."""
    return []


@pytest.fixture
def view(
    browser: Browser, windows: list[Page]
) -> Callable[..., AbstractContextManager[View]]:
    """Open HTML in a window; keywords are those of ``Page.emulate_media``."""

    @contextmanager
    def opened(html: str, *, width: int = 800, **media: Any) -> Iterator[View]:
        page = windows.pop() if windows else browser.new_page()
        page.goto("about:blank")  # nothing is left of the letter before
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(**{"color_scheme": "light", "forced_colors": "none"} | media)
        seen = View(page)

        def wanted(request: Request) -> None:
            seen.requests.append(request.url)

        page.on("request", wanted)
        page.set_content(html, wait_until="load")
        yield seen
        page.remove_listener("request", wanted)
        windows.append(page)

    return opened
