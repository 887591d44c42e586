"""The pulse of a loop: written before and after each round, never in memory alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.errors import (
    ExitCode,
    InboxError,
    MailerError,
    SettingsInvalid,
    TransportError,
)
from mailer.watching.models import Cause, LoopName, Pulse
from subscribers.errors import SubscribersError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from subscribers.database import Db

CAUSES: Final = (
    (TransportError, Cause.RELAY),
    (InboxError, Cause.INBOX),
    (MailerError, Cause.SETTINGS),
    (SubscribersError, Cause.STORE),
)
"""The first class that fits; what nobody foresaw is the program's own fault."""

LASTING: Final = frozenset({ExitCode.CONFIGURATION, ExitCode.DATA})
"""Errors with these codes stay until somebody changes something."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a round failed.

    Attributes:
        is_lasting: Trying again does not help; a person must act.
        sentence: German: what is wrong, and what to do.
        code: What a script is told.
    """

    cause: Cause
    is_lasting: bool
    sentence: str
    code: ExitCode

    @classmethod
    def of(cls, error: Exception) -> Trouble:
        """Return what *error* means for the loop that met it."""
        cause = next(
            (cause for kind, cause in CAUSES if isinstance(error, kind)), Cause.PROGRAM
        )
        match error:
            case MailerError():
                code = error.exit_code
                is_lasting = code in LASTING or isinstance(error, SettingsInvalid)
                return cls(cause, is_lasting, error.sentence, code)
            case SubscribersError():
                return cls(cause, False, error.sentence, ExitCode.UNAVAILABLE)
            case _:
                sentence = (
                    f"Das ist ein Fehler im Programm ({type(error).__name__}). "
                    "Mehr steht im Protokoll."
                )
                return cls(cause, False, sentence, ExitCode.FAILURE)


def begin(db: Db, name: LoopName, *, now: datetime) -> Pulse:
    """Write down that a round begins; return its pulse."""
    pulse = db.get(Pulse, name)
    if pulse is None:
        pulse = Pulse(name=name, begun_at=now, failures=0, trouble="")
        db.add(pulse)
    pulse.begun_at = now
    return pulse


def begin_daemon(db: Db, *, now: datetime) -> bool:
    """Write down that the daemon runs; return whether the one before was cut off."""
    before = db.get(Pulse, LoopName.DAEMON)
    was_cut_off = before is not None and before.done_at is None
    begin(db, LoopName.DAEMON, now=now).done_at = None
    return was_cut_off


def succeed(db: Db, name: LoopName, *, now: datetime) -> int:
    """Write down that a round ended well; return how many had failed before it."""
    pulse = db.get_one(Pulse, name)
    failures = pulse.failures
    pulse.done_at = now
    pulse.failing_since = pulse.cause = None
    pulse.failures, pulse.is_lasting, pulse.trouble = 0, False, ""
    return failures


def fail(db: Db, name: LoopName, trouble: Trouble, *, now: datetime) -> int:
    """Write down that a round failed; return how many did in a row."""
    pulse = db.get_one(Pulse, name)
    pulse.failing_since = pulse.failing_since or now
    pulse.failures += 1
    pulse.cause, pulse.is_lasting = trouble.cause, trouble.is_lasting
    pulse.trouble = trouble.sentence
    return pulse.failures


class DaemonState(StrEnum):
    """Whether the work does itself."""

    RUNS = "runs"
    """A daemon, or a timer, has shown life lately."""
    OFF = "off"
    """Nobody has begun it, or it ended in good order and no timer does its work."""
    SILENT = "silent"
    """A process has the lock and shows no life."""
    CUT_OFF = "cut_off"
    """The daemon ended without a word, and nobody has begun another one."""


def daemon_state(
    db: Db, *, is_locked: bool, silent_after: timedelta, now: datetime
) -> tuple[DaemonState, datetime]:
    """Return how the daemon is, and when the last sign of life was.

    Args:
        is_locked: Some process has the lock of the daemon now.
        silent_after: Without a sign of life for so long it counts as dead.
    """
    found = db.scalars(sa.select(Pulse)).all()
    signs = [one.done_at or one.begun_at for one in found] or [now]
    signs += [one.begun_at for one in found]
    last = max(signs)
    is_fresh = last > now - silent_after
    daemon = next((one for one in found if one.name is LoopName.DAEMON), None)
    was_cut_off = daemon is not None and daemon.done_at is None
    if is_locked:
        return (DaemonState.RUNS if is_fresh else DaemonState.SILENT), last
    if was_cut_off:
        return DaemonState.CUT_OFF, last
    is_at_work = bool(found) and is_fresh
    return (DaemonState.RUNS if is_at_work else DaemonState.OFF), last
