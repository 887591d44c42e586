"""The life of one subscription, and where a partner stands.

Only an ``ACTIVE`` subscription permits a letter. There are two ways to get there: the
person confirms (double opt-in), or somebody records a consent given on paper or by
phone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from subscribers.machine import Machine


class SubscriptionState(StrEnum):
    """Where a subscription stands."""

    REQUESTED = "requested"
    """Asked for, not confirmed: nothing may be sent but the confirm mail."""
    ACTIVE = "active"
    """Consent is on record."""
    PAUSED = "paused"
    """The person wants a break."""
    LAPSED = "lapsed"
    """Never confirmed in time."""
    ENDED = "ended"
    """The person left, or was taken off the list."""


class SubscriptionEvent(StrEnum):
    """What can happen to a subscription."""

    REQUEST = "request"
    CONFIRM = "confirm"
    RECORD_CONSENT = "record_consent"
    LAPSE = "lapse"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


class PartnerState(StrEnum):
    """Where an organisation stands towards the network."""

    ACTIVE = "active"
    RESTING = "resting"
    LEFT = "left"


S, E = SubscriptionState, SubscriptionEvent

SUBSCRIPTION: Final = Machine(
    name="subscription",
    start=S.REQUESTED,
    table={
        S.REQUESTED: {
            E.CONFIRM: S.ACTIVE,
            E.RECORD_CONSENT: S.ACTIVE,
            E.LAPSE: S.LAPSED,
            E.END: S.ENDED,
        },
        S.ACTIVE: {E.PAUSE: S.PAUSED, E.END: S.ENDED},
        S.PAUSED: {E.RESUME: S.ACTIVE, E.END: S.ENDED},
        S.LAPSED: {E.REQUEST: S.REQUESTED},
        S.ENDED: {E.REQUEST: S.REQUESTED},
    },
)
