"""Table: one row per backup that was made and checked."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, Db, UtcDateTime


class Backup(Base):
    """That a copy was made; the copy itself does not know of it.

    Attributes:
        place: Where it was written to, as an absolute path.
        octets: How large it was.
    """

    __tablename__ = "backup"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(Text)
    octets: Mapped[int] = mapped_column(sa.BigInteger)


def latest(db: Db) -> Backup | None:
    """Return the last backup; None if there was none."""
    return db.scalars(sa.select(Backup).order_by(Backup.id.desc()).limit(1)).first()
