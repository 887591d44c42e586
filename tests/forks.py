"""The real program in a process of its own, in a twentieth of the time.

A process that has imported everything waits for orders and forks: the child is what
``mia WORDS…`` would be, and can be killed like it. It starts no thread and opens no
file before that, so there is nothing a fork could break.

``python -m tests.forks`` is the other side; orders and answers are JSON, one per line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tests.compiled import keep_templates
from tests.program import ROOT, Program, environ_for

if TYPE_CHECKING:
    from types import TracebackType

WARM: Final = (
    "cli",
    "mailer.application",
    "mailer.backup.models",
    "mailer.commands.invite",
    "mailer.commands.outbox",
    "mailer.commands.running",
    "mailer.daemon.ticking",
    "mailer.outbox.letterhead",
    "mailer.outbox.worker",
    "mailer.rendering.dkim",
    "mailer.rounds.planning",
    "mailer.rounds.showing",
    "mailer.transport.smtp",
    "mailer.watching.watch",
    "mailer.watching.wording",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlite3",
)
"""What the forking process imports before the first order."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Its exit code; negative if a signal ended it.
        errors: What it said on standard error.
    """

    code: int
    errors: str

    @property
    def was_killed(self) -> bool:
        """Whether kill -9, or a failpoint, ended it."""
        return self.code == -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Running:
    """A process that was started; ``Forks.wait`` waits for its end."""

    pid: int
    errors: Path

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal; nothing happens to a process that has ended."""
        os.kill(self.pid, number)


class Forks:
    """Starts ``mia`` as often as you like; use it as a context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mia-forks-")
        self._number = 0

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._parent.communicate()
        self._folder.cleanup()

    def start(self, mia: Program, *words: str) -> Running:
        """Start ``mia WORDS…``."""
        self._number += 1
        errors = Path(self._folder.name) / f"{self._number}"
        pid = self._ask(
            words=["--config", str(mia.config), *words],
            environ=environ_for(mia),
            folder=str(mia.config.parent),
            errors=str(errors),
        )
        return Running(pid, errors)

    def wait(self, running: Running) -> Ended:
        """Wait for the end of a process."""
        code = self._ask(wait=running.pid)
        return Ended(code, running.errors.read_text(encoding="utf-8"))

    def run(self, mia: Program, *words: str) -> Ended:
        """Run ``mia WORDS…`` to its end."""
        return self.wait(self.start(mia, *words))

    def _ask(self, **order: Any) -> int:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(f"{json.dumps(order)}\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())


def _serve() -> None:
    """Fork for each order, and answer with a number."""
    import importlib  # noqa: PLC0415 - only in the forking process

    for name in WARM:
        importlib.import_module(name)
    keep_templates()
    rendering = importlib.import_module("mailer.rendering.environment")
    templates = rendering.open_environment(None)
    for name in templates.list_templates(extensions=("html", "txt")):
        templates.get_template(name)
    closures = importlib.import_module("mailer.meetings.closures")
    closures.closure_on(date(2026, 11, 23), closures.Closures("ST"))
    # Not sys.stdin: the program sets that up before it is read.
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    for line in orders:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork() or _become_mia(order)
        print(answer, flush=True)  # noqa: T201 - the answer


def _become_mia(order: dict[str, Any]) -> int:
    """Be ``mia`` from now on; never returns."""
    import cli  # noqa: PLC0415 - imported already

    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environ"])
    said = os.open(order["errors"], os.O_CREAT | os.O_WRONLY, 0o600)
    nothing = os.open(os.devnull, os.O_RDWR)
    for old, new in ((nothing, 0), (nothing, 1), (said, 2)):
        os.dup2(old, new)
    code = 1
    try:
        sys.argv = ["mia", *order["words"]]
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - said, as Python itself would say it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
