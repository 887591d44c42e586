"""The rim: from a request to a visit, from a page to an answer, and nothing gets out.

Pages run in threads, so that nobody waits for somebody else's database; whatever a
page raises becomes a page that says so. Every answer gets the same headers and one
line in the log, with the name of the route instead of the address.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders

from mailer.logs import LogEvent, log, log_mishap
from mailer.settings.net_parsers import is_loopback
from mailer.web import forms, guard, refusals
from mailer.web.headers import UNLESS_SAID, headers_for
from mailer.web.network import network_of
from mailer.web.ops import UNDER_ANY_NAME
from mailer.web.refusals import Refused
from mailer.web.visit import Visit
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mailer.web.site import Site
    from mailer.web.visit import Route

THREADS: Final = 8
"""Pages at work at once: each may hold a connection, and the loops of ``mia run``
need some of the fifteen that SQLAlchemy keeps."""

NAME: Final = "mia.route"
"""Where a request carries the path of its route, for the log."""


@dataclass(frozen=True, slots=True)
class Rim:
    """Lets visitors see pages.

    Attributes:
        site: What pages are made with.
        threads: Where they are made.
    """

    site: Site
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="web")
    )

    async def answer(self, route: Route, request: Request) -> Response:
        """Return the answer of *route*; never raises."""
        request.scope[NAME] = route.path
        try:
            posts = request.method == "POST"
            form = await self._form(request, route) if posts else {}
            visit = self._visit(request, form)
            page = (route.act if posts else None) or route.show
            if route.is_quick:
                return page(self.site, visit)
            return await self._made(partial(page, self.site, visit))
        except Refused as refused:
            status = refused.status
        except (StoreBusy, StoreUnavailable) as error:
            log(
                LogEvent.WEB_UNAVAILABLE,
                level=logging.WARNING,
                route=route.path,
                kind=type(error).__name__,
            )
            status = 503
        except Exception as error:  # noqa: BLE001 - a visitor must get an answer
            log_mishap(
                LogEvent.WEB_FAILED, error, route=route.path, kind=type(error).__name__
            )
            status = refusals.FAILED
        return await self.refusal(status)

    async def _form(
        self, request: Request, route: Route
    ) -> Mapping[str, tuple[str, ...]]:
        """Return what was sent; mail programs may send it anyhow, from anywhere.

        Raises:
            Refused: It is no form, or comes from another site.
        """
        if not route.is_open:
            self._must_come_from_us(request)
        return await forms.read(request, must_be_form=not route.is_open)

    def _must_come_from_us(self, request: Request) -> None:
        """Refuse a form that another site's page has sent.

        Raises:
            Refused: Its browser says so.
        """
        here = guard.origins_of(self.site.settings.web_base_url)
        local = guard.origins_of(f"http://{request.headers.get('host', '')}")
        # On this machine itself, before there is a name with https.
        known = here or local
        if not guard.comes_from_us(request.headers, known):
            raise Refused(403)

    async def refusal(self, status: int) -> Response:
        """Return the page that says why there is none."""
        return await self._made(partial(refusals.page_for, self.site, status))

    async def _made(self, page: Callable[[], Response]) -> Response:
        made = asyncio.get_running_loop().run_in_executor(self.threads, page)
        # A visitor who goes away does not undo what she has asked for.
        return await asyncio.shield(made)

    def _visit(self, request: Request, form: Mapping[str, tuple[str, ...]]) -> Visit:
        peer = request.client.host if request.client else ""
        # Some proxies write a line of their own below the one a visitor made up.
        forwarded = ", ".join(request.headers.getlist("x-forwarded-for"))
        return Visit(
            method=request.method,
            path=request.url.path,
            params=request.path_params,
            query=request.query_params,
            form=form,
            headers=request.headers,
            network=network_of(peer, forwarded, self.site.settings.web.proxies),
            is_from_here=is_loopback(peer) and not forwarded,
        )


class Doorway:
    """What happens to every request, before and after its page: pure ASGI."""

    def __init__(self, app: ASGIApp, rim: Rim) -> None:
        self.app = app
        self.rim = rim
        settings = rim.site.settings
        self.always = headers_for(settings.web_base_url)
        self.hosts = settings.web.trusted_hosts(settings.web_base_url)
        self.root = rim.site.root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, said = time.monotonic(), [0]
        scope["path"] = self._below_root(scope["path"])

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                said[0] = message["status"]
                self._dress(message)
            await send(message)

        if _host(scope) in self.hosts or scope["path"] in UNDER_ANY_NAME:
            await self.app(scope, receive, dressed)
        else:
            scope[NAME] = "host"
            await (await self.rim.refusal(421))(scope, receive, dressed)
        log(
            LogEvent.WEB_ANSWERED,
            route=scope.get(NAME, ""),
            method=scope["method"] if said[0] != METHOD_UNKNOWN else "",
            status=said[0],
            seconds=time.monotonic() - begun,
        )

    def _below_root(self, path: str) -> str:
        """Return the path below the base URL, whether a proxy has cut it or not."""
        if self.root and path.startswith(f"{self.root}/"):
            return path.removeprefix(self.root)
        return path

    def _dress(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self.always.items():
            if name not in headers:  # a file is put into a narrower sandbox
                headers[name] = value
        for name, value in UNLESS_SAID.items():
            headers.setdefault(name, value)


METHOD_UNKNOWN: Final = 405
"""Whoever calls a method of her own invention does not write into our log."""


def _host(scope: Scope) -> str:
    """Return the name under which we were asked, without its port."""
    asked = Headers(scope=scope).get("host", "").lower()
    name, colon, port = asked.rpartition(":")
    return name if colon and port.isdecimal() else asked
