"""Failpoints: off unless armed, exact when they are."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from subscribers import failpoints
from subscribers.errors import StoreBusy, StoreUnavailable
from subscribers.failpoints import Action, Failpoint
from tests.program import ROOT

if TYPE_CHECKING:
    from subscribers.database import Database, Db


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("claim.before:kill", Failpoint("claim.before", Action.KILL)),
        ("mark.after:eio:3", Failpoint("mark.after", Action.EIO, 3)),
        ("*:enospc:2+", Failpoint("*", Action.ENOSPC, 2, stays=True)),
        ("*:stop", Failpoint("*", Action.STOP)),
    ],
)
def test_a_failpoint_is_read_from_one_word(text: str, meant: Failpoint) -> None:
    """Name, action, and when."""
    assert failpoints.parse(text) == meant


@pytest.mark.parametrize(
    "text", ["", "kill", "claim:kill", "claim.before:explode", "a.b:eio:0", "a.b:eio:x"]
)
def test_what_is_no_failpoint_is_none(text: str) -> None:
    """A slip of the finger arms nothing."""
    assert failpoints.parse(text) is None


def _struck(failpoint: Failpoint, names: list[str]) -> list[bool]:
    """Return at which of *names* it fails."""
    failed = []
    with failpoints.armed(failpoint):
        for name in names:
            try:
                failpoints.reach(name)
            except OSError:
                failed.append(True)
            else:
                failed.append(False)
    return failed


def test_it_fails_at_the_place_and_the_time_that_were_named() -> None:
    """Other places do not count; once is once, "+" is ever after."""
    names = ["a.before", "b.before", "a.before", "a.before"]

    assert _struck(Failpoint("a.before", Action.EIO, 2), names) == [0, 0, 1, 0]
    assert _struck(Failpoint("a.before", Action.EIO, 2, stays=True), names) == [
        *(0, 0, 1, 1)
    ]
    assert _struck(Failpoint("*", Action.EIO, 2), names) == [0, 1, 0, 0]


def test_nothing_fails_unless_it_is_armed() -> None:
    """Afterwards the places are what they were: nothing."""
    with failpoints.armed(Failpoint("*", Action.EIO, stays=True)):
        pass

    failpoints.reach("a.before")


def test_a_killed_process_is_gone_at_once() -> None:
    """As by kill -9: no clean-up, no exit code of ours."""
    story = (
        "from subscribers.failpoints import parse\n"
        "try: parse('*:kill')('a.before')\n"
        "finally: print('cleaned up')"
    )

    ended = subprocess.run(
        [sys.executable, "-c", story], cwd=ROOT, capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (-9, b"")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_every_commit_has_a_place_before_and_after(database: Database) -> None:
    """They are named after what is committed."""
    seen: list[str] = []
    with failpoints.armed(seen.append), database.transaction("issue"):
        assert not seen

    assert seen == ["issue.before", "issue.after"]


async def _count(database: Database) -> None:
    def _count_people(_db: Db) -> None: ...

    await database.run(_count_people)


def test_a_step_of_the_worker_gives_its_name(database: Database) -> None:
    """A function that is run in a transaction names it."""
    seen: list[str] = []

    with failpoints.armed(seen.append):
        asyncio.run(_count(database))

    assert seen == ["count_people.before", "count_people.after"]


@pytest.mark.parametrize(
    ("action", "error"),
    [
        (Action.EIO, StoreUnavailable),
        (Action.ENOSPC, StoreUnavailable),
        (Action.LOCK, StoreBusy),
    ],
)
def test_a_failing_commit_is_told_as_the_driver_would(
    database: Database, action: Action, error: type[Exception]
) -> None:
    """Callers see the errors that a real disk would lead to."""

    def commit() -> None:
        with database.transaction():
            pass

    with failpoints.armed(Failpoint("commit.before", action)), pytest.raises(error):
        commit()
