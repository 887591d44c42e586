"""A remark about a letter before it leaves: what a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How serious a finding is."""

    ERROR = "error"
    """Somebody will not be able to read the letter."""
    HINT = "hint"
    """Somebody should have a look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark.

    Attributes:
        rule: Which rule it comes from, "heading-order".
        level: How serious it is.
        sentence: German: what was found, and what to do.
    """

    rule: str
    level: Level
    sentence: str
