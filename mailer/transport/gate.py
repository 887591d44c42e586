"""The gate for content: what all copies of a letter share is looked at once.

Nothing leaves that has not passed here. The rules, and the doubling of dots, stand in
``wire``, for a whole message. Of a message in pieces as much is proven without looking
at all of it again, if each piece is made of whole lines, or parts of lines, that begin
with no dot:

* line ends within pieces are whole, so the message has no others;
* no piece begins with a dot, so it does not matter what stands before it;
* a line of the message is no longer than what is shared of it, and what the own pieces
  in it may have at most.

Where that is not so nothing is proven, and the whole message is looked at.

Source: RFC 5321, sections 2.3.8 and 4.5.2; RFC 1870, section 5.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mailer.transport import wire

if TYPE_CHECKING:
    from mailer.rendering.parcel import Parcel

_PLACE: Final = b"\0"
"""Stands for an own piece in what is shared; no message may hold it."""

KEPT_LETTERS: Final = 4
"""Of how many letters it is remembered what they share, in megabytes where a file is
enclosed: two editions at once, each in both wordings."""


class Passed(NamedTuple):
    """A parcel whose content may leave.

    Attributes:
        octets: Of the message, without the dots that we double.
        pieces: As they go over the wire, with the final dot.
    """

    parcel: Parcel
    octets: int
    pieces: list[bytes]


def passed(parcel: Parcel) -> Passed:
    """Let only a content pass that every server reads as one and the same message.

    Raises:
        ContentUnsafe: As ``wire.check_content``.
    """
    shared, own = parcel.content.shared, parcel.content.own
    frame = _frame(shared)
    lines = wire.LINE_END.join(own)  # so that each piece begins and ends a line
    if frame is None or not frame.room.fullmatch(lines):
        content = bytes(parcel.content)
        wire.check_content(content)
        return Passed(parcel, len(content), [wire.stuffed(content)])
    pieces = frame.pieces.copy()
    pieces[1::2] = own
    return Passed(parcel, frame.octets + len(lines), pieces)


class _Frame(NamedTuple):
    """What copies of a letter share.

    Attributes:
        pieces: As they go over the wire, with empty ones between for what is own.
        octets: Of the message, less the line ends between own pieces.
        room: What may stand in each of the places.
    """

    pieces: list[bytes]
    octets: int
    room: re.Pattern[bytes]


@lru_cache(maxsize=KEPT_LETTERS)
def _frame(shared: tuple[bytes, ...]) -> _Frame | None:
    """Return what is proven of all messages that share this; None if nothing is."""
    is_whole = shared[-1].endswith(wire.LINE_END)
    allowed = _lines_of(wire.MAX_LINE_OCTETS)
    if not is_whole or not allowed.fullmatch(wire.LINE_END.join(shared)):
        return None
    room = min(map(_room, _PLACE.join(shared).split(wire.LINE_END)))
    if room < 0:
        return None
    places = len(shared) - 1
    pieces = [b""] * (2 * places + 1)
    pieces[::2] = *shared[:-1], shared[-1] + wire.FINAL_DOT
    octets = sum(map(len, shared)) - len(wire.LINE_END) * max(places - 1, 0)
    return _Frame(pieces, octets, _lines_of(room))


def _room(line: bytes) -> int:
    """Return how many octets each place of *line* may be filled with."""
    places = line.count(_PLACE)
    return (wire.MAX_LINE_OCTETS + places - len(line)) // max(places, 1)


def _lines_of(most: int) -> re.Pattern[bytes]:
    """Return what is like lines of up to *most* octets that begin with no dot."""
    line = rb"(?!\.)[\x01-\x09\x0b\x0c\x0e-\x7f]{0,%d}+" % most
    return re.compile(rb"%b(?:\r\n%b)*+" % (line, line))
