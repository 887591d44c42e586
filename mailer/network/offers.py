"""Pure: what a contribution says, and the lines in it that say something about it.

"Bild:" describes the picture that came with it, "Teilnehmende:" counts who was at the
meeting; a short first line above a gap is the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

MAX_TITLE: Final = 100
"""A longer first line is the text itself."""

MAX_CHARS: Final = 8_000
"""Of one contribution; a long one has six hundred."""

MAX_DESCRIPTION: Final = 500
"""Of a picture: two sentences do."""

PICTURE: Final = re.compile(
    r"\s*(?:bild(?:beschreibung|text)?|foto|beschreibung des bilde?s|alternativtext)"
    r"\s*:\s*",
    re.IGNORECASE,
)
"""How a line begins that says what the picture shows."""

_COUNT: Final = re.compile(
    r"\s*(?:teilnehmende|teilnehmer(?:innen)?(?: und teilnehmer(?:innen)?)?|anwesende?"
    r"|besucherinnen und besucher|gäste)\s*:\s*(\d{1,4})(?: personen| menschen)?\s*\.?"
    r"\s*",
    re.IGNORECASE,
)


# Control characters, half characters, and the signs that our own letters reserve.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010fffd]"
)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A contribution, taken apart.

    Attributes:
        title: Empty if it has none.
        text: Markdown, as it was written.
        description: What the picture shows; empty if nobody said.
        participants: How many were there; None if nobody said.
    """

    title: str
    text: str
    description: str
    participants: int | None


def pieces(said: str) -> Pieces:
    r"""Return the pieces of a contribution.

    Example:
        >>> pieces("Sommerfest\n\nWir feiern.\nBild: Kinder tanzen.").description
        'Kinder tanzen.'
    """
    left: list[str] = []
    description: list[str] = []
    participants: int | None = None
    is_picture = False
    for line in said.strip().split("\n"):
        is_picture = is_picture and bool(line.strip())
        counted = _COUNT.fullmatch(line)
        begins = PICTURE.match(line)
        if counted:
            participants = int(counted[1])
        elif begins:
            description, is_picture = [line[begins.end() :]], True
        elif is_picture:
            description.append(line)
        else:
            left.append(line.rstrip())
    title, text = _titled("\n".join(left).strip())
    described = " ".join(" ".join(description).split())[:MAX_DESCRIPTION]
    return Pieces(title, text, described, participants)


def titled(taken: Pieces, title: str) -> Pieces:
    """Return *taken* with a title from elsewhere, such as a subject."""
    return replace(taken, title=title[:MAX_TITLE])


def _titled(said: str) -> tuple[str, str]:
    """Return a title, if the first line is one, and what stands below it."""
    first, gap, rest = said.partition("\n\n")
    is_title = (
        bool(gap and rest.strip())
        and "\n" not in first
        and len(first) <= MAX_TITLE
        and not first.rstrip().endswith((".", ",", ";", ":"))
    )
    return (first.strip(), rest.strip()) if is_title else ("", said)


def shortened(text: str, most: int) -> str:
    """Return *text* on one line of at most *most* characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 2].rstrip()} …"


def cleaned(text: str) -> str:
    """Return foreign *text* without what could break a letter of ours."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
