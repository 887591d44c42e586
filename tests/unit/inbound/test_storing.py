"""The bytes of a mail beside its row: the same, however many they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.inbound.models import Incoming
from mailer.inbound.storing import LARGE, store
from tests.conftest import PRESENT

if TYPE_CHECKING:
    from subscribers.database import Database


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("octets", [0, 7, LARGE - 1, LARGE, 3 * LARGE + 1])
def test_what_is_stored_is_what_came(database: Database, octets: int) -> None:
    """Short or long, and all else of the row stays as it was."""
    content = bytes(range(256)) * (octets // 256 + 1)
    content = content[:octets]
    with database.transaction() as db:
        incoming = Incoming(
            digest="d", source="stdin", received_at=PRESENT, octets=octets,
            kind="human", rule="human.leer",
        )  # fmt: skip
        db.add(incoming)
        db.flush()
        incoming.effect = "handed_over"
        store(db, incoming, content)
    with database.reading() as db:
        found = db.scalars(sa.select(Incoming)).one()
    assert found.raw == content
    assert (found.effect, found.octets) == ("handed_over", octets)
