"""What the outbox hands to the wire, and what it hears back: plain values.

They stand on this floor because outbox and transport both speak them and neither
may import the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from subscribers.address import EmailAddress


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one message, in pieces: what it shares, and what is its own.

    Nearly all of a letter is the same for everybody who gets it, and whoever handles
    thousands of copies need not look at that again and again.

    Attributes:
        shared: One more than *own*; the very same objects in every copy of a letter.
        own: What stands between them, for this reader alone.
    """

    shared: tuple[bytes, ...]
    own: tuple[bytes, ...]

    @classmethod
    def whole(cls, octets: bytes) -> Content:
        """Return the content of a message that shares nothing."""
        return cls((b"", b""), (octets,))

    def __bytes__(self) -> bytes:
        pieces = [b""] * (len(self.shared) + len(self.own))
        pieces[::2] = self.shared
        pieces[1::2] = self.own
        return b"".join(pieces)

    def __len__(self) -> int:
        """Return the octets of all pieces together."""
        return sum(map(len, self.shared)) + sum(map(len, self.own))


class Parcel(NamedTuple):
    """One message for one recipient, ready for the wire.

    Attributes:
        return_path: Envelope sender; bounces go there.
        recipient: Envelope recipient.
        content: RFC 5322 bytes: CRLF line ends, ASCII only, lines of at most 998
            octets; dots are not doubled yet.
        wants_no_report: Nobody is to be told if it does not arrive: the null return
            path, where the server lets us use it (RFC 3834, section 3.3).
        envelope_id: What a report repeats, to say which parcel it is about; empty
            for none. Letters and digits (RFC 3461, section 4.4).
    """

    return_path: EmailAddress
    recipient: EmailAddress
    content: Content
    wants_no_report: bool = False
    envelope_id: str = ""


class Verdict(StrEnum):
    """What became of a parcel."""

    ACCEPTED = "accepted"
    """The server took responsibility."""
    DEFERRED = "deferred"
    """Not taken; a later try may succeed. The server has no copy."""
    REFUSED = "refused"
    """Not taken, and never will be. The server has no copy."""
    UNKNOWN = "unknown"
    """The content may have left and the answer was lost."""
    NOT_SENT = "not_sent"
    """We ourselves stopped before the content; the server has no copy."""


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """The server's words, or ours in its place, fit for the database.

    Attributes:
        code: Three digits; None if no server said it.
        text: One line of at most 500 printable characters, addresses masked.
        enhanced: Enhanced status code, "5.1.1"; None if there was none.
    """

    code: int | None
    text: str
    enhanced: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel, and the last words about it.

    Attributes:
        verdict: The fact.
        reply: The last reply; None if nobody said anything.
    """

    verdict: Verdict
    reply: SmtpReply | None = None
