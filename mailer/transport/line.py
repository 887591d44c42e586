"""An open line to a server: bytes go out, replies come in, in the order they came.

Source: RFC 5321, sections 4.2 and 4.2.1.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from typing_extensions import override

if TYPE_CHECKING:
    import aiosmtplib

MAX_REPLY_OCTETS: Final = 1 << 16
"""Octets of replies that nobody has read; RFC 5321, section 4.5.3.1.5 allows 512 a
line. Who sends more without an end talks nonsense."""

NO_CODE: Final = 0
"""Stands for what is no reply: no three digits, or several codes in one."""

_AFTER_CODE: Final = frozenset({b" ", b"\r", b""})
"""What may stand behind the code in the last line of a reply."""


class Heard(NamedTuple):
    """One reply as it came."""

    code: int
    text: bytes


class Line(asyncio.Protocol):
    """The line of a connection that aiosmtplib has opened, secured and logged in."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        """Take over the line of *client*."""
        self._client = client
        self._transport = cast("asyncio.Transport", client.transport)
        self._rest = b""
        self._lines: list[bytes] = []
        self._heard: deque[Heard] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._failure: OSError | None = None
        self._transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether the line holds, as far as we know."""
        return self._failure is None and not self._transport.is_closing()

    @property
    def has_unheard(self) -> bool:
        """Whether words have come that nobody has asked for yet."""
        return bool(self._heard or self._rest or self._lines)

    def write(self, data: bytes) -> None:
        """Send *data*; what cannot leave shows when the answer is waited for."""
        self._transport.write(data)

    async def hear(self, patience: float) -> Heard:
        """Return the next reply.

        Args:
            patience: Seconds that it may take.

        Raises:
            OSError: It did not come, or is none.
        """
        if not self._heard:
            await self._more(patience)
        return self._heard.popleft()

    def cut(self) -> None:
        """Hang up at once; what waits in our buffers is thrown away."""
        self._client.close()

    @override
    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._lines.append(line)
            if line[3:4] == b"-":
                continue
            if sum(map(len, self._lines)) > MAX_REPLY_OCTETS:
                break
            self._heard.append(_reply(self._lines))
            self._lines = []
        if len(self._rest) + sum(map(len, self._lines)) > MAX_REPLY_OCTETS:
            self._fail(ConnectionAbortedError())
        elif self._heard:
            self._wake()

    @override
    def eof_received(self) -> bool:
        self._fail(ConnectionResetError())
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        lost = exc if isinstance(exc, OSError) else ConnectionResetError()
        self._fail(lost)

    async def _more(self, patience: float) -> None:
        """Wait until a reply is there."""
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(patience, self._fail, TimeoutError())
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None
        if not self._heard and self._failure is not None:
            raise self._failure

    def _fail(self, failure: OSError) -> None:
        """Note why nothing more will be heard."""
        self._failure = self._failure or failure
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _reply(lines: list[bytes]) -> Heard:
    """Return what *lines* say; the code is that of the last one."""
    code, *others = {line[:3] for line in lines}
    is_one = not others and code.isdigit() and lines[-1][3:4] in _AFTER_CODE
    text = b"\n".join(line[4:].rstrip(b"\r") for line in lines)
    return Heard(int(code) if is_one else NO_CODE, text)
