"""``mia run`` for tests: a process that hears signals and speaks by its log."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.program import PATIENCE_SECONDS, Program

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

RUNS: Final = "Der Dienst läuft; Strg+C beendet ihn."


class Daemon:
    """A running ``mia -v run``.

    Attributes:
        lines: What it has said so far, events as values, sentences as they are.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str | dict[str, Any]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                event = line.startswith("{")
                self.lines.append(json.loads(line) if event else line.rstrip())
                self._news.notify_all()

    def until(self, is_met: Callable[[Daemon], object]) -> None:
        """Wait until what it says meets a condition."""
        with self._news:
            met = self._news.wait_for(lambda: is_met(self), PATIENCE_SECONDS)
        assert met, self.lines

    def until_event(self, name: str, times: int = 1, **fields: object) -> None:
        """Wait until it has logged *name* so often."""
        self.until(lambda one: len(one.events(name, **fields)) >= times)

    def events(self, name: str, **fields: object) -> list[dict[str, Any]]:
        """Return the events called *name* with these fields."""
        return [
            line
            for line in self.lines
            if isinstance(line, dict)
            and line["event"] == name
            and all(line.get(key) == value for key, value in fields.items())
        ]

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal that ends it, and return the exit code."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code


@contextmanager
def running(mia: Program) -> Iterator[Daemon]:
    """Start ``mia -v run`` and wait until it says that it runs."""
    process = mia.start("-v", "run")
    daemon = Daemon(process)
    try:
        daemon.until(lambda one: RUNS in one.lines or one.process.poll() is not None)
        yield daemon
    finally:
        process.kill()
        daemon.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


class NotifySocket:
    """What systemd would hear.

    Attributes:
        heard: Each message, one assignment a line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(os.fspath(path))
        self._socket.settimeout(PATIENCE_SECONDS)

    def until(self, word: str) -> None:
        """Listen until *word* is said."""
        while True:
            said = self._socket.recv(4096).decode()
            self.heard.append(said)
            if word in said.splitlines():
                return

    def waiting(self) -> list[str]:
        """Take what was said and nobody has heard yet."""
        found = []
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self._socket.recv(4096).decode())
        self._socket.settimeout(PATIENCE_SECONDS)
        return found

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
