"""The last look at the bytes: whatever slipped through the gate is found here."""

from __future__ import annotations

import pytest

from mailer.errors import MessageUnsafe
from mailer.rendering.inspection import address_of, inspect_message, read_fields

GOOD = (
    b"From: mia@town.example\r\n"
    b"To: Rita <rita@post.example>\r\n"
    b"Subject: Hallo\r\n"
    b" Rita\r\n"
    b"\r\n"
    b"Text\r\n"
)
NAMES = ("From", "To", "Subject")
RITA = "rita@post.example"


def inspect(content: bytes) -> None:
    """Look at *content*, meant to have ``NAMES`` and to go to Rita."""
    inspect_message(content, names=NAMES, to=RITA)


def test_a_good_message_passes() -> None:
    """Nothing is wrong with it."""
    inspect(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "header"),
    [
        (b"Subject: ", b"Bcc: eve@evil.example\r\nSubject: ", "Bcc"),
        (b" Rita\r\n\r\n", b" Rita\r\nBcc: eve@evil.example\r\n\r\n", "Bcc"),
        (b"Subject: Hallo\r\n Rita\r\n", b"", "Subject"),
        (b"From:", b"Form:", "Form"),
        (b"Subject: Hallo\r\n Rita", b"To: eve@evil.example", "To"),
        (b"rita@post", b"eve@evil", "To"),
        (b"rita@post.example>", b"rita@post.example> <eve@evil.example>", "To"),
        (b"Text\r\n", b"Text\n", "Nachricht"),
        (b"Text\r\n", b"Te\rxt\r\n", "Nachricht"),
        (b"Text\r\n", b"Te\0xt\r\n", "Nachricht"),
        (b"Text\r\n", "Grüße\r\n".encode(), "Nachricht"),
        (b"Text\r\n", b"x" * 999 + b"\r\n", "Nachricht"),
        (b" Rita\r\n", b"Rita\r\n", "Kopfzeilen"),
        (b" Rita\r\n", b" \r\n", "Kopfzeilen"),
        (b"Subject: ", b"Sub ject: ", "Kopfzeilen"),
        (b"From:", b" From:", "Kopfzeilen"),
        (b"From:", b":", "Kopfzeilen"),
    ],
)
def test_a_forged_or_broken_message_is_refused(
    old: bytes, new: bytes, header: str
) -> None:
    """The name of what is wrong is in the error."""
    assert old in GOOD
    with pytest.raises(MessageUnsafe) as refused:
        inspect(GOOD.replace(old, new))
    assert refused.value.header == header


def test_a_line_may_have_998_octets() -> None:
    """The limit itself is allowed."""
    inspect(GOOD.replace(b"Text", b"x" * 998))


def test_fields_are_read_unfolded() -> None:
    """A continuation belongs to the field above."""
    assert read_fields(GOOD)[2] == ("Subject", " Hallo Rita")


@pytest.mark.parametrize("value", [" rita@post.example", " R <rita@post.example>"])
def test_the_address_is_the_last_word(value: str) -> None:
    """With or without a name."""
    assert address_of(value) == RITA
