"""RFC 4287: the archive as an Atom feed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import fromstring

from mailer.web.atom import ATOM, AtomEntry, AtomFeed, build

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NEWEST: Final = datetime(2026, 11, 26, 10, 30, tzinfo=timezone(timedelta(hours=1)))

FEED: Final = AtomFeed(
    list_id="mia.aschersleben.de",
    title="MIA: Briefe",
    subtitle="Alle Briefe des Netzwerks",
    author="Stadt Aschersleben",
    url="https://mia.example/briefe",
    source="https://mia.example/briefe.atom",
    updated_at=NEWEST,
)

ENTRY: Final = AtomEntry(
    key="brief/42",
    title="Einladung: „Miteinander reden“ <am> 3. Dezember & später",
    url="https://mia.example/briefe/42",
    published_at=NEWEST,
    summary="das Netzwerk lädt Sie ein.\x00\ufffe\n\nZeile",
)


def read(*entries: AtomEntry) -> Element:
    """Return the feed as an XML parser reads it."""
    return fromstring(build(FEED, entries))  # noqa: S314 - we wrote it ourselves


def text(element: Element, path: str) -> str | None:
    """Return what stands in the one element at *path*."""
    (found,) = element.findall(path, {"": ATOM})
    return found.text


def test_a_feed_has_what_it_must_have() -> None:
    """Section 4.1.1: id, title, updated, and an author for all entries."""
    feed = read(ENTRY)
    assert feed.tag == f"{{{ATOM}}}feed"
    assert text(feed, "id") == "tag:mia.aschersleben.de,2026:briefe"
    assert text(feed, "title") == "MIA: Briefe"
    assert text(feed, "updated") == "2026-11-26T09:30:00Z"
    assert text(feed, "author/name") == "Stadt Aschersleben"
    assert feed.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "de"}


def test_links_say_where_it_lies_and_what_people_read() -> None:
    """Section 4.2.7: one self, one alternate of a type."""
    links = read().findall("link", {"": ATOM})
    assert [(one.get("rel"), one.get("href"), one.get("type")) for one in links] == [
        ("self", FEED.source, "application/atom+xml"),
        ("alternate", FEED.url, "text/html"),
    ]


def test_an_entry_has_what_it_must_have() -> None:
    """Section 4.1.2: id, title, updated; a link, because it has no content."""
    (entry,) = read(ENTRY).findall("entry", {"": ATOM})
    assert text(entry, "id") == "tag:mia.aschersleben.de,2026:brief/42"
    assert text(entry, "title") == ENTRY.title
    assert text(entry, "published") == text(entry, "updated") == "2026-11-26T09:30:00Z"
    (link,) = entry.findall("link", {"": ATOM})
    assert (link.get("rel"), link.get("href")) == ("alternate", ENTRY.url)


def test_what_xml_cannot_hold_is_left_out() -> None:
    """XML 1.0, section 2.2: a letter with a stray character breaks no reader."""
    (entry,) = read(ENTRY).findall("entry", {"": ATOM})
    assert text(entry, "summary") == "das Netzwerk lädt Sie ein.\n\nZeile"


def test_an_identifier_is_a_tag_that_stays() -> None:
    """RFC 4151, section 2.1: authority, a date at which it was ours, a name."""
    pattern = r"tag:[a-z0-9.-]+,\d{4}:[a-z0-9/]+"
    for entry in read(ENTRY).iter(f"{{{ATOM}}}id"):
        assert re.fullmatch(pattern, entry.text or "")


def test_moments_are_of_rfc_3339_and_in_utc() -> None:
    """Section 3.3: the T and the Z in capitals."""
    for name in ("updated", "published"):
        for one in read(ENTRY).iter(f"{{{ATOM}}}{name}"):
            moment = datetime.fromisoformat(one.text or "")
            assert moment == NEWEST.astimezone(UTC)


def test_an_empty_archive_is_a_feed() -> None:
    """Before the first letter was issued."""
    assert read().findall("entry", {"": ATOM}) == []
