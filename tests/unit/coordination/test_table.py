"""The table of her words reads out its own examples."""

from __future__ import annotations

from datetime import date

import pytest

from mailer.coordination.kinds import InstructionKind, Unclear
from mailer.coordination.reading import read_instructions
from mailer.coordination.table import KINDS, Row, table

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("row", table().rows, ids=lambda row: row.kind)
def test_examples_say_what_they_stand_for(row: Row) -> None:
    """Each example is understood, and as nothing else."""
    for example in (*row.examples, row.shown(TODAY)):
        read = read_instructions(example, today=TODAY)
        assert not isinstance(read, Unclear), (example, read)
        assert [one.kind for one in read] == [row.kind], example


@pytest.mark.parametrize("row", table().rows, ids=lambda row: row.kind)
def test_counterexamples_do_not(row: Row) -> None:
    """What is nearly the same word is never taken for it."""
    for example in row.counterexamples:
        read = read_instructions(example, today=TODAY)
        said = () if isinstance(read, Unclear) else read
        assert row.kind not in {one.kind for one in said}, example


def test_every_instruction_has_its_row() -> None:
    """Nothing can be done that nobody can say, and the help shows all of it."""
    assert {row.kind for row in table().rows} == set(InstructionKind)
    assert len(KINDS) == len(InstructionKind)


def test_the_days_in_examples_lie_ahead() -> None:
    """Nobody is shown how to move a meeting to a day that has gone by."""
    shown = table().row(InstructionKind.MOVE).shown(TODAY)
    assert shown == "neuer Termin: 30. November 2026, 10 bis 13 Uhr"
