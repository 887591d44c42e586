"""The dates: a page in both styles, a calendar to subscribe to, a file per meeting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.editions.context import venue_words
from mailer.meetings.models import MeetingId
from mailer.web import calendars, dates, front, reading
from mailer.web.conditional import answer
from mailer.web.reading import Text
from mailer.web.refusals import NOT_FOUND, Refused
from mailer.web.visit import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from mailer.editions.facts import VenueWords
    from mailer.web.calendars import CalendarFile
    from mailer.web.dates import Line
    from mailer.web.site import Site
    from mailer.web.visit import Visit

CALENDAR: Final = "text/calendar; charset=utf-8; method=PUBLISH"
"""As RFC 5545, section 8.1, wants it; the method as in the object."""

KEPT: Final = timedelta(minutes=5)
"""How long a calendar file may be used without asking."""

MOST_DIGITS: Final = 9
"""Of a meeting's number: no calendar has a thousand million."""

TEXT: Final = Text("/termine", "dates", "Termine", "Wann sind die Treffen?")


def _told(site: Site) -> Mapping[str, object]:
    settings = site.settings
    with site.database.reading() as db:
        lines = dates.coming(db, settings, now=site.now)
    feed = f"{settings.web_base_url}{calendars.PATH}" if settings.web_base_url else ""
    return {
        "lines": lines,
        "shared": _shared(site),
        "series": front.series_told(settings),
        "venues": _venues(site, lines),
        "feed": feed,
        "webcal": f"webcal:{feed.partition(':')[2]}" if feed else "",
    }


def _shared(site: Site) -> VenueWords | None:
    """Return the place of all series; None if they have several."""
    settings = site.settings
    keys = {series.venue for series in settings.series}
    if len(keys) > 1:
        return None
    return venue_words(settings.venues[keys.pop()], settings.coordinator.phone)


def _venues(site: Site, lines: list[Line]) -> list[VenueWords]:
    """Return the places of the list, each once, the usual one first."""
    shared = _shared(site)
    found = [line.venue for line in lines if line.takes_place and line.venue]
    return list(dict.fromkeys([*([shared] if shared else []), *found]))


def feed(site: Site, visit: Visit) -> Response:
    """Show all meetings as a calendar."""
    with site.database.reading() as db:
        file = calendars.feed(db, site.settings, now=site.now)
    return _calendar(site, visit, file, "termine.ics")


def one_meeting(site: Site, visit: Visit) -> Response:
    """Show one meeting as a calendar file."""
    number = visit.params["number"]
    if not number.isascii() or not number.isdecimal() or len(number) > MOST_DIGITS:
        raise Refused(NOT_FOUND)
    with site.database.reading() as db:
        file = calendars.file_of(db, site.settings, MeetingId(int(number)))
    if file is None:
        raise Refused(NOT_FOUND)
    return _calendar(site, visit, file, f"termin-{file.first_on.isoformat()}.ics")


def _calendar(site: Site, visit: Visit, file: CalendarFile, name: str) -> Response:
    more = {
        "content-disposition": f'inline; filename="{name}"',
        # Calendars in other pages' scripts may read it: there is nothing to hide.
        "access-control-allow-origin": "*",
    }
    return answer(
        visit,
        file.content,
        CALENDAR,
        kept=KEPT,
        changed_at=max(file.changed_at, site.opened_at),
        more=more,
    )


ROUTES: Final = (
    *reading.routes(TEXT, _told),
    Route(calendars.PATH, feed),
    Route("/termine/{number}.ics", one_meeting),
)
