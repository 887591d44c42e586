"""What the program writes down while it works: one line per thing done.

A line has the name of an event and fields: ids, counts, seconds, codes. Never an
address, a name or a token; whatever looks like an address is masked all the same,
also in messages of libraries. On a terminal a line is logfmt, otherwise JSON.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TextIO

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGGER: Final = logging.getLogger("mia")

ADDRESS: Final = re.compile(r"[^\s<>\"'(),:;=@\[\]]+@(?=[^\s<>\"'(),;=@\[\]]+)")
"""The local part of anything that looks like an e-mail address."""

TOKEN: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{24,}(?![A-Za-z0-9_-])")
"""Anything as long as a signed token; ids and codes of ours are shorter."""

LEVELS: Final = (
    (logging.WARNING, logging.WARNING),
    (logging.INFO, logging.WARNING),
    (logging.DEBUG, logging.INFO),
)
"""Of our own log and of libraries, by how often ``-v`` was given."""

SILENT: Final = "sqlalchemy"
"""Its statements hold names; they are never written down."""


class LogEvent(StrEnum):
    """Everything that can be written down; ``docs/log-events.md`` lists it."""

    DATABASE_UPGRADED = "database.upgraded"
    """Fields: found, revision."""
    DATABASE_BACKED_UP = "database.backed_up"
    """Fields: octets."""
    DATABASE_RESTORED = "database.restored"
    """Fields: revision, rows."""
    SERIES_MATERIALISED = "series.materialised"
    """Fields: series, added, dropped."""
    MEETING_ADDED = "meeting.added"
    """Fields: meeting."""
    MEETING_MOVED = "meeting.moved"
    """Fields: meeting, sequence."""
    MEETING_CANCELLED = "meeting.cancelled"
    """Fields: meeting, sequence."""
    MEETING_REINSTATED = "meeting.reinstated"
    """Fields: meeting, sequence."""
    EDITION_DRAFTED = "edition.drafted"
    """Fields: edition, kind."""
    EDITION_SHOWN = "edition.shown"
    """Fields: edition, version of the draft that the coordinator gets."""
    DRAFT_REMINDED = "draft.reminded"
    """Fields: edition, people who get it once more."""
    EDITION_APPROVED = "edition.approved"
    """Fields: edition."""
    EDITION_ISSUED = "edition.issued"
    """Fields: edition, deliveries."""
    EDITION_CLOSED = "edition.closed"
    """Fields: edition."""
    EDITION_WITHDRAWN = "edition.withdrawn"
    """Fields: edition, skipped."""
    PLAN_FAILED = "plan.failed"
    """Fields: kind, the class of the error. One edition could not be written."""
    DELIVERY_ACCEPTED = "delivery.accepted"
    """Fields: delivery, domain, code, status."""
    DELIVERY_DEFERRED = "delivery.deferred"
    """Fields: delivery, domain, code, status."""
    DELIVERY_REFUSED = "delivery.refused"
    """Fields: delivery, domain, code, status."""
    DELIVERY_SKIPPED = "delivery.skipped"
    """Fields: delivery, domain. The ledger forbade it at the last moment."""
    DELIVERY_UNCERTAIN = "delivery.uncertain"
    """Fields: delivery, domain."""
    DELIVERY_HELD = "delivery.held"
    """Fields: edition, deliveries."""
    DELIVERY_OVERDUE = "delivery.overdue"
    """Fields: deliveries, held because nobody was sending when they were due."""
    DELIVERY_RESOLVED = "delivery.resolved"
    """Fields: delivery, outcome."""
    LEASE_EXPIRED = "lease.expired"
    """Fields: deliveries."""
    LEDGER_WAITING = "ledger.waiting"
    """Fields: entries, that cannot be written just now; it is tried again."""
    PAUSE_BEGUN = "pause.begun"
    """Fields: provider that refuses us, None for all; deliveries, whose refusal is
    taken back. Or scope and name of what a person lets wait."""
    PAUSE_ENDED = "pause.ended"
    """Fields: scope, name."""
    PACE_REACHED = "pace.reached"
    """Fields: seconds until more may leave."""
    RELAY_RESTED = "relay.rested"
    """Fields: host, reason, the class of the error; another relay is tried."""
    PLACE_ADOPTED = "place.adopted"
    """Fields: machine, from where this database may send now."""
    LANE_CLOSED = "lane.closed"
    """Fields: reason, lanes that go on without it."""
    CONNECTION_OPENED = "connection.opened"
    """Fields: host, security."""
    SUBSCRIPTION_REQUESTED = "subscription.requested"
    """Fields: mailbox, topic."""
    SUBSCRIPTION_CHANGED = "subscription.changed"
    """Fields: mailbox, topic."""
    SUBSCRIPTION_ENDED = "subscription.ended"
    """Fields: mailbox, topic."""
    CONSENT_RECORDED = "consent.recorded"
    """Fields: mailbox, topic."""
    SUPPRESSION_ADDED = "suppression.added"
    """Fields: mailbox, reason."""
    SUPPRESSION_LIFTED = "suppression.lifted"
    """Fields: mailbox."""
    PARTNER_ADDED = "partner.added"
    """Fields: partner."""
    PARTNER_CHANGED = "partner.changed"
    """Fields: partner, for whom somebody else speaks now."""
    CONTRIBUTION_OFFERED = "contribution.offered"
    """Fields: contribution, files."""
    CONTRIBUTION_DECIDED = "contribution.decided"
    """Fields: contribution. The coordinator took it, or declined it."""
    PEOPLE_IMPORTED = "people.imported"
    """Fields: added, refused."""
    PERSON_ERASED = "person.erased"
    """Fields: mailbox."""
    INBOX_READ = "inbox.read"
    """Fields: source, taken, known, failed."""
    INBOX_RENUMBERED = "inbox.renumbered"
    """Fields: source. The server gave new numbers; all is looked at once more."""
    INBOX_WATCHED = "inbox.watched"
    """Fields: source, seconds until the next try, after the connection broke."""
    INCOMING_TAKEN = "incoming.taken"
    """Fields: incoming, kind, rule, effect."""
    INCOMING_FAILED = "incoming.failed"
    """Fields: incoming, kind, the class of an error that nobody foresaw."""
    DAEMON_STARTED = "daemon.started"
    """Fields: process, interrupted: the one before did not end in good order."""
    DAEMON_RELOADED = "daemon.reloaded"
    """No fields. The settings were read anew."""
    DAEMON_STOPPING = "daemon.stopping"
    """No fields. Messages in flight are finished."""
    DAEMON_STOPPED = "daemon.stopped"
    """No fields."""
    DAEMON_OUSTED = "daemon.ousted"
    """No fields. While the database was away, another process took the lock."""
    WORKER_FAILED = "worker.failed"
    """Fields: error. Nothing is lost; it is tried again in a minute."""
    LOOP_FAILED = "loop.failed"
    """Fields: loop, cause, kind of error, failures in a row, seconds until the next
    round."""
    LOOP_RECOVERED = "loop.recovered"
    """Fields: loop, failures before it."""
    PULSE_LOST = "pulse.lost"
    """Fields: loop, kind of error: the database could not be told how a round ended."""
    LOOP_SILENT = "loop.silent"
    """Fields: loop, seconds without a sign of life; the watchdog is not fed."""
    ALARM_RAISED = "alarm.raised"
    """Fields: alarm, kind, subject."""
    ALARM_TOLD = "alarm.told"
    """Fields: alarms, their number, letter, way."""
    ALARM_ENDED = "alarm.ended"
    """Fields: alarm, kind."""
    ALARM_WAY_FAILED = "alarm.way_failed"
    """Fields: way, why: a kind of error, a verdict or an exit code."""
    SUMMARY_WRITTEN = "summary.written"
    """Fields: week, "2026-W48"."""
    WEB_OPENED = "web.opened"
    """Fields: port. Visitors are let in."""
    WEB_CLOSED = "web.closed"
    """No fields. The answers in flight were given."""
    WEB_ANSWERED = "web.answered"
    """Fields: route, as the program calls it, never an address; method, status,
    seconds."""
    WEB_UNAVAILABLE = "web.unavailable"
    """Fields: route, kind of error: the database cannot be used; a visitor is told."""
    WISHES_SETTLED = "wishes.settled"
    """Fields: wishes that visitors typed and the clerk has seen to."""
    WISHES_DROPPED = "wishes.dropped"
    """Fields: wishes that nobody could see to within a day."""
    WISH_FAILED = "wish.failed"
    """Fields: wish, tries so far; it is tried again."""
    WEB_FAILED = "web.failed"
    """Fields: route, kind, the class of an error that nobody foresaw."""
    COMMAND_FAILED = "command.failed"
    """Fields: kind, the class of an error that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log that has been set up.

    Attributes:
        handler: Writes the lines.
        levels_before: Of our own and of the root logger.
    """

    handler: logging.Handler
    levels_before: tuple[int, int]

    def quiet(self) -> None:
        """Undo what ``set_up`` did."""
        root = logging.getLogger()
        root.removeHandler(self.handler)
        for logger, level in zip((LOGGER, root), self.levels_before, strict=True):
            logger.setLevel(level)


def log(event: LogEvent, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one line: what happened, and ids, counts, seconds, codes.

    Args:
        event: What happened.
        level: Of ``logging``; WARNING for what the coordinator may have to know.
        fields: Never an address, a name or a token.
    """
    LOGGER.log(level, "%s", event.value, extra={"fields": fields})


def log_mishap(event: LogEvent, error: Exception, **fields: object) -> None:
    """Write one line about an error that nobody foresaw, and where it came from."""
    LOGGER.error("%s", event.value, exc_info=error, extra={"fields": fields})


def set_up(stream: TextIO, *, verbosity: int = 0) -> Log:
    """Let the log write to *stream*; return what ends that.

    Args:
        stream: Usually standard error; logfmt if it is a terminal, otherwise JSON.
        verbosity: 0 for warnings, 1 for our events, 2 for those of libraries too.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogfmtFormatter() if stream.isatty() else JsonFormatter())
    root = logging.getLogger()
    found = Log(handler, (LOGGER.level, root.level))
    root.addHandler(handler)
    ours, theirs = LEVELS[min(verbosity, len(LEVELS) - 1)]
    LOGGER.setLevel(ours)
    root.setLevel(theirs)
    logging.getLogger(SILENT).setLevel(logging.WARNING)
    return found


def redacted(text: str) -> str:
    """Return *text* with the names in addresses, and all tokens, masked.

    Example:
        >>> redacted("an rita@example.org, RCPT TO:<max@example.net>")
        'an …@example.org, RCPT TO:<…@example.net>'
    """
    return TOKEN.sub("…", ADDRESS.sub("…@", text))


class LogfmtFormatter(logging.Formatter):
    """``2026-11-26T08:00:00Z info delivery.accepted delivery=17 seconds=0.2``."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        words = [_moment(record), record.levelname.lower(), _message(record)]
        words += [f"{key}={_word(value)}" for key, value in _fields(record).items()]
        if record.exc_info:
            words.append("\n" + redacted(self.formatException(record.exc_info)))
        return " ".join(words)


class JsonFormatter(logging.Formatter):
    """The same as one JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "event": _message(record),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _message(record: logging.LogRecord) -> str:
    """Return the event; a library's message with its source and without names."""
    message = redacted(record.getMessage())
    return message if record.name == LOGGER.name else f"{record.name}: {message}"


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    fields: Mapping[str, object] = getattr(record, "fields", {})
    return {key: _safe(value) for key, value in fields.items()}


def _safe(value: object) -> object:
    """Return a field as it may be written."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 3)
    return redacted(str(value))


def _word(value: object) -> str:
    """Return a logfmt value: quoted where it has spaces."""
    text = str(value)
    if text and not re.search(r'[\s"=]', text):
        return text
    return json.dumps(text, ensure_ascii=False)
