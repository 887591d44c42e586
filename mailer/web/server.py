"""The server: uvicorn inside a loop of ours, patient with nobody for too long.

Source: RFC 9112, section 9.5 (a server may close a connection that idles); uvicorn
itself waits for a request for ever.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from mailer.logs import LogEvent, log
from mailer.web import clerk
from mailer.web.app import build
from mailer.web.listening import listen
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from starlette.applications import Starlette

    from mailer.web.site import Site

HEAD_SECONDS: Final = 10.0
"""For the head of a request: what takes longer is no browser (Slowloris)."""

HEAD_OCTETS: Final = 16 * 1024
"""Of a head: cookies are none of ours, and addresses are short."""

IDLE_SECONDS: Final = 5
"""A connection may wait for the next request; proxies keep theirs so long."""

LOOK_SECONDS: Final = 60
"""Between two looks of the clerk, if nobody rings: after a failure, or when another
process has taken the wish."""

DRAIN_SECONDS: Final = 10
"""For the answers in flight when the server ends."""

ASK_SECONDS: Final = 1.0
"""For the request of a visitor who came just before the server ends."""


class PunctualProtocol(H11Protocol):
    """HTTP/1.1 that lets nobody hold a connection without asking for something."""

    _patience: asyncio.TimerHandle | None = None
    _has_asked = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._patience = self.loop.call_later(HEAD_SECONDS, self._lose_patience)

    @override
    def handle_events(self) -> None:
        asked = self.cycle
        super().handle_events()
        if self.cycle is not asked and self._patience is not None:
            self._has_asked = True
            self._patience.cancel()

    @override
    def on_response_complete(self) -> None:
        # The next head has its own time; an idle connection ends before that.
        self._patience = self.loop.call_later(HEAD_SECONDS, self._lose_patience)
        super().on_response_complete()

    @override
    def shutdown(self) -> None:
        if self._has_asked:
            super().shutdown()
        else:
            self.loop.call_later(ASK_SECONDS, self._leave)

    def _leave(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def _lose_patience(self) -> None:
        self.transport.abort()


class PageServer(uvicorn.Server):
    """uvicorn without its signal handlers: who runs us says when it ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.opened = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.opened.set()

    @classmethod
    def of(cls, app: Starlette) -> PageServer:
        """Return a server of *app* that waits for a socket."""
        return cls(
            uvicorn.Config(
                app,
                http=PunctualProtocol,
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                h11_max_incomplete_event_size=HEAD_OCTETS,
            )
        )

    async def serve_here(self, listening: socket.socket) -> None:
        """Serve until ``should_exit``; signals are the caller's."""
        await self._serve([listening])


class Served:
    """The pages, and the clerk behind them, beside other work in one loop.

    Attributes:
        address: Where: host and port.
        wakes: Told when letters may wait to be sent.
    """

    def __init__(self, site: Site) -> None:
        self.wakes: Callable[[], None] = lambda: None
        self._site = replace(site, ring=self._ring)
        self._bell = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clerk: asyncio.Task[None] | None = None
        self._server: PageServer | None = None
        self._task: asyncio.Task[None] | None = None
        self._listening: socket.socket | None = None
        web = site.settings.web
        self.address = (web.host, web.port)

    @property
    def is_open(self) -> bool:
        """Whether visitors are let in."""
        return self._task is not None and not self._task.done()

    async def open(self) -> None:
        """Begin to serve; nothing happens if that is done already.

        Raises:
            WebUnavailable: The address cannot be used.
        """
        if self.is_open:
            return
        self._loop = asyncio.get_running_loop()
        if self._listening is None:
            self._listening = listen(*self.address)
        self.address = self._listening.getsockname()[:2]
        self._server = PageServer.of(build(self._site))
        # The server closes what it is given; who knocks after that shall wait.
        heard = self._listening.dup()
        self._task = asyncio.create_task(self._server.serve_here(heard))
        await self._server.opened.wait()
        if self._clerk is None:
            self._clerk = asyncio.create_task(self._keep_the_clerk())
        log(LogEvent.WEB_OPENED, port=self.address[1])

    def end(self) -> None:
        """Let nobody in any more; answers in flight are given."""
        if self._server is not None:
            self._server.should_exit = True

    async def ended(self, *, keeps_listening: bool = False) -> None:
        """Wait until somebody has called ``end``, and the last answer is given.

        Args:
            keeps_listening: Let visitors wait for whoever will ``follow``.
        """
        if self._task is not None:
            await self._task
            self._server = self._task = None
            await self._let_the_clerk_go()
            log(LogEvent.WEB_CLOSED)
        if not keeps_listening and self._listening is not None:
            self._listening.close()
            self._listening = None

    async def close(self, *, keeps_listening: bool = False) -> None:
        """Do both."""
        self.end()
        await self.ended(keeps_listening=keeps_listening)

    def follow(self, earlier: Served) -> None:
        """Hear on the socket that *earlier* has kept, if it has kept one."""
        self._listening, earlier._listening = earlier._listening, None

    def _ring(self) -> None:
        """Call the clerk from whatever thread a page runs in."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._bell.set)

    async def _keep_the_clerk(self) -> None:
        """Let the clerk see to every wish, when one comes and once a minute."""
        while True:
            self._bell.clear()
            try:
                await asyncio.shield(asyncio.to_thread(clerk.settle, self._site))
                await self._site.database.run(clerk.sweep, now=self._site.now)
            except (StoreBusy, StoreUnavailable) as error:
                kind = type(error).__name__
                log(LogEvent.WEB_UNAVAILABLE, route="clerk", kind=kind)
            self.wakes()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), LOOK_SECONDS)

    async def _let_the_clerk_go(self) -> None:
        """End the clerk's work; what is left waits in the database."""
        if self._clerk is not None:
            self._clerk.cancel()
            with suppress(asyncio.CancelledError):
                await self._clerk
            self._clerk = None
