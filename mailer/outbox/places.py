"""From where this database may send: a copy of it must not write to everybody again.

A backup that is restored for a look, a cloned machine, a copied folder: each holds
the same people and the same open deliveries. So the database remembers from which
machine and under which name it was used; anywhere else sending is refused until a
person has seen what would leave, and says so.

Source: machine-id(5): the id itself must not be shown; a keyed hash of it may.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.errors import PlaceRestored, PlaceUnknown
from mailer.outbox.conduct import SendingPlace
from subscribers.database import insert_into

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

MACHINE_ID: Final = Path("/etc/machine-id")

RESTORED: Final = "backup"
"""In place of a machine: the database comes from a backup, and nobody may send yet."""

_PURPOSE: Final = b"mia: from where a database may send"

_IDENTITY: Final = "SELECT system_identifier FROM pg_control_system()"
"""Made when a PostgreSQL server is set up: a dump restored elsewhere meets another."""


@dataclass(frozen=True, slots=True)
class Place:
    """A machine, and a database seen from it.

    Attributes:
        machine: Fingerprint of the machine; or a name from the settings, for machines
            that are made anew for every start (containers).
        store: Path of the SQLite file, or identity and name of the PostgreSQL database.
        host: Name of the machine, for people.
    """

    machine: str
    store: str
    host: str


def this_place(db: Db, *, named: str = "", machine_id: Path = MACHINE_ID) -> Place:
    """Return where we are.

    Args:
        named: The setting ``database.instance``; empty for the machine's own id.
        machine_id: Where the machine's id stands.
    """
    host = socket.gethostname()
    return Place(
        machine=f"name/{named}" if named else _machine(machine_id, host),
        store=_store(db),
        host=host,
    )


def require(db: Db, place: Place, *, now: datetime) -> None:
    """Let *place* send, if it is known, or the first one.

    Raises:
        PlaceUnknown: The database belongs elsewhere, or comes from a backup.
    """
    others = sa.select(SendingPlace).order_by(SendingPlace.since_at.desc()).limit(1)
    other = db.scalars(others).first()
    # Asked second: the other one may be we, in a worker that started with this one.
    if db.get(SendingPlace, (place.machine, place.store)) is not None:
        return
    if other is not None and other.machine == RESTORED:
        raise PlaceRestored(place.host, place.store, other.host, other.store)
    if other is not None:
        raise PlaceUnknown(place.host, place.store, other.host, other.store)
    adopt(db, place, now=now)


def adopt(db: Db, place: Place, *, now: datetime) -> None:
    """Let *place* send from now on; others keep their right in their own database."""
    db.execute(
        insert_into(db, SendingPlace)
        .values(machine=place.machine, store=place.store, host=place.host, since_at=now)
        .on_conflict_do_nothing(index_elements=["machine", "store"])
    )


def disown(db: Db, *, now: datetime) -> None:
    """Let nobody send, not even where this database lay before: it was restored.

    When a worker last looked stays: what is late by now is late here too.
    """
    last = db.execute(sa.select(sa.func.max(SendingPlace.worked_at))).scalar_one()
    db.execute(sa.delete(SendingPlace))
    db.add(
        SendingPlace(machine=RESTORED, store="", host="", since_at=now, worked_at=last)
    )


def is_known(db: Db, place: Place) -> bool:
    """Return whether *place* may send: it is entered, or nothing was ever sent."""
    known = db.get(SendingPlace, (place.machine, place.store)) is not None
    return known or not db.execute(sa.select(sa.exists(SendingPlace.host))).scalar_one()


def note_work(db: Db, *, now: datetime) -> datetime | None:
    """Note that a worker looks what is due; return when one last did, anywhere."""
    last = db.execute(sa.select(sa.func.max(SendingPlace.worked_at))).scalar_one()
    db.execute(
        sa.update(SendingPlace)
        .values(worked_at=now)
        .execution_options(synchronize_session=False)
    )
    return last


def _machine(machine_id: Path, host: str) -> str:
    """Return the fingerprint of the machine; its name where it has no id."""
    try:
        own = machine_id.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        own = ""
    if not own:
        return f"host/{host}"
    digest = hmac.new(own.encode(), _PURPOSE, hashlib.sha256)
    return f"id/{digest.hexdigest()[:32]}"


def _store(db: Db) -> str:
    url = db.get_bind().engine.url
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").resolve())
    identity = db.execute(sa.text(_IDENTITY)).scalar_one()
    return f"postgresql/{identity}/{url.database}"
