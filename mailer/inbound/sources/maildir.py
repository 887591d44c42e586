"""A Maildir on this machine: one file per message, nothing to lock.

A message is known by the unique part of its file name, which stays when a mail
program moves it from ``new`` to ``cur`` or changes its flags.

Source: maildir(5) of qmail, "unique name" and "info"; Maildir++ for the folders.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from mailer.errors import InboxError
from mailer.inbound.reading import MAX_BYTES
from mailer.inbound.sources import HEAD_OCTETS, Found, NotGiven, Tray
from subscribers.errors import spoken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from mailer.settings import Inbox

PLACES: Final = ("new", "cur")
"""Where messages lie; what is in "tmp" is not finished."""


class MaildirSource:
    """The messages of one Maildir."""

    def __init__(self, path: Path, inbox: Inbox) -> None:
        """Remember where to look.

        Args:
            path: The folder that holds ``new`` and ``cur``.
            inbox: What the folders for settled mail are called.
        """
        self._path = path
        self._folders = {
            Tray.PROCESSED: inbox.processed_folder,
            Tray.HUMAN: inbox.human_folder,
        }
        self._lay: dict[str, Path] = {}

    @property
    def name(self) -> str:
        """How the Maildir is called in the database."""
        return f"maildir/{self._path.name}"

    def enter(self) -> int:
        """Look whether the Maildir can be read; it has no numbering."""
        with self._translated():
            os.scandir(self._path / "new").close()
        return 0

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def waiting(self, known: Collection[str], since: datetime | None) -> list[Found]:
        """Return the messages under no *known* name, the oldest first."""
        found = []
        for path in self._files():
            # Whoever reads the Maildir may move a file while we look.
            with suppress(FileNotFoundError), self._translated():
                facts = path.stat(follow_symlinks=False)
                arrived = datetime.fromtimestamp(facts.st_mtime, UTC)
                is_new = _unique(path) not in known
                if is_new and stat.S_ISREG(facts.st_mode):
                    self._lay[_unique(path)] = path
                    found.append(Found(_unique(path), facts.st_size, arrived))
        return sorted(
            (
                one
                for one in found
                if since is None or one.arrived_at is None or one.arrived_at >= since
            ),
            key=lambda one: (one.arrived_at, one.name),
        )

    def fetch(self, found: Found) -> bytes | None:
        """Return the raw bytes; None if the file is gone."""
        path = self._find(found.name)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotGiven(spoken(error)) from error
        if len(content) > MAX_BYTES:
            raise NotGiven("die Datei ist gewachsen und nun zu groß")
        return content

    def head(self, found: Found) -> bytes:
        """Return the first octets of a file; empty if it is gone."""
        path = self._find(found.name)
        try:
            with (path or self._path / found.name).open("rb") as file:
                return file.read(HEAD_OCTETS)
        except OSError:
            return b""

    def file(self, names: Collection[str], tray: Tray) -> Collection[str]:
        """Move messages to the folder of *tray*."""
        if tray is Tray.STAY or not names:
            return names
        target = self._path / f".{self._folders[tray].replace('/', '.')}"
        with self._translated():
            for part in ("", "tmp", "new", "cur"):
                (target / part).mkdir(mode=0o700, exist_ok=True)
        lying = {_unique(path): path for path in self._files()}
        for name in names:
            if path := lying.get(name):
                info = path.name.partition(":")[2] or "2,"
                with suppress(FileNotFoundError), self._translated():
                    path.rename(target / "cur" / f"{name}:{info}")
        return names

    def _files(self) -> Iterator[Path]:
        for place in PLACES:
            folder = self._path / place
            with self._translated():
                paths = list(folder.iterdir()) if folder.is_dir() else []
            yield from (path for path in paths if not path.name.startswith("."))

    def _find(self, name: str) -> Path | None:
        """Return where the message lies now; None if it is gone."""
        lay = self._lay.get(name)
        if lay is not None and lay.exists():
            return lay
        return next((path for path in self._files() if _unique(path) == name), None)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if (self._path / "new").is_dir():
                raise
            raise InboxError(str(self._path), spoken(error)) from error
        except OSError as error:
            raise InboxError(str(self._path), spoken(error)) from error


def _unique(path: Path) -> str:
    return path.name.partition(":")[0]
