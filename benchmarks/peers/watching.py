"""What a run takes: seconds of a clock, seconds of a processor, memory."""

from __future__ import annotations

import json
import re
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from typing_extensions import override


class Meter(AbstractContextManager["Meter"]):
    """Measures this process between entering and leaving."""

    @override
    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    @override
    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu

    def report(self, sent: int) -> None:
        """Print one line for the program that compares."""
        found = {
            "sent": sent,
            "wall": self.wall,
            "cpu": self.cpu,
            "peak_mb": _peak_mb(),
        }
        print(json.dumps(found))


def _peak_mb() -> float:
    """Return the most memory this process ever had.

    Not getrusage: there a child begins with what its parent had.
    """
    found = re.search(
        r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii")
    )
    return int(found[1]) / 1024 if found else 0.0
