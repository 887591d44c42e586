"""One round of a loop: what it leaves behind when it goes well and when it fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailer.daemon.loop import WAITS, Life, Loop, turn, wait_after
from mailer.errors import ConnectionFailed, ExitCode, LoginRefused
from mailer.watching.models import Cause, LoopName, Pulse

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Database

    Logged = Callable[[], list[tuple[str, dict[str, Any]]]]


def a_loop(*errors: Exception | None, did: bool = False) -> Loop:
    """Return a loop that fails with one error after the other, then is well."""
    coming = list(errors)

    async def work(_life: Life) -> bool:
        if coming and (error := coming.pop(0)) is not None:
            raise error
        return did

    return Loop(LoopName.SEND, work, rest=60, patience=60)


def pulse(database: Database) -> Pulse:
    """Return what was written down."""
    with database.reading() as db:
        return db.get_one(Pulse, LoopName.SEND)


def test_a_good_round_is_written_down(
    application: Application, clock: FixedClock, database: Database
) -> None:
    """When it began and that it is done; and what it did wakes others."""
    turned = asyncio.run(turn(application, a_loop(did=True), Life()))
    assert turned.did
    assert turned.wait is None
    assert pulse(database).begun_at == pulse(database).done_at == clock.now()


def test_failures_in_a_row_are_counted_from_the_first(
    application: Application, clock: FixedClock, database: Database, logged: Logged
) -> None:
    """Since when, how often, why, and what people read; the wait grows."""
    life = Life()
    away = ConnectionFailed("mail.example:587", "niemand antwortet")
    loop = a_loop(away, away)
    since = clock.now()
    waits = []
    for _ in range(2):
        waits.append(asyncio.run(turn(application, loop, life)).wait)
        clock.moment += timedelta(minutes=5)
    found = pulse(database)
    assert waits == list(WAITS[:2])
    assert (found.failing_since, found.failures) == (since, 2)
    assert (found.cause, found.is_lasting) == (Cause.RELAY, False)
    assert "nicht erreichbar" in found.trouble
    assert [name for name, _ in logged()] == ["loop.failed"] * 2

    asyncio.run(turn(application, loop, life))

    found = pulse(database)
    assert (found.failing_since, found.failures, found.cause) == (None, 0, None)
    assert found.trouble == ""
    assert logged()[-1] == ("loop.recovered", {"loop": "send", "failures": 2})


def test_what_only_a_person_can_mend_is_not_tried_again_soon(
    application: Application, database: Database
) -> None:
    """A refused login: more tries could lock the account."""
    refused = LoginRefused("mail.example:587", "535 5.7.8 no")
    turned = asyncio.run(turn(application, a_loop(refused), Life()))
    assert turned.wait == WAITS[-1]
    assert turned.trouble is not None
    assert turned.trouble.code is ExitCode.CONFIGURATION
    assert pulse(database).is_lasting


def test_what_nobody_foresaw_is_logged_with_its_place(
    application: Application,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log gets the traceback; people get a sentence without it."""
    turned = asyncio.run(turn(application, a_loop(ZeroDivisionError("x")), Life()))
    assert turned.trouble is not None
    assert turned.trouble.code is ExitCode.FAILURE
    assert pulse(database).cause is Cause.PROGRAM
    assert "ZeroDivisionError" in pulse(database).trouble
    assert caplog.records[-1].exc_info is not None


def test_a_database_that_is_away_is_borne(
    application: Application, database: Database, logged: Logged
) -> None:
    """Neither the round nor its failure can be written down: the loop goes on."""
    database.close()
    assert database.file is not None
    database.file.unlink()
    database.file.mkdir()
    turned = asyncio.run(turn(application, a_loop(), Life()))
    assert turned.trouble is not None
    assert turned.trouble.cause is Cause.STORE
    assert [name for name, _ in logged()] == ["loop.failed", "pulse.lost"]


def test_the_wait_grows_to_a_quarter_of_an_hour() -> None:
    """Ten seconds at first; never more than the last of the table."""
    grown = [wait_after(failures, is_lasting=False) for failures in range(1, 9)]
    assert grown == [*WAITS, *WAITS[-1:] * 3]


def test_silence_counts_only_in_a_round() -> None:
    """Who rests on purpose is not dead; who works shows it."""
    life = Life(touched=0)
    assert life.silence() == 0
    life.is_resting = False
    assert life.silence() > 0
    before = life.silence()
    life.touch()
    assert life.silence() < before
