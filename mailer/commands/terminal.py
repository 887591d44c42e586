"""What all commands share when they talk: plain columns, JSON, questions, counts.

Plain text without box drawings: a screen reader reads every line as it stands.
Data goes to standard output, everything said about it to standard error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP: Final = "  "

YES: Final = frozenset({"j", "ja", "y", "yes"})
NO: Final = frozenset({"n", "nein", "no"})

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Als JSON ausgeben, für andere Programme."
)
"""``--json`` for every list."""

yes_option = click.option(
    "--yes", "-y", "is_agreed", is_flag=True, help="Nicht nachfragen."
)
"""``--yes`` for every command that asks before it acts."""


class Between(click.IntRange):
    """A whole number of a range that is told in words: "1 bis 100"."""

    # typing_extensions would cost every command 7 ms.
    def _describe_range(self) -> str:  # type: ignore[explicit-override]
        return f"{self.min} bis {self.max}"


def table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
    """Return *rows* as aligned columns under *headers*.

    Example:
        >>> print(table([["a", 1], ["bcd", None]], ["Name", "Zahl"]))
        Name  Zahl
        a     1
        bcd   -
    """
    cells = [list(headers), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        GAP.join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )


def _cell(value: object) -> str:
    """Return one cell: one line, and a dash where there is nothing."""
    text = " ".join(str(value).split()) if value is not None else ""
    return text or "-"


def show_json(value: object) -> None:
    """Print *value* as JSON."""
    import json  # noqa: PLC0415 - not for --help

    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def note(sentence: str) -> None:
    """Say something about the data, on standard error."""
    click.echo(sentence, err=True)


def agrees(question: str, *, default: bool = False) -> bool:
    """Ask a yes-or-no *question* until it is answered; Ja and Nein count."""
    choices = "J/n" if default else "j/N"
    while True:
        given = click.prompt(
            f"{question} [{choices}]", default="", show_default=False, err=True
        )
        word = str(given).strip().casefold()
        if not word:
            return default
        if word in YES | NO:
            return word in YES
        note("Bitte antworten Sie mit „ja“ oder „nein“.")


def number(value: int) -> str:
    """Return a number as German writes it.

    Example:
        >>> number(12345)
        '12.345'
    """
    return f"{value:,}".replace(",", ".")


def count(value: int, one: str, many: str) -> str:
    """Return a number with its noun.

    Example:
        >>> count(1, "Person", "Personen"), count(0, "Person", "Personen")
        ('1 Person', '0 Personen')
    """
    return f"{number(value)} {one if value == 1 else many}"
