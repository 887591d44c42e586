"""The accounts behind ``pace``: reserve before a claim, give back what did not leave.

Whoever reserves holds the account's row until the end of the transaction, so several
workers never spend the same message twice. What a crash leaves reserved stays spent:
too slow is safe, too fast is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.outbox import pace
from mailer.outbox.conduct import PaceAccount
from mailer.outbox.pace import Period, Room
from subscribers.database import insert_into

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailer.outbox.pace import Limits, Spent
    from subscribers.database import Db


def reserve(
    db: Db, name: str, limits: Limits, *, wanted: int, now: datetime
) -> tuple[int, Room]:
    """Take up to *wanted* messages from an account.

    Args:
        name: Of the account; it is opened with the first message.

    Returns:
        How many were taken, and what was free before.
    """
    if not any(limits.values()):
        return wanted, Room(None, None)
    spent = _spent(db, name)
    room = pace.room(limits, spent, now=now)
    taken = wanted if room.free is None else min(wanted, room.free)
    if taken:
        _write(db, name, pace.spend(spent, taken, now=now))
    return taken, room


def room(db: Db, name: str, limits: Limits, *, now: datetime) -> Room:
    """Return what is free, without taking anything."""
    if not any(limits.values()):
        return Room(None, None)
    row = db.get(PaceAccount, name, populate_existing=True)
    return pace.room(limits, _read(row.spent) if row else {}, now=now)


def give_back(db: Db, name: str, messages: int) -> None:
    """Return what was reserved and did not leave; an account nobody opened stays so."""
    if messages and db.get(PaceAccount, name) is not None:
        _write(db, name, pace.give_back(_spent(db, name), messages))


def _spent(db: Db, name: str) -> Spent:
    """Return what an account has spent, and keep others out until the end."""
    db.execute(
        insert_into(db, PaceAccount)
        .values(name=name, spent={})
        .on_conflict_do_nothing(index_elements=["name"])
    )
    found = sa.select(PaceAccount.spent).where(PaceAccount.name == name)
    return _read(db.execute(found.with_for_update()).scalar_one())


def _write(db: Db, name: str, spent: Spent) -> None:
    db.execute(
        sa.update(PaceAccount)
        .where(PaceAccount.name == name)
        .values(spent={str(period): _texts(row) for period, row in spent.items()})
        .execution_options(synchronize_session=False)
    )


def _texts(row: Mapping[int, int]) -> dict[str, int]:
    return {str(slot): number for slot, number in row.items()}


def _read(stored: dict[str, dict[str, int]]) -> Spent:
    return {
        Period(period): {int(slot): number for slot, number in row.items()}
        for period, row in stored.items()
    }
