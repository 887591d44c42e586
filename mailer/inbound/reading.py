"""Read foreign mail: whatever the bytes are, a message or a word why not.

People's mail programs break every rule, and hostile mail is made to hurt those who
believe in them. So nothing here raises, nothing takes more than linear time, and
everything has an end: size, depth, number of parts and addresses. What is wrong in
one place is left out there, and the rest is read.

Source: RFC 5322, section 2.2; RFC 2045, section 6; RFC 2046, section 5.1; RFC 2047.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from mailer.inbound import decoding
from mailer.inbound.html_text import html_text
from mailer.inbound.stretch import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 25 * 1024 * 1024
"""What large providers take; a command needs a thousand bytes."""

MAX_DEPTH: Final = 20
"""Levels of parts in parts; a forwarded discussion has six."""

MAX_WALKED: Final = 50 * 1024 * 1024
"""Octets of parts in all levels together: each level is walked through once more."""

MAX_PARTS: Final = 200
"""Parts of one message in all."""

MAX_HEADER_BYTES: Final = 64 * 1024
"""Of a message's whole header; large providers refuse longer ones."""

MAX_FIELDS: Final = 1_000
"""Fields of one header."""

MAX_ADDRESSES: Final = 100
"""Addresses read from one message's recipients."""

MAX_TEXT_CHARS: Final = 256 * 1024
"""Of one text; the longest letter anybody reads is a tenth of it."""

MAX_ENCODED_BYTES: Final = 4 * MAX_TEXT_CHARS
"""Of one text as it is written: quoted-printable makes three octets of one."""

MAX_FIELD_CHARS: Final = 4 * 1024
"""Of a structured field, such as Content-Type."""

_MESSAGES: Final = frozenset({"message/rfc822", "message/global"})
"""Types of a part that is a message by itself."""

_BLANKS: Final = re.compile(rb"[ \t\r\x0b\x0c]*")
_CR: Final = 13

_RECIPIENTS: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no message we could read.

    Attributes:
        reason: A German half-sentence.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a message.

    Attributes:
        content_type: "text/plain", in small letters.
        content: Its bytes after the transfer encoding, of a text or a message the
            first of them; empty if it is neither, unless files were asked for.
        text: The same as text; None for what is none.
        filename: As the sender called it; empty if he did not.
        depth: Levels of multiparts around it.
        message: What is inside a message/rfc822.
        is_attachment: It does not want to be read in place.
        content_id: How an HTML text beside it refers to it; empty if it cannot.
    """

    content_type: str
    content: bytes
    text: str | None
    filename: str
    depth: int
    message: Message | None = None
    is_attachment: bool = False
    content_id: str = ""


@dataclass(frozen=True)
class Message:
    """A message as far as it could be read.

    Attributes:
        fields: Name in small letters and decoded value, in order.
        parts: Its leaves in order; those of an inner message are in that one.
    """

    fields: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]

    def header(self, name: str) -> str | None:
        """Return the first field called *name*, on one line; None if there is none."""
        wanted = name.lower()
        return next((value for known, value in self.fields if known == wanted), None)

    def headers(self, name: str) -> list[str]:
        """Return all fields called *name*."""
        wanted = name.lower()
        return [value for known, value in self.fields if known == wanted]

    def parameter(self, name: str, header: str = "Content-Type") -> str:
        """Return a parameter of a field, "report-type"; empty if it has none."""
        field = (self.header(header) or "")[:MAX_FIELD_CHARS]
        return decoding.parameters(field).get(name.lower(), "")

    @property
    def content_type(self) -> str:
        """What the whole is, "multipart/report"; plain text if it does not say."""
        return _content_type(self.header("Content-Type") or "")

    @cached_property
    def sender(self) -> str:
        """The bare address in From; empty if there is none."""
        found = decoding.addresses(self.header("From") or "", limit=1)
        return found[0] if found else ""

    @property
    def return_path(self) -> str | None:
        """The address failures go to: empty for "<>", None if nobody wrote it down."""
        field = self.header("Return-Path")
        if field is None:
            return None
        found = decoding.addresses(field, limit=1)
        return found[0] if found else ""

    @cached_property
    def to(self) -> tuple[str, ...]:
        """All recipients that the header knows, in small letters, each once."""
        found: dict[str, None] = {}
        for name in _RECIPIENTS:
            for field in self.headers(name):
                room = MAX_ADDRESSES - len(found)
                for address in decoding.addresses(field, limit=room):
                    found[address.lower()] = None
        return tuple(found)[:MAX_ADDRESSES]

    @property
    def subject(self) -> str:
        """The subject, decoded; empty if there is none."""
        return self.header("Subject") or ""

    @property
    def message_id(self) -> str | None:
        """The Message-ID with its angle brackets; None if there is none."""
        found = decoding.message_ids(self.header("Message-ID") or "")
        return found[0] if found else None

    @property
    def references(self) -> tuple[str, ...]:
        """What it answers: In-Reply-To first, then References, each once."""
        fields = self.headers("In-Reply-To") + self.headers("References")
        ids = (one for field in fields for one in decoding.message_ids(field))
        return tuple(dict.fromkeys(ids))[:MAX_ADDRESSES]

    @cached_property
    def html(self) -> str | None:
        """The first HTML text to be read in place; None if there is none."""
        return next(self._texts("text/html"), None)

    @cached_property
    def text(self) -> str:
        """The best plain text: the plain parts, else the HTML converted."""
        plain = [text for text in self._texts("text/plain") if text.strip()]
        if plain:
            return "\n".join(plain)[:MAX_TEXT_CHARS]
        if self.html is not None:
            return html_text(self.html)
        return ""

    def _texts(self, content_type: str) -> Iterator[str]:
        for part in self.parts:
            if part.content_type == content_type and not part.is_attachment:
                yield part.text or ""


def read(content: bytes, *, with_files: bool = False) -> Message | Unreadable:
    """Return what *content* says, or why it cannot be read; never raise.

    Args:
        with_files: What is neither text nor message is decoded, too.
    """
    if len(content) > MAX_BYTES:
        return Unreadable("sie ist größer als 25 MB")
    budget = _Budget(with_files=with_files)
    try:
        message = _message(Stretch.of(content), 0, budget)
    except Exception as error:  # noqa: BLE001 - foreign bytes must never stop the post
        return Unreadable(f"beim Lesen kam ein Fehler: {type(error).__name__}")
    if budget.is_spent:
        return Unreadable("sie ist zu tief verschachtelt")
    if not message.fields:
        return Unreadable("sie hat keinen Kopf")
    return message


@dataclass(slots=True)
class _Budget:
    """What may still be read of one message, all levels together."""

    parts: int = MAX_PARTS
    octets: int = MAX_WALKED
    is_spent: bool = False
    with_files: bool = False


def _message(content: Stretch, depth: int, budget: _Budget) -> Message:
    """Return the message that *content* is."""
    fields, body = _split(content)
    parts = _parts(fields, body, depth, budget)
    return Message(tuple(fields), tuple(parts))


def _parts(
    fields: list[tuple[str, str]], body: Stretch, depth: int, budget: _Budget
) -> Iterator[Part]:
    """Yield the leaves below an entity."""
    declared = _first(fields, "content-type")
    content_type = _content_type(declared)
    if content_type.startswith("multipart/"):
        boundary = decoding.parameters(declared).get("boundary", "")
        pieces = _pieces(body, boundary) if boundary else []
        if pieces:
            yield from _below(pieces, content_type, depth, budget)
            return
        content_type = (
            "text/plain"  # it promised parts and has none: read what is there
        )
    if budget.parts > 0:
        budget.parts -= 1
        yield _leaf(fields, body, content_type, depth, budget)


def _below(
    pieces: list[Stretch], content_type: str, depth: int, budget: _Budget
) -> Iterator[Part]:
    """Yield the leaves of a multipart's parts."""
    budget.octets -= sum(map(len, pieces))
    if depth >= MAX_DEPTH or budget.octets < 0:
        budget.is_spent = True
        return
    usual = "message/rfc822" if content_type == "multipart/digest" else ""
    for piece in pieces:
        fields, body = _split(piece)
        if usual and not _first(fields, "content-type"):
            fields.append(("content-type", usual))
        yield from _parts(fields, body, depth + 1, budget)


def _leaf(
    fields: list[tuple[str, str]],
    body: Stretch,
    content_type: str,
    depth: int,
    budget: _Budget,
) -> Part:
    """Return one leaf, decoded; what is inside a message is read too."""
    is_text = content_type.startswith(("text/", "message/"))
    inner = None
    if content_type in _MESSAGES:
        body, inner = _inside(fields, body, depth, budget)
        content = body.cut(MAX_ENCODED_BYTES)
    else:
        is_file = budget.with_files and not is_text
        encoded = body.cut() if is_file else body.cut(MAX_ENCODED_BYTES * is_text)
        content = decoding.unwrapped(
            encoded, _first(fields, "content-transfer-encoding")
        )
        budget.octets -= len(content)
    parameters = decoding.parameters(_first(fields, "content-type"))
    disposition = _first(fields, "content-disposition")
    named = decoding.parameters(disposition).get("filename", parameters.get("name", ""))
    return Part(
        content_type=content_type,
        content=content,
        text=decoding.text(content[:MAX_ENCODED_BYTES], parameters.get("charset", ""))[
            :MAX_TEXT_CHARS
        ]
        if is_text
        else None,
        filename=decoding.words(named),
        depth=depth,
        message=inner,
        is_attachment=disposition.strip().lower().startswith("attachment"),
        content_id=_first(fields, "content-id").strip(" <>"),
    )


def _inside(
    fields: list[tuple[str, str]], body: Stretch, depth: int, budget: _Budget
) -> tuple[Stretch, Message | None]:
    """Return the bytes of an enclosed message, and what they say if it is not too much.

    Nobody encodes it (RFC 2046, section 5.2.1), so it is nearly always read in place.
    """
    encoding = _first(fields, "content-transfer-encoding")
    if decoding.is_wrapped(encoding):
        body = Stretch.of(decoding.unwrapped(body.cut(), encoding))
    budget.octets -= len(body)
    if depth >= MAX_DEPTH or budget.octets < 0:
        budget.is_spent = True
        return body, None
    return body, _message(body.lstripped(), depth + 1, budget)


def _split(content: Stretch) -> tuple[list[tuple[str, str]], Stretch]:
    """Return the decoded fields and the body of an entity."""
    if content.begins(b"\n", b"\r\n"):
        return [], content.lstripped()
    ends = [
        (at, at + len(gap))
        for gap in (b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\r")
        if (at := content.find(gap)) >= 0
    ]
    end, start = min(ends, default=(content.end, content.end))
    head = content.within(content.start, end).cut(MAX_HEADER_BYTES)
    return _fields(head), content.within(start)


def _fields(head: bytes) -> list[tuple[str, str]]:
    """Return the fields of a header, unfolded and decoded."""
    gathered: list[tuple[str, list[str]]] = []
    for line in decoding.text(head, "").splitlines()[: 4 * MAX_FIELDS]:
        if line[:1] in {" ", "\t"}:
            if gathered:
                gathered[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or " " in name.strip():
            continue  # "From egon@…" of a mailbox file, or rubbish
        gathered.append((name.strip().lower(), [value.strip()]))
    return [
        (name, decoding.words(" ".join(lines))) for name, lines in gathered[:MAX_FIELDS]
    ]


def _first(fields: list[tuple[str, str]], name: str) -> str:
    """Return the first field called *name*, not too long; empty if there is none."""
    found = next((value for known, value in fields if known == name), "")
    return found[:MAX_FIELD_CHARS]


def _content_type(field: str) -> str:
    """Return "type/subtype" of a Content-Type field."""
    declared = field[:MAX_FIELD_CHARS].partition(";")[0].strip().lower()
    return declared if declared.count("/") == 1 else "text/plain"


def _pieces(body: Stretch, boundary: str) -> list[Stretch]:
    """Return the parts between the boundaries of a multipart.

    Source: RFC 2046, section 5.1.1: a boundary begins a line; the line end before
    it belongs to it.
    """
    mark = b"\n--" + boundary.encode("utf-8", "surrogateescape")
    pieces: list[Stretch] = []
    # What stands before the first boundary is a note for old programs.
    is_first = body.begins(mark[1:])
    found = body.start - 1 if is_first else body.find(mark)
    if found < 0 and not is_first:
        return pieces
    for _ in range(MAX_PARTS + 1):
        begin = found + len(mark)
        found = body.find(mark, begin)
        end = found if found >= 0 else body.end
        if body.within(begin).begins(b"--"):
            break
        line_end = body.within(begin, end).find(b"\n")
        # A longer boundary may begin like ours.
        if line_end >= 0 and _BLANKS.fullmatch(body.whole, begin, line_end):
            is_crlf = line_end + 1 < end and body.whole[end - 1] == _CR
            pieces.append(body.within(line_end + 1, end - is_crlf))
        if found < 0:
            break
    return pieces
