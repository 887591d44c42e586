"""The life of one contribution: from a partner's mail into the network update."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from subscribers.machine import Machine


class ContributionState(StrEnum):
    """Where a contribution stands."""

    WAITING = "waiting"
    """The coordinator has not said yet whether it is taken."""
    ACCEPTED = "accepted"
    """It stands in the draft of its quarter."""
    DECLINED = "declined"
    """She does not want it; its text is forgotten after a while."""
    TOLD = "told"
    """It stands in an update that was issued; nothing about it changes any more."""
    LAPSED = "lapsed"
    """It waited for two updates and nobody decided."""


class ContributionEvent(StrEnum):
    """What can happen to a contribution."""

    ACCEPT = "accept"
    SHORTEN = "shorten"
    """She takes it in words of her own."""
    DECLINE = "decline"
    POSTPONE = "postpone"
    """The update of its quarter is done; it is for the next one."""
    TELL = "tell"
    LAPSE = "lapse"


S, E = ContributionState, ContributionEvent

CONTRIBUTION: Final = Machine(
    name="contribution",
    start=S.WAITING,
    table={
        S.WAITING: {
            E.ACCEPT: S.ACCEPTED,
            E.SHORTEN: S.ACCEPTED,
            E.DECLINE: S.DECLINED,
            E.POSTPONE: S.WAITING,
            E.LAPSE: S.LAPSED,
        },
        S.ACCEPTED: {
            E.SHORTEN: S.ACCEPTED,
            E.DECLINE: S.DECLINED,
            E.POSTPONE: S.ACCEPTED,
            E.TELL: S.TOLD,
        },
        S.DECLINED: {E.ACCEPT: S.ACCEPTED, E.SHORTEN: S.ACCEPTED},
        S.TOLD: {},
        S.LAPSED: {},
    },
)
