"""Bodies as bytes want them: quoted-printable, base64, parts and boundaries.

Everything made here is 7-bit ASCII with CRLF, so no relay has a reason to touch it.
No encoded line begins with "." or "From ": neither dot-stuffing nor an old mailbox
format can change a body, and a message can go over the wire as it is.

Source: RFC 2045, sections 6.7 and 6.8; RFC 2046, section 5.1; RFC 2231.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from binascii import b2a_qp
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mailer.errors import MessageUnsafe
from mailer.rendering.headers import CRLF, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COLUMNS: Final = 76
"""RFC 2045, sections 6.7 (5) and 6.8: an encoded line is not longer."""

LEVELS: Final = 2
"""Multiparts inside one another in a message of ours."""

_BASE64_OCTETS: Final = MAX_COLUMNS // 4 * 3
_FILE_NAME_PIECE: Final = 60
"""Characters of a file name per line, so that the line stays under 78."""

_NEW_LINE = re.compile("\r\n?")
SOFT_BREAK: Final = f"={CRLF}"
"""A line end that is none for the reader (RFC 2045, section 6.7 (5))."""

_PLAIN_OCTETS: Final = bytes({0x09, 0x0A, *range(0x20, 0x7F)})
"""RFC 2045, section 6.7 (2): these stand for themselves, line ends and "=" apart."""

_LINE_ENDS: Final = (
    ("\n.", "\n=2E"),
    ("\nFrom ", "\n=46rom "),
    (" \n", "=20\n"),
    ("\t\n", "=09\n"),
)
_ODD: Final = (".", "From ")
"""How no line may begin: see above."""

SEAM: Final = "\uf8e0"
"""Stands before and after each personal value in a text that is about to be encoded.

A line of the encoded text begins at each seam, so what stands around a value is the
same for everybody (see ``splice``). Private, like the signs in ``places``."""

_ATTRIBUTE_CHARS = "!#$&+-.^_`|~"
"""RFC 2231, section 7: these need no percent sign, beside letters and digits."""


def quoted_printable(text: str) -> str:
    r"""Return *text* in UTF-8, as quoted-printable lines with CRLF between them.

    Line ends of any kind become CRLF. A soft line break cuts neither an escape nor a
    character. At a seam begins a new line, a soft one if there was none.

    Raises:
        UnicodeEncodeError: *text* holds half a surrogate pair.

    Source: RFC 2045, section 6.7.

    Example:
        >>> quoted_printable("Grüße \n.")
        'Gr=C3=BC=C3=9Fe=20\r\n=2E'
    """
    static, *others = _NEW_LINE.sub("\n", text).split(SEAM)
    written = [_static(static, is_last=not others)]
    for number in range(0, len(others), 2):
        value, static = others[number], others[number + 1]
        is_last = number + 2 == len(others)
        # What follows decides, not the value: so the seam is the same for everybody.
        ends_line = static.startswith("\n") if static else is_last
        seam = "" if ends_line else SOFT_BREAK
        written += (personal(value), seam, _static(static, is_last=is_last))
    return "".join(written)


def personal(value: str) -> str:
    """Return a personal value as it stands between two seams.

    Raises:
        UnicodeEncodeError: *value* holds half a surrogate pair.
    """
    line = b2a_qp(value.encode()).decode("ascii")
    # C's own writer wraps differently, and it leaves line ends and beginnings to us.
    # But of most values it makes one line that has room for a soft line break.
    if len(line) < MAX_COLUMNS and line.isprintable() and not line.startswith(_ODD):
        return line
    return _lines(_NEW_LINE.sub("\n", value), last=MAX_COLUMNS - 1)


def base64_lines(content: bytes) -> str:
    """Return *content* in base64, with CRLF between lines of 76 columns.

    Source: RFC 2045, section 6.8.
    """
    starts = range(0, len(content), _BASE64_OCTETS)
    return CRLF.join(
        b64encode(content[start : start + _BASE64_OCTETS]).decode() for start in starts
    )


def part(fields: Sequence[str], body: str) -> str:
    """Return a body part: its header fields, an empty line, its encoded body."""
    return CRLF.join([*fields, "", body])


def multipart(border: str, parts: Sequence[str]) -> str:
    """Return the body of a multipart, from its first to its closing delimiter.

    Source: RFC 2046, section 5.1.1: the CRLF before a delimiter belongs to it, so
    bodies keep their last line as it was.
    """
    delimiter = f"--{border}"
    pieces = [f"{delimiter}{CRLF}{piece}{CRLF}" for piece in parts]
    return "".join([*pieces, f"{delimiter}--"])


def boundary(seed: str, n: int) -> str:
    """Return the boundary number *n* of the message that *seed* names.

    The same seed and number give the same boundary at every try. It begins with "=_",
    which neither quoted-printable nor base64 can contain.

    Source: RFC 2046, section 5.1.1 (at most 70 characters); RFC 2045, section 6.7.
    """
    digest = hashlib.sha256(f"{n}\n{seed}".encode()).hexdigest()
    return f"=_{digest[:32]}"


def free_boundary(seed: str, level: int, parts: Sequence[str]) -> str:
    """Return the first boundary for *level* that occurs in none of *parts*.

    Args:
        seed: What names the message.
        level: 0 for the outermost multipart, below ``LEVELS``.
        parts: The finished parts it is to separate.
    """
    candidates = (boundary(seed, level + attempt * LEVELS) for attempt in count())
    return next(
        found for found in candidates if not any(found in piece for piece in parts)
    )


def multipart_type(subtype: str, border: str) -> str:
    """Return the Content-Type field of a multipart."""
    return f'Content-Type: multipart/{subtype};{CRLF} boundary="{border}"'


def file_name(parameter: str, name: str) -> list[str]:
    """Return the parameters that give a part its file name, one a line.

    An ASCII name is one quoted parameter. Any other is written twice: in ASCII for
    readers that know nothing else, and whole.

    Raises:
        MessageUnsafe: *name* holds control characters, quotes or slashes.

    Source: RFC 2231, sections 3 and 4; RFC 2183, section 2.3.
    """
    clean("Content-Disposition", name)
    if not name or any(sign in '"\\/' for sign in name):
        raise MessageUnsafe("Content-Disposition", "der Dateiname ist nicht sicher")
    if name.isascii() and len(name) <= _FILE_NAME_PIECE:
        return [f'{parameter}="{name}"']
    plain = "".join(sign if sign.isascii() else "_" for sign in name)
    stem, dot, ending = plain.rpartition(".")
    short = f"{(stem or ending)[: _FILE_NAME_PIECE - 10]}{dot and dot + ending[:9]}"
    pieces = _pieces("UTF-8''" + quote(name, safe=_ATTRIBUTE_CHARS))
    if len(pieces) == 1:
        return [f'{parameter}="{short}"', f"{parameter}*={pieces[0]}"]
    return [
        f'{parameter}="{short}"',
        *(f"{parameter}*{n}*={piece}" for n, piece in enumerate(pieces)),
    ]


def _static(text: str, *, is_last: bool) -> str:
    """Return what stands between two values; it ends where a line can begin."""
    if is_last or not text or text.endswith("\n"):
        return _lines(text, last=MAX_COLUMNS)
    return _lines(text, last=MAX_COLUMNS - 1) + SOFT_BREAK


def _lines(text: str, *, last: int) -> str:
    """Return *text* encoded from the beginning of a line.

    Args:
        last: Columns of the last line; one less where a soft line break follows.
    """
    *lines, end = _escape(text).split("\n")
    written: list[str] = []
    for line in lines:
        written += _soft_lines(line, MAX_COLUMNS)
    return CRLF.join([*written, *_soft_lines(end, last)])


def _escape(text: str) -> str:
    """Return *text* with every octet escaped that may not stand for itself."""
    octets = text.encode().replace(b"=", b"=3D")
    # One replacement per odd octet, at the speed of C; a German text has a dozen of
    # them, no text more than 160. "=" was the first, since the others bring new ones.
    for octet in set(octets.translate(None, _PLAIN_OCTETS)):
        octets = octets.replace(octet.to_bytes(), b"=%02X" % octet)
    escaped = f"\n{octets.decode('ascii')}\n"
    for end, written in _LINE_ENDS:
        escaped = escaped.replace(end, written)
    return escaped[1:-1]


def _pieces(encoded: str) -> list[str]:
    """Return a percent-encoded text in pieces that cut no escape."""
    pieces: list[str] = []
    start = 0
    while start < len(encoded):
        end = start + _FILE_NAME_PIECE
        cut = encoded.find("%", end - 2, end)
        end = cut if cut >= 0 and end < len(encoded) else end
        pieces.append(encoded[start:end])
        start = end
    return pieces


def _soft_lines(line: str, last: int) -> list[str]:
    """Return an escaped line as lines that end in soft line breaks.

    Args:
        last: Columns of the last one.
    """
    if len(line) <= last:
        return [line]
    lines: list[str] = []
    start, head = 0, ""
    while len(head) + len(line) - start > last:
        end = _cut(line, start + MAX_COLUMNS - 1 - len(head))
        lines.append(f"{head}{line[start:end]}=")
        start, head = end, ""
        if line[start] == "." or line.startswith("From ", start):
            head = f"={ord(line[start]):02X}"
            start += 1
    lines.append(head + line[start:])
    return lines


def _cut(line: str, end: int) -> int:
    """Return the last place up to *end* where a cut hurts no escape, no character."""
    escape = line.rfind("=", end - 2, end)
    if escape >= 0:
        end = escape
    # 8, 9, A and B begin the second and later octets of a character in UTF-8.
    while line[end] == "=" and line[end + 1] in "89AB":
        end -= 3
    return end
