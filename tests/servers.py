"""Servers for tests: real sockets, with a script of what they say and when they fail.

``ScriptedSmtp`` listens on a loopback port from a thread of its own, so that tests of
the transport, of the worker and of the whole program as a process can send to it. It
writes down what it takes responsibility for before it says so; comparing that with
the ledger afterwards is the proof that nobody was left out and nobody got two.

Every stage of the dialogue has a *turn*: what the server says and how it misbehaves
around it. A turn may be a plain reply (``"550 5.1.1 unknown"``), a ``Turn``, or a
list of both that is used up one by one over all connections, the last one for ever.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from tests.certificates import Certificate, server_context

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

_LINE_OCTETS: Final = 1 << 20
"""Longest line that the server reads; far above what any test sends."""


class End(StrEnum):
    """What happens to the connection after a turn."""

    STAY = "stay"
    DROP = "drop"
    """Closed in order (FIN)."""
    RESET = "reset"
    """Cut off (RST); what was not read yet may be lost."""
    MUTE = "mute"
    """Open, but never another word, and nothing is read any more."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the server does when it is its turn.

    Attributes:
        reply: Lines without the last CRLF; empty says nothing.
        end: What follows the reply.
        wait: Seconds before the reply.
        drip: Seconds between two octets of the reply; 0 writes it at once.
        raw: Write *reply* without a CRLF behind it.
        takes: Whether the server takes responsibility when this answers the
            content; None: if the reply is a 2yz.
    """

    reply: bytes = b""
    end: End = End.STAY
    wait: float = 0.0
    drip: float = 0.0
    raw: bool = False
    takes: bool | None = None

    @property
    def accepts(self) -> bool:
        """Whether content answered by this turn is the server's from now on."""
        return self.reply[:1] == b"2" if self.takes is None else self.takes


Step: TypeAlias = "Turn | str | bytes | Sequence[Turn | str | bytes]"


def say(reply: str | bytes, end: End = End.STAY) -> Turn:
    """Return a turn that answers with *reply*."""
    return Turn(reply.encode() if isinstance(reply, str) else reply, end)


DROP: Final = Turn(end=End.DROP)
RESET: Final = Turn(end=End.RESET)
MUTE: Final = Turn(end=End.MUTE)
BYE: Final = say("221 2.0.0 bye", End.DROP)


@dataclass(frozen=True, slots=True)
class Script:
    """What a server says at each stage; the defaults describe a good one.

    Attributes:
        ehlo: EHLO without TLS; its last line must not have a hyphen.
        ehlo_tls: EHLO inside TLS.
        starttls: The handshake follows if this is a 220.
        rcpt: One step for all, or one per address; others get *rcpt_default*.
        data_in_vain: DATA without a recipient; only who reads ahead asks for it.
        during: After *during_octets* of the content; what does not end the connection
            lets the server read on.
    """

    greeting: Step = "220 relay.example ESMTP"
    ehlo: Step = (
        "250-relay.example\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-PIPELINING\r\n"
        "250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"
    )
    ehlo_tls: Step = (
        "250-relay.example\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-PIPELINING\r\n"
        "250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN"
    )
    helo: Step = "250 relay.example"
    starttls: Step = "220 2.0.0 go ahead"
    auth: Step = "235 2.7.0 welcome"
    mail: Step = "250 2.1.0 sender ok"
    rcpt: Step | Mapping[str, Step] = "250 2.1.5 recipient ok"
    rcpt_default: Step = "250 2.1.5 recipient ok"
    data: Step = "354 end with a dot"
    data_in_vain: Step = "503 5.5.1 no valid recipients"
    content: Step = "250 2.0.0 taken"
    during: Step | None = None
    during_octets: int = 1
    rset: Step = "250 2.0.0 forgotten"
    noop: Step = "250 2.0.0 here"
    quit: Step = BYE


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came in.

    Attributes:
        return_path, recipient: As written between the angle brackets.
        content: Without dot-stuffing and the final dot.
        is_protected: Whether it came through TLS.
        login: The user name of the connection, None without AUTH.
    """

    return_path: str
    recipient: str
    content: bytes
    is_protected: bool = False
    login: str | None = None


class _Ended(Exception):
    """A turn has ended the connection."""


class ScriptedSmtp:
    """An SMTP server on 127.0.0.1 that follows a script.

    Use it as a context manager; the port is free to be used at once.

    Attributes:
        port: Where it listens.
        accepted: What it took responsibility for, written before the reply.
        received: Everything that came with its final dot, accepted or not.
        commands: Every line of every connection, credentials left out.
        logins: User name and password of every AUTH.
        connections: How many were opened.
        connections_open: How many are open now.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        certificate: Certificate = Certificate.GOOD,
        implicit_tls: bool = False,
        port: int = 0,
    ) -> None:
        self.script = script or Script()
        self.port = port
        self.accepted: list[Received] = []
        self.received: list[Received] = []
        self.commands: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.connections = 0
        self.connections_open = 0
        self._context = server_context(certificate)
        self._implicit_tls = implicit_tls
        self._used: dict[str, int] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def take(self, stage: str, step: Step) -> Turn:
        """Return the next turn of *stage*."""
        if isinstance(step, Sequence) and not isinstance(step, str | bytes):
            used = self._used.get(stage, 0)
            self._used[stage] = used + 1
            step = step[min(used, len(step) - 1)]
        return step if isinstance(step, Turn) else say(step)

    @property
    def context(self) -> ssl.SSLContext:
        """The TLS rules of this server."""
        return self._context

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._talk,
            "127.0.0.1",
            self.port,
            limit=_LINE_OCTETS,
            ssl=self._context if self._implicit_tls else None,
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        self.connections_open += 1
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await _Talk(self, reader, writer, is_protected=self._implicit_tls).hold()
        except (_Ended, OSError, EOFError, asyncio.CancelledError):
            pass  # the client has gone, the script says so, or the test is over
        finally:
            self._talks.discard(task)
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self.connections_open -= 1


@dataclass(slots=True)
class _Talk:
    """One connection."""

    server: ScriptedSmtp
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_protected: bool
    login: str | None = None
    has_sender: bool = False
    envelope: Received = field(default_factory=lambda: Received("", "", b""))

    async def hold(self) -> None:
        """Greet, then answer line by line."""
        script = self.server.script
        await self._do(self.server.take("greeting", script.greeting))
        while line := await self.reader.readline():
            words = line.decode("latin-1").rstrip("\r\n")
            verb = words.split(" ", 1)[0].split(":", 1)[0].upper()
            if verb != "AUTH":
                self.server.commands.append(words)
            answer = getattr(self, f"_{verb.lower()}", None)
            if answer is None:
                await self._do(say("500 5.5.2 unknown"))
            else:
                await answer(words)

    async def _ehlo(self, _words: str) -> None:
        script = self.server.script
        step = script.ehlo_tls if self.is_protected else script.ehlo
        await self._do(self.server.take("ehlo", step))

    async def _helo(self, _words: str) -> None:
        await self._do(self.server.take("helo", self.server.script.helo))

    async def _starttls(self, _words: str) -> None:
        turn = self.server.take("starttls", self.server.script.starttls)
        await self._do(turn)
        if turn.reply.startswith(b"220"):
            await self.writer.start_tls(self.server.context)
            self.is_protected = True

    async def _auth(self, words: str) -> None:
        _, mechanism, *rest = words.split(" ")
        self.server.commands.append(f"AUTH {mechanism}")
        given = base64.b64decode(rest[0]) if rest else b""
        if mechanism.upper() == "LOGIN":
            await self._do(say("334 UGFzc3dvcmQ6"))
            given += b"\0" + base64.b64decode(await self.reader.readline())
        user, password = given.lstrip(b"\0").decode().split("\0")
        self.server.logins.append((user, password))
        turn = self.server.take("auth", self.server.script.auth)
        if turn.reply.startswith(b"235"):
            self.login = user
        await self._do(turn)

    async def _mail(self, words: str) -> None:
        self.envelope = Received(_path(words), "", b"", self.is_protected, self.login)
        turn = self.server.take("mail", self.server.script.mail)
        self.has_sender = turn.reply.startswith(b"2")
        await self._do(turn)

    async def _rcpt(self, words: str) -> None:
        if not self.has_sender:
            await self._do(say("503 5.5.1 MAIL first"))
            return
        script = self.server.script
        address = _path(words)
        step, stage = script.rcpt, "rcpt"
        if isinstance(step, Mapping):
            stage = f"rcpt {address}" if address in step else stage
            step = step.get(address, script.rcpt_default)
        turn = self.server.take(stage, step)
        if turn.reply.startswith(b"2"):
            self.envelope = replace(self.envelope, recipient=address)
        await self._do(turn)

    async def _data(self, _words: str) -> None:
        script = self.server.script
        turn = self.server.take("data", script.data)
        if not self.envelope.recipient:
            turn = self.server.take("data in vain", script.data_in_vain)
        await self._do(turn)
        if not turn.reply.startswith(b"3"):
            return
        head = b""
        if script.during is not None:
            head = await self.reader.readexactly(script.during_octets)
            await self._do(self.server.take("during", script.during))
        content = await self._content(head)
        turn = self.server.take("content", script.content)
        received = replace(self.envelope, content=content)
        self.server.received.append(received)
        if turn.accepts:
            self.server.accepted.append(received)
        await self._do(turn)

    async def _content(self, head: bytes) -> bytes:
        """Read behind *head* to the final dot: CRLF "." CRLF and nothing looser."""
        raw = bytearray(b"\r\n" + head)
        while not raw.endswith(b"\r\n.\r\n"):
            line = await self.reader.readline()
            if not line:
                raise EOFError
            raw += line
        lines = bytes(raw[2:-3]).split(b"\r\n")
        return b"\r\n".join(line.removeprefix(b".") for line in lines)

    async def _rset(self, _words: str) -> None:
        await self._do(self.server.take("rset", self.server.script.rset))

    async def _noop(self, _words: str) -> None:
        await self._do(self.server.take("noop", self.server.script.noop))

    async def _quit(self, _words: str) -> None:
        await self._do(self.server.take("quit", self.server.script.quit))

    async def _do(self, turn: Turn) -> None:
        await asyncio.sleep(turn.wait)
        octets = turn.reply if turn.raw or not turn.reply else turn.reply + b"\r\n"
        pieces = (
            [octets[i : i + 1] for i in range(len(octets))] if turn.drip else [octets]
        )
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if turn.drip:
                # Without it nothing may wait here: after a 220 to STARTTLS the
                # client's first TLS record would be read as a command.
                await asyncio.sleep(turn.drip)
        if turn.end is End.STAY:
            return
        if turn.end is End.MUTE:
            transport = self.writer.transport
            if isinstance(transport, asyncio.ReadTransport):
                transport.pause_reading()
            await asyncio.Event().wait()
        if turn.end is End.RESET:
            _linger_not(self.writer.get_extra_info("socket"))
            self.writer.transport.abort()
        else:
            self.writer.close()
        raise _Ended


def _linger_not(connection: socket.socket) -> None:
    """Make closing send RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _path(words: str) -> str:
    return words.partition("<")[2].partition(">")[0]
