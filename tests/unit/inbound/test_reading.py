"""Foreign bytes become a message, whatever is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.inbound import reading
from mailer.inbound.reading import Message, Unreadable, read
from tests.hostile import SMALL

HEAD = b"From: rita@web.example\r\n"


def message(content: bytes) -> Message:
    """Return a message that can be read."""
    found = read(content)
    assert isinstance(found, Message)
    return found


def mixed(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    """Return a multipart with *parts*."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    head = HEAD + b"Content-Type: multipart/" + kind + b'; boundary="b"\r\n\r\n'
    return head + body + b"--b--\r\n"


def test_the_header_is_decoded() -> None:
    """Words in two character sets, a folded subject, a name in quotes."""
    found = message(
        b"From: =?utf-8?q?J=C3=BC?= =?utf-8?q?rgen?= <J@web.example>\r\n"
        b'To: "x, y@z.example" <Mia+ab@town.example>, b@town.example\r\n'
        b"Delivered-To: MIA@town.example\r\n"
        b"Return-Path: <>\r\n"
        b"Subject: =?iso-8859-1?Q?Gr=FC=DFe_?=\r\n =?iso-8859-1?Q?an?= alle\r\n"
        b"Message-ID: <1@web.example>\r\n"
        b"In-Reply-To: <2@town.example>\r\n"
        b"References: <3@town.example> <2@town.example>\r\n\r\nJa"
    )
    assert found.sender == "J@web.example"
    assert found.to == ("mia+ab@town.example", "b@town.example", "mia@town.example")
    assert found.return_path == ""
    assert found.subject == "Grüße an alle"
    assert found.message_id == "<1@web.example>"
    assert found.references == ("<2@town.example>", "<3@town.example>")
    assert found.text == "Ja"


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        (b"utf-8", "Grüße".encode()),
        (b"iso-8859-1", "Grüße".encode("latin-1")),
        (b"us-ascii", "Grüße".encode()),
        (b"unknown-8bit", "Grüße".encode()),
        (b"utf-8", "Grüße".encode("cp1252")),
        (b"rot13", "Grüße".encode()),
        (b"", "Grüße".encode("cp1252")),
    ],
)
def test_text_is_read_whatever_it_claims_to_be(declared: bytes, content: bytes) -> None:
    """Declared, else UTF-8, else old Windows."""
    head = HEAD + b"Content-Type: text/plain; charset=" + declared + b"\r\n\r\n"
    assert message(head + content).text == "Grüße"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"base64", b"R3LDvMOf\r\nZQ=="),
        (b"base64", b"R3LDvMOf!\r\nZQ"),
        (b"BASE64 ", b"R3LDvMOfZQ==\r\n-- \r\n"),
        (b"quoted-printable", b"Gr=C3=BC=\r\n=C3=9Fe"),
        (b"8bit", "Grüße".encode()),
        (b"nonsense", "Grüße".encode()),
    ],
)
def test_transfer_encodings_are_undone(encoding: bytes, body: bytes) -> None:
    """Also broken ones."""
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n"
    head += b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    assert message(head + body).text.startswith("Grüße")


def test_the_plain_part_is_preferred() -> None:
    """HTML is converted only if there is no other text."""
    html = b"Content-Type: text/html\r\n\r\n<p>Hallo<br>Welt</p>"
    plain = b"Content-Type: text/plain\r\n\r\nGuten Tag"
    assert message(mixed(plain, html, kind=b"alternative")).text == "Guten Tag"
    assert message(mixed(html)).text == "Hallo\nWelt"
    empty = b"Content-Type: text/plain\r\n\r\n \r\n"
    assert message(mixed(empty, html)).text == "Hallo\nWelt"


def test_attachments_are_no_text() -> None:
    """A text file is not what the sender says."""
    plain = b"Content-Type: text/plain\r\n\r\nJa"
    file = (
        b"Content-Type: text/plain; name=a.txt\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''gr%C3%BCn.txt\r\n\r\nNein"
    )
    found = message(mixed(plain, file))
    assert found.text == "Ja"
    assert [part.filename for part in found.parts] == ["", "grün.txt"]


def test_a_message_in_a_message_is_a_message() -> None:
    """A returned mail can be asked like any other."""
    inner = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + b"Subject: x\r\n\r\nJa"
    part = message(mixed(inner)).parts[0]
    assert part.message is not None
    assert part.message.subject == "x"
    assert part.depth == 1


def test_a_multipart_without_parts_is_text() -> None:
    """What is there is read."""
    head = HEAD + b"Content-Type: multipart/report; report-type=x\r\n\r\n"
    found = message(head + b"Status: 5.1.1")
    assert found.content_type == "multipart/report"
    assert found.parameter("Report-Type") == "x"
    assert found.text == "Status: 5.1.1"


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"no header at all"])
def test_no_header_is_no_message(content: bytes) -> None:
    """It goes into the drawer."""
    assert isinstance(read(content), Unreadable)


@pytest.mark.timeout(20)  # quadratic time would be minutes
@pytest.mark.parametrize("attack", SMALL)
def test_hostile_mail_is_read_or_put_away(attack: str) -> None:
    """Everything has an end: depth, parts, addresses, time."""
    found = read(SMALL[attack])
    if isinstance(found, Message):
        assert len(found.parts) <= reading.MAX_PARTS
        assert len(found.to) <= reading.MAX_ADDRESSES
        assert len(found.text) <= reading.MAX_TEXT_CHARS * 4


@pytest.mark.parametrize(
    "body",
    [
        b"note\n--b\n\nJa\n--b\n\nNein\n--b--\n--b\n\nVielleicht",
        b"--b\r\n\r\nJa\r\n--b \r\n\r\nNein\r\n--b--",
        b"\n--b\n\nJa\n--bb\n--b\n\nNein",
    ],
)
def test_parts_stand_between_lines_that_begin_alike(body: bytes) -> None:
    """Notes before, and what comes after the end, are none; nor are longer lines."""
    content = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body
    texts = [(part.text or "").strip() for part in message(content).parts]
    assert texts == ["Ja", "Nein"]


def test_a_giant_is_not_read() -> None:
    """The largest mail that providers take is 25 MB."""
    assert isinstance(read(HEAD + b"\n" + b"x" * reading.MAX_BYTES), Unreadable)


@given(st.binary(max_size=2_000))
def test_no_bytes_raise(content: bytes) -> None:
    """A stranger's bytes never stop the post."""
    found = read(HEAD + content)
    if isinstance(found, Message):
        assert isinstance(found.text + found.subject + found.sender, str)


@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\r\n",
                b"Content-Type: message/rfc822\r\n",
                b"Content-Type: text/html; charset=utf-16\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b"Subject: =?utf-8?b?4pi=?=\r\n",
                b'From: "a\\" <b@c.example\r\n',
                b"--b\r\n",
                b"--b--\r\n",
                b"\r\n",
                b"> <p>Ja\xff\r\n",
            ]
        ),
        max_size=30,
    )
)
def test_no_shuffled_mail_raises(lines: list[bytes]) -> None:
    """Nor do the pieces of real mail in any order."""
    found = read(HEAD + b"".join(lines))
    if isinstance(found, Message):
        assert isinstance(found.text, str)
        assert isinstance(found.to, tuple)
