"""The front page: what this is, and the ways from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.web.pages import render
from mailer.web.visit import Route

if TYPE_CHECKING:
    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Visit


def show(site: Site, _visit: Visit) -> Response:
    """Show what the network is, and where to go from here."""
    return render(site, "front", site.settings.network.full_name)


ROUTES: Final = (Route("/", show),)
