"""The life of one delivery: the whole truth of sending.

A delivery is one occasion to one mailbox, e.g. the invitation for 5 March to mailbox
17. The last dot of DATA is the point of no return: whoever accepts it owns the
message (RFC 5321, section 6.1). So the ledger writes ``TRANSMITTING`` before the
content leaves. A crash before it is harmless, the lease runs out and the row is
queued again. A crash after it leaves a delivery nobody can be sure of; such a row
becomes ``UNCERTAIN``. The setting ``on_doubt`` says what happens then: one more copy
with identical bytes, or waiting for proof or for the coordinator.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from subscribers.machine import Machine


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    """Waits for a worker."""
    CLAIMED = "claimed"
    """A worker holds the lease; the server has not got the message."""
    TRANSMITTING = "transmitting"
    """The content may be on its way; the answer is not in the ledger yet."""
    UNCERTAIN = "uncertain"
    """The connection or the worker died before the answer; nobody knows it."""
    DEFERRED = "deferred"
    """The server said "later" (4yz); ``next_try_at`` says when."""
    HELD = "held"
    """An operator holds it back."""
    ACCEPTED = "accepted"
    """The server took responsibility (250)."""
    REFUSED = "refused"
    """The server said "never" (5yz)."""
    EXPIRED = "expired"
    """Too late: the meeting has begun, or "later" went on for too long."""
    SKIPPED = "skipped"
    """Must not or need not be sent any more: consent ended, withdrawn, superseded."""
    BOUNCED = "bounced"
    """Accepted first, returned by mail afterwards (RFC 3464)."""


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    CLAIM = "claim"
    RELEASE = "release"
    """A worker stops before the content left, or an operator lets go."""
    TRANSMIT = "transmit"
    ACCEPT = "accept"
    DEFER = "defer"
    REFUSE = "refuse"
    LEASE_EXPIRED = "lease_expired"
    LOSE = "lose"
    """The connection died between the content and its answer."""
    RETRY = "retry"
    """One more copy of a doubtful delivery, identical to the last bit."""
    EXPIRE = "expire"
    SKIP = "skip"
    HOLD = "hold"
    BOUNCE = "bounce"
    REOPEN = "reopen"
    """A person, or a refusal that was meant for us, gives a missed letter one more
    chance; only where no server has a copy."""


S, E = DeliveryState, DeliveryEvent

DELIVERY: Final = Machine(
    name="delivery",
    start=S.QUEUED,
    table={
        S.QUEUED: {
            E.CLAIM: S.CLAIMED,
            E.SKIP: S.SKIPPED,
            E.EXPIRE: S.EXPIRED,
            E.HOLD: S.HELD,
        },
        S.CLAIMED: {
            E.TRANSMIT: S.TRANSMITTING,
            E.RELEASE: S.QUEUED,
            E.LEASE_EXPIRED: S.QUEUED,
            E.DEFER: S.DEFERRED,
            E.REFUSE: S.REFUSED,
            E.SKIP: S.SKIPPED,
            E.EXPIRE: S.EXPIRED,
            E.HOLD: S.HELD,
        },
        S.TRANSMITTING: {
            E.ACCEPT: S.ACCEPTED,
            E.DEFER: S.DEFERRED,
            E.REFUSE: S.REFUSED,
            E.LOSE: S.UNCERTAIN,
            E.LEASE_EXPIRED: S.UNCERTAIN,
        },
        S.UNCERTAIN: {
            E.RETRY: S.QUEUED,
            E.ACCEPT: S.ACCEPTED,
            E.REFUSE: S.REFUSED,
            E.BOUNCE: S.BOUNCED,
            E.SKIP: S.SKIPPED,
            E.EXPIRE: S.EXPIRED,
        },
        S.DEFERRED: {
            E.CLAIM: S.CLAIMED,
            E.SKIP: S.SKIPPED,
            E.EXPIRE: S.EXPIRED,
            E.HOLD: S.HELD,
        },
        S.HELD: {E.RELEASE: S.QUEUED, E.SKIP: S.SKIPPED, E.EXPIRE: S.EXPIRED},
        S.ACCEPTED: {E.BOUNCE: S.BOUNCED},
        S.REFUSED: {E.REOPEN: S.QUEUED},
        S.EXPIRED: {E.REOPEN: S.QUEUED},
        S.SKIPPED: {E.REOPEN: S.QUEUED},
        S.BOUNCED: {},
    },
)

OPEN: Final = frozenset(
    {S.QUEUED, S.CLAIMED, S.TRANSMITTING, S.UNCERTAIN, S.DEFERRED, S.HELD}
)
"""States in which something is still to be done or to be found out."""
