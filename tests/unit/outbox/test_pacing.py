"""The accounts behind limits, used by several workers at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mailer.outbox import pacing
from mailer.outbox.pace import Period
from tests.conftest import PRESENT

if TYPE_CHECKING:
    from subscribers.database import Database

LIMITS = {Period.HOUR: 50}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_workers_never_spend_the_same_message_twice(database: Database) -> None:
    """Four of them ask for twenty each, one by one: fifty are given, not one more."""
    given: list[int] = []

    def work() -> None:
        for _ in range(20):
            with database.transaction() as db:
                taken, _ = pacing.reserve(db, "relay/a", LIMITS, wanted=1, now=PRESENT)
            given.append(taken)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert len(given) == 80
    assert sum(given) == 50


def test_what_was_never_limited_has_no_account(database: Database) -> None:
    """Giving back what nobody counted opens nothing."""
    with database.transaction() as db:
        pacing.give_back(db, "relay/a", 5)
        assert pacing.room(db, "relay/a", LIMITS, now=PRESENT).free == 50
