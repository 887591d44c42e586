"""A reader with an effect that can be counted, and mails for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.inbound.kinds import Classified, Kind
from mailer.inbound.models import Incoming, IncomingPlace
from mailer.inbound.taking import Taker
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.settings import Inbox, InboxMode, Settings
    from subscribers.clock import Clock
    from subscribers.database import Database, Db


def a_mail(number: int, kind: str = "command") -> bytes:
    """Return a small message; its subject is its kind."""
    return (
        f"From: person{number}@netz.example\r\nTo: mia@netz.example\r\n"
        f"Message-ID: <{number}@netz.example>\r\nSubject: {kind}\r\n\r\nNummer {number}"
    ).encode()


def classify(content: bytes) -> Classified:
    """Return the kind that the subject names."""
    subject = content.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()
    if subject == "bug":
        raise RecursionError
    is_shown = subject == "shown"
    kind = Kind.COMMAND if is_shown else Kind(subject)
    return Classified(kind, f"test.{kind}", "Test.", is_handed_over=is_shown)


@dataclass(slots=True)
class Deed:
    """An effect that leaves one mailbox per message behind, and counts itself there.

    Attributes:
        breaks_on: Numbers of messages with which it fails.
        error: How it fails.
    """

    breaks_on: set[int] = field(default_factory=set)
    error: Exception = field(default_factory=ArithmeticError)

    def __call__(
        self,
        db: Db,
        classified: Classified,
        content: bytes,
        incoming: Incoming,
        now: datetime,
    ) -> str:
        """Add the mailbox of the sender, or raise its version."""
        last = content.rpartition(b" ")[2]
        number = int(last) if last.isdigit() else 0
        name = f"person{number}@netz.example"
        mailbox = db.scalar(sa.select(Mailbox).where(Mailbox.canonical == name))
        if mailbox is None:
            mailbox = Mailbox(
                address=name, canonical=name, token_version=0, created_at=now
            )
            db.add(mailbox)
        mailbox.token_version += 1
        db.flush()
        if number in self.breaks_on:
            raise self.error
        incoming.mailbox_id = mailbox.id
        return f"did_{classified.kind}"


def a_taker(
    database: Database,
    clock: Clock,
    *,
    is_shared: bool = False,
    has_folder: bool = True,
    deed: Deed | None = None,
) -> Taker:
    """Return a reader whose effects can be counted."""
    return Taker(
        database=database,
        clock=clock,
        classify=classify,
        apply=deed or Deed(),
        is_shared=is_shared,
        has_folder=has_folder,
    )


def effects(database: Database) -> list[int]:
    """Return how often each message had its effect, in no order."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Mailbox.token_version)))


def arrivals(database: Database) -> list[Incoming]:
    """Return all that came in."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Incoming).order_by(Incoming.id)))


def unfiled(database: Database) -> int:
    """Return how many places are still to be filed."""
    with database.reading() as db:
        return db.scalars(
            sa.select(sa.func.count()).where(IncomingPlace.filed_at.is_(None))
        ).one()


def an_inbox(
    settings: Settings, port: int, mode: InboxMode, **changes: object
) -> Inbox:
    """Return the mailbox on a server of the tests."""
    known = replace(
        settings.inbox,
        mode=mode,
        host="127.0.0.1",
        port=port,
        user="mia@netz.example",
        password="geheim",
        processed_folder="mia-erledigt",
    )
    return replace(known, **changes)  # type: ignore[arg-type] # fields of all types
