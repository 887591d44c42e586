"""RFC 2045 and 2046: bodies as 7-bit text, read back exactly by two judges."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from mailer.rendering import mime
from tests.messages import (
    CALENDAR,
    a_message,
    decoded_part_old,
    part,
    read,
    read_old,
)

ENCODINGS = {"7bit", "quoted-printable", "base64"}

LINES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=90),
    st.text("=. \tFromx„ü😀\u0301\u202e", max_size=200),
    st.sampled_from(
        [
            *(".", "..", ". ", ".\t", "From ", "From you", ">From ", "--", "--=_"),
            *("=", "=3D", "= ", "x" * 998, "ü" * 400, "😀" * 100, " ", "\t"),
            f"--{mime.boundary('delivery 1', 0)}",
            f"--{mime.boundary('delivery 1', 1)}--",
        ]
    ),
)

TEXTS = st.lists(LINES, max_size=8).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r", "\n\n"]).map(
        lambda end: end.join(lines)
    )
)


def normal(text: str) -> str:
    """Return *text* with LF at the end of each line."""
    return re.sub("\r\n?", "\n", text)


@given(text=TEXTS, html=TEXTS)
@example(text="a\n.\nb\r\n.\r\nQUIT\r\n", html="x")
@example(text="\n.\n", html="\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n")
@example(text="", html="x")
def test_both_judges_read_both_bodies_exactly(text: str, html: str) -> None:
    """What went in comes out, but for the kind of its line ends."""
    content = a_message(text=text, html=html)
    old = {p.get_content_type(): p for p in read_old(content).walk()}
    expected = {"text/plain": text} | ({"text/html": html} if html else {})
    for kind, given_text in expected.items():
        assert normal(part(content, kind).get_content()) == normal(given_text)
        assert normal(decoded_part_old(old[kind])) == normal(given_text)


@given(text=TEXTS, html=TEXTS)
def test_every_line_of_a_body_holds_the_rules(text: str, html: str) -> None:
    """RFC 2045, section 6.7: 76 columns, no white space at the end, ASCII.

    And no line begins with a dot (RFC 5321, section 4.5.2 would double it) or with
    "From " (old mailboxes would change it).
    """
    content = a_message(text=text, html=html)
    assert content.isascii()
    body = content.partition(b"\r\n\r\n")[2]
    for line in body.split(b"\r\n"):
        assert len(line) <= 76, line
        assert not line.endswith((b" ", b"\t"))
        assert not line.startswith((b".", b"From "))
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)


@given(text=TEXTS)
def test_no_body_can_end_its_part(text: str) -> None:
    """RFC 2046, section 5.1.1: a boundary occurs as a delimiter and nowhere else."""
    content = a_message(text=text, html=text or "x")
    outer = read(content)
    inner = part(content, "multipart/alternative")
    for multipart, parts in ((outer, 2), (inner, 3)):
        boundary = multipart.get_boundary("").encode()
        assert len(boundary) <= 70
        assert boundary.startswith(b"=_")
        # Each part, the end, and the parameter itself.
        assert content.count(boundary) == parts + 2
    assert outer.defects == inner.defects == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_soft_line_break_cuts_no_character(text: str) -> None:
    """Each line of its own is UTF-8: readers that decode line by line are safe."""
    for line in mime.quoted_printable(text).split("\r\n"):
        octets = re.sub(
            rb"=([0-9A-F]{2})",
            lambda found: bytes.fromhex(found[1].decode()),
            line.removesuffix("=").encode(),
        )
        octets.decode()


def test_the_version_is_said_once() -> None:
    """RFC 2045, section 4: MIME-Version is required at the top, and only there."""
    assert a_message().count(b"MIME-Version: 1.0\r\n") == 1


def test_every_encoding_passes_every_relay() -> None:
    """RFC 2045, section 6: nothing is 8bit or binary, so no relay must recode it."""
    for found in read_old(a_message()).walk():
        encoding = found["Content-Transfer-Encoding"]
        if found.is_multipart():
            # Section 6.4: a multipart may have no other encoding than 7bit.
            assert encoding is None
        else:
            assert encoding in ENCODINGS


def test_parts_go_from_plain_to_rich() -> None:
    """RFC 2046, section 5.1.4: the last part a reader understands is shown."""
    kinds = [found.get_content_type() for found in read(a_message()).walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


def test_binary_content_arrives_exactly() -> None:
    """RFC 2045, section 6.8: not one octet of the calendar file is changed."""
    for kind in ("text/calendar", "application/ics"):
        found = part(a_message(), kind)
        assert found.get_payload(decode=True) == CALENDAR


@given(st.binary(max_size=500))
def test_base64_lines_hold_the_rules(content: bytes) -> None:
    """RFC 2045, section 6.8: at most 76 columns."""
    lines = mime.base64_lines(content).split("\r\n")
    assert max(map(len, lines)) <= 76
