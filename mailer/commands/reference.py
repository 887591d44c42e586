"""The generated pages of ``docs/``: settings, states, commands, log events.

``python -m mailer.commands.reference docs`` writes them; a test compares.
"""

from __future__ import annotations

import ast
import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mailer import logs
from mailer.editions.states import EDITION
from mailer.meetings.states import MEETING
from mailer.network.states import CONTRIBUTION
from mailer.outbox.states import DELIVERY
from mailer.settings.reference import reference
from subscribers.states import SUBSCRIPTION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum

    from subscribers.machine import Machine

MACHINES: Final[tuple[Machine[Any, Any], ...]] = (
    SUBSCRIPTION,
    MEETING,
    CONTRIBUTION,
    EDITION,
    DELIVERY,
)

MADE: Final = "by `make docs`; do not edit.\n"


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    return {
        "settings.md": reference(),
        "states.md": states_reference(),
        "commands.md": commands_reference(),
        "log-events.md": events_reference(),
    }


def states_reference() -> str:
    """Return ``docs/states.md``: the five machines, drawn and explained."""
    parts = [f"# States\n\nMade from the tables in the five `states.py` {MADE}"]
    for machine in MACHINES:
        event = type(next(event for row in machine.table.values() for event in row))
        kinds = (("States", type(machine.start)), ("Events", event))
        parts.append(f"\n## {machine.name.capitalize()}\n")
        parts.append(f"\n```mermaid\n{machine.diagram()}\n```\n")
        for title, kind in kinds:
            parts.append(f"\n{title}:\n\n")
            parts += [
                f"- `{value}`{f': {text}' if text else ''}\n"
                for value, text in _members(kind)
            ]
    return "".join(parts)


def events_reference() -> str:
    """Return ``docs/log-events.md``."""
    lines = [f"- `{value}`: {text}\n" for value, text in _members(logs.LogEvent)]
    return (
        f"# Log events\n\nMade from `mailer/logs.py` {MADE}\n"
        "One line per thing done, on standard error: logfmt on a terminal, JSON\n"
        "otherwise. Warnings always, events with `-v`, libraries too with `-vv`.\n"
        "Fields are ids, counts, seconds and codes; never an address, a name or a\n"
        "token.\n\n"
        f"{''.join(lines)}"
    )


def commands_reference() -> str:
    """Return ``docs/commands.md``: the help of every command, as it is printed."""
    # By name: the front door lies above this floor.
    mia: click.Group = import_module("cli").mia
    parts = [f"# Commands\n\nMade from the program's own help texts {MADE}"]
    context = click.Context(
        mia, info_name="mia", help_option_names=["-h", "--help"], terminal_width=80
    )
    for level, one in _tree(context, 2):
        parts.append(f"\n{'#' * level} `{one.command_path}`\n")
        parts.append(f"\n```text\n{one.get_help()}\n```\n")
    return "".join(parts)


def _tree(context: click.Context, level: int) -> Iterator[tuple[int, click.Context]]:
    """Yield the context of a command and of all below it, with their depth."""
    yield level, context
    command = context.command
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        if inner is not None and not inner.hidden:
            below = click.Context(inner, info_name=name, parent=context)
            yield from _tree(below, level + 1)


def _members(kind: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """Yield value and docstring of each member; docstrings live in the source."""
    tree = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    found = next(
        one
        for one in tree.body
        if isinstance(one, ast.ClassDef) and one.name == kind.__name__
    )
    texts: dict[str, str] = {}
    for statement, following in zip(found.body, found.body[1:], strict=False):
        match statement, following:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[name] = " ".join(text.replace("``", "`").split())
            case _:
                pass
    for one in kind:
        yield one.value, texts.get(one.name, "")


def write(folder: Path) -> None:
    """Write all pages into *folder*."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
