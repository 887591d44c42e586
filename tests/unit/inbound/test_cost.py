"""What one hostile mail costs, measured in a process of its own.

``make bench`` prints the time beside it.
"""

from __future__ import annotations

import pytest

from mailer.inbound.classify import Kind
from mailer.inbound.reading import MAX_BYTES
from tests.hostile import GIANTS, SMALL, TEXTS, cost_of, damaged, letter

MEMORY = 160 * 1024 * 1024
"""Octets that one process may need, with its program and the mail itself."""

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]


@pytest.mark.parametrize("attack", GIANTS)
def test_a_giant_fits_into_memory(attack: str) -> None:
    """Just not too large, and made to become much more inside."""
    content = GIANTS[attack]()
    assert len(content) <= MAX_BYTES
    assert cost_of(content).peak <= MEMORY


@pytest.mark.parametrize("attack", SMALL)
def test_a_small_attack_fits_into_memory(attack: str) -> None:
    """Few octets that mean many parts, fields or addresses."""
    assert cost_of(SMALL[attack]).peak <= MEMORY


@pytest.mark.parametrize("attack", TEXTS)
def test_a_wording_fits_into_memory(attack: str) -> None:
    """Words that are much work for the rules."""
    assert cost_of(letter(TEXTS[attack])).peak <= MEMORY


def test_damaged_reports_are_something_and_fit_into_memory() -> None:
    """Whatever was lost of a real mail, it is taken for one kind."""
    costs = {name: cost_of(content) for name, content in list(damaged())[::8]}
    assert {cost.kind for cost in costs.values()} <= {str(kind) for kind in Kind}
    assert {name for name, cost in costs.items() if cost.peak > MEMORY} == set()
