"""Somebody who uses the pages by keyboard alone, in a small window, without scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

MOST_STEPS: Final = 60
"""Nobody presses Tab more often to find something."""

FOCUSED: Final = """() => {
  const e = document.activeElement;
  const label = e.labels && e.labels.length ? e.labels[0] : e;
  const style = getComputedStyle(e);
  return {
    name: (label.innerText || e.value || '').replace(/\\s+/g, ' ').trim(),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    id: e.id,
  };
}"""


@dataclass
class KeyboardVisitor:
    """A person, her keyboard, and what she has seen.

    Attributes:
        page: The browser's page.
        seen: Every page and state she came to, by a name, as it came.
        titles: Title and main heading of each.
    """

    page: Page
    seen: dict[str, str] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)

    def open(self, url: str, name: str) -> None:
        """Come to a page as by a link in a mail."""
        self._look(name, self.page.goto(url))

    def _look(self, name: str, answer: Response | None) -> None:
        """Remember what has come."""
        heading = self.page.locator("h1").inner_text()
        self.titles[name] = (self.page.title(), " ".join(heading.split()))
        came = answer.text() if answer is not None else ""
        # What a browser has thrown away already is asked for once more.
        self.seen[name] = came or self.page.context.request.get(self.page.url).text()

    def tab_to(self, name: str) -> None:
        """Press Tab until the focus is on what is called *name*, or begins with it."""
        passed = []
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            # WCAG 2.2, criterion 2.4.7: it is always seen where one is.
            assert focused["outline"] >= 2, focused
            if focused["name"].startswith(name):
                return
            passed.append(focused["name"])
        raise AssertionError(f"{name!r} is not among {passed}")

    def follow(self, name: str, to: str) -> None:
        """Find a link or a button, press Enter, and remember the page that comes."""
        self.tab_to(name)
        with self.page.expect_navigation() as coming:
            self.page.keyboard.press("Enter")
        self._look(to, coming.value)

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(words)

    def focused(self) -> str:
        """Return the id of what has the focus."""
        found: str = self.page.evaluate(FOCUSED)["id"]
        return found
