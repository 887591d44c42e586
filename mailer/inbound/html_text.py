"""HTML mail as plain text, with quotations marked as in plain mail.

A small reader of its own: the library's parser takes quadratic time on some broken
pages, and here only blocks, line breaks and quotations matter. What is wrong in the
page ends up as text or is left out; nothing raises.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HTML_CHARS: Final = 512 * 1024
"""A newsletter has a tenth of it."""

MAX_QUOTE_DEPTH: Final = 5
"""Deeper quotations are marked like this one."""

_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "center", "dd", "div"),
        *("dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_SILENT: Final = frozenset({"head", "script", "style", "template", "title"})
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_LONG_NUMBER: Final = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


def html_text(page: str) -> str:
    """Return *page* as plain text; quoted lines begin with ">"."""
    sheet = _Sheet()
    for is_end, tag, words in _pieces(page[:MAX_HTML_CHARS]):
        sheet.take(tag, is_end=is_end)
        sheet.write(words)
    sheet.end_line()
    return "\n".join(sheet.lines).strip("\n")


class _Sheet:
    """The lines written so far, and where in the page we are."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._silent = ""

    def take(self, tag: str, *, is_end: bool) -> None:
        """Do what a tag asks for."""
        if self._silent:
            if is_end and tag == self._silent:
                self._silent = ""
            return
        if tag in _SILENT and not is_end:
            self._silent = tag
        if tag not in _BLOCKS:
            return
        if self._line or tag == "br":
            self.end_line()
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1) if is_end else self._quotes + 1
        if tag == "hr":
            self.lines.append("________________________________")

    def write(self, words: str) -> None:
        """Write what is meant to be read."""
        if words and not self._silent:
            self._line.append(_unescaped(words))

    def end_line(self) -> None:
        """Begin a new line."""
        said = _SPACE.sub(" ", "".join(self._line)).strip(" ")
        marks = ">" * min(self._quotes, MAX_QUOTE_DEPTH)
        self.lines.append(f"{marks} {said}" if marks else said)
        self._line.clear()


def _pieces(page: str) -> Iterator[tuple[bool, str, str]]:
    """Yield each tag, as end or not, with the text that follows it."""
    is_end, tag = False, ""
    at = 0
    while True:
        start = page.find("<", at)
        if start < 0:
            yield is_end, tag, page[at:]
            return
        found = _TAG.match(page, start)
        comment = page.startswith("<!", start) or page.startswith("<?", start)
        if not found and not comment:
            yield is_end, tag, page[at : start + 1]
            is_end, tag, at = False, "", start + 1
            continue
        yield is_end, tag, page[at:start]
        closing = "-->" if page.startswith("<!--", start) else ">"
        end = page.find(closing, start)
        is_end, tag = (bool(found[1]), found[2].lower()) if found else (False, "")
        if end < 0:
            yield is_end, tag, ""
            return
        at = end + len(closing)


def _unescaped(words: str) -> str:
    """Return text with its entities resolved; absurd numbers are left out."""
    return html.unescape(_LONG_NUMBER.sub("", words))
