"""Pure: from the HTML of a letter to what a page may hold of it.

A letter is a document of its own, with its look written into each element. On a page
it has the page's look: so all that stays is words, their order and where links lead.
The letter's main heading becomes the page's.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

import nh3

_TAGS: Final = {
    *("h1", "h2", "h3", "p", "br", "ul", "ol", "li", "strong", "em", "a", "div"),
    "address",
}
_ATTRIBUTES: Final = {"a": {"href"}}
_CLASSES: Final = {"div": {"glance"}, "p": {"glance", "legal"}}

_UNREAD: Final = {"script", "style", "title"}
"""Elements whose content nobody reads."""

_HEADING: Final = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LetterBody:
    """A letter as part of a page.

    Attributes:
        heading: Its main heading, plain text; empty if it has none.
        markup: All that comes after, harmless HTML.
    """

    heading: str
    markup: str


def body_of(letter: str) -> LetterBody:
    """Return what a page may hold of the HTML of a letter."""
    clean = nh3.clean(
        letter,
        tags=_TAGS,
        clean_content_tags=_UNREAD,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel=None,
    )
    found = _HEADING.search(clean)
    said = re.sub(r"<[^>]*>", " ", found[1]) if found else ""
    heading = " ".join(html.unescape(said).replace("\u00a0", " ").split())
    return LetterBody(heading, _HEADING.sub("", clean).strip())
