"""What a run takes: seconds of a clock, seconds of a processor, memory."""

from __future__ import annotations

import json
import resource
import time
from contextlib import AbstractContextManager
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
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = {"sent": sent, "wall": self.wall, "cpu": self.cpu, "peak_mb": peak}
        print(json.dumps(found))
