"""A message in pieces passes the gate, and is stuffed, as the whole would be."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.errors import ContentUnsafe
from mailer.rendering.parcel import Content
from mailer.rendering.person import Person, Personal
from mailer.rendering.splice import Splice, plain
from mailer.transport import gate
from subscribers.tokens import TOKEN_CHARS
from subscribers.topics import LetterStyle
from tests.letters import BASE_URL, open_invitation
from tests.messages import a_head
from tests.wire import parcel

if TYPE_CHECKING:
    from mailer.rendering.message import MessageHead

ALLOWED: Final = re.compile(rb"(?:[\x01-\x09\x0b\x0c\x0e-\x7f]{0,998}\r\n)+")
"""A message as every server reads it (RFC 5321, sections 2.3.8 and 4.5.3.1.6)."""

TAME: Final = [b"Hallo", b"x.", b"Subject: y", b" ", b"\r\n", b"\r\n\r\n", b"z" * 330]
WILD: Final = [
    b"\r",
    b"\n",
    b"\0",
    b"\xe4",
    b".",
    b"..",
    b"\r\n.",
    b"\n.\r\n",
    b"w" * 998,
]


def joined(tokens: list[bytes], most: int) -> st.SearchStrategy[bytes]:
    """Return pieces made of up to *most* of *tokens*."""
    return st.lists(st.sampled_from(tokens), max_size=most).map(b"".join)


TAME_PIECES = joined(TAME, 4)
PIECES = st.one_of(TAME_PIECES, TAME_PIECES, joined(TAME + WILD, 3))


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """Return contents of which about half may leave, and most of those are proven."""
    own = draw(st.lists(PIECES, max_size=4))
    shared = draw(st.lists(PIECES, min_size=len(own) + 1, max_size=len(own) + 1))
    end = draw(st.sampled_from([b"\r\n", b"\r\n", b""]))
    return Content((*shared[:-1], shared[-1] + end), tuple(own))


def by_lines(content: bytes) -> bytes:
    """Return what goes over the wire, by the words of RFC 5321, section 4.5.2."""
    lines = content.splitlines(keepends=True)
    doubled = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"".join(doubled) + b".\r\n"


@given(contents())
@example(Content((b"a\r", b"\r\n"), (b"\nb",)))
@example(Content((b"a\r\n", b"b\r\n"), (b"\r", b"\n")))
@example(Content((b"a", b"\nb\r\n", b"\r\n"), (b"\r", b"")))
@example(Content((b"a", b"b", b"\r\n"), (b"\r", b"\n")))
@example(Content((b"a\r\n", b"\r\n"), (b".",)))
@example(Content((b"a\r\n", b".\r\n"), (b"",)))
@example(Content((b"a\r\n", b"", b"\r\n"), (b"", b".")))
@example(Content((b"a", b".\r\n"), (b"\r\n",)))
@example(Content((b".a", b"\r\n"), (b"b",)))
@example(Content((b"a\r\n.", b"\r\n"), (b"b",)))
@example(Content((b"", b"\r\n"), (b".",)))
@example(Content((b"y" * 400, b"y" * 400 + b"\r\n"), (b"y" * 198,)))
@example(Content((b"y" * 400, b"y" * 400 + b"\r\n"), (b"y" * 199,)))
@example(Content((b"y" * 500, b"y" * 500 + b"\r\n"), (b"",)))
@example(Content((b"y" * 999 + b"\r\n", b"\r\n"), (b"",)))
@example(Content((b"y" * 300, b"y" * 300, b"y" * 200 + b"\r\n"), (b"y" * 99,) * 2))
@example(Content((b"y" * 300, b"y" * 300, b"y" * 200 + b"\r\n"), (b"y" * 100,) * 2))
@example(Content((b"a\0", b"\r\n"), (b"",)))
@example(Content((b"a\xe4", b"\r\n"), (b"",)))
@example(Content((b"a\rb", b"\r\n"), (b"",)))
@example(Content((b"a\r\n",), ()))
@example(Content((b"",), ()))
def test_pieces_pass_as_the_whole_would(content: Content) -> None:
    """What is proven of the pieces is true of the message, and nothing more leaves."""
    whole = bytes(content)
    if not ALLOWED.fullmatch(whole):
        with pytest.raises(ContentUnsafe):
            _passed(content)
        return
    passed = _passed(content)

    assert b"".join(passed.pieces) == by_lines(whole)
    assert passed.octets == len(whole)


@pytest.mark.parametrize("style", LetterStyle)
def test_what_copies_share_is_looked_at_once(style: LetterStyle) -> None:
    """An invitation goes out in the very pieces it came in, and is not joined here."""
    letter = open_invitation("both", style)
    splice = Splice(lambda own: plain(letter, _person(own), _head(own)))
    copies = [splice.content(_reader(number)) for number in range(3)][1:]

    for content, passed in zip(copies, [*map(_passed, copies)], strict=True):
        whole = [*content.shared, *content.own]
        assert len(passed.pieces) == len(whole) > 1 + 2
        whole[::2], whole[1::2] = content.shared, content.own
        assert all(map(operator.is_, passed.pieces[:-1], whole))


def _reader(number: int) -> Personal:
    return Personal(
        to=parcel().recipient,
        to_name=None,
        message_id=f"<{number:024}@mia.example>",
        unsubscribe_token="u".ljust(TOKEN_CHARS, "x"),
        preferences_token="p".ljust(TOKEN_CHARS, "x"),
        greeting=f"Guten Tag, Person {number},",
        reason="Sie haben sich angemeldet.",
        entry="",
    )


def _person(own: Personal) -> Person:
    return Person(
        greeting=own.greeting,
        unsubscribe_url=f"{BASE_URL}/abmelden/{own.unsubscribe_token}",
        unsubscribe_token=own.unsubscribe_token,
        preferences_url=f"{BASE_URL}/einstellungen/{own.preferences_token}",
        reason=own.reason,
    )


def _head(own: Personal) -> MessageHead:
    return a_head(
        to=own.to,
        to_name=own.to_name,
        message_id=own.message_id,
        boundary_seed=own.message_id,
    )


def _passed(content: Content) -> gate.Passed:
    return gate.passed(parcel()._replace(content=content))
