"""Shared pieces of output: columns, questions, counts."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from mailer.commands.terminal import agrees, count, number, table


def test_columns_are_aligned_and_lines_end_without_spaces() -> None:
    """Nothing is a dash, a line break in a cell is a space."""
    text = table([["a", None, "x\ny"], ["long", "", 3]], ["Eins", "Zwei", "Drei"])
    assert text.splitlines() == [
        "Eins  Zwei  Drei",
        "a     -     x y",
        "long  -     3",
    ]


def test_no_rows_are_a_line_of_headers() -> None:
    """An empty list is no mistake."""
    assert table([], ["Eins", "Zwei"]) == "Eins  Zwei"


@pytest.mark.parametrize(
    ("typed", "default", "expected"),
    [
        ("ja\n", False, True),
        ("J\n", False, True),
        ("nein\n", True, False),
        ("\n", False, False),
        ("\n", True, True),
        ("vielleicht\nn\n", True, False),
    ],
)
def test_yes_and_no_are_german(typed: str, *, default: bool, expected: bool) -> None:
    """Ja and Nein count, Enter takes the default, anything else is asked again."""

    @click.command()
    def ask() -> None:
        click.echo(f"answer={agrees('Senden?', default=default)}")

    result = CliRunner().invoke(ask, input=typed)
    assert f"answer={expected}" in result.stdout
    assert ("[J/n]" if default else "[j/N]") in result.stderr
    assert ("Bitte antworten" in result.stderr) is ("vielleicht" in typed)


def test_numbers_are_german() -> None:
    """A thousand has a full stop, one has another noun."""
    assert number(1234567) == "1.234.567"
    assert count(1, "Brief", "Briefe") == "1 Brief"
    assert count(2000, "Brief", "Briefe") == "2.000 Briefe"
