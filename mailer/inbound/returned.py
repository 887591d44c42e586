"""What a report sends back of our mail: its header, or as much as is left of it.

After the standard it is a part of its own; others write it below their text, after a
line like "Below this line is a copy of the message".

Source: RFC 6522, sections 3 and 4; RFC 6533, section 4; RFC 5965, section 2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.inbound import reading
from mailer.inbound.diagnostics import normalised
from mailer.inbound.report_phrases import report_phrases

if TYPE_CHECKING:
    from mailer.inbound.reading import Message

HEADERS: Final = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
"""Types of a part that holds a header alone."""

MAX_TEXT_CHARS: Final = 32_000
"""Of a report's text; the rest is our own mail."""

MAX_LINES: Final = 600
"""The same in lines."""

_BEGINS_HEADER: Final = re.compile(
    r"(?:Received|Return-Path|DKIM-Signature|MIME-Version|List-Id): ", re.IGNORECASE
)
"""Fields that only a message has: some servers copy it without announcing it."""


def original(message: Message) -> Message | None:
    """Return the returned mail, or the one that its header alone makes."""
    for part in message.parts:
        if part.message is not None and part.message.fields:
            return part.message
        if part.content_type in HEADERS:
            return _read(part.content)
    _, copy = halves(message)
    return _read("\n".join(copy).encode())


def halves(message: Message) -> tuple[list[str], list[str]]:
    """Return the lines a server wrote, and below them those of our own mail."""
    lines = message.text[:MAX_TEXT_CHARS].splitlines()[:MAX_LINES]
    for number, line in enumerate(lines):
        if _BEGINS_HEADER.match(line):
            return lines[:number], lines[number:]
        words = normalised(line)
        if words in report_phrases().copy_lines or (
            report_phrases().copies.search(words)
        ):
            return lines[:number], lines[number + 1 :]
    return lines, []


def _read(content: bytes) -> Message | None:
    """Return what is left of a message; None without a single field."""
    found = reading.read(content.lstrip(b"\r\n \t-"))
    return None if isinstance(found, reading.Unreadable) else found
