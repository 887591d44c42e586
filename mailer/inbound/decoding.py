"""Turn the bytes of foreign mail into text: character sets, encoded words, addresses.

A declared character set is believed only if it is one for text and fits; then UTF-8
is tried, which cannot fit by chance, and at last the one of old Windows, in which
every byte means something.

Source: RFC 2045, sections 5 and 6; RFC 2047, sections 2 and 6; RFC 2231, section 4.
"""

from __future__ import annotations

import binascii
import re
from email.message import Message as Field
from email.utils import collapse_rfc2231_value
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Not every codec of Python is one for text, and some take quadratic time.
_CHARSET: Final = re.compile(
    r"utf[-_]?(?:8|16|32)(?:[-_]?[bl]e)?|(?:us[-_]?)?ascii|latin[-_]?\d{1,2}"
    r"|iso[-_]?8859[-_]\d{1,2}|(?:windows|cp)[-_]?\d{3,4}|koi8[-_][ru]|mac[-_]?roman"
    r"|gb2312|gbk|gb18030|big5|shift[-_]?jis|euc[-_](?:jp|kr)|iso[-_]2022[-_](?:jp|kr)",
    re.IGNORECASE,
)
_ENCODED_WORD: Final = re.compile(
    r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\n]*)\?="
)
_BASE64: Final = f"{ascii_letters}{digits}+/".encode()
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64))
_LOCAL: Final = r"A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-"
_ADDRESS: Final = re.compile(
    rf"(?<![{_LOCAL}])([{_LOCAL}\u00a1-\U0010ffff]{{1,64}})"
    r"@([A-Za-z0-9\u00a1-\U0010ffff](?:[A-Za-z0-9.\-\u00a1-\U0010ffff]{0,252}))"
)
_MESSAGE_ID: Final = re.compile(r"<[^<>\s@]{1,250}@[^<>\s@]{1,250}>")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text(content: bytes, charset: str) -> str:
    """Return *content* as text: declared, else UTF-8, else Windows-1252."""
    declared = charset.strip().strip("\"'")
    for name in (declared, "utf-8"):
        if not _CHARSET.fullmatch(name):
            continue
        try:
            return _clean(content.decode(name))
        except (UnicodeError, LookupError):
            continue
    return _clean(content.decode("cp1252", "replace"))


def _clean(decoded: str) -> str:
    """Return text with one kind of line end and no control characters.

    PostgreSQL takes no NUL, and half a surrogate pair cannot be written anywhere.
    """
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", lines).encode("utf-8", "replace").decode()


def is_wrapped(encoding: str) -> bool:
    """Say whether *encoding* makes other bytes of a body (RFC 2045, section 6.2)."""
    return encoding.strip().lower() in {"base64", "quoted-printable"}


def unwrapped(body: bytes, encoding: str) -> bytes:
    """Return *body* without its transfer encoding; as it is if that is broken."""
    match encoding.strip().lower():
        case "base64":
            return _from_base64(body)
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case _:
            return body


def _from_base64(body: bytes) -> bytes:
    """Return the bytes of base64, whatever stands between or after it."""
    letters = body.translate(None, _NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    padding = b"=" * (-len(letters) % 4)
    try:
        return binascii.a2b_base64(letters + padding)
    except binascii.Error:
        return body


def words(field: str) -> str:
    """Return a field with its encoded-words as text.

    White space between two of them is dropped, and a character may be cut in two.
    """
    if "=?" not in field:
        return field
    pieces: list[str] = []
    held: tuple[str, bytes] | None = None
    at = 0
    for found in _ENCODED_WORD.finditer(field):
        gap = field[at : found.start()]
        charset, content = found[1].lower(), _word_bytes(found[2], found[3])
        if held is not None and not gap.strip() and held[0] == charset:
            held = (charset, held[1] + content)
        else:
            pieces += _flushed(held, gap)
            held = (charset, content)
        at = found.end()
    pieces += _flushed(held, field[at:])
    return "".join(pieces)


def _flushed(held: tuple[str, bytes] | None, gap: str) -> Iterator[str]:
    """Yield an encoded word that is complete, and what stands behind it."""
    if held is not None:
        yield " ".join(text(held[1], held[0]).split("\n"))
    if held is None or gap.strip():
        yield gap


def _word_bytes(kind: str, content: str) -> bytes:
    """Return the bytes of one encoded-word."""
    octets = content.encode("utf-8")
    if kind in "bB":
        return _from_base64(octets)
    return binascii.a2b_qp(octets, header=True)


def parameters(field: str) -> Mapping[str, str]:
    """Return the parameters of a structured field by name in small letters."""
    holder = Field()
    holder["Content-Type"] = field
    try:
        pairs = holder.get_params([], "Content-Type")
    except Exception:  # noqa: BLE001 - the library stumbles over some broken fields
        return {}
    return {
        name.lower(): collapse_rfc2231_value(value).strip()
        for name, value in pairs[1:]
        if value
    }


def addresses(field: str, *, limit: int) -> list[str]:
    """Return the bare addresses in a field like From or To, at most *limit*.

    What stands in quotes or parentheses is a name and never an address.
    """
    bare = _without_names(field)
    return [
        f"{local.strip('.')}@{domain.rstrip('.-')}"
        for (local, domain), _ in zip(_found(bare), range(limit), strict=False)
    ]


def all_addresses(prose: str, *, limit: int) -> list[str]:
    """Return the addresses in running text, at most *limit*, in order."""
    pairs = zip(_found(prose), range(limit), strict=False)
    return [f"{local.strip('.')}@{domain.rstrip('.-')}" for (local, domain), _ in pairs]


def _found(prose: str) -> Iterator[tuple[str, str]]:
    for match in _ADDRESS.finditer(prose):
        yield match[1], match[2]


def _without_names(field: str) -> str:
    """Return an address field without quoted strings and nested comments."""
    kept: list[str] = []
    depth, is_quoted, is_escaped = 0, False, False
    for sign in field:
        if is_escaped:
            is_escaped = False
        elif sign == "\\" and (is_quoted or depth):
            is_escaped = True
        elif sign == '"' and not depth:
            is_quoted = not is_quoted
            kept.append(" ")
        elif sign == "(" and not is_quoted:
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif not is_quoted and not depth:
            kept.append(sign)
    return "".join(kept)


def message_ids(field: str) -> list[str]:
    """Return the Message-IDs in a field, with their angle brackets."""
    return _MESSAGE_ID.findall(field)
