"""An open line to a server: bytes go out, replies come in, in the order they came.

Source: RFC 5321, sections 4.2 and 4.2.1.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from typing_extensions import override

if TYPE_CHECKING:
    import aiosmtplib

MAX_REPLY_OCTETS: Final = 1 << 16
"""Octets of replies that nobody has read; RFC 5321, section 4.5.3.1.5 allows 512 a
line. Who sends more without an end talks nonsense."""

MAX_REPLY_LINE_OCTETS: Final = 512
"""RFC 5321, section 4.5.3.1.5, with its CRLF."""

_READ_OCTETS: Final = 1 << 12
"""Octets that are read at once: more than the answers to a group of commands have, and
a small part of what asyncio would set aside for each reading."""

_KEPT_LINES: Final = 64
"""How many lines are not read anew: most replies of a server are the same few."""

NO_CODE: Final = 0
"""Stands for what is no reply: no three digits, or several codes in one."""

_AFTER_CODE: Final = frozenset({b" ", b"\r", b""})
"""What may stand behind the code in the last line of a reply."""


class Heard(NamedTuple):
    """One reply as it came."""

    code: int
    text: bytes


class Line(asyncio.BufferedProtocol):
    """The line of a connection that aiosmtplib has opened, secured and logged in.

    Attributes:
        heard: Replies that have come and that nobody has taken yet.
    """

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        """Take over the line of *client*."""
        self.heard: deque[Heard] = deque()
        self._client = client
        self._transport = cast("asyncio.Transport", client.transport)
        self._loop = asyncio.get_running_loop()
        self._buffer = memoryview(bytearray(_READ_OCTETS))
        self._rest = b""
        self._lines: list[bytes] = []
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
    def is_amid_reply(self) -> bool:
        """Whether the end of a reply is still to come."""
        return bool(self._rest or self._lines)

    @property
    def has_unheard(self) -> bool:
        """Whether words have come that nobody has asked for yet."""
        return bool(self.heard or self._rest or self._lines)

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
        while not self.heard:
            if self._failure is not None:
                raise self._failure
            waiter = self._waiter = self._loop.create_future()
            self._be_patient(patience)
            try:
                await waiter
            finally:
                self._waiter = None
        return self.heard.popleft()

    def cut(self) -> None:
        """Hang up at once; what waits in our buffers is thrown away."""
        self._client.close()

    @override
    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    @override
    def buffer_updated(self, nbytes: int) -> None:
        *lines, self._rest = (self._rest + self._buffer[:nbytes]).split(b"\n")
        replies = list(map(_whole, lines))
        if self._lines or not all(replies):
            replies = list(map(self._ended_by, lines))
        self.heard.extend(filter(None, replies))
        if self.is_amid_reply and self._unread_octets > MAX_REPLY_OCTETS:
            self._fail(ConnectionAbortedError())
        elif self.heard:
            self._wake()

    def _ended_by(self, line: bytes) -> Heard | None:
        """Return the reply whose last line is *line*; None if it goes on."""
        whole = None if self._lines else _whole(line)
        if whole is not None:
            return whole
        self._lines.append(line)
        if line[3:4] == b"-" or self._unread_octets > MAX_REPLY_OCTETS:
            return None
        heard = _reply(self._lines)
        self._lines = []
        return heard

    @property
    def _unread_octets(self) -> int:
        """Octets of a reply whose end is still to come."""
        return len(self._rest) + sum(map(len, self._lines))

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

    def _be_patient(self, patience: float) -> None:
        """Look in *patience* seconds whether somebody still waits.

        One clock runs on through many replies: setting one for each takes longer than
        reading it.
        """
        self._patient_until = self._loop.time() + patience
        if self._clock is None or self._clock.when() > self._patient_until:
            self._look_at(self._patient_until)

    def _look_at(self, moment: float) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = self._loop.call_at(moment, self._looked)

    def _looked(self) -> None:
        """End the wait if its time is up.

        A loop that stood still reads first what has come meanwhile: then the reply is
        there, and only nobody has taken it yet.
        """
        self._clock = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() >= self._patient_until:
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


@lru_cache(maxsize=_KEPT_LINES)
def _whole(line: bytes) -> Heard | None:
    """Return what *line* says if it is a reply by itself, as nearly every one is."""
    code = line[:3]
    if line[3:4] != b" " or not code.isdigit() or len(line) >= MAX_REPLY_LINE_OCTETS:
        return None
    return Heard(int(code), line[4:].rstrip(b"\r"))


def _reply(lines: list[bytes]) -> Heard:
    """Return what *lines* say; the code is that of the last one."""
    code, *others = {line[:3] for line in lines}
    is_one = not others and code.isdigit() and lines[-1][3:4] in _AFTER_CODE
    text = b"\n".join(line[4:].rstrip(b"\r") for line in lines)
    return Heard(int(code) if is_one else NO_CODE, text)
