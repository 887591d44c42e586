"""A folder instead of the wire: every message becomes a file.

For looking before sending, and for tests. The worker notices no difference; what a
file holds is to the last byte what a server would have got, so any mail program can
open it.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Final

from mailer.errors import CannotCreate
from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from subscribers.errors import spoken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from mailer.rendering.parcel import Parcel

FILE_MODE: Final = 0o600
"""Letters hold names and unsubscribe links: nobody else reads them."""

FOLDER_MODE: Final = 0o700

_NUMBERED: Final = re.compile(r"(\d{4,})\.eml")


class SpoolTransport:
    """Writes parcels as 0001.eml, 0002.eml … into one folder.

    A file that is there already is never overwritten; a later run counts on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = 0

    async def open(self) -> None:
        """Make the folder now, so that what is wrong with it shows before a run.

        Raises:
            CannotCreate: It cannot be made or read.
        """
        await asyncio.to_thread(self._open)

    async def send(
        self,
        parcel: Parcel,
        before_content: Callable[[], Awaitable[bool]],
        _upcoming: Callable[[], Parcel | None] = lambda: None,
    ) -> Outcome:
        """Write *parcel* into the next file and say what became of it.

        Args:
            parcel: One message for one recipient.
            before_content: As for ``SmtpTransport.send``.

        Raises:
            CannotCreate: The folder cannot be made; nothing was written.
        """
        if not self._next:
            await self.open()
        if not await before_content():
            return Outcome(Verdict.NOT_SENT)
        try:
            name = await asyncio.to_thread(self._write, bytes(parcel.content))
        except OSError as error:
            return Outcome(Verdict.DEFERRED, SmtpReply(None, spoken(error)))
        return Outcome(Verdict.ACCEPTED, SmtpReply(None, f"geschrieben: {name}"))

    async def close(self) -> None:
        """Do nothing: every file was closed when it was written."""

    def _open(self) -> None:
        try:
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            names = [path.name for path in self._folder.iterdir()]
        except OSError as error:
            raise CannotCreate(self._folder, spoken(error)) from None
        taken = [int(found[1]) for found in map(_NUMBERED.fullmatch, names) if found]
        self._next = max(taken, default=0) + 1

    def _write(self, content: bytes) -> str:
        """Write *content* into a new file, whole or not at all, and return its name."""
        while True:
            path = self._folder / f"{self._next:04}.eml"
            self._next += 1
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
            except FileExistsError:
                continue  # another run writes into the same folder
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
            except OSError:
                path.unlink()
                raise
            return path.name
