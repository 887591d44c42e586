"""RFC 9110, section 13: whoever has the newest already gets "nothing new"."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from mailer.meetings import changes
from tests.town_calendar import meeting, plan
from tests.web_server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from tests.web_server import Visitor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody whose calendar asks from time to time."""
    with application.database.transaction() as db:
        plan(db, application.settings, now=NOW)
    with serving(application) as visitor:
        yield visitor


def test_the_feed_says_what_to_compare(visitor: Visitor) -> None:
    """Section 8.8: a strong validator and a date; section 5.2.2.9 of RFC 9111."""
    headers = visitor.get("/termine.ics").headers
    assert headers["etag"].startswith('"')
    assert headers["last-modified"].endswith(" GMT")
    assert headers["cache-control"] == "public, max-age=300"


def test_the_same_tag_is_answered_without_a_body(visitor: Visitor) -> None:
    """Sections 13.1.2 and 15.4.5: weak comparison, and what else a 304 must say."""
    first = visitor.get("/termine.ics").headers
    tag = first["etag"]
    for asked in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = visitor.get("/termine.ics", **{"If-None-Match": asked})
        assert (answer.status, answer.body) == (304, b"")
        for name in ("etag", "cache-control", "last-modified"):
            assert answer.headers[name] == first[name]


def test_another_tag_is_answered_in_full(visitor: Visitor) -> None:
    """Section 13.1.2: what does not match gets all there is."""
    for asked in ('"x"', '""', "x", '"'):
        assert visitor.get("/termine.ics", **{"If-None-Match": asked}).status == 200


def test_the_date_alone_is_enough(visitor: Visitor) -> None:
    """Section 13.1.3: not changed since then."""
    date_then = visitor.get("/termine.ics").headers["last-modified"]
    known = {"If-Modified-Since": date_then}
    assert visitor.get("/termine.ics", **known).status == 304


def test_an_older_date_or_none_is_answered_in_full(visitor: Visitor) -> None:
    """Section 13.1.3: a date that is none is as if it were not there."""
    for since in (
        *("Mon, 23 Nov 2026 08:59:59 GMT", "Mon, 99 Nov 2026 08:59:59 GMT"),
        *("gestern", "", "Mon, 23 Nov 2026 08:59:59 -0000"),
    ):
        answer = visitor.get("/termine.ics", **{"If-Modified-Since": since})
        assert answer.status == 200


def test_a_tag_wins_over_a_date(visitor: Visitor) -> None:
    """Section 13.1.3: with If-None-Match the date says nothing."""
    first = visitor.get("/termine.ics").headers
    known = {"If-None-Match": '"x"', "If-Modified-Since": first["last-modified"]}
    assert visitor.get("/termine.ics", **known).status == 200


def test_a_change_is_seen(visitor: Visitor, application: Application) -> None:
    """What was called off is no longer what the calendar has."""
    tag = visitor.get("/termine.ics").headers["etag"]
    with application.database.transaction() as db:
        row = meeting(db, date(2026, 12, 3))
        zone = application.settings.series[0].zone
        changes.cancel(db, row, reason="Krankheit", zone=zone, now=NOW)
    answer = visitor.get("/termine.ics", **{"If-None-Match": tag})
    assert answer.status == 200
    assert "STATUS:CANCELLED" in answer.text


def test_pages_can_be_kept_too(visitor: Visitor) -> None:
    """They have a tag and no date, because their words change with the day."""
    for path in ("/", "/termine", "/leicht/termine", "/impressum"):
        first = visitor.get(path).headers
        assert "last-modified" not in first
        known = {"If-None-Match": first["etag"]}
        assert visitor.get(path, **known).status == 304
