"""Signed in pieces or as a whole: the same bytes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering import headers, mime
from mailer.rendering.dkim import SigningKey, sign
from mailer.rendering.parcel import Content
from mailer.rendering.signer import Signer
from subscribers.address import EmailAddress

AT: Final = datetime(2026, 11, 26, 8, tzinfo=UTC)
RITA: Final = EmailAddress.parse("rita@ort.example")


def fingerprint(text: bytes) -> bytes:
    """Return what depends on every octet of *text*."""
    return hashlib.sha256(text).digest() * 8


KEYS: Final = (
    SigningKey("a.example", "mia2026", "rsa-sha256", fingerprint),
    SigningKey("a.example", "mia2026-ed25519", "ed25519-sha256", fingerprint),
)

SHARED: Final = (
    b"From:  Mia\t<mia@a.example>\r\nTo: ",
    b"\r\nSubject: Guten \r\n  Tag \r\nX-Unsigned: ",
    b'\r\nContent-Type: multipart/mixed;\r\n boundary="',
    b'"\r\n\r\n--',
    b"\r\nContent-Type: text/plain\r\n\r\n",
    b"\r\nGru=C3=9F:  so \t \r\n und=\r\n",
    b"=\r\n .\r\n\r\n--",
    b"--\r\n\r\n",
)

WORDS: Final = st.lists(
    st.one_of(
        st.sampled_from([" ", "  ", "\t", "\n", " \n", "\n ", ".", "ä", "x" * 80]),
        st.text(max_size=5),
    ),
    max_size=8,
).map("".join)


def copy(words: str, boundary: bytes) -> Content:
    """Return the letter to a reader with *words* for a name, and in two places."""
    name = "".join(sign for sign in words if sign.isprintable())
    to = headers.mailbox_field("To", RITA, name).removeprefix("To: ").encode()
    value = mime.personal(words).encode()
    own = (to, boundary, boundary, boundary, value, value, boundary)
    return Content(SHARED, own)


@given(st.lists(st.tuples(WORDS, st.sampled_from([b"=_a", b"=_b1"])), min_size=1))
def test_both_ways_sign_the_same(readers: list[tuple[str, bytes]]) -> None:
    """For every reader, the first and all who follow."""
    signer = Signer(KEYS, at=AT)
    for words, boundary in readers:
        content = copy(words, boundary)
        assert bytes(signer.signed(content)) == sign(bytes(content), KEYS, at=AT)


def test_copies_share_more_than_before() -> None:
    """The signatures up to the digest as well, and always the very same objects."""
    signer = Signer(KEYS, at=AT)
    signer.signed(copy("Rita", b"=_a"))
    first, second = (signer.signed(copy(name, b"=_a")) for name in ("Rita", "Max"))
    assert first.shared is second.shared
    assert first.shared[len(KEYS) :] == SHARED
    assert first.own[len(KEYS) :] == copy("Rita", b"=_a").own


def test_several_letters_take_turns() -> None:
    """The pieces of one are not taken for those of another."""
    signer = Signer(KEYS, at=AT)
    other = (SHARED[0].replace(b"Mia", b"Max"), *SHARED[1:])
    for shared in (SHARED, other, SHARED, other):
        content = Content(shared, copy("Rita", b"=_a").own)
        assert bytes(signer.signed(content)) == sign(bytes(content), KEYS, at=AT)


def test_what_cannot_be_signed_in_pieces_is_signed_as_a_whole() -> None:
    """Spaces that touch each other are one, whosever they are."""
    signer = Signer(KEYS, at=AT)
    shared = (b"To: ", b"\r\nFrom: a \r\n\r\nGuten ", b" Tag\r\n", b"\r\n")
    for _ in range(3):
        content = Content(shared, (b"rita@ort.example", b" x ", b"."))
        assert bytes(signer.signed(content)) == sign(bytes(content), KEYS, at=AT)


def test_what_shares_nothing_is_signed_as_a_whole() -> None:
    """A letter to one person."""
    message = bytes(copy("Rita", b"=_a"))
    signed = Signer(KEYS, at=AT).signed(Content.whole(message))
    assert signed == Content.whole(sign(message, KEYS, at=AT))
