"""Tables: what was issued, in each style, as nobody's own letter.

Written in the transaction that issues an edition, and never changed: neither a later
template nor a later setting touches it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mailer.editions.models import EditionId
from subscribers.database import Base, UtcDateTime, stored
from subscribers.topics import LetterStyle


class ArchiveEntry(Base):
    """One edition in the archive.

    Attributes:
        code: Names its page; nobody can guess it.
    """

    __tablename__ = "archive_entry"

    edition_id: Mapped[EditionId] = mapped_column(
        ForeignKey("edition.id"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(40), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ArchiveCopy(Base):
    """What an edition said in one style: neutral words fill the personal places.

    Attributes:
        text, html: As in ``Letter``.
        calendar: The calendar file; None if the letter has none.
        message: The same as one message to the network itself, RFC 5322.
    """

    __tablename__ = "archive_copy"

    edition_id: Mapped[EditionId] = mapped_column(
        ForeignKey("archive_entry.edition_id"), primary_key=True
    )
    style: Mapped[LetterStyle] = mapped_column(stored(LetterStyle), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    calendar: Mapped[bytes | None] = mapped_column(LargeBinary)
    message: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
