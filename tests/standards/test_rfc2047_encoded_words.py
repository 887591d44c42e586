"""RFC 2047: text beyond ASCII in a header, read back exactly by two judges."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.rendering import headers
from subscribers.address import EmailAddress
from tests.messages import (
    SIGNS,
    a_message,
    decoded_old,
    head_lines,
    line_of,
    mailbox_old,
    read,
    short_texts,
    without_spaces,
)

WORD = re.compile(r"=\?utf-8\?([qb])\?([^? ]+)\?=")
RITA = EmailAddress.parse("rita@post.example")

LONG_GERMAN = (
    "Einladung zum Netzwerktreffen „Miteinander Inklusion Aschersleben“ – "
    "für alle Bürgerinnen und Bürger am Donnerstag, 4. Februar 2027"
)


@given(st.text(SIGNS, min_size=1, max_size=200))
@example(LONG_GERMAN)
@example("😀" * 60)
@example("e\u0301" * 90)
def test_a_word_is_short_and_whole(text: str) -> None:
    """Section 2: at most 75 characters; section 5: a whole number of characters."""
    words = headers.encoded_words(text, used=len("Subject: "))
    assert max(map(len, words)) <= 75
    assert len(words[0]) <= 76 - len("Subject: ")
    for word in words:
        assert WORD.fullmatch(word)
        decoded_old(word).encode()  # would fail on half a character
    assert "".join(map(decoded_old, words)) == text


@given(st.text(SIGNS, min_size=1, max_size=200))
def test_before_an_address_only_safe_signs_stand(text: str) -> None:
    """Section 5 (3): in a phrase Q leaves letters, digits and !*+-/=_ only."""
    for word in headers.encoded_words(text, used=4):
        found = WORD.fullmatch(word)
        assert found is not None
        kind, inside = found.groups()
        allowed = r"[A-Za-z0-9!*+/=_-]+" if kind == "q" else r"[A-Za-z0-9+/=]+"
        assert re.fullmatch(allowed, inside)


def test_an_encoded_line_has_at_most_76_columns() -> None:
    """Section 2: also the last line, with the address behind the name."""
    content = a_message(subject=LONG_GERMAN, to_name=LONG_GERMAN)
    encoded = [line for line in head_lines(content) if b"=?" in line]
    assert len(encoded) > 6
    assert max(map(len, encoded)) <= 76


def test_words_are_separated_by_white_space_that_is_not_shown() -> None:
    """Section 6.2: spaces of the text are inside the words."""
    value = line_of(a_message(subject=LONG_GERMAN), "Subject")
    assert all(WORD.fullmatch(word) for word in value.split(" "))


def test_an_address_is_never_encoded() -> None:
    """Section 5: no encoded-word in an addr-spec or in a quoted string."""
    value = line_of(a_message(to_name='Jürgen "Jü" Müller'), "To")
    assert value.endswith(" <juergen@post.example>")
    assert '"' not in value


@given(subject=short_texts().filter(str.strip))
@example(LONG_GERMAN)
@example("x" * 900)
@example("=?utf-8?q?=0D=0A?=")
@example(" a  b ")
def test_both_judges_read_the_subject_exactly(subject: str) -> None:
    """What went in comes out, spaces included."""
    content = a_message(subject=subject)
    assert read(content)["Subject"] == subject
    assert decoded_old(line_of(content, "Subject")) == subject


@given(name=short_texts().filter(str.strip))
@example(LONG_GERMAN)
@example("Dr. Rita O'Neill")
@example('"')
def test_both_judges_read_the_name_exactly(name: str) -> None:
    """The name and the address are read apart, and both are right."""
    content = a_message(to_name=name)
    value = line_of(content, "To")
    assert mailbox_old(value) == (name, "juergen@post.example")
    (to,) = read(content)["To"].addresses
    if value.count("=?") < 2:
        assert " ".join(to.display_name.split()) == " ".join(name.split())
    assert without_spaces(to.display_name) == without_spaces(name)
    assert to.addr_spec == "juergen@post.example"


@pytest.mark.parametrize("used", [4, 9, 10, 40])
def test_the_first_word_leaves_room_for_the_name(used: int) -> None:
    """The first line has the field name on it."""
    for text in ("ä" * 100, "a ü" * 40, "😀" * 40):
        assert used + len(headers.encoded_words(text, used=used)[0]) <= 76
