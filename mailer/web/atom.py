"""Pure: the archive as an Atom feed, for people who rather fetch than be written to.

Identifiers are tag URIs made of the list's name and the edition's number, so they stay
when the pages move to another address. Nothing in the feed is about a reader.

Source: RFC 4287 (Atom); RFC 4151 (tag URIs); RFC 3339 (moments).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import (
    Element,
    SubElement,
    register_namespace,
    tostring,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

ATOM: Final = "http://www.w3.org/2005/Atom"
"""The namespace of every element (RFC 4287, section 1.2)."""

KIND: Final = "application/atom+xml; charset=utf-8"

XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, section 2.2)."""

SINCE: Final = "2026"
"""In a tag URI: a time at which the list's name was ours (RFC 4151, section 2.1)."""


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """One letter of the archive.

    Attributes:
        key: What makes it this one, "brief/42".
        title: Its subject.
        url: Its page.
        published_at: When it was issued; aware. What was issued never changes.
        summary: Its first words, plain text.
    """

    key: str
    title: str
    url: str
    published_at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """The whole feed.

    Attributes:
        list_id: The name of the list, in every identifier.
        title: "MIA: Briefe".
        subtitle: One sentence.
        author: Who writes: an organisation, never a person.
        url: The page of the archive.
        source: Where the feed itself lies.
        updated_at: When the newest letter came; aware.
    """

    list_id: str
    title: str
    subtitle: str
    author: str
    url: str
    source: str
    updated_at: datetime


def build(feed: AtomFeed, entries: Sequence[AtomEntry]) -> bytes:
    """Return an Atom document in UTF-8.

    Source: RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must have.
    """
    register_namespace("", ATOM)
    root = Element(f"{{{ATOM}}}feed", {XML_LANG: "de"})
    _text(root, "id", _tag(feed.list_id, "briefe"))
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", _moment(feed.updated_at))
    _text(SubElement(root, f"{{{ATOM}}}author"), "name", feed.author)
    _link(root, "self", feed.source, "application/atom+xml")
    _link(root, "alternate", feed.url, "text/html")
    for entry in entries:
        _entry(root, feed, entry)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(root: Element, feed: AtomFeed, entry: AtomEntry) -> None:
    one = SubElement(root, f"{{{ATOM}}}entry")
    _text(one, "id", _tag(feed.list_id, entry.key))
    _text(one, "title", entry.title)
    _text(one, "published", _moment(entry.published_at))
    _text(one, "updated", _moment(entry.published_at))
    _link(one, "alternate", entry.url, "text/html")
    _text(one, "summary", entry.summary)


def _tag(list_id: str, key: str) -> str:
    return f"tag:{list_id},{SINCE}:{key}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _link(parent: Element, rel: str, href: str, kind: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": href, "type": kind})


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = NO_XML.sub("", words)
