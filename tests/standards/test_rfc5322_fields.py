"""RFC 5322: the header says what we meant, once, and nobody else can add to it."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given

from mailer.errors import MessageUnsafe
from mailer.rendering.message import message_id
from subscribers.address import EmailAddress
from tests.messages import (
    FORBIDDEN_SIGNS,
    a_message,
    head_lines,
    line_of,
    mailbox_old,
    names,
    read,
    read_old,
    short_texts,
    without_spaces,
)

MEANT = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Post",
    "Precedence",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]


def test_each_field_occurs_exactly_once() -> None:
    """Section 3.6: Date and From exactly once, the others at most once."""
    assert names(a_message()) == MEANT


def test_nobody_sees_another_recipient() -> None:
    """Section 3.6.3: no Cc, no Bcc, and one mailbox in To."""
    message = read(a_message())
    assert message["Cc"] is None
    assert message["Bcc"] is None
    (to,) = message["To"].addresses
    assert to.addr_spec == "juergen@post.example"


def test_the_date_is_read_back() -> None:
    """Section 3.3: the moment is the one that was given."""
    content = a_message()
    assert parsedate_to_datetime(line_of(content, "Date")) == (
        read(content)["Date"].datetime
    )
    pattern = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} "
    assert re.match(pattern + r"\d\d:\d\d:\d\d [+-]\d{4}$", line_of(content, "Date"))


def test_the_message_id_is_written_as_it_is() -> None:
    """Section 3.6.4: one id, in angle brackets, never folded, never encoded."""
    given_id = message_id(bytes(range(60)), "aschersleben.example")
    assert line_of(a_message(message_id=given_id), "Message-ID") == given_id


@given(
    subject=short_texts(),
    to_name=short_texts(),
    sender_name=short_texts(),
    list_name=short_texts(),
)
def test_whatever_people_write_the_lines_hold(
    subject: str, to_name: str, sender_name: str, list_name: str
) -> None:
    """Sections 2.1.1 and 2.2: CRLF only, ASCII only, lines within their limits."""
    content = a_message(
        subject=f"S{subject}",
        to_name=to_name,
        sender_name=sender_name,
        list_name=list_name,
    )
    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert names(content) == MEANT
    for line in head_lines(content):
        assert len(line) <= (76 if b"=?" in line else 78), line
        assert line.strip()
    assert max(map(len, content.split(b"\r\n"))) <= 998


BCC = "Bcc: eve@evil.example"


@pytest.mark.parametrize("sign", FORBIDDEN_SIGNS)
@pytest.mark.parametrize(
    "place",
    [
        "subject",
        "to_name",
        "sender_name",
        "list_name",
        "list_id",
        "message_id",
        "unsubscribe_mailto",
        "one_click_url",
        "help_mailto",
        "method",
    ],
)
def test_a_forged_line_is_refused(place: str, sign: str) -> None:
    """Section 2.2: a value ends no line, wherever it comes from."""
    good = {
        "message_id": "<a@b.example>",
        "unsubscribe_mailto": "mailto:a@b.example",
        "one_click_url": "https://b.example/u/t",
        "help_mailto": "mailto:a@b.example",
    }.get(place, "MIA")
    for forged in (f"{good}{sign}{BCC}", f"{good}{sign}", f"{sign}{good}"):
        with pytest.raises(MessageUnsafe):
            a_message(**{place: forged})


@pytest.mark.parametrize("place", ["sender", "to", "reply_to"])
@pytest.mark.parametrize(
    "wire",
    [
        f"a@b.example\r\n{BCC}",
        "a@b.example>\r\n\r\n<script>",
        "a@b.example, eve@evil.example",
        "a@exa mple.org",
        "<a@b.example> NOTIFY=NEVER",
        '"a\r\nb"@x.example',
        "a@b.example\0",
    ],
)
def test_a_forged_address_is_refused(place: str, wire: str) -> None:
    """Section 3.4.1: an address is one addr-spec and nothing behind it."""
    with pytest.raises(MessageUnsafe):
        a_message(**{place: EmailAddress(text=wire, wire=wire, canonical=wire)})


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?x=0D=0ABcc=3A_eve=40evil=2Eexample?=",
        "=?utf-8?b?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
        "=?iso-8859-1?Q?=0A?= Bcc: eve@evil.example",
        "=?utf-8?q??=\\r\\nBcc: eve@evil.example",
        "a =?utf-8?q?=0D=0A?=",
        "%0D%0ABcc: eve@evil.example",
        "\\r\\nBcc: eve@evil.example",
        "Bcc: eve@evil.example",
        '" <eve@evil.example>, "',
        "<eve@evil.example>",
        "eve@evil.example,",
        "a;b:c,d<e>f(g)h[i]j",
        "(comment",
        '"',
        "\\",
        "\u202eelpmaxe.live@eve",
    ],
)
def test_what_looks_like_an_attack_stays_text(text: str) -> None:
    """Nothing is decoded on the way out; both judges read what was written."""
    content = a_message(subject=text, to_name=text, sender_name=text, list_name=text)
    assert names(content) == MEANT
    for message in (read(content), read_old(content)):
        assert set(message) <= set(MEANT)
        assert message["Bcc"] is None
    assert read(content)["Subject"] == text
    for name, address in (
        ("To", "juergen@post.example"),
        ("From", "mia@aschersleben.example"),
    ):
        assert mailbox_old(line_of(content, name)) == (text, address)
        (found,) = read(content)[name].addresses
        assert without_spaces(found.display_name) == without_spaces(text)
        assert found.addr_spec == address
