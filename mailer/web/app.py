"""The application of the public pages, put together from the tables of its pages."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route as Path

from mailer.web import (
    choosing,
    confirming,
    front,
    joining,
    leaving,
    legal,
    letters,
    linking,
    meetings,
    ops,
    reporting,
    style,
)
from mailer.web.rim import Doorway, Rim

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from mailer.web.site import Site
    from mailer.web.visit import Route

ROUTES: Final[Sequence[Route]] = (
    *front.ROUTES,
    *joining.ROUTES,
    *confirming.ROUTES,
    *choosing.ROUTES,
    *leaving.ROUTES,
    *linking.ROUTES,
    *meetings.ROUTES,
    *letters.ROUTES,
    *legal.ROUTES,
    *reporting.ROUTES,
    *style.ROUTES,
    *ops.ROUTES,
)
"""Every page there is; each module of pages brings its own."""


def build(site: Site) -> Starlette:
    """Return the application that shows *site*."""
    rim = Rim(site)

    async def refuse(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        answer = await rim.refusal(status)
        if isinstance(error, HTTPException):
            answer.headers.update(error.headers or {})
        return answer

    @asynccontextmanager
    async def open_for_visitors(_app: Starlette) -> AsyncIterator[None]:
        yield
        rim.threads.shutdown(wait=True)

    app = Starlette(
        routes=[_path(rim, route) for route in ROUTES],
        middleware=[Middleware(Doorway, rim=rim)],
        exception_handlers={HTTPException: refuse},
        lifespan=open_for_visitors,
    )
    # It would send visitors to whatever host their request named.
    app.router.redirect_slashes = False
    return app


def _path(rim: Rim, route: Route) -> Path:
    methods = ["GET", "POST"] if route.act is not None else ["GET"]
    return Path(route.path, partial(rim.answer, route), methods=methods)
