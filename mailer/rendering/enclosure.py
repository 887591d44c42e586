"""A foreign mail inside one of ours: whole, and fit for every server on the way.

A mail that holds only ASCII goes on as it came. One with umlauts in the raw is
written in ASCII first, as any server does that meets one which knows no 8BITMIME:
the words stay the same. What resists even that becomes a file.

Source: RFC 2046, section 5.2.1 (no encoding around a message/rfc822); RFC 6152,
section 3 (what a server does instead).
"""

from __future__ import annotations

from email import policy
from email.generator import BytesGenerator
from email.parser import BytesParser
from io import BytesIO
from typing import Final

from mailer.rendering import mime
from mailer.rendering.inspection import MAX_LINE_OCTETS

FILE: Final = "nachricht.eml"
"""What mail programs open as a mail."""

_SEVEN_BITS: Final = policy.compat32.clone(
    cte_type="7bit", linesep="\r\n", max_line_length=None
)


def part_of(content: bytes) -> str:
    """Return the part that holds the mail *content*."""
    plain = _crlf(content)
    if not _is_plain(plain):
        plain = _downgraded(content)
    (filename,) = mime.file_name("filename", FILE)
    if _is_plain(plain):
        fields = [
            "Content-Type: message/rfc822",
            "Content-Transfer-Encoding: 7bit",
            f"Content-Disposition: attachment; {filename}",
        ]
        return mime.part(fields, plain.decode("ascii").rstrip("\r\n"))
    (name,) = mime.file_name("name", FILE)
    fields = [
        f"Content-Type: application/octet-stream; {name}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment; {filename}",
    ]
    return mime.part(fields, mime.base64_lines(content))


def _crlf(content: bytes) -> bytes:
    return b"\r\n".join(content.replace(b"\r\n", b"\n").split(b"\n"))


def _is_plain(content: bytes) -> bool:
    """Tell whether every server passes *content* on untouched."""
    return (
        bool(content.strip())
        and content.isascii()
        and b"\0" not in content
        and b"\r" not in content.replace(b"\r\n", b"")
        and max(map(len, content.split(b"\r\n"))) <= MAX_LINE_OCTETS
    )


def _downgraded(content: bytes) -> bytes:
    """Return *content* in ASCII; empty if it cannot be done."""
    written = BytesIO()
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        BytesGenerator(written, mangle_from_=False, policy=_SEVEN_BITS).flatten(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return b""
    return _crlf(written.getvalue())
