"""An IMAP server for tests: real sockets, real folders, and faults on demand.

``ScriptedImap`` speaks as much of RFC 9051 and RFC 3501 as our reader needs, from a
thread of its own. Its folders are lists that a test fills and looks at. A ``Fault``
stands for the one time that a command goes wrong.
"""

from __future__ import annotations

import asyncio
import base64
import calendar
import contextlib
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from tests.certificates import Certificate, server_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

MONTHS: Final = tuple(calendar.month_abbr)[1:]

CRLF: Final = b"\r\n"

DRIP_SECONDS: Final = 0.02
"""Between two octets: below every timeout of a test."""

_LINE_OCTETS: Final = 1024 * 1024


class Act(StrEnum):
    """What happens instead of the right answer."""

    REPLY = "reply"
    """Send the words, with the tag before them."""
    RAW = "raw"
    """Send the words as they are, then end the line."""
    CUT = "cut"
    """Send the first half of the answer, then end the line."""
    DROP = "drop"
    """End the line without a word."""
    STALL = "stall"
    """Say nothing more, keep the line open."""
    DRIP = "drip"
    """Send the right answer one octet at a time, always just in time."""
    FIRST = "first"
    """Call a function, then answer as always."""
    LIE = "lie"
    """State a size for each literal that is not its own."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        on: Regular expression for the command without its tag.
        words: What is sent, for ``REPLY`` and ``RAW``.
        times: How often; then the server is well again.
        call: For ``FIRST``.
        size: For ``LIE``: from the true size to the stated one.
    """

    on: str
    act: Act
    words: str = ""
    times: int = 1
    call: Callable[[], None] = lambda: None
    size: Callable[[int], int] = lambda octets: octets


@dataclass(slots=True)
class Stored:
    """One message in a folder."""

    uid: int
    content: bytes
    arrived_at: datetime
    flags: set[str] = field(default_factory=set)
    stated_octets: int | None = None


@dataclass(slots=True)
class Folder:
    """One folder; UIDs only go up."""

    uidvalidity: int = 1
    next_uid: int = 1
    messages: list[Stored] = field(default_factory=list)

    def add(self, content: bytes, arrived_at: datetime) -> Stored:
        """Put a message in."""
        stored = Stored(self.next_uid, content, arrived_at)
        self.next_uid += 1
        self.messages.append(stored)
        return stored

    def lose_first(self) -> None:
        """Let the oldest message be expunged by somebody else."""
        del self.messages[0]

    def renumber(self) -> None:
        """Give every message a new UID, as a restored mailbox does."""
        self.uidvalidity += 1
        for stored in self.messages:
            stored.uid += 1000
        self.next_uid += 1000


class ScriptedImap:
    """An IMAP server on 127.0.0.1.

    Attributes:
        folders: By name.
        faults: What goes wrong; the first that fits is used.
        commands: Every command of every connection, without tag and password.
        logins: User name and password, or user name and token.
        capabilities: What it says of itself.
        connections: How many were opened.
        rights: What it tells of our rights (RFC 4314): folder and letters.
        tells_at_once: It says what has come in one breath with its yes to IDLE.
        idling: Released whenever a client begins to wait.
    """

    def __init__(
        self,
        *,
        capabilities: str = "IMAP4rev1 STARTTLS AUTH=PLAIN MOVE UIDPLUS IDLE",
        certificate: Certificate = Certificate.GOOD,
        implicit_tls: bool = False,
        arrived_at: datetime = datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
    ) -> None:
        self.folders = {"INBOX": Folder()}
        self.faults: list[Fault] = []
        self.commands: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.capabilities = capabilities
        self.rights = "INBOX lrswite"
        self.connections = 0
        self.port = 0
        self.arrived_at = arrived_at
        self.context = server_context(certificate)
        self.tells_at_once = False
        self._implicit_tls = implicit_tls
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self.changed = asyncio.Event()
        self.idling = threading.Semaphore(0)
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

    @property
    def inbox(self) -> Folder:
        """The folder that every account has."""
        return self.folders["INBOX"]

    def add(self, content: bytes, folder: str = "INBOX") -> Stored:
        """Let a message arrive; who idles is told."""
        stored = self.folders[folder].add(content, self.arrived_at)
        self._loop.call_soon_threadsafe(self.changed.set)
        return stored

    def contents(self, folder: str = "INBOX") -> list[bytes]:
        """Return what lies in a folder."""
        found = self.folders.get(folder)
        return [one.content for one in found.messages] if found else []

    def fault_for(self, command: str) -> Fault | None:
        """Return what goes wrong with *command*, and count it."""
        for fault in self.faults:
            if fault.times and re.match(fault.on, command, re.IGNORECASE):
                fault.times -= 1
                return fault
        return None

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._talk,
            "127.0.0.1",
            0,
            limit=_LINE_OCTETS,
            ssl=self.context if self._implicit_tls else None,
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
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await _Talk(self, reader, writer).hold()
        except (_Ended, OSError, EOFError, asyncio.CancelledError):
            pass  # the client has gone, a fault says so, or the test is over
        finally:
            self._talks.discard(task)
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Ended(Exception):
    """The connection is over."""


@dataclass(slots=True)
class _Talk:
    """One connection."""

    server: ScriptedImap
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    folder: Folder | None = None
    is_readonly: bool = True
    out: bytearray = field(default_factory=bytearray)
    lie: Callable[[int], int] | None = None

    async def hold(self) -> None:
        """Greet, then answer line by line."""
        greeting = self.server.fault_for("GREETING")
        words = greeting.words if greeting else "* OK scripted server"
        self.say(words)
        await self.flush()
        if greeting:
            raise _Ended
        while line := await self.reader.readline():
            tag, _, command = line.decode("utf-8").rstrip("\r\n").partition(" ")
            shown = "LOGIN" if command.upper().startswith("LOGIN") else command
            self.server.commands.append(shown)
            await self.answer(tag, command)

    async def answer(self, tag: str, command: str) -> None:
        """Answer one command, or let it go wrong."""
        fault = self.server.fault_for(command)
        self.lie = fault.size if fault and fault.act is Act.LIE else None
        if fault and await self._instead(fault, tag):
            return
        verb, _, rest = command.partition(" ")
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
            verb = f"UID_{verb}"
        method = getattr(self, f"do_{verb.lower()}", None)
        if method is None:
            self.say(f"{tag} BAD unknown command")
        else:
            await method(tag, rest)
        if fault is not None and fault.act is Act.CUT:
            del self.out[len(self.out) // 2 :]
            await self.flush()
            raise _Ended
        if fault is not None and fault.act is Act.DRIP:
            await self.drip()
        await self.flush()

    async def drip(self) -> None:
        """Send all but the last octets of the answer, slowly."""
        while len(self.out) > len(CRLF):
            self.writer.write(bytes([self.out.pop(0)]))
            await self.writer.drain()
            await asyncio.sleep(DRIP_SECONDS)

    async def _instead(self, fault: Fault, tag: str) -> bool:
        """Do what *fault* wants; True if that is all."""
        match fault.act:
            case Act.DROP:
                raise _Ended
            case Act.STALL:
                await asyncio.Event().wait()
            case Act.FIRST:
                fault.call()
            case Act.REPLY | Act.RAW:
                self.say(
                    f"{tag} {fault.words}" if fault.act is Act.REPLY else fault.words
                )
                await self.flush()
                if fault.act is Act.RAW:
                    raise _Ended
                return True
            case _:
                pass
        return False

    def say(self, line: str | bytes) -> None:
        """Put a line into the answer."""
        self.out += (line if isinstance(line, bytes) else line.encode()) + b"\r\n"

    async def flush(self) -> None:
        """Send the answer."""
        self.writer.write(bytes(self.out))
        self.out.clear()
        await self.writer.drain()

    async def do_capability(self, tag: str, _rest: str) -> None:
        self.say(f"* CAPABILITY {self.server.capabilities}")
        self.say(f"{tag} OK done")

    async def do_noop(self, tag: str, _rest: str) -> None:
        self.say(f"{tag} OK done")

    async def do_logout(self, tag: str, _rest: str) -> None:
        self.say("* BYE until next time")
        self.say(f"{tag} OK done")
        await self.flush()
        raise _Ended

    async def do_starttls(self, tag: str, _rest: str) -> None:
        self.say(f"{tag} OK begin")
        await self.flush()
        await self.writer.start_tls(self.server.context)

    async def do_login(self, tag: str, rest: str) -> None:
        user, password = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', rest)
        self.server.logins.append((user[0] or user[1], password[0] or password[1]))
        self.say(f"{tag} OK logged in")

    async def do_authenticate(self, tag: str, rest: str) -> None:
        self.say("+ ")
        await self.flush()
        given = base64.b64decode(await self.reader.readline()).decode("utf-8")
        if rest.upper() == "PLAIN":
            _, user, password = given.split("\0")
        else:
            user, password = given.rstrip("\x01").split("\x01")
            user = user.removeprefix("user=")
            password = password.removeprefix("auth=Bearer ")
        self.server.logins.append((user, password))
        self.say(f"{tag} OK logged in")

    async def do_list(self, tag: str, rest: str) -> None:
        wanted = rest.rpartition(" ")[2].strip('"') or rest.strip('" ')
        for name in self.server.folders:
            if wanted in {name, "*"}:
                self.say(f'* LIST (\\HasNoChildren) "/" "{name}"')
        self.say(f"{tag} OK done")

    async def do_myrights(self, tag: str, _rest: str) -> None:
        self.say(f"* MYRIGHTS {self.server.rights}")
        self.say(f"{tag} OK done")

    async def do_create(self, tag: str, rest: str) -> None:
        self.server.folders.setdefault(rest.strip('"'), Folder(uidvalidity=7))
        self.say(f"{tag} OK created")

    async def do_select(self, tag: str, rest: str, *, readonly: bool = False) -> None:
        folder = self.server.folders.get(rest.strip('"'))
        if folder is None:
            self.say(f"{tag} NO [NONEXISTENT] no such folder")
            return
        self.folder, self.is_readonly = folder, readonly
        self.say(r"* FLAGS (\Seen \Deleted)")
        self.say(f"* {len(folder.messages)} EXISTS")
        self.say("* 0 RECENT")
        self.say(f"* OK [UIDVALIDITY {folder.uidvalidity}] valid")
        self.say(f"{tag} OK [{'READ-ONLY' if readonly else 'READ-WRITE'}] open")

    async def do_examine(self, tag: str, rest: str) -> None:
        await self.do_select(tag, rest, readonly=True)

    async def do_uid_search(self, tag: str, rest: str) -> None:
        since = re.search(r"SINCE (\d+)-(\w{3})-(\d{4})", rest)
        first = datetime.min.replace(tzinfo=UTC)
        if since:
            month = MONTHS.index(since[2]) + 1
            first = datetime(int(since[3]), month, int(since[1]), tzinfo=UTC)
        found = [str(one.uid) for one in self._messages() if one.arrived_at >= first]
        self.say(" ".join(["* SEARCH", *found]))
        self.say(f"{tag} OK done")

    async def do_uid_fetch(self, tag: str, rest: str) -> None:
        numbers, _, items = rest.partition(" ")
        for place, one in self._chosen(numbers):
            if "BODY" not in items:
                size = one.stated_octets or len(one.content)
                at = one.arrived_at
                day = f"{at.day:2d}-{MONTHS[at.month - 1]}-{at.year}"
                self.say(
                    f"* {place} FETCH (UID {one.uid} RFC822.SIZE {size} INTERNALDATE "
                    f'"{day} {at:%H:%M:%S} +0000")'
                )
                continue
            part = re.search(r"<0\.(\d+)>", items)
            content = one.content[: int(part[1])] if part else one.content
            octets = len(content)
            stated = self.lie(octets) if self.lie else octets
            name = "BODY[]<0>" if part else "BODY[]"
            head = f"* {place} FETCH (UID {one.uid} {name} {{{stated}}}\r\n"
            self.say(head.encode() + content + b")")
            if ".PEEK" not in items and not self.is_readonly:
                one.flags.add(r"\Seen")
        self.say(f"{tag} OK done")

    async def do_uid_move(self, tag: str, rest: str) -> None:
        await self._copy(tag, rest, away=True)

    async def do_uid_copy(self, tag: str, rest: str) -> None:
        await self._copy(tag, rest, away=False)

    async def _copy(self, tag: str, rest: str, *, away: bool) -> None:
        numbers, _, name = rest.partition(" ")
        target = self.server.folders.get(name.strip('"'))
        if target is None or (away and self.is_readonly):
            self.say(f"{tag} NO [TRYCREATE] no such folder")
            return
        for _, one in self._chosen(numbers):
            copy = target.add(one.content, one.arrived_at)
            copy.flags |= one.flags
            if away:
                self._messages().remove(one)
        self.say(f"{tag} OK done")

    async def do_uid_store(self, tag: str, rest: str) -> None:
        numbers, _, items = rest.partition(" ")
        for _, one in self._chosen(numbers):
            one.flags |= set(re.findall(r"\\\w+", items))
        self.say(f"{tag} OK done")

    async def do_uid_expunge(self, tag: str, rest: str) -> None:
        for _, one in self._chosen(rest):
            if r"\Deleted" in one.flags:
                self._messages().remove(one)
        self.say(f"{tag} OK done")

    async def do_idle(self, tag: str, _rest: str) -> None:
        self.server.changed.clear()
        self.say("+ idling")
        if self.server.tells_at_once:
            self.say(f"* {len(self._messages())} EXISTS")
        await self.flush()
        self.server.idling.release()
        ends = asyncio.ensure_future(self.reader.readline())
        told = asyncio.ensure_future(self.server.changed.wait())
        await asyncio.wait({ends, told}, return_when=asyncio.FIRST_COMPLETED)
        if not ends.done():
            self.say(f"* {len(self._messages())} EXISTS")
            await self.flush()
        told.cancel()
        await ends
        self.say(f"{tag} OK idled")

    def _messages(self) -> list[Stored]:
        assert self.folder is not None
        return self.folder.messages

    def _chosen(self, numbers: str) -> list[tuple[int, Stored]]:
        wanted = {int(one) for one in numbers.split(",")}
        return [
            (place, one)
            for place, one in enumerate(list(self._messages()), start=1)
            if one.uid in wanted
        ]
