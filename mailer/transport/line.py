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

MAX_REPLY_LINE_OCTETS: Final = 512
"""RFC 5321, section 4.5.3.1.5, with its CRLF."""

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
        self._clock: asyncio.TimerHandle | None = None
        self._patient_until = 0.0
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
            if _is_whole(line) and not self._lines:
                self._heard.append(Heard(int(line[:3]), line[4:].rstrip(b"\r")))
                continue
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
        if self._clock is not None:
            self._clock.cancel()

    async def _more(self, patience: float) -> None:
        """Wait until a reply is there."""
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        self._patient_until = loop.time() + patience
        if self._clock is None or self._clock.when() > self._patient_until:
            self._look_at(self._patient_until)
        try:
            await self._waiter
        finally:
            self._waiter = None
        if not self._heard and self._failure is not None:
            raise self._failure

    def _look_at(self, moment: float) -> None:
        """Look at *moment* whether patience has come to its end.

        One clock runs on through many replies: setting one for each takes longer than
        reading it.
        """
        if self._clock is not None:
            self._clock.cancel()
        loop = asyncio.get_running_loop()
        self._clock = loop.call_at(moment, self._looked)

    def _looked(self) -> None:
        self._clock = None
        if self._waiter is None or self._failure is not None:
            return
        if asyncio.get_running_loop().time() >= self._patient_until:
            self._fail(TimeoutError())
        else:
            self._look_at(self._patient_until)

    def _fail(self, failure: OSError) -> None:
        """Note why nothing more will be heard."""
        self._failure = self._failure or failure
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _is_whole(line: bytes) -> bool:
    """Tell whether *line* is a reply by itself, as nearly every one is."""
    return (
        line[3:4] == b" " and line[:3].isdigit() and len(line) < MAX_REPLY_LINE_OCTETS
    )


def _reply(lines: list[bytes]) -> Heard:
    """Return what *lines* say; the code is that of the last one."""
    code, *others = {line[:3] for line in lines}
    is_one = not others and code.isdigit() and lines[-1][3:4] in _AFTER_CODE
    text = b"\n".join(line[4:].rstrip(b"\r") for line in lines)
    return Heard(int(code) if is_one else NO_CODE, text)
