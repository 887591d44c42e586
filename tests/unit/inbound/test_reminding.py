"""A wish about reminders counts where it stands alone, as the table has it."""

from __future__ import annotations

import pytest

from mailer.inbound.commands import recognise
from mailer.inbound.kinds import CommandKind
from mailer.inbound.page import Written
from mailer.inbound.reminding import find_wish
from mailer.inbound.table import Alone, table
from subscribers.topics import LetterStyle
from tests.year_letters import NAMES, year_letter

MEANINGS = {"keine erinnerung": False, "erinnerung": True}

every_row = pytest.mark.parametrize("row", table().alone, ids=lambda row: row.wish)


@every_row
def test_each_example_is_heard(row: Alone) -> None:
    """Alone, with a greeting, a closing and a name, and in the subject."""
    for example in row.examples:
        for own, subject in (
            (example, "Re: Erinnerung: Miteinander reden, morgen, 3. Dezember 2026"),
            (f"Guten Tag,\n\n{example}\n\nMit freundlichen Grüßen\nEgon Fiedler", ""),
            ("", example),
        ):
            heard = find_wish(Written(own=own, subject=subject))
            assert heard is MEANINGS[row.wish], (own, subject)


@every_row
def test_what_looks_alike_is_left_alone(row: Alone) -> None:
    """A memory, a question, a day, a second wish: for the coordinator."""
    for example in row.counterexamples:
        assert find_wish(Written(own=example, subject="")) is None, example


@every_row
def test_nothing_may_stand_beside_it(row: Alone) -> None:
    """Whoever says more is read by a person."""
    own = f"{row.examples[0]}. Und wer bringt den Kuchen mit?"
    assert find_wish(Written(own=own, subject="")) is None


@every_row
def test_the_recogniser_takes_it_for_no_other_command(row: Alone) -> None:
    """Who wants no reminders is not unsubscribed from everything."""
    for example in row.examples:
        heard = recognise(Written(own=example, subject=""))
        assert heard.command is CommandKind.NONE, (example, heard)


@every_row
def test_words_of_the_table_have_a_meaning(row: Alone) -> None:
    """A new row in the table is also known to the program."""
    assert row.wish in MEANINGS


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("name", NAMES)
def test_our_own_subjects_say_nothing(name: str, style: LetterStyle) -> None:
    """A reply to any letter of the year is understood by its text alone."""
    for prefix in ("Re: ", "AW: "):
        subject = prefix + year_letter(name, style).subject
        assert find_wish(Written(own="Keine Erinnerung", subject=subject)) is False
        heard = recognise(Written(own="Abmelden", subject=subject))
        assert heard.command is CommandKind.UNSUBSCRIBE, subject
