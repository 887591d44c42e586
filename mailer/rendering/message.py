"""A letter and its head to RFC 5322 bytes.

The program does not use Python's ``email`` package to write: it encodes a long
List-Unsubscribe so that one-click stops working, garbles long German subjects, and
would write a forged line out of an encoded subject. It is also ten times slower.
Tests let it *read* what is made here, as the judge.

The same letter and head give the same bytes, always: a second copy is a twin.

::

    multipart/mixed                     only with a calendar file, or others
        multipart/alternative           from plain to rich
            text/plain
            text/html
            text/calendar; method=…     what mail programs turn into buttons;
                                        not for a file of many meetings
        application/ics                 the same object as a file to save
        …                               files that come along

Source: RFC 5322; RFC 2046, section 5.1.4; RFC 6047, section 2.4; RFC 2369; RFC 2919;
RFC 8058.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mailer.errors import MessageUnsafe
from mailer.rendering import enclosure, headers, mime
from mailer.rendering.inspection import inspect_message
from mailer.rendering.places import SIGNS

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.rendering.letter import Letter
    from subscribers.address import EmailAddress

CALENDAR_FILE: Final = "termin.ics"

MIN_ID_OCTETS: Final = 12
"""Random or keyed octets in a Message-ID: 96 bits, so two never meet."""

HALF_A_CHARACTER: Final = "er enthält ein halbes Zeichen"

_METHODS: Final = frozenset({"PUBLISH", "REQUEST", "CANCEL"})
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_HTTPS = re.compile(r"https://[A-Za-z0-9]")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHead:
    """Everything a message needs beside the letter.

    Attributes:
        sender_name, sender: Who writes.
        to_name, to: The one person who gets it.
        reply_to: Where answers go, if not to *sender*.
        date: Aware; written with the offset it carries. Frozen at issue.
        message_id: "<…@…>", see ``message_id``; the same at every try.
        boundary_seed: What names the delivery; boundaries follow from it.
        list_id, list_name: The list for mail programs and for people; both empty in
            a message that belongs to no list, like a confirmation.
        unsubscribe_mailto: "mailto:…", see ``unsubscribe_mailto``.
        one_click_url: "https://…" that a POST unsubscribes (RFC 8058).
        help_mailto: "mailto:…" where a person finds help, see ``mailto``.
        auto_generated: No human wrote or released it (RFC 3834, section 5).
        auto_replied: It is the program's answer to *in_reply_to* (the same section).
        in_reply_to: Message-ID of the mail it answers; None if it answers none.
        references: Message-IDs of the talk before that, the oldest first.
        enclosed: Somebody's mail that goes with it, whole; None for none.
    """

    sender_name: str
    sender: EmailAddress
    to: EmailAddress
    date: datetime
    message_id: str
    boundary_seed: str
    to_name: str | None = None
    reply_to: EmailAddress | None = None
    list_id: str = ""
    list_name: str = ""
    unsubscribe_mailto: str | None = None
    one_click_url: str | None = None
    help_mailto: str | None = None
    auto_generated: bool = False
    auto_replied: bool = False
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    enclosed: bytes | None = None


def build(letter: Letter, head: MessageHead) -> bytes:
    """Return *letter* as one message to one person.

    Raises:
        MessageUnsafe: A value could forge a field, or the finished bytes are not
            what was meant.

    Source: RFC 5322, section 3.6: each field exactly once.
    """
    if any(s in b for s in SIGNS.values() for b in (letter.text, letter.html)):
        raise MessageUnsafe("Text", "eine persönliche Stelle ist noch offen")
    try:
        content_type, body = _content(letter, head)
    except UnicodeEncodeError:
        raise MessageUnsafe("Text", HALF_A_CHARACTER) from None
    fields = [
        headers.date_field(head.date),
        headers.mailbox_field("From", head.sender, head.sender_name),
        *_reply_to(head),
        headers.mailbox_field("To", head.to, head.to_name),
        headers.text_field("Subject", letter.subject),
        headers.message_id_field(head.message_id),
        *headers.thread_fields(head.in_reply_to, head.references),
        *list_fields(head),
        *automatic_fields(head),
        "Content-Language: de",
        "MIME-Version: 1.0",
        content_type,
    ]
    content = headers.CRLF.join([*fields, "", body, ""]).encode("ascii")
    inspect_message(
        content, names=[field.partition(":")[0] for field in fields], to=head.to.wire
    )
    return content


def list_fields(head: MessageHead) -> list[str]:
    """Return what mail programs need to offer help and an end to it.

    mailto stands before https: the left one is preferred by readers that know only
    RFC 2369, and it needs no web page. Nobody can write to the list.

    Source: RFC 2919, section 3; RFC 2369, sections 2, 3.1, 3.2 and 3.4; RFC 8058,
    section 3.1.
    """
    if not head.list_id:
        return []
    fields = [headers.list_id_field(head.list_name, head.list_id)]
    if head.help_mailto is not None:
        fields.append(headers.uris_field("List-Help", [head.help_mailto]))
    fields += unsubscribe_fields(head.unsubscribe_mailto, head.one_click_url)
    fields.append("List-Post: NO")
    return fields


def automatic_fields(head: MessageHead) -> list[str]:
    """Return the fields that ask other programs not to answer.

    A list says Precedence too: no standard, but absence notes have heeded it since
    before there was one. X-Auto-Response-Suppress is Exchange's word.

    Source: RFC 3834, section 5.
    """
    fields: list[str] = []
    if head.auto_generated or head.auto_replied:
        how = "auto-replied" if head.auto_replied else "auto-generated"
        fields += [f"Auto-Submitted: {how}", "X-Auto-Response-Suppress: All"]
    if head.list_id:
        fields.append("Precedence: bulk")
    return fields


def message_id(token: bytes, domain: str) -> str:
    """Return the Message-ID of a delivery.

    Args:
        token: At least 12 octets that no other delivery has.
        domain: Of the sender, in ASCII.

    Raises:
        ValueError: *token* is too short.
        MessageUnsafe: *domain* is none.

    Source: RFC 5322, section 3.6.4.

    Example:
        >>> message_id(bytes(12), "mia.example")
        '<000000000000000000000000@mia.example>'
    """
    if len(token) < MIN_ID_OCTETS:
        raise ValueError(f"{len(token)} octets are too few for a Message-ID")
    if not _DOMAIN.fullmatch(domain):
        raise MessageUnsafe("Message-ID", "die Domain ist nicht sicher")
    return f"<{token.hex()}@{domain.lower()}>"


@lru_cache(maxsize=64)
def mailto(address: EmailAddress, subject: str) -> str:
    """Return the URI of a mail to *address* with *subject*.

    Everything but letters, digits and "-._~" is percent-encoded, "+" too: some
    programs read it as a space.

    Source: RFC 6068, section 2.
    """
    local, _, domain = address.wire.rpartition("@")
    return f"mailto:{quote(local, safe='')}@{domain}?subject={quote(subject, safe='')}"


def unsubscribe_mailto(address: EmailAddress, token: str) -> str:
    """Return the mailto: URI that unsubscribes by mail.

    Example:
        >>> from subscribers.address import EmailAddress
        >>> unsubscribe_mailto(EmailAddress.parse("mia@town.example"), "t0k-en")
        'mailto:mia@town.example?subject=abmelden%20t0k-en'
    """
    return mailto(address, "abmelden ") + quote(token, safe="")


def _content(letter: Letter, head: MessageHead) -> tuple[str, str]:
    """Return the Content-Type field and the body of the whole message."""
    seed = head.boundary_seed
    parts = [_text_part("plain", letter.text)]
    if letter.html:
        parts.append(_text_part("html", letter.html))
    if head.enclosed is not None:
        inner = _multipart("alternative", mime.free_boundary(seed, 1, parts), parts)
        words = mime.part([inner[0]], inner[1]) if letter.html else parts[0]
        both = [words, enclosure.part_of(head.enclosed)]
        return _multipart("mixed", mime.free_boundary(seed, 0, both), both)
    files = [_file(one.media_type, one.name, one.content) for one in letter.files]
    if letter.calendar is not None:
        if letter.method:
            parts.append(_calendar_part(letter.calendar, letter.method))
        # Not text/calendar a second time: some programs would offer the meeting
        # twice. The large calendar services send the same pair.
        files.insert(0, _file("application/ics", CALENDAR_FILE, letter.calendar))
    if not files:
        return _multipart("alternative", mime.free_boundary(seed, 0, parts), parts)
    inner = _multipart("alternative", mime.free_boundary(seed, 1, parts), parts)
    all_parts = [mime.part([inner[0]], inner[1]), *files]
    return _multipart("mixed", mime.free_boundary(seed, 0, all_parts), all_parts)


def _multipart(subtype: str, boundary: str, parts: list[str]) -> tuple[str, str]:
    """Return the Content-Type field and the body of one multipart."""
    return mime.multipart_type(subtype, boundary), mime.multipart(boundary, parts)


def _text_part(subtype: str, text: str) -> str:
    """Return a part that people read."""
    fields = [
        f"Content-Type: text/{subtype}; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    ]
    return mime.part(fields, mime.quoted_printable(text))


def _calendar_part(calendar: bytes, method: str) -> str:
    """Return the part that mail programs turn into "accept" and "add".

    The method is said twice, here and in the object, and must be the same. Base64,
    because nothing may rewrap the lines of an iCalendar object.

    Source: RFC 6047, section 2.4.
    """
    if method not in _METHODS or f"\r\nMETHOD:{method}\r\n".encode() not in calendar:
        raise MessageUnsafe("Content-Type", "die Kalenderdatei hat eine andere METHOD")
    fields = [
        f"Content-Type: text/calendar; method={method}; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    return mime.part(fields, mime.base64_lines(calendar))


def _file(media_type: str, name: str, content: bytes) -> str:
    """Return a part that people save.

    Raises:
        MessageUnsafe: The type or the name is not safe in a header field.

    Source: RFC 2183, section 2; RFC 2231, section 3.
    """
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise MessageUnsafe("Content-Type", "die Art der Datei ist nicht sicher")
    fields = [
        _parameters(f"Content-Type: {media_type}", mime.file_name("name", name)),
        "Content-Transfer-Encoding: base64",
        _parameters(
            "Content-Disposition: attachment", mime.file_name("filename", name)
        ),
    ]
    return mime.part(fields, mime.base64_lines(content))


def _parameters(field: str, parameters: list[str]) -> str:
    """Return a field with its parameters, on a line each if there are several."""
    gap = " " if len(parameters) == 1 else f"{headers.CRLF} "
    return f";{gap}".join([field, *parameters])


def _reply_to(head: MessageHead) -> list[str]:
    """Return the Reply-To field if answers go somewhere else."""
    if head.reply_to is None or head.reply_to == head.sender:
        return []
    return [headers.mailbox_field("Reply-To", head.reply_to, None)]


def unsubscribe_fields(mailto: str | None, one_click: str | None) -> list[str]:
    """Return List-Unsubscribe, and List-Unsubscribe-Post only with an https URI.

    Raises:
        MessageUnsafe: One of the two is no such URI.

    Source: RFC 8058, section 3.1: one https URI, and no other http one beside it.
    """
    name = "List-Unsubscribe"
    if mailto is not None and not mailto.startswith("mailto:"):
        raise MessageUnsafe(name, "der erste Verweis ist keine Mailadresse")
    if one_click is not None and not _HTTPS.match(one_click):
        raise MessageUnsafe(name, "die Abmeldeseite beginnt nicht mit https://")
    uris = [uri for uri in (mailto, one_click) if uri is not None]
    fields = [headers.uris_field(name, uris)] if uris else []
    if one_click is not None:
        fields.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return fields
