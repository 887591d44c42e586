"""A foreign mail inside ours: unchanged where it can be, and always a mail."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.enclosure import part_of
from mailer.rendering.inspection import inspect_octets

if TYPE_CHECKING:
    from email.message import EmailMessage

PLAIN = b"From: egon@post.example\r\nSubject: Frage\r\n\r\nGuten Tag\r\n.\r\nEgon\r\n"


def opened(content: bytes) -> EmailMessage:
    """Return the part as a mail program sees it."""
    return message_from_bytes(part_of(content).encode(), policy=policy.default)


@pytest.mark.parametrize("content", [PLAIN, PLAIN.replace(b"\r\n", b"\n")])
def test_an_ascii_mail_is_enclosed_as_it_came(content: bytes) -> None:
    """Not a byte is changed but the kind of line end."""
    part = part_of(content)
    head, _, body = part.partition("\r\n\r\n")
    assert "message/rfc822" in head
    assert "Content-Transfer-Encoding: 7bit" in head
    assert body.encode() == PLAIN.rstrip()


def test_umlauts_in_the_raw_keep_their_words() -> None:
    """As a server does that meets one which takes ASCII only."""
    content = (
        "From: egon@post.example\r\nSubject: Frage\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße aus der Höhle\r\n"
    ).encode()
    part = opened(content)
    assert part.get_content_type() == "message/rfc822"
    inner = list(part.walk())[1]
    assert inner["Subject"] == "Frage"
    assert inner.get_content().strip() == "Grüße aus der Höhle"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", PLAIN + b"x" * 2000, PLAIN + b"a\rb\r\n"]
)
def test_what_resists_becomes_a_file(content: bytes) -> None:
    """Bit by bit the same."""
    part = opened(content)
    if part.get_content_type() == "application/octet-stream":
        assert part.get_content() == content
        assert part.get_filename() == "nachricht.eml"


@given(st.binary(max_size=300))
def test_every_server_takes_it(content: bytes) -> None:
    """Whatever the bytes: ASCII, CRLF and short lines."""
    inspect_octets(part_of(content).encode("ascii") + b"\r\n")


@given(st.text(max_size=200))
def test_every_mail_with_a_body_is_taken(body: str) -> None:
    """The same for what looks like a mail."""
    content = b"Subject: x\r\n\r\n" + body.encode("utf-8", "surrogatepass")
    inspect_octets(part_of(content).encode("ascii") + b"\r\n")
