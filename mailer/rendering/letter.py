"""A letter: subject, HTML and plain text, with the personal places open or filled.

``typesetting.render`` makes one letter for all who read the same style, with the
places open; that is what is shown, approved, stored and frozen. ``fill`` makes one
person's letter of it, and needs neither templates nor what reads them.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace

from mailer.errors import MessageUnsafe
from mailer.rendering import places
from mailer.rendering.person import Person, greeting, reason
from mailer.rendering.polish import polish_fragment

__all__ = ["Letter", "LetterFile", "Person", "fill", "greeting", "reason"]


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file that goes with a letter.

    Attributes:
        name: For people, without a path.
        media_type: "application/pdf".
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person reads.

    Attributes:
        subject: One line.
        text: Plain text, lines end with LF; complete without the HTML.
        html: A whole HTML document.
        calendar: iCalendar bytes; None for a letter without a date.
        method: What the calendar file asks for (RFC 5546, section 1.4); empty
            without one, and for a file that is to be saved and asks nothing.
        files: What comes along.
    """

    subject: str
    text: str
    html: str
    calendar: bytes | None = None
    method: str = ""
    files: tuple[LetterFile, ...] = ()


def fill(letter: Letter, person: Person, *, seam: str = "") -> Letter:
    """Return *letter* as one person gets it.

    Args:
        seam: Stands before and after each of her words, for ``mime``; empty for a
            letter that people look at.

    Raises:
        MessageUnsafe: The person's words contain a character reserved for us.
    """
    text, markup = letter.text, letter.html
    for name, sign in places.SIGNS.items():
        value = checked(name, getattr(person, name))
        text = text.replace(sign, f"{seam}{value}{seam}")
        markup = markup.replace(sign, f"{seam}{escaped(name, value)}{seam}")
    return replace(letter, text=text, html=markup)


def checked(name: str, value: str) -> str:
    """Return what fills the place *name*, looked at.

    Raises:
        MessageUnsafe: It contains a character reserved for us.
    """
    if places.has_private_sign(value):
        raise MessageUnsafe(name, "enthält ein Zeichen ohne festgelegte Bedeutung")
    return value


def escaped(name: str, value: str) -> str:
    """Return what fills the place *name* in HTML."""
    safe = html.escape(value)
    if name in (places.UNSUBSCRIBE_URL, places.PREFERENCES_URL, places.CONFIRM_TOKEN):
        return safe
    return polish_fragment(safe).replace("\n", "<br>\n")
