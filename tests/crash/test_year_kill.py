"""kill -9 at every boundary of a tick that drafts, issues or tells a change.

The real program is killed before and after each commit, and around each letter on the
wire. The next tick goes on. Whatever it was: everybody has every letter, and whoever
may have one twice is listed by the ledger.
"""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from subscribers.database import Database
from subscribers.models import Mailbox
from tests.books import differences
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.forks import Forks
    from tests.servers import ScriptedSmtp

RITA, MARCO = "rita@netz.example", "marco@netz.example"

STRIDE: Final = 1 if "MIA_TEST_MAILS" in os.environ else 12
"""``make crash`` kills at every place, the usual run at every twelfth."""

FEWEST: Final = 12
"""Places of a tick that sends, at least."""

DRAFTED, ISSUED, MOVED = "2026-11-23T10:00", "2026-11-26T10:00", "2026-11-27T09:00"

STORIES: Final = {
    "draft": ((), DRAFTED, []),
    "issue": ((DRAFTED,), ISSUED, ["invitation"]),
    "change": ((DRAFTED, ISSUED), MOVED, ["invitation", "update"]),
}
"""Ticks before, the tick that is killed, and what everybody has at the end."""


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES)
def test_a_tick_that_is_killed_anywhere_loses_and_doubles_nothing(
    story: str,
    settings_file: Path,
    new_url: Callable[..., str],
    forks: Forks,
    smtp_server: ScriptedSmtp,
) -> None:
    """For every n: kill, tick again, and compare the books."""
    before, moment, expected = STORIES[story]
    town = _town(settings_file, new_url, smtp_server)
    for earlier in before:
        assert forks.run(_at(town, earlier), "tick").code == ExitCode.OK
    if story == "change":
        words = ("meetings", "move", "2026-12-03", "--to", "2026-12-10")
        assert forks.run(_at(town, ISSUED), *words).code == ExitCode.OK
    kept = list(smtp_server.accepted)

    for number in count(1, STRIDE):
        smtp_server.accepted[:] = kept
        url = new_url(town.environ["MIA_DATABASE_URL"])
        mia = Program(
            town.config, {**_at(town, moment).environ, "MIA_DATABASE_URL": url}
        )
        # A copy of a database that has sent does not send until somebody says so.
        assert forks.run(mia, "db", "adopt", "--yes").code == ExitCode.OK
        deadly = {**mia.environ, "MIA_FAILPOINT": f"*:kill:{number}"}
        ended = forks.run(Program(mia.config, deadly), "tick")
        assert forks.run(mia, "tick").code == ExitCode.OK

        database = Database(url, synchronous="OFF")
        assert differences(database, smtp_server.accepted) == [], number
        assert _letters(database) == {RITA: expected, MARCO: expected}, number
        database.close()
        if not ended.was_killed:
            break
    assert number > FEWEST


def _town(
    settings_file: Path, new_url: Callable[..., str], server: ScriptedSmtp
) -> Program:
    """Return the program for a town with two residents."""
    url = new_url()
    database = Database(url, synchronous="OFF")
    with database.transaction() as db:
        for address in (RITA, MARCO):
            a_subscriber(db, address)
    database.close()
    return Program(settings_file, {"MIA_DATABASE_URL": url}).with_relay(server)


def _at(town: Program, moment: str) -> Program:
    """Return the program with its clock at *moment*, in the town's winter."""
    return Program(town.config, {**town.environ, "MIA_NOW": f"{moment}:00+01:00"})


def _letters(database: Database) -> dict[str, list[str]]:
    """Return the kinds of letters that are accepted, by address."""
    with database.reading() as db:
        kinds = {one.occasion: one.kind.value for one in db.scalars(sa.select(Edition))}
        rows = db.execute(
            sa.select(Mailbox.address, Delivery.occasion)
            .join(Delivery, Delivery.mailbox_id == Mailbox.id)
            .where(Delivery.state == "accepted")
            .order_by(Delivery.id)
        )
        found: dict[str, list[str]] = {RITA: [], MARCO: []}
        for address, occasion in rows:
            if occasion in kinds and address in found:
                found[address].append(kinds[occasion])
    return found
