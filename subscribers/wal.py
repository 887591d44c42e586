"""Fast commits that are safe a moment later: the log of SQLite, synced on the side.

With ``synchronous=NORMAL`` SQLite leaves it to the operating system when a commit comes
to the disk, which may be half a minute. Here a thread sees to it every 50 milliseconds:
a power cut loses no more than that. A crash of the program loses nothing in any case.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

INTERVAL: Final = 0.05
"""Seconds between two looks; the promise of ``durability = "fast"``."""


class WalSync:
    """Syncs the write-ahead log of one SQLite file whenever it has changed."""

    def __init__(self, file: Path) -> None:
        """Prepare; ``start`` begins."""
        self._log = file.with_name(f"{file.name}-wal")
        self._synced_at = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look, once; a look at a file that rests costs nothing."""
        if not self._thread.is_alive() and not self._is_over.is_set():
            self._thread.start()

    def close(self) -> None:
        """Look for the last time."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()
        self.sync()

    def sync(self) -> bool:
        """Bring to the disk what was written since the last time; False for nothing."""
        # Whoever removed the log has written what it held into the file, and synced it.
        with suppress(FileNotFoundError):
            handle = os.open(self._log, os.O_RDONLY)
            try:
                written_at = os.fstat(handle).st_mtime_ns
                if written_at == self._synced_at:
                    return False
                os.fdatasync(handle)
                self._synced_at = written_at
            finally:
                os.close(handle)
            return True
        return False

    def _run(self) -> None:
        while not self._is_over.wait(INTERVAL):
            self.sync()
