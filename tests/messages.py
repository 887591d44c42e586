"""Letters, heads and judges for the tests of messages."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from mailer.rendering.letter import Letter
from mailer.rendering.message import MessageHead, build
from subscribers.address import EmailAddress

if TYPE_CHECKING:
    from email.message import EmailMessage, Message

CALENDAR = (
    "BEGIN:VCALENDAR\r\n"
    "VERSION:2.0\r\n"
    "PRODID:-//MIA//Termine//DE\r\n"
    "METHOD:PUBLISH\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:6d1f0c9e-6a53-4a53-9e0f-6a2b1c9d7e10\r\n"
    "DTSTAMP:20261122T080000Z\r\n"
    "DTSTART:20261203T090000Z\r\n"
    "SUMMARY:Miteinander reden – für alle\r\n"
    "END:VEVENT\r\n"
    "END:VCALENDAR\r\n"
).encode()

FORBIDDEN_SIGNS = (
    *("\r", "\n", "\r\n", "\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x85"),
    *("\u2028", "\u2029", "\ud83d"),
)
"""What must never stand in a header field."""


def a_letter(**changes: Any) -> Letter:
    """Return an invitation in German, with a calendar file."""
    fields: dict[str, Any] = {
        "subject": "Einladung: „Miteinander reden“ am Donnerstag, 3. Dezember 2026",
        "text": "Guten Tag,\n\nwir laden Sie herzlich ein.\n\nViele Grüße\n",
        "html": "<p>Guten Tag,</p>\n<p>wir laden Sie herzlich ein.</p>\n",
        "calendar": CALENDAR,
        "method": "PUBLISH",
    }
    return Letter(**fields | changes)


def a_head(**changes: Any) -> MessageHead:
    """Return the head of an invitation from a network to one person."""
    fields: dict[str, Any] = {
        "sender_name": "Kathrin Sommer",
        "sender": EmailAddress.parse("mia@aschersleben.example"),
        "to_name": "Jürgen Müller",
        "to": EmailAddress.parse("juergen@post.example"),
        "date": datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
        "message_id": "<0123456789abcdef01234567@aschersleben.example>",
        "boundary_seed": "delivery 1",
        "list_id": "mia.aschersleben.example",
        "list_name": "MIA – Einladungen",
        "unsubscribe_mailto": (
            "mailto:mia@aschersleben.example?subject=abmelden%20t0ken"
        ),
        "help_mailto": "mailto:mia@aschersleben.example?subject=Hilfe",
    }
    return MessageHead(**fields | changes)


def a_message(**changes: Any) -> bytes:
    """Return the bytes of an invitation; *changes* go to letter or head."""
    of_letter = {name: changes.pop(name) for name in [*changes] if name in LETTER}
    return build(a_letter(**of_letter), a_head(**changes))


LETTER = {"subject", "text", "html", "calendar", "method", "files"}


def read(content: bytes) -> EmailMessage:
    """Return the message as Python's modern parser reads it: the first judge."""
    return email.message_from_bytes(content, policy=email.policy.default)


def read_old(content: bytes) -> Message:
    """Return the message as Python's older, separate parser reads it: the second."""
    return email.message_from_bytes(content)


def decoded_old(value: str) -> str:
    """Return a header's text as the older decoder reads it."""
    return str(make_header(decode_header(value)))


def mailbox_old(value: str) -> tuple[str, str]:
    """Return name and address as the older parser and decoder read them."""
    name, address = parseaddr(value)
    return (decoded_old(name) if "=?" in value else name), address


def part(content: bytes, kind: str) -> EmailMessage:
    """Return the only part of type *kind*."""
    (found,) = [p for p in read(content).walk() if p.get_content_type() == kind]
    assert found.defects == []
    return found


def decoded_part_old(found: Message) -> str:
    """Return the text of a part as the older parser reads it."""
    octets = found.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode()


def head_lines(content: bytes) -> list[bytes]:
    """Return the raw lines of the header."""
    return content.partition(b"\r\n\r\n")[0].split(b"\r\n")


def names(content: bytes) -> list[str]:
    """Return the names of the header fields, read line by line."""
    return [
        line.partition(b":")[0].decode()
        for line in head_lines(content)
        if line[:1] not in {b" ", b"\t"}
    ]


def line_of(content: bytes, name: str) -> str:
    """Return the unfolded value of the only field called *name*."""
    unfolded = content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    (value,) = [
        line.partition(b": ")[2]
        for line in unfolded.split(b"\r\n")
        if line.partition(b":")[0] == name.encode()
    ]
    return value.decode("ascii")


SIGNS = st.one_of(
    st.sampled_from("abcXYZ019 .,;:<>()[]@\\\"'=?_-äöüÄÖÜß„“–…=?"),
    st.sampled_from("\u0301\u0308\u200d\u202e\u2066\ufe0f\u00a0\u00ad\ufeff😀👩‍🦽مر漢"),
    st.characters(exclude_categories=["Cc", "Co", "Cs", "Zl", "Zp"]),
)
"""Signs that a header may hold, the troublesome ones often."""

WORDS = st.one_of(
    st.text(SIGNS, max_size=12),
    st.sampled_from(["Einladung", "From ", ".", "=?utf-8?q?x?=", "Grüße", "x" * 90]),
)


def short_texts() -> st.SearchStrategy[str]:
    """Return names and subjects, harmless and not."""
    return st.lists(WORDS, max_size=12).map(" ".join)


def without_spaces(text: str) -> str:
    """Return *text* without spaces.

    Python's modern parser puts a space between two encoded-words of a name, where
    RFC 2047, section 6.2 asks for none; the older one reads them right.
    """
    return "".join(text.split())
