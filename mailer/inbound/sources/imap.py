r"""A mailbox on an IMAP server.

Looking happens with EXAMINE and BODY.PEEK, so that no mark of anybody's mail can
change; a mailbox is only opened for writing to file away what is settled. A message
is named by UIDVALIDITY and UID. \Seen is never asked for: another program may set it.

Source: RFC 9051, sections 2.3.1.1 (UID), 6.3.3 (EXAMINE), 6.4.5 (BODY.PEEK), 6.4.8
(MOVE), 6.4.9 (UID EXPUNGE).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from imap_tools import AND
from imap_tools.errors import UnexpectedCommandStatusError
from imap_tools.utils import encode_folder

from mailer.errors import (
    InboxBusy,
    InboxError,
    InboxFolderMissing,
    InboxUnreachable,
)
from mailer.inbound.sources import HEAD_OCTETS, Found, NotGiven, Tray
from mailer.inbound.sources.connection import hang_up, opened, shown, translated
from mailer.inbound.sources.run_limit import RunLimit
from mailer.transport import failures

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from mailer.inbound.sources.connection import Connection
    from mailer.settings import Inbox

CHUNK: Final = 200
"""UIDs in one command: 2,200 octets, far below the 8,192 of RFC 7162, section 4."""

MAX_LOSSES: Final = 4
"""Connections that may break in one run before the server is left in peace."""

TOO_LONG: Final = (
    "der Abruf dauerte zu lange und wurde abgebrochen (siehe [inbox] longest_run)"
)

RENUMBERED: Final = "der Ordner wurde gerade neu nummeriert"

_FACTS: Final = "(UID RFC822.SIZE INTERNALDATE)"
_CONTENT: Final = "(UID BODY.PEEK[])"
_HEAD: Final = f"(UID BODY.PEEK[]<0.{HEAD_OCTETS}>)"

_UID: Final = re.compile(rb"\bUID (\d+)")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d+)")
_ARRIVED: Final = re.compile(rb'\bINTERNALDATE "([^"]{20,30})"')
_SHORT_BODY: Final = re.compile(rb'\bBODY\[\] "((?:[^"\\]|\\.)*)"', re.DOTALL)
"""A server may send a short text between quotes instead of as a literal."""


class ImapSource:
    """One folder of a mailbox; the connection is made when it is first needed."""

    def __init__(self, inbox: Inbox, folder: Path) -> None:
        """Remember where to look.

        Args:
            inbox: The mailbox and its folder.
            folder: Where ``token_command`` runs.
        """
        self._inbox = inbox
        self._home = folder
        self._connection: Connection | None = None
        self._uidvalidity = 0
        self._losses = 0
        self._limit = RunLimit(inbox.longest_run)

    @property
    def name(self) -> str:
        """How the folder is called in the database."""
        return f"imap/{self._inbox.folder}"

    @property
    def host(self) -> str:
        """The server's name for people."""
        return shown(self._inbox)

    @property
    def connection(self) -> Connection:
        """The connection, logged in.

        Raises:
            InboxError: It cannot be had.
        """
        if self._connection is None:
            self._connection = opened(self._inbox, self._home, self._limit.hold)
        return self._connection

    def close(self) -> None:
        """Hang up, if there is a connection."""
        self._limit.end()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def enter(self) -> int:
        """Open the folder for looking; a mail that came since then shows up.

        A run begins here, and its time.
        """
        self._losses = 0
        self._limit.begin()
        return self._select(readonly=True)

    def waiting(self, known: Collection[str], since: datetime | None) -> list[Found]:
        """Return the messages under no *known* name, in the order of their UIDs."""
        # SINCE has whole days, in the server's own time: one day more is asked for.
        criteria = (
            "ALL" if since is None else AND(date_gte=(since - timedelta(days=1)).date())
        )
        with self._talking():
            uids = sorted({int(one) for one in self.connection.uids(criteria, None)})
        unknown = [uid for uid in uids if self._named(uid) not in known]
        found = [one for chunk in _chunks(unknown) for one in self._facts(chunk)]
        return [
            one
            for one in found
            if since is None or one.arrived_at is None or one.arrived_at >= since
        ]

    def fetch(self, found: Found) -> bytes | None:
        """Return the raw bytes without marking the message as read.

        A message that breaks the connection twice is left out: it must not keep all
        others from being read.
        """
        try:
            return self._fetch(found)
        except InboxUnreachable:
            self._come_back()
        try:
            return self._fetch(found)
        except InboxUnreachable as error:
            self._come_back()
            raise NotGiven(error.reason) from error

    def head(self, found: Found) -> bytes:
        """Return the first octets without marking the message as read."""
        uid = self._uid(found.name)
        try:
            with self._talking(refused=_NoSuchMessage):
                answer = self._answer("FETCH", str(uid), _HEAD)
        except (_NoSuchMessage, InboxBusy):
            return b""
        return _content(answer, uid) or b""

    def file(self, names: Collection[str], tray: Tray) -> Collection[str]:
        """Move messages; those of an older numbering cannot be named any more."""
        if tray is Tray.STAY or not names:
            return names
        uids = sorted(self._uid(name) for name in names if self._is_of_now(name))
        if uids:
            wish = self._inbox.processed_folder
            if tray is Tray.HUMAN:
                wish = self._inbox.human_folder
            with self._talking():
                target = self._target(wish)
            self._select(readonly=False)
            with self._talking():
                for chunk in _chunks(uids):
                    self._move(chunk, target)
        return names

    def _fetch(self, found: Found) -> bytes | None:
        uid = self._uid(found.name)
        try:
            with self._talking(refused=_NoSuchMessage):
                answer = self._answer("FETCH", str(uid), _CONTENT)
        except (_NoSuchMessage, InboxBusy) as error:
            raise NotGiven(error.reason) from error
        return _content(answer, uid)

    def _come_back(self) -> None:
        """Open the folder over a new connection; its numbering must be the old one."""
        self._losses += 1
        if self._limit.is_over:
            raise InboxUnreachable(self.host, TOO_LONG)
        if self._losses > MAX_LOSSES:
            raise InboxUnreachable(self.host, failures.HUNG_UP)
        if self._connection is not None:
            hang_up(self._connection.client)
            self._connection = None
        numbering = self._uidvalidity
        if self._select(readonly=True) != numbering:
            raise InboxError(self.host, RENUMBERED)

    @contextmanager
    def _talking(self, refused: type[InboxError] = InboxError) -> Iterator[None]:
        """Translate foreign exceptions, and say so if it was us who hung up."""
        try:
            with translated(self.host, refused=refused):
                yield
        except InboxUnreachable as error:
            if self._limit.is_over:
                raise InboxUnreachable(self.host, TOO_LONG) from error
            raise

    def _select(self, *, readonly: bool) -> int:
        with self._talking(refused=InboxFolderMissing):
            connection = self.connection
            connection.folder.set(self._inbox.folder, readonly=readonly)
            _, stated = connection.client.response("UIDVALIDITY")
        number = stated[-1] if stated else None
        if not isinstance(number, bytes) or not number.isdigit():
            raise InboxError(self.host, "der Server nummeriert die Nachrichten nicht")
        if not readonly and int(number) != self._uidvalidity:
            raise InboxError(self.host, RENUMBERED)
        self._uidvalidity = int(number)
        return self._uidvalidity

    def _facts(self, uids: Sequence[int]) -> Iterator[Found]:
        """Yield what the server says about *uids*; who is gone is left out."""
        with self._talking():
            answer = self._answer("FETCH", _set(uids), _FACTS)
        wanted = set(uids)
        told: dict[int, Found] = {}
        for line in answer:
            row = b" ".join(line) if isinstance(line, tuple) else line or b""
            uid, size = _UID.search(row), _SIZE.search(row)
            if uid is None or size is None or int(uid[1]) not in wanted:
                continue
            told[int(uid[1])] = Found(
                self._named(int(uid[1])), int(size[1]), _arrived(row)
            )
        yield from (told[uid] for uid in sorted(told))

    def _answer(
        self, command: str, *words: str
    ) -> Sequence[bytes | tuple[bytes, bytes] | None]:
        """Send a UID command; a plain "no" raises what imap_tools raises."""
        status, answer = self.connection.client.uid(command, *words)
        if status != "OK":
            raise UnexpectedCommandStatusError((status, answer), "OK")
        return answer

    def _move(self, uids: Sequence[int], target: str) -> None:
        """Move *uids*; without MOVE: copy, then take away exactly these."""
        abilities = self.connection.abilities
        if "MOVE" in abilities:
            self._answer("MOVE", _set(uids), encode_folder(target).decode())
            return
        if "UIDPLUS" not in abilities:
            # A plain EXPUNGE would also take what a person has marked for deletion.
            raise InboxError(
                self.host,
                "er kann Nachrichten nicht verschieben; bitte setzen Sie [inbox] "
                'processed_folder = ""',
            )
        self._answer("COPY", _set(uids), encode_folder(target).decode())
        self._answer("STORE", _set(uids), "+FLAGS.SILENT", r"(\Deleted)")
        self._answer("EXPUNGE", _set(uids))

    def _target(self, wish: str) -> str:
        """Return the folder meant by *wish*, made if it is missing.

        Some servers keep all folders below INBOX.
        """
        folders = self.connection.folder
        if folders.exists(wish):
            return wish
        root = folders.list("", "INBOX")
        below = f"INBOX{root[0].delim if root else '.'}{wish}"
        if folders.exists(below):
            return below
        try:
            folders.create(wish)
        except UnexpectedCommandStatusError:
            folders.create(below)
            return below
        return wish

    def _named(self, uid: int) -> str:
        return f"{self._uidvalidity}/{uid}"

    def _uid(self, name: str) -> int:
        return int(name.partition("/")[2])

    def _is_of_now(self, name: str) -> bool:
        return name.partition("/")[0] == str(self._uidvalidity)


class _NoSuchMessage(InboxError):
    """The server says no to one FETCH."""


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(uids), CHUNK):
        yield uids[first : first + CHUNK]


def _set(uids: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in uids)


def _arrived(row: bytes) -> datetime | None:
    """Return the INTERNALDATE of a line; None if it has none that can be read."""
    found = _ARRIVED.search(row)
    if found is None:
        return None
    # A leap second is one that Python does not know.
    written = found[1].decode("ascii").replace("-", " ", 2).replace(":60 ", ":59 ")
    try:
        arrived = parsedate_to_datetime(written)
    except ValueError:
        return None
    return arrived if arrived.tzinfo else arrived.replace(tzinfo=UTC)


def _content(
    answer: Sequence[bytes | tuple[bytes, bytes] | None], uid: int
) -> bytes | None:
    """Return the message in the *answer* to a FETCH of *uid*; None if it is gone."""
    for number, item in enumerate(answer):
        head = item[0] if isinstance(item, tuple) else item or b""
        if b"BODY[]" not in head.upper():
            continue
        # The UID may stand before the literal, or after it in the next item.
        after = answer[number + 1] if number + 1 < len(answer) else b""
        stated = _UID.search(head) or _UID.search(
            after if isinstance(after, bytes) else b""
        )
        if stated is not None and int(stated[1]) != uid:
            continue
        if isinstance(item, tuple):
            return item[1]
        if short := _SHORT_BODY.search(head):
            return re.sub(rb"\\(.)", rb"\1", short[1])
    return None
