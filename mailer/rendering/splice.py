"""A letter built once for all its readers, with slots for what is personal.

Building a message costs a millisecond, and all but a few lines of it are the same for
everybody. So a letter is built once, by the same ``build`` as ever, and cut wherever
something personal stands: a field of the header, a boundary, a place. For each reader
those pieces are written and joined with the rest.

A place can be cut out because an encoded line begins at each of its seams (see
``mime``): what stands around a value does not depend on it. What cannot be cut is built
for each reader, with identical bytes. The first message of a letter is always built
both ways and compared.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mailer.errors import MessageUnsafe
from mailer.rendering import headers, mime, places
from mailer.rendering.letter import escaped, fill, words
from mailer.rendering.message import HALF_A_CHARACTER, build, unsubscribe_fields
from mailer.rendering.parcel import Content

if TYPE_CHECKING:
    from mailer.rendering.letter import Letter
    from mailer.rendering.message import MessageHead
    from mailer.rendering.person import Person

_SHARED: Final = attrgetter(
    "sender_name", "sender", "reply_to", "date", "list_id", "list_name", "help_mailto",
    "auto_generated", "auto_replied", "in_reply_to", "references", "enclosed",
)  # fmt: skip
"""What all readers of a letter find in its header."""

_TEXT: Final = {name: chr(0xF700 + n) for n, name in enumerate(places.SIGNS)}
_HTML: Final = {name: chr(0xF720 + n) for n, name in enumerate(places.SIGNS)}
"""What marks a place while a letter is cut: one sign in the text, one in the HTML."""


class Splices:
    """Writes the messages of a few letters, each like ``plain`` to the last bit."""

    def __init__(self) -> None:
        """Begin without any letter."""
        self._cuts: dict[Letter, _Cut | None] = {}

    def message(self, letter: Letter, person: Person, own: MessageHead) -> Content:
        """Return *letter* as one reader gets it.

        Raises:
            MessageUnsafe: As ``build``.
        """
        cut = self._cuts.get(letter)
        if cut is not None and cut.fits(own):
            return cut.message(person, own)
        whole = plain(letter, person, own)
        if letter not in self._cuts:
            cut = _Cut(letter, own)
            is_true = bytes(cut.message(person, own)) == bytes(whole)
            self._cuts[letter] = cut if is_true else None
        return whole

    def are_used_for(self, letter: Letter) -> bool:
        """Tell whether *letter* could be cut."""
        return self._cuts.get(letter) is not None


def plain(letter: Letter, person: Person, own: MessageHead) -> Content:
    """Return *letter* as one reader gets it, built from nothing.

    Raises:
        MessageUnsafe: As ``build``.
    """
    return Content.whole(build(fill(letter, person, seam=mime.SEAM), own))


class _Cut:
    """A message in pieces: every second one is a slot."""

    def __init__(self, letter: Letter, own: MessageHead) -> None:
        """Build *letter* with marks in its places, and cut it there."""
        whole = build(_marked(letter), own).decode("ascii")
        found = _own_fields(own) | _borders(own)
        marks = {text: name for name, text in found.items() if text}
        for name in places.SIGNS:
            marks[mime.personal(_TEXT[name])] = f"text {name}"
            marks[mime.personal(_HTML[name])] = f"html {name}"
        pieces = re.split(f"({'|'.join(map(re.escape, marks))})", whole)
        self._shared = _SHARED(own)
        self._static = tuple(one.encode("ascii") for one in pieces[::2])
        self._slots = [marks[piece] for piece in pieces[1::2]]
        self._places = [
            (slot, slot.partition(" ")[2], slot.startswith("html"))
            for slot in dict.fromkeys(self._slots)
            if " " in slot
        ]
        self._said = sorted({name for _, name, _ in self._places})

    def fits(self, own: MessageHead) -> bool:
        """Tell whether a reader's header differs in nothing but what is personal."""
        return bool(_SHARED(own) == self._shared)

    def message(self, person: Person, own: MessageHead) -> Content:
        """Return the message for one reader.

        Raises:
            MessageUnsafe: As ``build``.
        """
        written = _own_fields(own) | _borders(own)
        said = {name: words(person, name) for name in self._said}
        try:
            for slot, name, is_html in self._places:
                written[slot] = _value(name, said[name], is_html=is_html)
        except UnicodeEncodeError:
            raise MessageUnsafe("Text", HALF_A_CHARACTER) from None
        said_here = tuple(written[slot].encode("ascii") for slot in self._slots)
        return Content(self._static, said_here)


def _marked(letter: Letter) -> Letter:
    """Return *letter* with a mark in every place, between seams."""
    text, html = letter.text, letter.html
    for name, sign in places.SIGNS.items():
        text = text.replace(sign, f"{mime.SEAM}{_TEXT[name]}{mime.SEAM}")
        html = html.replace(sign, f"{mime.SEAM}{_HTML[name]}{mime.SEAM}")
    return replace(letter, text=text, html=html)


def _own_fields(own: MessageHead) -> dict[str, str]:
    """Return the fields that every reader has of her own."""
    return {
        "to": headers.mailbox_field("To", own.to, own.to_name),
        "message_id": headers.message_id_field(own.message_id),
        "unsubscribe": headers.CRLF.join(
            unsubscribe_fields(own.unsubscribe_mailto, own.one_click_url)
        ),
    }


def _borders(own: MessageHead) -> dict[str, str]:
    """Return the boundaries: what we encode contains none, so the first are free."""
    seed = own.boundary_seed
    return {"outer": mime.boundary(seed, 0), "inner": mime.boundary(seed, 1)}


@lru_cache(maxsize=1024)
def _value(name: str, value: str, *, is_html: bool) -> str:
    """Return what stands in a place; many readers have the same reason."""
    return mime.personal(escaped(name, value) if is_html else value)
