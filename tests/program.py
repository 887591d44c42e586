"""The real program as a process of its own: what an administrator would type."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.testing import CliRunner

from cli import mia
from mailer.commands.front import Front
from tests.conftest import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from click.testing import Result

    from tests.servers import ScriptedSmtp

PATIENCE_SECONDS: Final = 240
"""How long a command may take before a test gives up: far longer than on any machine,
even one that runs ten other things."""

ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Program:
    """``mia`` with a settings file and an environment.

    Attributes:
        config: The settings file.
        environ: On top of what a process needs to run at all.
        wrapper: Words before the program, see ``under``.
    """

    config: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    wrapper: tuple[str, ...] = ()

    def under(self, *wrapper: str) -> Program:
        """Return the same program, started by another one such as strace."""
        return replace(self, wrapper=wrapper)

    def with_relay(self, server: ScriptedSmtp) -> Program:
        """Return the same program, sending to *server* without protection."""
        relay = {
            "MIA_SMTP_HOST": "127.0.0.1",
            "MIA_SMTP_PORT": str(server.port),
            "MIA_SMTP_SECURITY": "plain",
        }
        return replace(self, environ={**self.environ, **relay})

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start ``mia WORDS…`` and return the running process."""
        return subprocess.Popen(
            [
                *self.wrapper,
                sys.executable,
                str(ROOT / "cli.py"),
                "--config",
                self.config,
                *words,
            ],
            env=environ_for(self),
            cwd=self.config.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def here(self, *words: str, answer: str | None = None) -> Result:
        """Run ``mia WORDS…`` in this process: faster, and its lines are counted.

        Args:
            answer: What a person types.
        """
        front = Front(environ={"MIA_NOW": PRESENT.isoformat(), **self.environ})
        options = ("--config", str(self.config))
        return CliRunner().invoke(mia, (*options, *words), obj=front, input=answer)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``mia WORDS…`` to its end."""
        process = self.start(*words)
        try:
            output, errors = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()
        return subprocess.CompletedProcess(words, process.returncode, output, errors)


def environ_for(mia: Program) -> dict[str, str]:
    """Return the environment of *mia* as a process."""
    kept = ("PATH", "HOME", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    base = {name: os.environ[name] for name in kept if name in os.environ}
    return {**base, "MIA_NOW": PRESENT.isoformat(), **mia.environ}


def every_command() -> Iterator[tuple[str, ...]]:
    """Yield the words behind ``mia`` of each group and of each command."""
    yield ()
    yield from _below(mia, (), click.Context(mia))


def _below(
    group: click.Group, words: tuple[str, ...], ctx: click.Context
) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(ctx):
        yield (*words, name)
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from _below(command, (*words, name), ctx)
