"""The table of states agrees with the holidays library."""

from __future__ import annotations

import holidays

from mailer.settings.germany import STATES, find_state


def test_all_sixteen_states_are_known_to_the_library() -> None:
    """A state that can be set has holidays."""
    assert len(STATES) == 16
    assert set(STATES) <= set(holidays.country_holidays("DE").subdivisions)


def test_what_is_no_state_is_not_found() -> None:
    """Only whole codes and names count."""
    assert find_state("Sachs") is None
    assert find_state(" nw ") == "NW"
