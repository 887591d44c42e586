"""How a letter came about; that decides its envelope and its header."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class LetterOrigin(StrEnum):
    """Who or what made a letter."""

    EDITION = "edition"
    """A person released it for a list: it carries List-* and a way to leave."""
    GENERATED = "generated"
    """The program, on its own account."""
    REPLIED = "replied"
    """The program, because of a mail that came in."""
    FORWARDED = "forwarded"
    """Somebody else's mail, on its way to the coordinator unchanged."""


AUTOMATIC: Final = frozenset({LetterOrigin.GENERATED, LetterOrigin.REPLIED})
"""No person wrote or released these; nobody is told if they do not arrive."""
