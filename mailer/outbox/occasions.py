"""What people call an occasion: "edition/42" is "Aussendung 42"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

EDITION: Final = "edition"

GERMAN: Final[Mapping[str, str]] = {
    EDITION: "Aussendung",
    "alarm": "Alarm",
    "all_clear": "Entwarnung",
    "answer": "Antwort auf eine Mail",
    "confirmation": "Bitte um Bestätigung",
    "contribution": "Meldung eines Partners",
    "departure": "Frage nach einem Wechsel",
    "draft": "Entwurf zur Freigabe",
    "forward": "weitergeleitete Mail",
    "page": "Nachricht nach einem Besuch der Seiten",
    "question": "Rückfrage",
    "report": "gemeldete Barriere",
    "result": "Antwort auf eine Anweisung",
    "summary": "Wochenbericht",
    "test": "Probebrief",
    "too-large": "Hinweis auf eine zu große Mail",
}
"""Kinds of occasions, by how their names begin."""


def kind_of(occasion: str) -> str:
    """Return how the name begins, "edition"."""
    return occasion.partition("/")[0]


def number_of(occasion: str) -> str:
    """Return the number of an edition; empty for every other occasion.

    Example:
        >>> number_of("edition/42"), number_of("answer/7")
        ('42', '')
    """
    kind, _, number = occasion.partition("/")
    return number if kind == EDITION else ""


def named(occasion: str) -> str:
    """Return what people call *occasion*; of editions alone they know the number.

    Example:
        >>> named("edition/42"), named("draft/42.2/7")
        ('Aussendung 42', 'Entwurf zur Freigabe')
    """
    kind = kind_of(occasion)
    return f"{GERMAN.get(kind, kind)} {number_of(occasion)}".rstrip()
