"""What a program can see in somebody's own sentences in Leichte Sprache: hints.

Only rules that need no dictionary: one sentence a line, short, no abbreviations.
Whether a text can be understood, readers with learning difficulties say.

Source: BITV 2.0, Anlage 2, Teil 2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.rendering.finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_WORDS: Final = 12
"""Of one sentence; towns that write much Leichte Sprache allow no more."""

MAX_SHOWN: Final = 60
"""Characters of a line that are repeated to whoever wrote it."""

_ENDED: Final = re.compile(r"(?:(?<!\d)\.|[!?])\s+[A-ZÄÖÜ]")
_SHORT: Final = re.compile(r"\b(?:z\.\s?B|d\.\s?h|u\.\s?a|usw|bzw|ca|evtl|ggf|inkl)\.")
_MARK: Final = re.compile(r"^\s*(?:[-*+]|\d+\.|#+)\s+")

RULES: Final[tuple[tuple[Callable[[str], bool], str], ...]] = (
    (
        lambda line: len(line.split()) > MAX_WORDS,
        f"Leichte Sprache: Dieser Satz hat mehr als {MAX_WORDS} Wörter",
    ),
    (
        lambda line: _ENDED.search(_SHORT.sub("", line)) is not None,
        "Leichte Sprache: In dieser Zeile stehen mehrere Sätze, besser ist einer",
    ),
    (
        lambda line: _SHORT.search(line) is not None,
        "Leichte Sprache: In dieser Zeile steht eine Abkürzung",
    ),
)
"""What is looked for in a line, and how it is said."""


def findings(source: str) -> tuple[Finding, ...]:
    """Return hints on sentences in Leichte Sprache, in their order."""
    lines = (_MARK.sub("", line).strip() for line in source.splitlines())
    return tuple(
        Finding("easy-sentences", Level.HINT, f"{sentence}: „{_shown(line)}“")
        for line in lines
        for is_found, sentence in RULES
        if is_found(line)
    )


def _shown(line: str) -> str:
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 2]} …"
