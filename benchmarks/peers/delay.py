"""A mail server that is far away: every byte is held back, each way.

Models round trips, and nothing else: no bandwidth, no loss, no slow start of TCP.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import Final, cast

from typing_extensions import override

SLACK: Final = 0.0002
"""Seconds: what is due so soon goes along, instead of another timer."""


class Half(asyncio.Protocol):
    """One side of a connection; what it hears reaches the other side late."""

    def __init__(self, delay: float) -> None:
        """Hold bytes back for *delay* seconds."""
        self.other: Half | None = None
        self.transport: asyncio.Transport | None = None
        self._delay = delay
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, bytes | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._hold(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._hold(None)

    def _hold(self, data: bytes | None) -> None:
        self._waiting.append((self._loop.time() + self._delay, data))
        if self._timer is None:
            self._timer = self._loop.call_later(self._delay, self._pass_on)

    def _pass_on(self) -> None:
        self._timer = None
        target = self.other.transport if self.other else None
        now = self._loop.time()
        while target is not None and self._waiting:
            due, data = self._waiting[0]
            if due > now + SLACK:
                break
            self._waiting.popleft()
            if data is None:
                target.close()
            elif not target.is_closing():
                target.write(data)
        if self._waiting:
            wait = max(SLACK, self._waiting[0][0] - now)
            self._timer = self._loop.call_later(wait, self._pass_on)


class Front(Half):
    """The side that a client sees; it dials the server for each connection."""

    def __init__(self, delay: float, port: int) -> None:
        """Pass on to *port*."""
        super().__init__(delay)
        self._port = port

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        back = Half(self._delay)
        self.other, back.other = back, self
        dialling = self._loop.create_connection(lambda: back, "127.0.0.1", self._port)
        self._dialling = self._loop.create_task(dialling)


async def serve(port: int, target: int, delay: float) -> None:
    """Listen on *port* for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Front(delay, target), "127.0.0.1", port, backlog=1000
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
