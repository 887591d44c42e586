"""A thread that rings when something may have come: IDLE, or just the passing of time.

It has a connection of its own and reads nothing; whoever hears the bell opens the
folder anew, since a mail that came meanwhile is not seen otherwise. A server without
IDLE, or one that falls silent, only makes the bell ring later.

Source: RFC 2177; RFC 9051, section 6.3.13.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from mailer.errors import InboxError, InboxFolderMissing
from mailer.inbound.sources.connection import hang_up, opened, shown, translated
from mailer.logs import LogEvent, log

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader
    from pathlib import Path

    from mailer.inbound.sources.connection import Connection
    from mailer.settings import Inbox

IDLE_SECONDS: Final = 120
"""One IDLE; routers forget a silent connection after some minutes, and RFC 2177
wants a new one within 29."""

QUIET_RINGS: Final = 3
"""After so many IDLEs in which nothing was said, the bell rings all the same."""

WAITS: Final = (5, 15, 60, 300)
"""Seconds before the next try, by how often it has failed; the last for ever."""


class Doorbell:
    """Watches one folder from a thread of its own.

    Use it as a context manager.
    """

    def __init__(
        self,
        inbox: Inbox,
        folder: Path,
        ring: Callable[[], None],
        *,
        seconds: float = IDLE_SECONDS,
    ) -> None:
        """Prepare the thread.

        Args:
            inbox: Which folder of which server.
            folder: Where ``token_command`` runs.
            ring: Called from the thread; must return at once.
            seconds: The length of one IDLE.
        """
        self._inbox = inbox
        self._home = folder
        self._ring = ring
        self._seconds = seconds
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="idle", daemon=True)

    def __enter__(self) -> Self:
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; the line is cut under a thread that waits for it."""
        self._stopping.set()
        if self._connection is not None:
            with suppress(OSError):
                self._connection.client.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(self._inbox.timeout.total_seconds())

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._listen()
                failures = 0
            except InboxError:
                # Whoever hears the bell meets the same trouble, and tells it.
                self._ring()
                wait = WAITS[min(failures, len(WAITS) - 1)]
                failures += 1
                if not self._stopping.is_set():
                    source = f"imap/{self._inbox.folder}"
                    log(LogEvent.INBOX_WATCHED, source=source, seconds=wait)
                self._stopping.wait(wait)

    def _listen(self) -> None:
        """Listen over one connection, for as long as it holds."""
        connection = self._connection = opened(self._inbox, self._home)
        try:
            with translated(shown(self._inbox), refused=InboxFolderMissing):
                connection.folder.set(self._inbox.folder, readonly=True)
            self._ring()
            silent = 0
            while not self._stopping.is_set():
                silent = 0 if self._has_come(connection) else silent + 1
                if silent in {0, QUIET_RINGS}:
                    silent = 0
                    self._ring()
        finally:
            hang_up(connection.client)

    def _has_come(self, connection: Connection) -> bool:
        """Wait for a word of the server, or for the end of one IDLE."""
        if "IDLE" not in connection.abilities:
            self._stopping.wait(self._seconds)
            return True
        with translated(shown(self._inbox)), connection.idle as idle:
            return _has_more(connection) or bool(idle.poll(timeout=self._seconds))


def _has_more(connection: Connection) -> bool:
    """Tell whether words came together with the answer to IDLE.

    They are read already, so the line that is waited for would stay silent.
    """
    line = connection.client.sock
    read: BufferedReader = connection.client.file  # type: ignore[assignment] # "rb"
    patience = line.gettimeout()
    line.settimeout(0)
    try:
        return bool(read.peek(1))
    except OSError:
        return False
    finally:
        line.settimeout(patience)
