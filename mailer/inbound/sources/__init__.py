"""Where mail comes from: one protocol for a server, a Maildir and a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


class Tray(StrEnum):
    """Where a message goes once its effect is committed."""

    PROCESSED = "processed"
    """Settled: nobody needs to see it."""
    HUMAN = "human"
    """A person has it, or will."""
    STAY = "stay"
    """It stays where it lies, exactly as it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message that lies somewhere and was not looked at yet.

    Attributes:
        name: As in ``models.IncomingPlace``.
        octets: Its size, as the place states it; a server may be wrong.
        arrived_at: When it came to lie there; None if the place does not know.
    """

    name: str
    octets: int
    arrived_at: datetime | None


HEAD_OCTETS: Final = 64 * 1024
"""Read of what is too large, for sender and subject; no honest header is longer."""


class NotGiven(Exception):
    """The place refuses one message; all others can be read.

    Attributes:
        reason: What it said: one line.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Source(Protocol):
    """A place with messages. Every method may raise ``InboxError``."""

    @property
    def name(self) -> str:
        """How it is called in the database: "imap/INBOX"."""
        ...

    def enter(self) -> int:
        """Look anew and return the numbering (UIDVALIDITY); 0 if there is none."""
        ...

    def waiting(self, known: Collection[str], since: datetime | None) -> list[Found]:
        """Return what lies there under no *known* name, the oldest first.

        Args:
            since: What arrived before is left out as far as the place can tell.
        """
        ...

    def fetch(self, found: Found) -> bytes | None:
        """Return the raw bytes, touching no mark; None if it is gone.

        Raises:
            NotGiven: The place refuses this one.
        """
        ...

    def head(self, found: Found) -> bytes:
        """Return the first octets of a message, touching no mark; empty if refused."""
        ...

    def file(self, names: Collection[str], tray: Tray) -> Collection[str]:
        """Move messages to *tray*; who is gone already counts as moved.

        Returns:
            Those that need not be moved any more.
        """
        ...
