"""Take all that lies in a place: each message has exactly one effect.

For each message, in this order: its bytes are fetched, it is classified, and then
one transaction writes that it came in, what it did, and where it lies (``taking``).
Only after that commit is it moved away. A crash before the commit leaves no trace,
and the message is taken anew; a crash after it leaves a message to be moved, which
the next run does without a second effect.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.orm import defer

from mailer.inbound.models import Incoming, IncomingPlace, WatchedFolder
from mailer.inbound.reading import MAX_BYTES
from mailer.inbound.sources import NotGiven
from mailer.inbound.taking import Fate, Handed
from mailer.logs import LogEvent, log

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailer.inbound.kinds import Kind
    from mailer.inbound.sources import Found, Source, Tray
    from mailer.inbound.taking import Taker

LOOK_BACK: Final = timedelta(days=7)
"""In a person's mailbox, what is older was never meant for us."""

FILED_TOGETHER: Final = 100
"""Messages between two rounds of filing: what a crash leaves for the next run."""


@dataclass(slots=True)
class Drained:
    """What a run did, in messages.

    Attributes:
        taken: New ones, by kind.
        known: Copies of messages that had their effect before.
        failed: Kept for a person and for the next run.
        recovered: Had failed before and have their effect now.
        refusals: What the place said about those it did not give.
        filed: Moved away.
        begins_at: What arrived before is left alone; only told by the first run.
    """

    taken: Counter[Kind] = field(default_factory=Counter)
    known: int = 0
    failed: int = 0
    recovered: int = 0
    refusals: list[str] = field(default_factory=list)
    filed: int = 0
    begins_at: datetime | None = None


def drain(
    source: Source,
    taker: Taker,
    *,
    told: Callable[[], None] = lambda: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Drained:
    """Take all that lies in *source* and file away what is settled.

    Args:
        told: Called after each message.
        is_over: Asked before each message; True leaves the rest to the next run.

    Raises:
        InboxError: The place cannot be read. What was taken is committed.
        StoreBusy, StoreUnavailable: The database cannot be written.
    """
    drained = Drained(recovered=taker.retry())
    entered = _enter(source, taker)
    drained.begins_at = entered.since if entered.is_first else None
    waiting = source.waiting(entered.known, entered.since)
    for number, found in enumerate(waiting, start=1):
        if is_over():
            break
        _take(source, taker, found, drained)
        told()
        if number % FILED_TOGETHER == 0:
            drained.filed += _file(source, taker)
    else:
        with taker.database.transaction() as db:
            db.get_one(WatchedFolder, source.name).read_at = taker.clock.now()
    drained.filed += _file(source, taker)
    log(
        LogEvent.INBOX_READ,
        source=source.name,
        taken=drained.taken.total(),
        known=drained.known,
        failed=drained.failed + len(drained.refusals),
    )
    return drained


@dataclass(frozen=True, slots=True)
class _Entered:
    """A place that was opened: names known there, and from when on mail is ours."""

    known: set[str]
    since: datetime | None
    is_first: bool


def _enter(source: Source, taker: Taker) -> _Entered:
    """Open *source* and look what we know of it."""
    numbering = source.enter()
    is_first = is_renumbered = False
    with taker.database.transaction() as db:
        folder = db.get(WatchedFolder, source.name)
        if folder is None:
            is_first = True
            now = taker.clock.now()
            folder = WatchedFolder(
                source=source.name,
                uidvalidity=numbering,
                since_at=now - LOOK_BACK if taker.is_shared else None,
            )
            db.add(folder)
        elif folder.uidvalidity != numbering:
            is_renumbered = True
            folder.uidvalidity = numbering
            # The old names mean nothing any more; the digests still do.
            db.execute(
                sa.delete(IncomingPlace).where(IncomingPlace.source == source.name)
            )
        since = folder.since_at
        known = db.scalars(
            sa.select(IncomingPlace.name).where(IncomingPlace.source == source.name)
        ).all()
    if is_renumbered:
        log(LogEvent.INBOX_RENUMBERED, source=source.name)
    return _Entered(set(known), since, is_first)


def _take(source: Source, taker: Taker, found: Found, drained: Drained) -> None:
    """Take one message, if the place gives it."""
    if found.octets > MAX_BYTES:
        # Never fetched, so its facts stand for its bytes; told of once.
        content = f"{source.name}/{found.octets}/{found.arrived_at}".encode()
        octets, head = found.octets, source.head(found)
    else:
        try:
            fetched = source.fetch(found)
        except NotGiven as error:
            drained.refusals.append(error.reason)
            return
        if fetched is None:
            return  # somebody was faster
        content, octets, head = fetched, len(fetched), b""
    taken = taker.take(Handed(content, octets, source.name, found.name, head))
    match taken.fate:
        case Fate.NEW:
            drained.taken[taken.kind] += 1
        case Fate.KNOWN:
            drained.known += 1
        case Fate.FAILED:
            drained.failed += 1


def _file(source: Source, taker: Taker) -> int:
    """Move away what is settled and still lies there; returns how many."""
    unfiled = (
        sa.select(IncomingPlace.name, Incoming)
        .join(Incoming, Incoming.id == IncomingPlace.incoming_id)
        .where(
            IncomingPlace.source == source.name,
            IncomingPlace.filed_at.is_(None),
            Incoming.effected_at.is_not(None),
        )
        .options(defer(Incoming.raw))  # a hundred of them do not fit into memory
    )
    trays: defaultdict[Tray, list[str]] = defaultdict(list)
    with taker.database.reading() as db:
        for name, incoming in db.execute(unfiled):
            trays[taker.tray(incoming)].append(name)
    for tray, names in trays.items():
        filed = source.file(names, tray)
        with taker.database.transaction() as db:
            db.execute(
                sa.update(IncomingPlace)
                .where(
                    IncomingPlace.source == source.name, IncomingPlace.name.in_(filed)
                )
                .values(filed_at=taker.clock.now())
            )
    return sum(map(len, trays.values()))
