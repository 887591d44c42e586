"""Pure: the files that somebody sent with a mail, without what only decorates it.

Offices put a logo below every mail; it stands in the HTML text, which refers to it. A
photograph that was pasted into the text looks the same; so an embedded picture counts
only if the text says what it shows and nothing else is attached.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.inbound.reading import Message, read
from mailer.network import offers
from mailer.network.files import Enclosed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.inbound.reading import Part

MIN_PASTED_BYTES: Final = 20 * 1024
"""An embedded picture that is smaller is a logo, whatever the text says."""

_NO_FILES: Final = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/calendar",
        "text/directory",
        "text/vcard",
        "text/x-vcard",
    }
)
"""Signatures, visiting cards, calendar entries: nobody means them as a file."""

_REFERENCE: Final = re.compile(r"[\"'(]\s*cid:([^\"')\s>]{1,200})", re.IGNORECASE)


def enclosed(message: Message, content: bytes) -> tuple[Enclosed, ...]:
    """Return the files with *message*, in order.

    Args:
        content: Its bytes; they are read again only if there is a file.
    """
    if not any(_may_be_a_file(one) for one in message.parts):
        return ()
    whole = read(content, with_files=True)
    return tuple(_files(whole)) if isinstance(whole, Message) else ()


def _files(message: Message) -> Iterator[Enclosed]:
    embedded = set(_REFERENCE.findall(message.html or ""))
    found = [one for one in message.parts if _may_be_a_file(one)]
    attached = [one for one in found if one.content_id not in embedded]
    if not attached and _says_what_it_shows(message):
        pasted = [one for one in found if len(one.content) >= MIN_PASTED_BYTES]
        attached = sorted(pasted, key=lambda one: len(one.content))[-1:]
    for one in attached:
        yield Enclosed(one.filename, one.content)


def _may_be_a_file(part: Part) -> bool:
    if part.content_type in _NO_FILES or part.message is not None:
        return False
    is_read_in_place = part.content_type.startswith("text/") and not part.is_attachment
    is_report = part.content_type.startswith("message/")
    return not is_read_in_place and not is_report


def _says_what_it_shows(message: Message) -> bool:
    return any(offers.PICTURE.match(line) for line in message.text.split("\n"))
