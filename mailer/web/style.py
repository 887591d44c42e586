"""The style sheet: one file, ours or the operator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from mailer.rendering import environment as jinja
from mailer.web.visit import Route

if TYPE_CHECKING:
    from mailer.web.site import Site
    from mailer.web.visit import Visit

KEPT_SECONDS: Final = 3600
"""How long a browser may keep it: a change shows within the hour."""


def show(site: Site, _visit: Visit) -> Response:
    """Show the style sheet."""
    content = jinja.source(site.desk.press.environment, "web/style.css")
    kept = {"cache-control": f"public, max-age={KEPT_SECONDS}"}
    return Response(content, headers=kept, media_type="text/css")


ROUTES: Final = (Route("/style.css", show),)
