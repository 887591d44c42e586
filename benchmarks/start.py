"""How long help takes, and a round with nothing to do, beside a bare interpreter.

Of help there are the front door's and the slowest of all commands. The round is that of
a new network on SQLite, on a day without anything due. The ratio says more than the
milliseconds: a slow machine slows down both. Beside the clock stands the time of the
processor, which knows nothing of who else is busy. Nothing is asserted.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import chdir
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.program import every_command

RUNS: Final = 15
"""Starts of each; the median forgives a busy moment."""

MIA: Final = str(Path(sys.executable).with_name("mia"))

QUIET_DAY: Final = "2026-12-04T12:00:00+01:00"
"""The day after a meeting: the next invitation is a week away."""

BARE: Final = [sys.executable, "-c", "pass"]


class Spent(NamedTuple):
    """What a start took, in milliseconds."""

    clock: float
    processor: float


def spent(command: list[str]) -> Spent:
    """Return what *command* takes from start to end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    clock = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(
        clock * 1000,
        (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000,
    )


def slowest_help() -> list[str]:
    """Return the call for help that takes most of a processor."""
    calls = [[MIA, *words, "--help"] for words in every_command()]
    return max(calls, key=lambda call: min(spent(call).processor for _ in range(2)))


def main() -> None:
    """Print one line per command."""
    os.environ |= {"MIA_NOW": QUIET_DAY, "MIA_SMTP_HOST": "127.0.0.1"}
    calls = [BARE, [MIA, "--version"], [MIA, "--help"], slowest_help(), [MIA, "tick"]]
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        spent([MIA, "init", "--defaults"])
        bare = 0.0
        for call in calls:
            spent(call)  # fills the caches; the first round makes the meetings
            clock, processor = map(
                median, zip(*(spent(call) for _ in range(RUNS)), strict=True)
            )
            bare = bare or clock
            name = " ".join((Path(call[0]).name, *call[1:]))
            print(
                f"{name:32} {clock:6.0f} ms {clock / bare:6.1f} x python, "
                f"{processor:4.0f} ms of a processor"
            )


if __name__ == "__main__":
    main()
