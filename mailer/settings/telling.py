"""What can be set about alarms and the letters that tell what was: who, when, how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import time, timedelta

    from mailer.settings.relays import Smtp
    from subscribers.address import EmailAddress


@dataclass(frozen=True, slots=True)
class Alarm:
    """``[alarm]``: who is told when something does not happen, and on which ways.

    The ordinary way is a letter like any other. If the relay itself is the trouble, it
    is a second relay ``[alarm.smtp]`` with the same keys as ``[smtp]``, or a program on
    this machine.
    """

    address: EmailAddress | None
    """Who looks after the machine, told beside the coordinator; default: none."""
    sendmail: str
    """Command that takes a message on standard input and its recipient as last
    argument, "/usr/sbin/sendmail -i --"; run without a shell; default: none."""
    command: str
    """Command that gets every alarm as a text on standard input, for a text message or
    a chat; run without a shell, in the folder of the settings file; default: none."""
    command_timeout: timedelta
    """How long either command may take; default: 30 seconds."""
    after: timedelta
    """Servers that are away for a moment are nobody's concern: after so long they are;
    default: 15 minutes."""
    silent_after: timedelta
    """Without a sign of life for so long the service counts as dead; default: 30
    minutes, twice the longest wait after a failure."""
    disk_free: int
    """Megabytes that must be free where the SQLite file lies; default: 500."""
    human_waits: timedelta
    """A mail may wait for a person for so long; default: 3 days."""
    smtp: Smtp
    """The second relay; default: none."""


@dataclass(frozen=True, slots=True)
class Summary:
    """``[summary]``: the coordinator's letter about the past week."""

    weekday: int | None
    """On which day it comes; "nie" for never; default: "Montag"."""
    at: time
    """At what time of that day, on the clock of the first series; default: "07:00"."""


class Listing(StrEnum):
    """Whether everybody finds an edition in the archive."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    """Only who has its address, which nobody can guess."""


class FileType(StrEnum):
    """A kind of file that may come with a contribution."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class NetworkUpdate:
    """``[network_update]``: the partners' letter about a quarter.

    It never goes out without the coordinator's word, whatever ``[unanswered]`` says.
    """

    draft_before: timedelta
    """So long before the last day of the quarter the coordinator gets its draft;
    default: 14 days."""
    at: time
    """At what time of day the draft comes, and the letter goes out on the first working
    day of the next quarter; on the clock of the first series; default: "09:00"."""
    archive: Listing
    """"unlisted": its page in the archive is found only by who has the address that
    stands in the letter; "listed": by everybody; default: "unlisted"."""
    file_types: tuple[FileType, ...]
    """What partners may send with a contribution, by what the bytes are: "pdf", "jpeg",
    "png"; an empty list for nothing; default: all three."""
    max_file_mb: int
    """Megabytes of a file that comes with a contribution, at most 20; default: 10."""
    max_attached_mb: int
    """Megabytes of a file that goes with the letter, if the coordinator says so, at
    most 5; a larger one is only linked; default: 2."""
