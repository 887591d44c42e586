"""Transition tables: how every state machine of this system is written down.

A machine is data: a mapping from state and event to the next state. Code asks
the table and never assigns a state by hand. ``docs/states.md`` is drawn from
the same tables, so picture and program cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from subscribers.errors import ForbiddenTransition

if TYPE_CHECKING:
    from collections.abc import Mapping

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Machine(Generic[S, E]):
    """A named table of transitions.

    Attributes:
        name: What moves, for messages and diagrams, e.g. "delivery".
        start: The state of a new row.
        table: One row per state: the events it knows and where they lead. An
            empty row marks a final state.
    """

    name: str
    start: S
    table: Mapping[S, Mapping[E, S]]

    def __post_init__(self) -> None:
        forgotten = set(type(self.start)) - set(self.table)
        if forgotten:
            raise ValueError(f"{self.name}: no row for {sorted(forgotten)}")

    def after(self, state: S, event: E) -> S:
        """Return the state that follows *state* when *event* happens.

        Raises:
            ForbiddenTransition: *state* does not know *event*.
        """
        try:
            return self.table[state][event]
        except KeyError:
            raise ForbiddenTransition(self.name, state, event) from None

    def sources(self, event: E) -> tuple[S, ...]:
        """Return every state that knows *event*, in the order of the table."""
        return tuple(state for state, row in self.table.items() if event in row)

    def diagram(self) -> str:
        """Return the table as a Mermaid state diagram, one arrow per line."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for state, row in self.table.items():
            lines += [
                f"    {state} --> {target}: {event}" for event, target in row.items()
            ]
            if not row:
                lines.append(f"    {state} --> [*]")
        return "\n".join(lines)
