"""Header fields: plain where possible, encoded where needed, refused where unsafe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from mailer.errors import MessageUnsafe
from mailer.rendering import headers
from subscribers.address import EmailAddress
from tests.messages import FORBIDDEN_SIGNS

RITA = EmailAddress.parse("rita@post.example")
BERLIN = ZoneInfo("Europe/Berlin")


def test_plain_text_stays_as_it_is() -> None:
    """ASCII needs no encoding."""
    assert headers.text_field("Subject", "Hallo Rita") == "Subject: Hallo Rita"


def test_long_plain_text_is_folded_between_words() -> None:
    """A line has at most 78 columns, and unfolding gives the text back."""
    text = " ".join(["Einladung"] * 20)
    field = headers.text_field("Subject", text)
    lines = field.split("\r\n")
    assert max(map(len, lines)) <= 78
    assert all(line.startswith(" E") for line in lines[1:])
    assert field.replace("\r\n", "") == f"Subject: {text}"


@pytest.mark.parametrize(
    "text",
    [
        "Grüße",
        "a  b",  # two spaces could be folded into one
        " a",
        "a ",
        "x" * 80,  # no place to fold
        "=?utf-8?q?x?=",  # a decoder would decode it
        "a=?b",
    ],
)
def test_text_that_readers_could_change_is_encoded(text: str) -> None:
    """What is not safe as it stands is encoded as a whole."""
    field = headers.text_field("Subject", text)
    assert field.startswith("Subject: =?utf-8?")
    assert text not in field


def test_german_is_readable_in_the_source() -> None:
    """Q is used for text that is mostly ASCII."""
    assert headers.encoded_words("Jürgen Müller", used=4) == [
        "=?utf-8?q?J=C3=BCrgen_M=C3=BCller?="
    ]


def test_other_scripts_are_short() -> None:
    """B is used where Q would be half as long again."""
    assert headers.encoded_words("مرحبا", used=4) == ["=?utf-8?b?2YXYsdit2KjYpw==?="]


@pytest.mark.parametrize("text", ["", " ", "   "])
def test_an_empty_text_is_refused(text: str) -> None:
    """A message without a subject is a broken template."""
    with pytest.raises(MessageUnsafe, match="Subject"):
        headers.text_field("Subject", text)


@pytest.mark.parametrize("sign", FORBIDDEN_SIGNS)
def test_what_could_end_a_line_is_refused(sign: str) -> None:
    """Control characters, separators and half characters stand in no header."""
    with pytest.raises(MessageUnsafe) as refused:
        headers.text_field("Subject", f"Einladung{sign}Bcc: eve@evil.example")
    assert refused.value.header == "Subject"
    with pytest.raises(MessageUnsafe):
        headers.mailbox_field("To", RITA, f"Rita{sign}")
    with pytest.raises(MessageUnsafe):
        headers.list_id_field(f"MIA{sign}", "mia.town.example")
    with pytest.raises(MessageUnsafe):
        headers.uris_field("List-Help", [f"mailto:mia@town.example{sign}"])
    with pytest.raises(MessageUnsafe):
        headers.message_id_field(f"<a@b.example>{sign}")


def test_the_refusal_does_not_repeat_what_was_refused() -> None:
    """A control character in an error message would reach the terminal."""
    with pytest.raises(MessageUnsafe) as refused:
        headers.clean("Subject", "a\x1b[2J")
    assert refused.value.reason == "sie enthält das Steuerzeichen U+001B"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (None, "rita@post.example"),
        ("", "rita@post.example"),
        ("  ", "rita@post.example"),
        ("Rita Sommer", "Rita Sommer <rita@post.example>"),
        ("Dr. Rita Sommer", '"Dr. Rita Sommer" <rita@post.example>'),
        ('Rita "die Gute"', '"Rita \\"die Gute\\"" <rita@post.example>'),
        ("a\\b", '"a\\\\b" <rita@post.example>'),
        ("eve@evil.example", '"eve@evil.example" <rita@post.example>'),
        ("Jürgen", "=?utf-8?q?J=C3=BCrgen?= <rita@post.example>"),
        ("Rita, Jürgen", "=?utf-8?q?Rita=2C_J=C3=BCrgen?= <rita@post.example>"),
    ],
)
def test_a_name_is_plain_quoted_or_encoded(name: str | None, written: str) -> None:
    """A name is never more than the grammar of a phrase allows."""
    assert headers.mailbox_field("To", RITA, name) == f"To: {written}"


@pytest.mark.parametrize("length", range(20, 90))
def test_a_long_name_leaves_the_address_whole(length: int) -> None:
    """The address goes to a line of its own when the name fills the line."""
    lines = headers.mailbox_field("To", RITA, "Ä" * length).split("\r\n")
    assert lines[-1].endswith(" <rita@post.example>")
    assert max(map(len, lines)) <= 76


def test_a_long_ascii_name_is_encoded() -> None:
    """A quoted name cannot be folded without changing it, so it is encoded."""
    field = headers.mailbox_field("To", RITA, "Dr. " * 30 + "Sommer")
    assert '"' not in field
    assert max(map(len, field.split("\r\n"))) <= 76


def test_a_domain_with_umlauts_goes_as_the_wire_has_it() -> None:
    """Addresses are never encoded; the domain is in ASCII already."""
    address = EmailAddress.parse("rita@bücher.example")
    field = headers.mailbox_field("To", address, None)
    assert field == "To: rita@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "wire",
    [
        "rita@post.example\r\nBcc: eve@evil.example",
        "rita@po st.example",
        "<rita@post.example>",
        "rita@post.example, eve@evil.example",
        "rita@post.example>",
        '"a b"@post.example',
        "rita",
        "rita@localhost",
        "rita@pöst.example",
        "@post.example",
        "",
    ],
)
def test_an_unsafe_address_is_refused(wire: str) -> None:
    """An address that did not come through the gate does not get out."""
    forged = EmailAddress(text=wire, wire=wire, canonical=wire)
    with pytest.raises(MessageUnsafe, match="To"):
        headers.mailbox_field("To", forged, "Rita")


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 12, 3, 9, 5, 7, tzinfo=UTC), "Thu, 3 Dec 2026 09:05:07 +0000"),
        (datetime(2026, 7, 1, 10, tzinfo=BERLIN), "Wed, 1 Jul 2026 10:00:00 +0200"),
        (datetime(2027, 1, 1, tzinfo=BERLIN), "Fri, 1 Jan 2027 00:00:00 +0100"),
        (
            datetime(2026, 3, 1, 1, 0, 0, 999_999, timezone(-timedelta(minutes=210))),
            "Sun, 1 Mar 2026 01:00:00 -0330",
        ),
        (  # Berlin before its railway time: +0053:28
            datetime(1890, 1, 1, tzinfo=BERLIN),
            "Tue, 31 Dec 1889 23:06:32 +0000",
        ),
    ],
)
def test_a_date_carries_its_offset(moment: datetime, written: str) -> None:
    """Days and months are English, the offset is that of the moment."""
    assert headers.date_field(moment) == f"Date: {written}"


def test_a_date_without_a_zone_is_refused() -> None:
    """Nobody can tell when it is."""
    with pytest.raises(MessageUnsafe, match="Date"):
        headers.date_field(datetime(2026, 12, 3))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    "wrong",
    [
        "a@b.example",
        "<a b@c.example>",
        "<a@b.example",
        "<a@@b.example>",
        "<a@b.example> <c@d.example>",
        "<ä@b.example>",
        "",
    ],
)
def test_a_broken_message_id_is_refused(wrong: str) -> None:
    """It is one dot-atom, an @ and another, in angle brackets."""
    with pytest.raises(MessageUnsafe, match="Message-ID"):
        headers.message_id_field(wrong)


@pytest.mark.parametrize("wrong", ["mia", "mia.ä.example", "a b.example", "", "<a.b>"])
def test_a_broken_list_id_is_refused(wrong: str) -> None:
    """It is a name with dots."""
    with pytest.raises(MessageUnsafe, match="List-Id"):
        headers.list_id_field("MIA", wrong)


def test_a_list_id_has_an_end() -> None:
    """It has at most 255 characters."""
    assert headers.list_id_field("", f"{'a' * 247}.example").endswith(".example>")
    with pytest.raises(MessageUnsafe, match="List-Id"):
        headers.list_id_field("", f"{'a' * 248}.example")


def test_a_token_longer_than_the_line_stays_whole() -> None:
    """Folding never cuts."""
    tokens = ["a", "b" * 90, "c"]
    assert headers.folded("X", tokens, columns=78) == f"X: a\r\n {'b' * 90}\r\n c"


def test_the_table_of_characters_does_not_grow_without_end() -> None:
    """Rare characters are written right, too, once the cache is full."""
    table = headers._QTable()
    for code in range(0x4E00, 0x4E00 + 5000):
        assert table[chr(code)].count("=") == 3
    assert len(table) == 4096
