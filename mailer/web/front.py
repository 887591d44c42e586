"""The front page: what the network is, when it meets next, and how to be told."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from mailer.editions.service import rule
from mailer.german import hours
from mailer.rendering import environment as jinja
from mailer.web import dates, reading
from mailer.web.reading import Text
from mailer.web.visit import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.settings.model import Settings
    from mailer.web.site import Site
    from mailer.web.visit import Visit


def series_told(settings: Settings) -> list[dict[str, object]]:
    """Return what the pages say about each series."""
    return [
        {
            "title": one.title,
            "about": one.about,
            "about_easy": one.about_easy,
            "audience": one.audience,
            "rule": rule(one),
            "hours": hours(one.start, one.end),
        }
        for one in settings.series
    ]


def _told(site: Site) -> Mapping[str, object]:
    settings = site.settings
    with site.database.reading() as db:
        lines = dates.coming(db, settings, now=site.now)
    coming = [line for line in lines if line.takes_place]
    address = settings.inbox_address
    return {
        "next": coming[0] if coming else None,
        "before": list(takewhile(lambda line: not line.takes_place, lines)),
        "series": series_told(settings),
        "inbox": address.text if address else "",
        "fields": settings.network.fields_of_work,
    }


def show(site: Site, visit: Visit) -> Response:
    """Show the front page in standard German."""
    return reading.show(site, visit, _text(site), _told(site), is_easy=False)


def show_easy(site: Site, visit: Visit) -> Response:
    """Show the front page in Leichte Sprache."""
    return reading.show(site, visit, _text(site), _told(site), is_easy=True)


def _text(site: Site) -> Text:
    network = site.settings.network
    return Text("/", "front", network.full_name, f"Willkommen bei {network.name}")


def icon(site: Site, _visit: Visit) -> Response:
    """Show the small picture that browsers put beside the title."""
    content = jinja.source(site.desk.press.environment, "web/icon.svg")
    kept = {"cache-control": "public, max-age=86400"}
    return Response(content, headers=kept, media_type="image/svg+xml")


ROUTES: Final = (
    Route("/", show),
    Route(reading.EASY, show_easy),
    Route("/icon.svg", icon),
)
