"""Pauses: what is left alone, for how long, and who ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.outbox import pauses
from mailer.outbox.conduct import PauseScope
from subscribers.models import Mailbox
from tests.conftest import PRESENT
from tests.factories import a_mailbox

if TYPE_CHECKING:
    from subscribers.database import Db

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

GMX = (PauseScope.PROVIDER, "gmx")
WORDS = "„554 5.7.1 blocked“"


@both
def test_a_pause_holds_until_somebody_ends_it(db: Db) -> None:
    """It is there once, tells why and since when, and ends once."""
    assert pauses.pause(db, *GMX, reason=WORDS, now=PRESENT)
    assert not pauses.pause(db, *GMX, reason="anders", now=PRESENT)

    (row,) = pauses.in_force(db, now=PRESENT + timedelta(days=400))
    assert (row.reason, row.since_at, row.is_by_hand) == (WORDS, PRESENT, False)
    assert pauses.paused(db, now=PRESENT).providers == {"gmx"}

    assert pauses.resume(db, *GMX, now=PRESENT)
    assert not pauses.resume(db, *GMX, now=PRESENT)
    assert pauses.paused(db, now=PRESENT) == pauses.Paused()


@both
def test_a_rest_ends_by_itself(db: Db) -> None:
    """A relay rests for some minutes; nobody has to do anything."""
    until = PRESENT + timedelta(minutes=10)
    rest = (PauseScope.RELAY, "mail.example:587")
    pauses.pause(db, *rest, reason="x", now=PRESENT, until=until)
    assert pauses.in_force(db, now=until - timedelta(seconds=1))
    assert not pauses.in_force(db, now=until)


@both
def test_the_longer_pause_wins(db: Db) -> None:
    """A short rest never shortens what waits for a person; a later one prolongs it."""
    early, late = (PRESENT + timedelta(minutes=number) for number in (5, 10))
    assert pauses.pause(db, *GMX, reason="1", now=PRESENT, until=late)
    assert not pauses.pause(db, *GMX, reason="2", now=PRESENT, until=early)
    assert pauses.pause(db, *GMX, reason="3", now=PRESENT)
    assert not pauses.pause(db, *GMX, reason="4", now=PRESENT, until=late)
    (row,) = pauses.in_force(db, now=PRESENT)
    assert (row.reason, row.until_at) == ("3", None)


@both
def test_a_domain_is_read_from_the_address(db: Db) -> None:
    """Also where the local part is odd; an erased mailbox has none."""
    a_mailbox(db, "rita+netz.de@gmx.net")
    gone = a_mailbox(db, "max@post.example")
    gone.address = gone.canonical = gone.fingerprint = None
    db.flush()
    found = db.scalars(sa.select(pauses.domain(db)).order_by(Mailbox.id)).all()
    assert found == ["gmx.net", None]
