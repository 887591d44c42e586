"""RFC 2231 and 2183: file names that every reader can read."""

from __future__ import annotations

import email
import re
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering import mime
from tests.messages import a_message, part, read_old

FILE_NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters='"\\/')
    | st.just(" "),
    min_size=1,
    max_size=120,
)


def test_the_calendar_file_has_its_name() -> None:
    """RFC 2183, section 2.3: in Content-Disposition, and in name for old readers."""
    found = part(a_message(), "application/ics")
    assert found.get_content_disposition() == "attachment"
    assert found.get_filename() == "termin.ics"
    assert found.get_param("name") == "termin.ics"


def read_name(parameters: list[str]) -> str:
    """Return the file name as a parser that knows RFC 2231 reads it."""
    whole = [one for one in parameters if "*" in one.partition("=")[0]]
    head = "Content-Disposition: attachment;\r\n " + ";\r\n ".join(whole or parameters)
    message = email.message_from_string(head + "\r\n\r\n")
    return collapse_rfc2231_value(
        message.get_param("filename", "", "content-disposition")
    )


@given(FILE_NAMES)
def test_the_whole_name_is_read_back(name: str) -> None:
    """Sections 3 and 4: continued and percent-encoded, not one character is lost."""
    assert read_name(mime.file_name("filename", name)) == name


@given(FILE_NAMES)
def test_the_pieces_hold_the_rules(name: str) -> None:
    """Sections 3 and 4.1: numbered from 0, charset in the first, ASCII, short."""
    first, *pieces = mime.file_name("filename", name)
    assert first.isascii()
    assert len(first) <= 76
    for number, piece in enumerate(pieces):
        key, _, value = piece.partition("=")
        assert key == (f"filename*{number}*" if len(pieces) > 1 else "filename*")
        assert value.startswith("UTF-8''") is (number == 0)
        assert len(piece) <= 76
        # Each piece holds whole octets.
        assert not re.search(r"%(?![0-9A-F]{2})", value)


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("Einladung Februar.ics", "Einladung Februar.ics"),
        ("Einladung März.ics", "Einladung M_rz.ics"),
        ("„Termin“.ics", "_Termin_.ics"),
    ],
)
def test_old_readers_get_an_ascii_name(name: str, fallback: str) -> None:
    """What knows nothing of RFC 2231 reads the first parameter."""
    assert mime.file_name("filename", name)[0] == f'filename="{fallback}"'


def test_the_name_is_never_an_encoded_word() -> None:
    """RFC 2047, section 5 (3): not inside a parameter."""
    assert "=?" not in " ".join(mime.file_name("filename", "Grüße.ics"))
    assert unquote("Gr%C3%BC%C3%9Fe.ics") == "Grüße.ics"
    shown = [part["Content-Disposition"] for part in read_old(a_message()).walk()]
    assert [one for one in shown if one] == ['attachment; filename="termin.ics"']
