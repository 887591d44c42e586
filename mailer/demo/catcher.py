"""A mail catcher: a real SMTP server on this machine that delivers to nobody.

The demonstration sends over the same wire as a town does: TCP, STARTTLS with a
verified certificate, one transaction per letter. What arrives is handed to *keep*
before the catcher says 250, so that it never promises what it does not hold.

The certificate protects nothing. Its private key lies beside it for everybody to
read, because a key made afresh would need a tool that not every machine has. It says
"localhost" and is good for this machine only; its authority may sign nothing else,
and that authority's own key was thrown away. Never point a real server at it.

Source: RFC 5321, sections 4.1 to 4.5; RFC 3207; RFC 1870; RFC 6152; RFC 2920.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_CERTIFICATES: Final = Path(__file__).parent / "certificates"

CA_FILE: Final = _CERTIFICATES / "public-demo-authority.pem"
"""What a client must trust: the setting ``[smtp] ca_file`` of the demonstration."""

HOST: Final = "localhost"
"""The name in the certificate."""

MAX_MESSAGE_OCTETS: Final = 10 * 1024 * 1024
"""Far above any letter of ours; said in EHLO (RFC 1870) and kept."""

MAX_RECIPIENTS: Final = 100
"""The least a server must take (RFC 5321, section 4.5.3.1.8)."""

_MAX_LINE_OCTETS: Final = 64 * 1024
"""Longest line that is read at all; RFC 5321, section 4.5.3.1.6, asks for 1000."""

_START_SECONDS: Final = 10.0
"""Wait for the socket to listen; it takes milliseconds."""

_PATH: Final = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caught:
    """One message that somebody would have got.

    Attributes:
        return_path: Envelope sender.
        recipients: Envelope recipients, at least one.
        content: RFC 5322 bytes with CRLF, as they were before dot-stuffing.
        is_protected: Whether it came through TLS.
    """

    return_path: str
    recipients: tuple[str, ...]
    content: bytes
    is_protected: bool


class MailCatcher:
    """Listens on a free port of this machine for as long as its ``with`` block lasts.

    Attributes:
        port: Where it listens, from the start of the block.
    """

    def __init__(self, keep: Callable[[Caught], None]) -> None:
        """Prepare a catcher.

        Args:
            keep: Stores one message; called in the catcher's thread before the
                250. An OSError makes the catcher answer 451, "try again".
        """
        self.port = 0
        self._keep = keep
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(
            _CERTIFICATES / "public-demo-certificate.pem",
            _CERTIFICATES / "public-demo-key.pem",
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail-catcher")

    def __enter__(self) -> Self:
        """Start listening.

        Raises:
            OSError: No port can be had.
        """
        self._thread.start()
        self._listening.wait(_START_SECONDS)
        if not self.port:
            raise OSError("the mail catcher cannot listen on this machine")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and cut what is still open."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        """Serve in a thread of its own."""
        try:
            asyncio.run(self._serve())
        finally:
            self._listening.set()

    async def _serve(self) -> None:
        """Answer until the block ends."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(
            self._answer, "127.0.0.1", limit=_MAX_LINE_OCTETS
        )
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._stop.wait()
        server.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Hold one conversation."""
        try:
            await _Conversation(reader, writer, self._context, self._keep).hold()
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # gone, endless, or the demonstration is over: nothing was promised
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@dataclass(slots=True)
class _Conversation:
    """One client, from the greeting to QUIT."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    context: ssl.SSLContext
    keep: Callable[[Caught], None]
    is_protected: bool = False
    is_greeted: bool = False
    return_path: str | None = None
    recipients: list[str] = field(default_factory=list)

    async def hold(self) -> None:
        """Greet, then answer command by command."""
        commands = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "MAIL": self._sender,
            "RCPT": self._recipient,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
        }
        await self._say("220 localhost ESMTP mail catcher")
        while True:
            line = (await self._line()).decode("latin-1")
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 2.0.0 bye")
                return
            command = commands.get(verb.upper(), self._unknown)
            await command(rest.strip())

    async def _line(self) -> bytes:
        """Return the next line without its CRLF; nothing else ends a line."""
        return (await self.reader.readuntil(b"\r\n"))[:-2]

    async def _say(self, *lines: str) -> None:
        """Send one reply, each line with its CRLF."""
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
        await self.writer.drain()

    def _forget(self) -> None:
        """Begin a new transaction."""
        self.return_path = None
        self.recipients = []

    async def _ehlo(self, _rest: str) -> None:
        """Name the extensions; STARTTLS only while it can still be had."""
        self._forget()
        self.is_greeted = True
        keywords = [f"SIZE {MAX_MESSAGE_OCTETS}", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if not self.is_protected:
            keywords.append("STARTTLS")
        await self._say(
            "250-localhost", *(f"250-{word}" for word in keywords), "250 PIPELINING"
        )

    async def _helo(self, _rest: str) -> None:
        self._forget()
        self.is_greeted = True
        await self._say("250 localhost")

    async def _starttls(self, rest: str) -> None:
        """Switch to TLS and forget the client.

        Source: RFC 3207, section 4.2.
        """
        if self.is_protected:
            await self._say("503 5.5.1 TLS is on already")
        elif rest:
            await self._say("501 5.5.4 no parameters, please")
        else:
            await self._discard()
            # From this reply to the handshake nothing may wait: the client's first
            # TLS record would be read as a command.
            await self._say("220 2.0.0 go ahead")
            await self.writer.start_tls(self.context)
            self.is_protected = True
            self.is_greeted = False
            self._forget()

    async def _discard(self) -> None:
        """Throw away what came in clear together with STARTTLS.

        Read inside TLS, it would count as said by the protected client.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await self.reader.read(_MAX_LINE_OCTETS)

    async def _sender(self, rest: str) -> None:
        """Take the return path, if the client came far enough to name one."""
        path = _PATH.fullmatch(rest)
        declared = re.search(r"\bSIZE=(\d{1,20})\b", rest, re.IGNORECASE)
        if not self.is_protected:
            await self._say("530 5.7.0 STARTTLS first")
        elif not self.is_greeted or self.return_path is not None:
            await self._say("503 5.5.1 not now")
        elif path is None:
            await self._say("501 5.5.4 MAIL FROM:<address>")
        elif declared is not None and int(declared[1]) > MAX_MESSAGE_OCTETS:
            await self._say("552 5.3.4 too large")
        else:
            self.return_path = path[1]
            await self._say("250 2.1.0 sender ok")

    async def _recipient(self, rest: str) -> None:
        """Take one more recipient; nobody here is unknown."""
        path = _PATH.fullmatch(rest)
        if self.return_path is None:
            await self._say("503 5.5.1 MAIL first")
        elif path is None or "@" not in path[1]:
            await self._say("501 5.1.3 RCPT TO:<address>")
        elif len(self.recipients) == MAX_RECIPIENTS:
            await self._say("452 4.5.3 too many recipients")
        else:
            self.recipients.append(path[1])
            await self._say("250 2.1.5 recipient ok")

    async def _data(self, _rest: str) -> None:
        """Take the content, keep it, and only then say so."""
        if self.return_path is None or not self.recipients:
            await self._say("503 5.5.1 MAIL and RCPT first")
            return
        await self._say("354 end with a dot on a line of its own")
        content = await self._content()
        caught = Caught(
            self.return_path, tuple(self.recipients), content or b"", self.is_protected
        )
        self._forget()
        if content is None:
            await self._say("552 5.3.4 too large")
            return
        try:
            self.keep(caught)
        except OSError:
            await self._say("451 4.3.0 cannot keep it")
        else:
            await self._say("250 2.0.0 caught")

    async def _content(self) -> bytes | None:
        """Read up to the final dot; None if it was more than can be kept.

        Source: RFC 5321, section 4.5.2.
        """
        kept = bytearray()
        is_too_large = False
        while (line := await self._line()) != b".":
            kept += line.removeprefix(b".") + b"\r\n"
            if len(kept) > MAX_MESSAGE_OCTETS:
                is_too_large = True
                kept.clear()
        return None if is_too_large else bytes(kept)

    async def _rset(self, _rest: str) -> None:
        self._forget()
        await self._say("250 2.0.0 forgotten")

    async def _noop(self, _rest: str) -> None:
        await self._say("250 2.0.0 here")

    async def _unknown(self, _rest: str) -> None:
        await self._say("500 5.5.2 unknown command")
