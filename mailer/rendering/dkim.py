"""Signing messages of our own: DKIM, for a relay that does not do it.

A pure function: finished bytes, keys and a moment give the same bytes with signatures
on top. The same letter signed twice gives the same signatures, so a second copy stays
a twin. For the copies of one letter see ``signer``.

Both forms are "relaxed": what servers do to spaces on the way breaks nothing. There
is never a length tag, which would let anybody append a text of his own, and the
fields that readers trust are signed once more than they occur, so that a second
From or an unsubscribe link cannot be slipped in.

Source: RFC 6376, sections 3.4, 3.5, 3.7, 5.4 and 8.15; RFC 8301; RFC 8463; RFC 8058,
section 4.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

OVERSIGNED: Final = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Reply-To",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
    "List-Archive",
)
"""Fields that say who writes, what it is and how to leave: nobody may add one.

RFC 6376, section 5.4, names From as the one that must be signed; RFC 8058, section
3.1, wants both fields of one-click covered.
"""

SIGNED: Final = ("Auto-Submitted", "Content-Transfer-Encoding")
"""Fields that are signed where they occur; a server may add them where they do not."""

_LINE_CHARS: Final = 72
"""Characters of a folded line: RFC 5322, section 2.1.1 asks for 78 at most."""

_FOLD: Final = "\r\n "

_NEXT_FIELD: Final = re.compile(rb"\r\n(?![ \t])")
_SPACES: Final = re.compile(rb"[ \t\r\n]+")
_SPACE_RUN: Final = re.compile(rb"  +")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key, and where verifiers find its other half.

    Attributes:
        domain: Who answers for the message, in ASCII.
        selector: Name of the key below ``_domainkey.`` of *domain*.
        algorithm: "rsa-sha256" or "ed25519-sha256".
        seal: Signs bytes; the hash is part of it.
    """

    domain: str
    selector: str
    algorithm: str
    seal: Callable[[bytes], bytes] = field(repr=False)


def sign(message: bytes, keys: Sequence[SigningKey], *, at: datetime) -> bytes:
    """Return *message* with one DKIM-Signature for each of *keys* on top.

    Args:
        message: A whole message, RFC 5322 bytes with CRLF, not yet dot-stuffed.
        keys: The first one is the first that verifiers see.
        at: The moment that the signatures name; the Date of a letter keeps all its
            copies the same.

    Source: RFC 6376, sections 3.5 and 3.7.
    """
    if not keys:
        return message
    canonical = canonical_form(message)
    digest = digest_of(canonical.body)
    tags = [tags_before_digest(key, canonical.names, at=at) for key in keys]
    signatures = [
        before + signature(key, relaxed_field(before), digest, canonical.header)
        for key, before in zip(keys, tags, strict=True)
    ]
    return b"".join([*signatures, message])


class Canonical(NamedTuple):
    """What is hashed of a message.

    Attributes:
        names: For the tag "h".
        header: The fields they stand for, canonical, each with its CRLF.
        body: Canonical.
    """

    names: Sequence[str]
    header: bytes
    body: bytes


def canonical_form(message: bytes) -> Canonical:
    """Return what is hashed of *message*."""
    header, _, body = message.partition(b"\r\n\r\n")
    fields = _NEXT_FIELD.split(header)
    names = signed_names(fields)
    return Canonical(names, b"".join(_taken(fields, names)), relaxed_body(body))


def digest_of(body: bytes) -> bytes:
    """Return the tag "bh" of a canonical body."""
    return base64.b64encode(hashlib.sha256(body).digest())


def signed_names(fields: Sequence[bytes]) -> list[str]:
    """Return the names for the tag "h": each that occurs, and once more for some.

    Source: RFC 6376, section 5.4.2: a name beyond the last occurrence stands for
    nothing, and a field of that name added later breaks the signature.
    """
    found = [_name(field_).decode("ascii") for field_ in fields]
    names: list[str] = []
    for name in (*OVERSIGNED, *SIGNED):
        times = found.count(name.lower()) + (name in OVERSIGNED)
        names += [name] * times
    return names


def relaxed_field(field_: bytes) -> bytes:
    r"""Return a header field as it is hashed, without its CRLF.

    Source: RFC 6376, section 3.4.2.

    Example:
        >>> relaxed_field(b"SubJect :  Guten \r\n\t Tag ")
        b'subject:Guten Tag'
    """
    _, _, value = field_.partition(b":")
    return _name(field_) + b":" + relaxed_value(value).strip(b" ")


def relaxed_value(value: bytes) -> bytes:
    """Return a part of a field's value, unfolded and spaces reduced."""
    return _SPACES.sub(b" ", value)


def relaxed_body(body: bytes) -> bytes:
    r"""Return a body as it is hashed: spaces reduced, no empty lines at its end.

    Source: RFC 6376, section 3.4.4.

    Example:
        >>> relaxed_body(b"Guten \t Tag  \r\n\r\n\r\n")
        b'Guten Tag\r\n'
    """
    text = relaxed_lines(body + b"\r\n").rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


def relaxed_lines(text: bytes) -> bytes:
    """Return a part of a body that ends with a line, spaces reduced."""
    text = text.replace(b"\t", b" ")
    if b"  " in text:  # rare in what we write, and slow to look for
        text = _SPACE_RUN.sub(b" ", text)
    return text.replace(b" \r\n", b"\r\n")


def _name(field_: bytes) -> bytes:
    return field_.partition(b":")[0].strip(b" \t").lower()


def _taken(fields: Sequence[bytes], names: Sequence[str]) -> Iterable[bytes]:
    """Yield what *names* stand for: of each name the last field first.

    Source: RFC 6376, section 5.4.2.
    """
    left: dict[str, list[bytes]] = {}
    for field_ in fields:
        left.setdefault(_name(field_).decode("ascii"), []).append(field_)
    for name in names:
        if of_name := left.get(name.lower()):
            yield relaxed_field(of_name.pop()) + b"\r\n"


def tags_before_digest(key: SigningKey, names: Sequence[str], *, at: datetime) -> bytes:
    """Return the beginning of a DKIM-Signature field, up to the digest of the body."""
    return (
        f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed;"
        f"{_FOLD}d={key.domain};{_FOLD}s={key.selector}; t={int(at.timestamp())};"
        f"{_FOLD}h={_folded(names, ':')};{_FOLD}bh="
    ).encode("ascii")


def signature(key: SigningKey, before: bytes, digest: bytes, header: bytes) -> bytes:
    """Return the end of a DKIM-Signature field: digest, signature and CRLF.

    The signature itself stands last: hashed is the same field with nothing there.

    Args:
        before: What stands before it in the field, canonical.
        header: The fields that are signed, canonical.
    """
    seal = base64.b64encode(key.seal(b"%b%b%b; b=" % (header, before, digest)))
    lines = [seal[i : i + _LINE_CHARS] for i in range(0, len(seal), _LINE_CHARS)]
    return b"%b;\r\n b=%b\r\n" % (digest, b"\r\n ".join(lines))


def _folded(words: Sequence[str], between: str) -> str:
    """Return *words* in lines that are not too long, broken after *between*."""
    lines = [""]
    for number, word in enumerate(words, start=1):
        piece = word if number == len(words) else f"{word}{between}"
        if lines[-1] and len(lines[-1]) + len(piece) > _LINE_CHARS:
            lines.append("")
        lines[-1] += piece
    return _FOLD.join(lines)
