"""Hints on the coordinator's own sentences in Leichte Sprache."""

from __future__ import annotations

import pytest

from mailer.rendering.easy_words import findings
from mailer.rendering.finding import Level


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Wir reden heute in dem großen Raum sehr lange über den neuen Bus-Bahnhof.",
            "mehr als 12 Wörter",
        ),
        ("Wir reden über Busse. Sie können fragen.", "mehrere Sätze"),
        ("Es gibt z. B. Kaffee.", "eine Abkürzung"),
        ("- Es gibt Kuchen usw.", "eine Abkürzung: „Es gibt Kuchen usw.“"),
    ],
)
def test_what_is_hard_is_named(text: str, sentence: str) -> None:
    """With the line it stands in; it is a hint, and she may send it."""
    (found,) = findings(text)
    assert found.level is Level.HINT
    assert sentence in found.sentence


@pytest.mark.parametrize(
    "text",
    ["", "Wir reden über Busse.\nDas Treffen ist am 3. Dezember.", "- Busse\n- Bahnen"],
)
def test_easy_sentences_are_left_alone(text: str) -> None:
    """Dates and lists are no faults."""
    assert findings(text) == ()


def test_a_long_line_is_repeated_in_short() -> None:
    """A hint is no place for a whole paragraph."""
    (found,) = findings("Wort " * 40)
    assert len(found.sentence) < 140
