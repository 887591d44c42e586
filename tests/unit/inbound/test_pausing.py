"""A break: the bare wish with a day that can be read, and nothing beside it."""

from __future__ import annotations

from datetime import date

import pytest

from mailer.inbound.pausing import Pause, find_pause

TODAY = date(2026, 11, 23)
UNTIL = Pause(date(2027, 1, 31))


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("Pause", Pause(None)),
        ("pause bitte!", Pause(None)),
        ("Pause bis 31. Januar 2027", UNTIL),
        ("Bitte Pause bis zum 31.1.2027.", UNTIL),
        ("Eine Pause bis Sonntag, 31. Januar 2027", UNTIL),
        ("Guten Tag,\n\nPause bis 31. Januar 2027\n\nMfG\nEgon Fiedler", UNTIL),
        ("Hallo Frau Sommer,\nPause bis 2027-01-31\nViele Grüße\nEgon", UNTIL),
    ],
)
def test_a_bare_wish_is_heard(text: str, pause: Pause) -> None:
    """With a greeting and a name around it, as people write."""
    assert find_pause(text, today=TODAY) == pause


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Egon",
        "Guten Tag,",
        "Gibt es eine Pause?",
        "Pause?",
        "Wann ist Pause bei dem Treffen?",
        "Pause bis Ostern 2027",
        "Pause bis 31. Januar",
        "Pause bis 31.2.2027",
        "Pause bis Montag, 31. Januar 2027",
        "Pause bis 1. November 2026",
        "Pause bis 31. Januar 2029",
        "Pause bis 31. Januar 2027\nUnd wann ist das nächste Treffen?",
        "Pause bis 31. Januar 2027 für meine Frau",
        "Keine Pause",
        "Nicht Pause, abmelden",
        "In der Pause gab es Kuchen.",
    ],
)
def test_all_else_is_for_a_human(text: str) -> None:
    """A question, a day nobody can read, another wish beside it."""
    assert find_pause(text, today=TODAY) is None
