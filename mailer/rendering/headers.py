"""Header fields as bytes want them: plain, quoted or encoded, folded, never forged.

Each function makes one kind of field: text (Subject), mailbox (From, To), identifier
(List-Id, Message-ID), URIs (List-Unsubscribe), date. Every value passes a gate
first: what could end a line is refused, not repaired, because a repaired forgery is
still one.

A value is written in one of two ways: plain if every reader takes it literally, else
wholly as encoded-words. Mixing both saves a few bytes and loses spaces.

Source: RFC 5322, sections 2.2.3 and 3.2 to 3.6; RFC 2047, sections 2, 4 and 5.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, timedelta
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final

from mailer.errors import MessageUnsafe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from subscribers.address import EmailAddress

CRLF: Final = "\r\n"

MAX_PLAIN_COLUMNS: Final = 78
"""RFC 5322, section 2.1.1: a line should not be longer, without CRLF."""

MAX_ENCODED_COLUMNS: Final = 76
"""RFC 2047, section 2: a header line with an encoded-word is not longer."""

MAX_ENCODED_WORD: Final = 75
"""RFC 2047, section 2: delimiters included."""

MAX_FOREIGN_ID_CHARS: Final = 250
"""A Message-ID that we repeat; longer ones are made to hurt."""

MAX_REFERENCES: Final = 20
"""Of the talk so far; mail programs need the last few."""

MAX_LIST_ID_CHARS: Final = 255
"""RFC 2919: of the identifier between its angle brackets."""

# Line ends of any kind, all other control characters, and what UTF-8 cannot hold.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(f"{_ATOM}(?: {_ATOM})*")
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MESSAGE_ID = re.compile(rf"<{_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})*>")
# RFC 3986 without comma and parentheses: lists and comments are made of those.
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'*+;=%\[\]-]+")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def clean(name: str, value: str) -> str:
    """Return *value* if it can stand in a header field.

    Raises:
        MessageUnsafe: It holds a control character, a line or paragraph separator
            or half a surrogate pair.

    Source: RFC 5322, section 2.2: a field body holds no CR and no LF.
    """
    # Nothing forbidden is printable, and most values are, which is said faster.
    found = None if value.isprintable() else _FORBIDDEN.search(value)
    if found:
        raise MessageUnsafe(
            name, f"sie enthält das Steuerzeichen U+{ord(found[0]):04X}"
        )
    return value


def text_field(name: str, value: str) -> str:
    """Return a field of free text, like Subject.

    Source: RFC 5322, section 3.6.5; RFC 2047, section 5 (1).
    """
    clean(name, value)
    if not value.strip():
        raise MessageUnsafe(name, "sie ist leer")
    if _is_plain(value, room=MAX_PLAIN_COLUMNS - len(name) - 2):
        return folded(name, value.split(" "), columns=MAX_PLAIN_COLUMNS)
    words = encoded_words(value, used=len(name) + 2)
    return folded(name, words, columns=MAX_ENCODED_COLUMNS)


def mailbox_field(name: str, address: EmailAddress, display_name: str | None) -> str:
    """Return a field that names one mailbox, like From and To.

    The address is written as it goes over the wire and is never encoded.

    Source: RFC 5322, section 3.4; RFC 2047, section 5 (3).
    """
    wire = checked_address(name, address)
    if not display_name or not display_name.strip():
        return folded(name, [wire], columns=MAX_PLAIN_COLUMNS)
    return _named_field(name, display_name, f"<{wire}>")


def list_id_field(phrase: str, identifier: str) -> str:
    """Return the List-Id field: what the list is called, for people and programs.

    Source: RFC 2919, sections 2 and 3.
    """
    name = "List-Id"
    if not _DOT_ATOM.fullmatch(identifier) or "." not in identifier:
        raise MessageUnsafe(name, "die Kennung ist kein Name mit Punkten")
    if len(identifier) > MAX_LIST_ID_CHARS:
        raise MessageUnsafe(name, "die Kennung ist zu lang")
    if not phrase.strip():
        return folded(name, [f"<{identifier}>"], columns=MAX_PLAIN_COLUMNS)
    return _named_field(name, phrase, f"<{identifier}>")


def uris_field(name: str, uris: Sequence[str]) -> str:
    """Return a List-* field: URIs in angle brackets, the preferred one first.

    Such a field is never encoded, however long: readers do not decode it there. It
    is folded between two URIs only.

    Source: RFC 2369, section 2.
    """
    for uri in uris:
        if not _URI.fullmatch(uri):
            raise MessageUnsafe(name, "eine Adresse darin ist kein gültiger Verweis")
    tokens = [f"<{uri}>," for uri in uris[:-1]] + [f"<{uris[-1]}>"]
    return folded(name, tokens, columns=MAX_PLAIN_COLUMNS)


def message_id_field(message_id: str) -> str:
    """Return the Message-ID field.

    Source: RFC 5322, section 3.6.4.
    """
    if not _MESSAGE_ID.fullmatch(message_id):
        raise MessageUnsafe("Message-ID", "sie hat nicht die Form <…@…>")
    return f"Message-ID: {message_id}"


def thread_fields(in_reply_to: str | None, references: Sequence[str]) -> list[str]:
    """Return In-Reply-To and References, of what can safely stand in them.

    The identifiers are somebody else's: an odd one is left out, and the letter still
    belongs to the talk by the others.

    Source: RFC 5322, section 3.6.4; RFC 3834, section 3.1.6.
    """
    if in_reply_to is None or not _is_safe_id(in_reply_to):
        return []
    before = [one for one in references if _is_safe_id(one) and one != in_reply_to]
    known = [*before[-MAX_REFERENCES:], in_reply_to]
    return [
        f"In-Reply-To: {in_reply_to}",
        folded("References", known, columns=MAX_PLAIN_COLUMNS),
    ]


def _is_safe_id(message_id: str) -> bool:
    return len(message_id) <= MAX_FOREIGN_ID_CHARS and bool(
        _MESSAGE_ID.fullmatch(message_id)
    )


def date_field(moment: datetime) -> str:
    """Return the Date field, with the offset *moment* carries.

    Names of days and months are English whatever the locale.

    Source: RFC 5322, section 3.3.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise MessageUnsafe("Date", "der Zeitpunkt hat keine Zeitzone")
    if offset % timedelta(minutes=1):  # a zone before railways; the RFC has no seconds
        moment, offset = moment.astimezone(UTC), timedelta(0)
    sign = "-" if offset < timedelta(0) else "+"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return (
        f"Date: {_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} "
        f"{moment.year:04} {moment:%H:%M:%S} {sign}{hours:02}{minutes:02}"
    )


def checked_address(name: str, address: EmailAddress) -> str:
    """Return the wire form of *address*, looked at once more.

    ``EmailAddress.parse`` has checked it already; but a row can be older than the
    check, and this is the last place before the bytes.
    """
    if not _ADDRESS.fullmatch(address.wire):
        raise MessageUnsafe(name, "die Adresse ist nicht sicher")
    return address.wire


def folded(name: str, tokens: Sequence[str], *, columns: int) -> str:
    """Return the field with its tokens on lines of at most *columns*.

    A token longer than that stays whole on a line of its own.

    Source: RFC 5322, section 2.2.3.
    """
    line = f"{name}: {' '.join(tokens)}"
    if len(line) <= columns:
        return line
    lines: list[str] = []
    line = f"{name}: {tokens[0]}"
    for token in tokens[1:]:
        if len(line) + 1 + len(token) > columns:
            lines.append(line)
            line = ""
        line += f" {token}"
    lines.append(line)
    return CRLF.join(lines)


def encoded_words(text: str, *, used: int) -> list[str]:
    """Return *text* as encoded-words, each a whole number of characters.

    "Q" is chosen unless it is half as long again as "B": German stays readable in the
    source, Arabic and emoji stay short. Spaces are inside the words, because white
    space between two of them is not shown.

    Args:
        text: Anything UTF-8 can hold.
        used: Columns taken on the first line, at most 40.

    Source: RFC 2047, sections 2, 4 and 6.2.
    """
    pieces = [*map(_Q.__getitem__, text)]
    whole = "".join(pieces)
    base64_chars = 4 * -(-len(text.encode()) // 3)
    room = min(MAX_ENCODED_COLUMNS - used, MAX_ENCODED_WORD) - _OVERHEAD
    if 2 * len(whole) > 3 * base64_chars:
        return [f"=?utf-8?b?{word}?=" for word in _b_words(text, room)]
    words = [whole] if len(whole) <= room else _q_words(pieces, room)
    return [f"=?utf-8?q?{word}?=" for word in words]


class _QTable(dict[str, str]):
    """Every character as "Q" writes it, filled as characters turn up."""

    def __missing__(self, char: str) -> str:
        written = "".join(f"={byte:02X}" for byte in char.encode())
        if len(self) < 4096:  # noqa: PLR2004 - a cache with an end; German needs 100
            self[char] = written
        return written


# RFC 2047, section 5 (3): the only characters that may stand for themselves before
# an address. The same set serves everywhere.
_Q: Final = _QTable(
    {char: char for char in f"{ascii_letters}{digits}!*+-/"} | {" ": "_"}
)

_OVERHEAD: Final = len("=?utf-8?q??=")


def _q_words(pieces: Sequence[str], room: int) -> Iterator[str]:
    """Yield the insides of "Q" words, the first of at most *room* characters."""
    word = ""
    for piece in pieces:
        if len(word) + len(piece) > room:
            yield word
            word, room = "", MAX_ENCODED_WORD - _OVERHEAD
        word += piece
    yield word


def _b_words(text: str, room: int) -> Iterator[str]:
    """Yield the insides of "B" words, the first of at most *room* characters."""
    word = b""
    for char in text:
        octets = char.encode()
        if len(word) + len(octets) > room // 4 * 3:
            yield b64encode(word).decode()
            word, room = b"", MAX_ENCODED_WORD - _OVERHEAD
        word += octets
    yield b64encode(word).decode()


def _is_plain(value: str, *, room: int) -> bool:
    """Return whether every reader takes *value* literally and it can be folded."""
    return (
        _PLAIN_TEXT.fullmatch(value) is not None
        and not _looks_encoded(value)
        and max(map(len, value.split(" "))) <= room
    )


def _looks_encoded(text: str) -> bool:
    """Return whether decoders would look twice; then it gets encoded indeed."""
    return "=?" in text


def _named_field(name: str, phrase: str, angle: str) -> str:
    """Return a field of a phrase and something in angle brackets."""
    room = MAX_ENCODED_COLUMNS - len(name) - 2
    plain = phrase if _ATOMS.fullmatch(phrase) else _quoted(clean(name, phrase))
    if 0 < len(plain) <= room and not _looks_encoded(plain):
        return folded(name, [plain, angle], columns=MAX_PLAIN_COLUMNS)
    words = encoded_words(phrase, used=len(name) + 2)
    return folded(name, [*words, angle], columns=MAX_ENCODED_COLUMNS)


def _quoted(phrase: str) -> str:
    """Return *phrase* as a quoted-string; empty if some readers would not take it."""
    if not _PLAIN_TEXT.fullmatch(phrase):
        return ""
    return '"' + phrase.replace("\\", r"\\").replace('"', r"\"") + '"'
