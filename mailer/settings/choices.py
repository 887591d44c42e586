"""What a setting can be, where only a few words are possible."""

from __future__ import annotations

from enum import StrEnum


class VenueAnswer(StrEnum):
    """What is known about one fact of a venue; "unknown" is an honest answer."""

    YES = "ja"
    NO = "nein"
    ON_REQUEST = "auf Anfrage"
    UNKNOWN = "nicht bekannt"


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    TLS = "tls"
    """TLS from the first byte (RFC 8314, section 3)."""
    STARTTLS = "starttls"
    """Upgrade required; without it nothing is sent."""
    PLAIN = "plain"
    """No protection; only towards a loopback host."""


class OnDoubt(StrEnum):
    """What happens to a delivery whose answer was lost."""

    RESEND = "resend"
    HOLD = "hold"


class Silence(StrEnum):
    """What happens to a draft that nobody answers."""

    SEND = "send"
    HOLD = "hold"


class ReturnPaths(StrEnum):
    """Where reports about undeliverable letters come back to."""

    SHARED = "shared"
    SIGNED = "signed"


class OnHardBounce(StrEnum):
    """What one clear report of a dead mailbox does."""

    REST = "rest"
    CONFIRM = "confirm"


class InboxMode(StrEnum):
    """Whose mailbox we read."""

    DEDICATED = "dedicated"
    """The program's own: what is settled is moved away."""
    SHARED = "shared"
    """A person reads it too: nothing is deleted, nothing marked as read."""


class Durability(StrEnum):
    """What a commit promises at a power cut (SQLite)."""

    FULL = "full"
    FAST = "fast"
