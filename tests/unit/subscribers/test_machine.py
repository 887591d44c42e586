"""Transition tables: complete, strict, and drawn as they are."""

from __future__ import annotations

from enum import StrEnum

import pytest

from subscribers.errors import ForbiddenTransition
from subscribers.machine import Machine


class Light(StrEnum):
    """A lamp."""

    OFF = "off"
    ON = "on"
    BROKEN = "broken"


class Act(StrEnum):
    """What one does to it."""

    PUSH = "push"
    DROP = "drop"


LAMP = Machine(
    name="lamp",
    start=Light.OFF,
    table={
        Light.OFF: {Act.PUSH: Light.ON},
        Light.ON: {Act.PUSH: Light.OFF, Act.DROP: Light.BROKEN},
        Light.BROKEN: {},
    },
)


def test_after_follows_the_table() -> None:
    """The next state is what the row says."""
    assert LAMP.after(Light.ON, Act.DROP) is Light.BROKEN


@pytest.mark.parametrize(
    ("state", "event"), [(Light.OFF, Act.DROP), (Light.BROKEN, Act.PUSH)]
)
def test_an_unknown_event_is_forbidden_and_named(state: Light, event: Act) -> None:
    """The error carries what was tried."""
    with pytest.raises(ForbiddenTransition) as caught:
        LAMP.after(state, event)

    assert (caught.value.machine, caught.value.state, caught.value.event) == (
        "lamp",
        state,
        event,
    )


def test_a_forgotten_state_is_found_at_once() -> None:
    """A table without a row for each state cannot be made."""
    with pytest.raises(ValueError, match="broken"):
        Machine(name="lamp", start=Light.OFF, table={Light.OFF: {}, Light.ON: {}})


def test_sources_are_the_states_that_know_an_event() -> None:
    """In the order of the table."""
    assert LAMP.sources(Act.PUSH) == (Light.OFF, Light.ON)
    assert LAMP.sources(Act.DROP) == (Light.ON,)


def test_the_diagram_has_a_line_per_arrow() -> None:
    """Start, arrows, and an end for the final state."""
    assert LAMP.diagram().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> off",
        "    off --> on: push",
        "    on --> off: push",
        "    on --> broken: drop",
        "    broken --> [*]",
    ]
