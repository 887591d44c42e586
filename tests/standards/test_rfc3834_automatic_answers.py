"""RFC 3834: what tells other programs not to answer, and when it is said."""

from __future__ import annotations

from tests.messages import a_message, line_of, names


def test_a_message_of_the_program_says_so() -> None:
    """Section 5: nobody wrote it, nobody released it."""
    content = a_message(auto_generated=True)
    assert line_of(content, "Auto-Submitted") == "auto-generated"
    assert line_of(content, "X-Auto-Response-Suppress") == "All"


def test_a_message_a_human_released_does_not() -> None:
    """Section 5: the coordinator approves an invitation; it is not automatic."""
    found = names(a_message(auto_generated=False))
    assert "Auto-Submitted" not in found
    assert "X-Auto-Response-Suppress" not in found


def test_a_list_keeps_absence_notes_quiet() -> None:
    """Section 2: responders heed Precedence and the fields of a list."""
    content = a_message()
    assert line_of(content, "Precedence") == "bulk"
    assert "List-Id" in names(content)


def test_a_message_to_one_person_is_no_bulk() -> None:
    """What belongs to no list is for one person only."""
    assert "Precedence" not in names(a_message(list_id=""))
