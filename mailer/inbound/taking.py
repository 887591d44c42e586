"""One message in one transaction: that it came, what it did, where it lies.

The bytes decide whether a message is new. What nobody foresaw loses nothing: then a
second, small transaction keeps the message whole, for a person to see and for the
next run to try again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import defer

from mailer.inbound.filing import FOR_PEOPLE, tray_of
from mailer.inbound.kinds import Classified, Kind
from mailer.inbound.models import Incoming, IncomingPlace
from mailer.inbound.reading import MAX_BYTES
from mailer.inbound.sources import Tray
from mailer.inbound.storing import store
from mailer.logs import LogEvent, log
from subscribers.errors import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailer.inbound.models import IncomingId
    from subscribers.clock import Clock
    from subscribers.database import Database, Db

RETRIED: Final = 20
"""Failed messages that one run tries again."""

MEGABYTE: Final = 1024 * 1024


class Apply(Protocol):
    """Carries out what a message says, inside the transaction that records it."""

    def __call__(
        self,
        db: Db,
        classified: Classified,
        content: bytes,
        incoming: Incoming,
        now: datetime,
    ) -> str:
        """Return the name of what was done; may fill in *incoming*.

        Args:
            content: The bytes; the first of them if it is too large to be fetched.
        """
        ...


@dataclass(frozen=True, slots=True)
class Handed:
    """A message as it was handed to us.

    Attributes:
        content: Its bytes; of one that is too large, what stands for them.
        octets: How many it has.
        source: As in ``models.Incoming``.
        head: Of one that is too large: its first octets, if they could be had.
        place: As ``models.IncomingPlace.name``; None if it lies nowhere else, and
            what we do not keep is gone.
    """

    content: bytes
    octets: int
    source: str
    place: str | None = None
    head: bytes = b""

    @property
    def digest(self) -> str:
        """What makes two messages the same."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def kept(self) -> bytes | None:
        """What can be kept of it; None if it was not fetched and stays in its place."""
        is_there = self.place is not None and self.octets > MAX_BYTES
        return None if is_there else self.content


class Fate(StrEnum):
    """What became of a message."""

    NEW = "new"
    KNOWN = "known"
    """The same bytes had their effect before."""
    FAILED = "failed"
    """Kept for a person and for the next run."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done with one message."""

    incoming_id: IncomingId
    kind: Kind
    fate: Fate


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes messages, one at a time.

    Attributes:
        classify: Never raises, by its own promise; nothing here relies on it.
        is_shared: A person reads the mailbox too.
        has_folder: The settings name a folder for what is settled.
    """

    database: Database
    clock: Clock
    classify: Callable[[bytes], Classified]
    apply: Apply
    is_shared: bool
    has_folder: bool

    def take(self, handed: Handed) -> Taken:
        """Write down one message with its effect, unless it is known already.

        Raises:
            StoreBusy, StoreUnavailable: The database cannot be written; whoever has
                the message must keep it.
        """
        known = self._recognise(handed)
        if known is not None:
            return known
        classified = self._classified(handed.content, handed.octets)
        try:
            return self._take(handed, classified)
        except StoreBusy:
            raise
        except Exception as error:  # noqa: BLE001 - the last drawer: nothing is lost
            # Another program may have taken it meanwhile.
            return self._recognise(handed) or self._keep(handed, classified, error)

    def retry(self) -> int:
        """Try again what failed before; returns how many succeed now."""
        with self.database.reading() as db:
            failed = db.scalars(
                sa.select(Incoming.id)
                .where(Incoming.effected_at.is_(None))
                .order_by(Incoming.id)
                .limit(RETRIED)
            ).all()
        return sum(self._retry(one) for one in failed)

    def tray(self, incoming: Incoming, *, is_shown: bool = False) -> Tray:
        """Return where the places of *incoming* are filed to.

        Args:
            is_shown: The coordinator shall see it, whatever was done.
        """
        if incoming.octets > MAX_BYTES:
            return Tray.STAY  # it was not fetched: nobody else has it
        return tray_of(
            Kind(incoming.kind),
            is_shared=self.is_shared,
            has_folder=self.has_folder,
            is_linked=incoming.mailbox_id is not None
            or incoming.delivery_id is not None,
            is_shown=is_shown,
        )

    def _recognise(self, handed: Handed) -> Taken | None:
        """Note a further place of a message that is known; None if it is new."""
        of_digest = sa.select(Incoming).where(Incoming.digest == handed.digest)
        found = of_digest.options(defer(Incoming.raw))
        with self.database.reading() as db:
            if db.scalar(found) is None:
                return None
        with self.database.transaction() as db:
            incoming = db.scalars(found).one()
            _add_place(db, handed, incoming, now=self.clock.now())
            if incoming.effected_at is not None:
                # A second copy in a person's mailbox is left to her.
                self._settle(db, incoming, is_shown=True)
            return Taken(incoming.id, Kind(incoming.kind), Fate.KNOWN)

    def _classified(self, content: bytes, octets: int) -> Classified:
        if octets > MAX_BYTES:
            return too_large(octets)
        try:
            return self.classify(content)
        except Exception as error:  # noqa: BLE001 - foreign bytes met a mistake of ours
            log(LogEvent.INCOMING_FAILED, error=type(error).__name__)
            return Classified(
                Kind.UNREADABLE,
                "classifier_failed",
                "Beim Lesen dieser Nachricht hat das Programm einen Fehler gemacht.",
            )

    def _take(self, handed: Handed, classified: Classified) -> Taken:
        """Write message, effect and place in one transaction."""
        now = self.clock.now()
        incoming = _row(handed, classified, now)
        stays = self.is_shared and handed.place is not None
        with self.database.transaction() as db:
            db.add(incoming)
            db.flush()
            _add_place(db, handed, incoming, now=now)
            self._carry_out(db, classified, handed.kept or handed.head, incoming)
            taken = Taken(incoming.id, classified.kind, Fate.NEW)
            effect = incoming.effect
            if classified.kind in FOR_PEOPLE and not stays:
                _keep_bytes(db, handed, incoming)
        log(
            LogEvent.INCOMING_TAKEN,
            incoming=taken.incoming_id,
            kind=classified.kind,
            rule=classified.rule,
            effect=effect,
        )
        return taken

    def _carry_out(
        self,
        db: Db,
        classified: Classified,
        content: bytes,
        incoming: Incoming,
    ) -> None:
        """Let a message have its effect."""
        now = self.clock.now()
        incoming.effect = self.apply(db, classified, content, incoming, now)
        incoming.effected_at = now
        self._settle(db, incoming, is_shown=classified.is_handed_over)

    def _settle(self, db: Db, incoming: Incoming, *, is_shown: bool) -> None:
        """Note that what shall stay needs no filing."""
        if self.tray(incoming, is_shown=is_shown) is Tray.STAY:
            db.flush()
            db.execute(
                sa.update(IncomingPlace)
                .where(
                    IncomingPlace.incoming_id == incoming.id,
                    IncomingPlace.filed_at.is_(None),
                )
                .values(filed_at=self.clock.now())
            )

    def _keep(self, handed: Handed, classified: Classified, error: Exception) -> Taken:
        """Keep a message whose effect failed.

        Raises:
            StoreBusy, StoreUnavailable: It was the database that failed.
        """
        now = self.clock.now()
        incoming = _row(handed, classified, now)
        with self.database.transaction() as db:
            db.add(incoming)
            db.flush()
            _add_place(db, handed, incoming, now=now)
            taken = Taken(incoming.id, classified.kind, Fate.FAILED)
            _keep_bytes(db, handed, incoming)
        log(
            LogEvent.INCOMING_FAILED,
            incoming=taken.incoming_id,
            kind=classified.kind,
            error=type(error).__name__,
        )
        return taken

    def _retry(self, incoming_id: IncomingId) -> bool:
        with self.database.reading() as db:
            raw, octets = db.execute(
                sa.select(Incoming.raw, Incoming.octets).where(
                    Incoming.id == incoming_id
                )
            ).one()
        classified = self._classified(raw or b"", octets)
        try:
            with self.database.transaction() as db:
                incoming = db.get_one(Incoming, incoming_id)
                if incoming.effected_at is not None:
                    return False  # another program was faster
                lies = sa.select(IncomingPlace.id).where(
                    IncomingPlace.incoming_id == incoming_id
                )
                stays = self.is_shared and db.scalar(lies.limit(1)) is not None
                incoming.kind, incoming.rule = classified.kind, classified.rule
                if classified.kind not in FOR_PEOPLE or stays:
                    incoming.raw = None
                self._carry_out(db, classified, raw or b"", incoming)
        except StoreBusy:
            raise
        except Exception as error:  # noqa: BLE001 - it stays where it is
            log(
                LogEvent.INCOMING_FAILED,
                incoming=incoming_id,
                kind=classified.kind,
                error=type(error).__name__,
            )
            return False
        return True


def too_large(octets: int) -> Classified:
    """Return what a message is that has more *octets* than we read."""
    return Classified(
        Kind.UNREADABLE,
        "too_large",
        f"Die Nachricht ist zu groß: {octets // MEGABYTE} Megabyte. Gelesen werden "
        f"höchstens {MAX_BYTES // MEGABYTE}.",
    )


def _row(handed: Handed, classified: Classified, now: datetime) -> Incoming:
    return Incoming(
        digest=handed.digest,
        source=handed.source,
        received_at=now,
        octets=handed.octets,
        kind=classified.kind,
        rule=classified.rule,
    )


def _keep_bytes(db: Db, handed: Handed, incoming: Incoming) -> None:
    """Keep what is there of the message, for a person; nothing of the row follows."""
    if handed.kept is not None:
        store(db, incoming, handed.kept)


def _add_place(db: Db, handed: Handed, incoming: Incoming, *, now: datetime) -> None:
    """Note where the message lies, unless that is known."""
    if handed.place is None:
        return
    known = sa.select(IncomingPlace.id).where(
        IncomingPlace.source == handed.source, IncomingPlace.name == handed.place
    )
    if db.scalar(known) is None:
        place = IncomingPlace(
            source=handed.source,
            name=handed.place,
            incoming_id=incoming.id,
            octets=handed.octets,
            seen_at=now,
        )
        db.add(place)
        db.flush()
