"""A group that imports a command when it is called, and words every error.

Click's own group imports all commands for one line of help each; here that line
stands in a table. Click's own ``main`` knows no German sentences; here every
exception goes to one function, and its exit code out of the door.
"""

# mypy: disable-error-code="explicit-override"
# typing_extensions takes 7 ms, and "mia --help" no more than 60.
# ruff: noqa: ARG002, ANN401 - the signatures are Click's

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from mailer.commands import speech
from mailer.commands.front import Front
from mailer.commands.later import later

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from click.shell_completion import CompletionItem

Told: TypeAlias = "Callable[[Exception, Front], int]"
"""Says an error to people and returns the exit code."""


class Door(click.Group):
    """The group behind ``mia``.

    Attributes:
        table: Name to "module:attribute" below ``mailer.commands`` and short help.
        told: What happens to an error.
    """

    def __init__(
        self,
        *args: Any,
        table: Mapping[str, tuple[str, str]],
        told: Told,
        **extra: Any,
    ) -> None:
        super().__init__(*args, **extra)
        self.table = table
        self.told = told

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command called *cmd_name*; None if there is none."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        with later():
            found = getattr(import_module(f"mailer.commands.{module}"), attribute)
        return speech.in_german(found)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a misspelt one name its neighbour."""
        if args[0] not in self.table and not ctx.resilient_parsing:
            raise click.NoSuchCommand(args[0], possibilities=self.table, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Befehle"):
            formatter.write_dl([(name, row[1]) for name, row in self.table.items()])

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        """Offer names without importing them, then options."""
        # Imported here: only a pressed Tab needs it.
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - see above

        names = [
            CompletionItem(name, help=row[1])
            for name, row in self.table.items()
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(  # type: ignore[override]  # exits, like Click's own
        self, args: Sequence[str] | None = None, **extra: Any
    ) -> Any:
        """Run a command and exit with the code of what happened."""
        front = extra.setdefault("obj", Front())
        extra["standalone_mode"] = False
        extra["prog_name"] = "mia"
        try:
            code = super().main(args, **extra)
        except Exception as error:  # noqa: BLE001 - the last door: say it and exit
            code = self.told(error, front)
        finally:
            front.close()
        sys.exit(code if isinstance(code, int) else 0)
