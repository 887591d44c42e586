"""Pure: is a PDF something to read, and nothing that does something?

Looked for are the names of actions and of files inside, as they stand in the file and
in its compressed objects. It is a precaution: a program for viruses looks deeper.

Source: ISO 32000-2, sections 7.3.5 (names), 7.5.7 (object streams) and 12.6 (actions).
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PDF: Final = b"%PDF-"

MAX_INFLATED: Final = 32 * 1024 * 1024
"""Of all compressed objects together; who packs more into them hides something."""

_ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA)"
    rb"(?![A-Za-z0-9])"
)
_LOCKED: Final = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECTS: Final = re.compile(
    rb"<<(?P<about>[^>]{0,400}/ObjStm[^>]{0,400})>>\s{0,4}stream\r?\n"
)


class Locked(ValueError):
    """Nobody can look into it: it is encrypted, or packed in an unknown way."""


def is_active(content: bytes) -> bool:
    """Tell whether a PDF holds a program, a form to send, or another file.

    Raises:
        Locked: Nobody can look into it.
    """
    if _LOCKED.search(content):
        raise Locked
    return any(_ACTIVE.search(_plain(one)) for one in (content, *_objects(content)))


def _objects(content: bytes) -> Iterator[bytes]:
    """Yield what is in the compressed objects."""
    left = MAX_INFLATED
    for found in _OBJECTS.finditer(content):
        if b"FlateDecode" not in found["about"]:
            raise Locked
        try:
            inside = zlib.decompressobj().decompress(content[found.end() :], left)
        except zlib.error:
            raise Locked from None
        left -= len(inside)
        if left <= 0:
            raise Locked
        yield inside


def _plain(content: bytes) -> bytes:
    """Return *content* with names as they are read: "/J#61vaScript" is a trick."""
    return _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), content)
