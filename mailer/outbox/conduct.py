"""Tables about sending as a whole: what is paused, what has left, who may send."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, UtcDateTime, stored


class PauseScope(StrEnum):
    """What a pause is about."""

    ALL = "all"
    """Everything that leaves; its name is empty."""
    PROVIDER = "provider"
    """Letters to one provider, by its name in ``providers``."""
    OCCASION = "occasion"
    """Letters of one occasion, "edition/42"."""
    RELAY = "relay"
    """One way out, "mail.example.org:587": another relay is tried before it."""


class Pause(Base):
    """Something is left alone for now; what waits for it goes on waiting.

    Attributes:
        name: Within the scope; empty for all.
        reason: Why, in German.
        is_by_hand: Somebody asked for it; otherwise the program did.
        since_at: From when.
        until_at: It ends by itself at this moment; None waits for a person.
    """

    __tablename__ = "pause"

    scope: Mapped[PauseScope] = mapped_column(stored(PauseScope), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    is_by_hand: Mapped[bool]
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaceAccount(Base):
    """What has left over one relay or to one provider, for its limits.

    Attributes:
        name: "relay/mail.example.org:587" or "provider/gmx".
        spent: ``pace.Spent``; the keys of a JSON object are texts.
    """

    __tablename__ = "pace_account"

    name: Mapped[str] = mapped_column(String(280), primary_key=True)
    spent: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON)


class SendingPlace(Base):
    """A place from which this database may send.

    The first one is entered when something is sent for the first time, every other
    one by a person: a restored or cloned database must not write to everybody again.

    Attributes:
        machine: Which machine, as a fingerprint; or the name given in the settings.
        store: Which database on it: path of the file, or identity of the server.
        host: Name of the machine, for people.
        since_at: Since when.
        worked_at: When a worker last looked what is due there; None for never.
    """

    __tablename__ = "sending_place"

    machine: Mapped[str] = mapped_column(String(80), primary_key=True)
    store: Mapped[str] = mapped_column(String(500), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
