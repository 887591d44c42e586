"""The life of one edition: from a draft to the last answer of a server."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from subscribers.machine import Machine


class EditionState(StrEnum):
    """Where an edition stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    """The coordinator, or a setting, said yes; nothing is written to the outbox yet."""
    ISSUED = "issued"
    """Frozen; one delivery per mailbox stands in the ledger."""
    CLOSED = "closed"
    """No delivery of it is open any more."""
    WITHDRAWN = "withdrawn"
    """Called back; open deliveries were skipped."""
    LAPSED = "lapsed"
    """Overtaken before it was issued: its meeting is off, or has begun."""


class EditionEvent(StrEnum):
    """What can happen to an edition."""

    APPROVE = "approve"
    ISSUE = "issue"
    EXTEND = "extend"
    """More readers: who joined late gets the same letter."""
    CLOSE = "close"
    WITHDRAW = "withdraw"
    RECALL = "recall"
    """The yes no longer counts; somebody must say it again."""
    LAPSE = "lapse"


S, E = EditionState, EditionEvent

EDITION: Final = Machine(
    name="edition",
    start=S.DRAFT,
    table={
        S.DRAFT: {
            E.APPROVE: S.APPROVED,
            E.WITHDRAW: S.WITHDRAWN,
            E.LAPSE: S.LAPSED,
        },
        S.APPROVED: {
            E.ISSUE: S.ISSUED,
            E.RECALL: S.DRAFT,
            E.WITHDRAW: S.WITHDRAWN,
            E.LAPSE: S.LAPSED,
        },
        S.ISSUED: {
            E.EXTEND: S.ISSUED,
            E.CLOSE: S.CLOSED,
            E.WITHDRAW: S.WITHDRAWN,
        },
        S.CLOSED: {E.EXTEND: S.ISSUED},
        S.WITHDRAWN: {},
        S.LAPSED: {},
    },
)
