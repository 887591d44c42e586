"""In-Reply-To and References: somebody else's words, let in one by one."""

from __future__ import annotations

import pytest

from mailer.rendering.headers import MAX_REFERENCES, thread_fields

ASKED = "<frage@post.example>"


def test_an_answer_belongs_to_its_talk() -> None:
    """RFC 5322, section 3.6.4: what the mail referred to, then the mail itself."""
    assert thread_fields(ASKED, ["<1@a.example>", ASKED, "<2@a.example>"]) == [
        f"In-Reply-To: {ASKED}",
        f"References: <1@a.example> <2@a.example> {ASKED}",
    ]


def test_a_letter_that_answers_nothing_has_neither() -> None:
    """No empty field."""
    assert thread_fields(None, ["<1@a.example>"]) == []


@pytest.mark.parametrize(
    "odd",
    [
        "<a@b>\r\nBcc: x@y.example",
        "a@b.example",
        "<>",
        "<ü@b.example>",
        f"<{'a' * 300}@b>",
    ],
)
def test_an_odd_one_is_left_out(odd: str) -> None:
    """Nothing foreign can write a line of our header."""
    assert thread_fields(odd, []) == []
    assert odd not in thread_fields(ASKED, [odd])[1]


def test_a_long_talk_is_cut_at_its_beginning() -> None:
    """Mail programs need the last few."""
    ids = [f"<{number}@a.example>" for number in range(100)]
    _, references = thread_fields(ASKED, ids)
    assert references.count("@a.example") == MAX_REFERENCES
    assert "<99@a.example>" in references
    assert max(map(len, references.split("\r\n"))) <= 78
