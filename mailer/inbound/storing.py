"""The bytes of a mail, kept beside its row: without further copies in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.inbound.models import Incoming

if TYPE_CHECKING:
    from subscribers.database import Db

LARGE: Final = 1024 * 1024
"""Octets from which on the copies that a statement needs are worth avoiding."""


def store(db: Db, incoming: Incoming, content: bytes) -> None:
    """Write *content* to the row of *incoming*, when all else of it is written.

    SQLite makes three copies of what a statement brings along, and two of what stands
    in a row that is changed afterwards. So the statement brings room alone, at the end
    of the row, and the bytes are written into it.

    Source: SQLite, "Opening a BLOB for Incremental I/O", and ``zeroblob``.
    """
    db.flush()
    connection = db.connection()
    if len(content) < LARGE or connection.dialect.name != "sqlite":
        incoming.raw = content
        return
    room = sa.func.zeroblob(len(content))
    db.execute(sa.update(Incoming).where(Incoming.id == incoming.id).values(raw=room))
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - it is open
    names = (Incoming.__tablename__, Incoming.raw.key, incoming.id)
    with driver.blobopen(*names) as blob:
        blob.write(content)
