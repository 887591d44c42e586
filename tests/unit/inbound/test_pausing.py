"""A pause is granted only to who says nothing else, and names a day with its year."""

from __future__ import annotations

from datetime import date

import pytest

from mailer.inbound.pausing import pause_until
from mailer.inbound.table import table

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "Pause bis 1. März 2027",
        "Pause bis zum 1. März 2027",
        "Guten Tag,\n\nbitte eine Pause bis zum 1. März 2027.\n\nMfG Egon Fiedler",
        "bitte pausieren bis 1.3.2027",
        "Ich möchte eine Pause machen bis zum 1. März 2027!",
        "Bitte machen Sie eine Pause bis 2027-03-01",
    ],
)
def test_a_plain_wish_is_understood(text: str) -> None:
    """The day on which letters come again."""
    assert pause_until(text, table(), today=TODAY) == date(2027, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Pause",
        "Pause bis März",
        "Pause bis 1. März",
        "Pause bis 1. März 2026",
        "Bitte keine Pause bis 1. März 2027",
        "Ich bin bis 1. März 2027 zur Kur, bitte bis dahin nichts schicken.",
        "Gibt es eine Pause bis 1. März 2027?",
        "Pause bis 1. März 2027, und wo kann ich parken?",
    ],
)
def test_everything_else_is_for_a_person(text: str) -> None:
    """A question, a past day, a day without year, a denial, a second thought."""
    assert pause_until(text, table(), today=TODAY) is None
