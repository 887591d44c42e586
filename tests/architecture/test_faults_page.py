"""docs/faults.md: every known misbehaviour, what comes of it, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.architecture import tree
from tests.faults import page
from tests.faults.elsewhere import ELSEWHERE, Elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.fault import Fault

PAGE: Final = Path("docs/faults.md")

KNOWN: Final = 56
"""Scripted misbehaviours that were collected; later ones have no number."""


def test_the_page_is_what_the_tables_say(
    golden: Callable[[Path | str, str], None],
) -> None:
    """`make docs` writes it anew."""
    golden(tree.ROOT / PAGE, page.page())


def test_no_known_fault_is_left_out() -> None:
    """Each number has at least one row."""
    assert set(page.numbers()) == set(range(1, KNOWN + 1))


@pytest.mark.parametrize("fault", page.FAULTS, ids=lambda fault: fault.name)
def test_each_outcome_is_defended_in_a_line(fault: Fault) -> None:
    """Why this is right, short enough for a table."""
    assert 10 < len(fault.because) < 140


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row.name)
def test_a_test_of_its_own_is_there(row: Elsewhere) -> None:
    """The named function stands in the named file."""
    path, _, function = row.test.partition("::")
    assert f"def {function}(" in tree.read(Path(path))
