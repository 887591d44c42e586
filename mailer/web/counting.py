"""Counting visits in the database, so that all processes count together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.web.limits import digest, ends_at, value_of
from mailer.web.models import Tally
from subscribers.database import insert_into

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.web.limits import Limit, Reached
    from subscribers.database import Db


def admit(
    db: Db,
    limits: Sequence[Limit],
    *,
    key: bytes,
    network: str,
    address: str = "",
    now: datetime,
) -> Reached | None:
    """Count one visit; return what happens if it is one too many, else None.

    What an attacker has used up for herself is not counted against the others: the
    first limit that is reached ends the counting.

    Args:
        key: ``TokenKeys.tally_key``.
        network, address: As in ``value_of``.
    """
    for limit in limits:
        value = value_of(limit, network=network, address=address)
        if _count(db, limit, digest(key, limit, value, now), now) > limit.most:
            return limit.reached
    return None


def forget(db: Db, *, now: datetime) -> None:
    """Drop what was counted in spans that are over."""
    db.execute(sa.delete(Tally).where(Tally.ends_at <= now))


def _count(db: Db, limit: Limit, name: str, now: datetime) -> int:
    """Count one more under *name*; return how many that makes."""
    new = insert_into(db, Tally).values(
        digest=name, visits=1, ends_at=ends_at(limit, now)
    )
    counted = new.on_conflict_do_update(
        index_elements=["digest"], set_={"visits": Tally.visits + 1}
    ).returning(Tally.visits)
    return db.execute(counted).scalar_one()
