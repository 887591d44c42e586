"""How long ``mia --help`` takes, beside an interpreter that does nothing.

The ratio says more than the seconds: a slow machine slows down both. Nothing is
asserted; ``make bench`` prints.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

RUNS: Final = 15
"""Starts of each; the median forgives a busy moment."""

COMMANDS: Final = {
    "python": [sys.executable, "-c", "pass"],
    "mia --version": ["mia", "--version"],
    "mia --help": ["mia", "--help"],
    "mia meetings --help": ["mia", "meetings", "--help"],
}


def seconds(command: list[str]) -> float:
    """Return how long *command* takes from start to end, in seconds of a clock."""
    name, *arguments = command
    program = Path(sys.executable).with_name(name) if name == "mia" else Path(name)
    begin = time.perf_counter()
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    """Print one line per command."""
    bare = 0.0
    for name, command in COMMANDS.items():
        seconds(command)  # fills the caches
        taken = median(seconds(command) for _ in range(RUNS))
        bare = bare or taken
        print(f"{name:20} {taken * 1000:6.0f} ms {taken / bare:6.1f} x python")


if __name__ == "__main__":
    main()
