"""The kinds of edition, one row each: the table that says how a kind behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping


class EditionKind(StrEnum):
    """What an edition is."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    HOLIDAY = "holiday"
    """A day of the rule without a meeting."""
    UPDATE = "update"
    """Another time or another place."""
    CANCELLATION = "cancellation"
    REINSTATEMENT = "reinstatement"
    """It takes place after all."""
    NETWORK_UPDATE = "network_update"
    """The partners' letter about a quarter."""


class Lead(StrEnum):
    """What says when a kind goes out."""

    INVITE = "invite"
    """``policy.invite_before`` before the day it is about."""
    REMIND = "remind"
    """``policy.remind_before`` before the meeting."""
    AT_ONCE = "at_once"
    """As soon as something has changed that people know."""
    QUARTER = "quarter"
    """On the first working day after the quarter it is about."""


@dataclass(frozen=True, slots=True)
class KindRow:
    """How one kind of edition behaves.

    Attributes:
        folder: Where its five texts lie, below ``templates/mail``.
        topic: Whose subscription it needs.
        method: The iTIP method of its calendar file (RFC 5546, section 1.4); empty
            for a letter without one, and
            for one with a file of many meetings, which nobody takes or declines as
            one.
        german: What people call it.
        lead: When it goes out.
        is_drafted: The coordinator gets a draft before, and may say no.
    """

    folder: str
    topic: Topic
    method: str
    german: str
    lead: Lead
    is_drafted: bool = False


KINDS: Final[Mapping[EditionKind, KindRow]] = {
    # PUBLISH: nobody is asked to answer, because no registration is needed. A change
    # is published too, with a higher SEQUENCE (docs/adr/0011).
    EditionKind.INVITATION: KindRow(
        "invitation",
        Topic.INVITATIONS,
        "PUBLISH",
        "Einladung",
        Lead.INVITE,
        is_drafted=True,
    ),
    # Whoever wants the meeting in her calendar has it there since the invitation.
    EditionKind.REMINDER: KindRow(
        "reminder", Topic.INVITATIONS, "", "Erinnerung", Lead.REMIND
    ),
    EditionKind.HOLIDAY: KindRow(
        "holiday",
        Topic.INVITATIONS,
        "",
        "Terminausfall",
        Lead.INVITE,
        is_drafted=True,
    ),
    EditionKind.UPDATE: KindRow(
        "update", Topic.INVITATIONS, "PUBLISH", "Änderung", Lead.AT_ONCE
    ),
    EditionKind.CANCELLATION: KindRow(
        "cancellation", Topic.INVITATIONS, "CANCEL", "Absage", Lead.AT_ONCE
    ),
    EditionKind.REINSTATEMENT: KindRow(
        "reinstatement", Topic.INVITATIONS, "PUBLISH", "Zusage", Lead.AT_ONCE
    ),
    EditionKind.NETWORK_UPDATE: KindRow(
        "network_update",
        Topic.NETWORK_UPDATES,
        "",
        "Netzwerk-Info",
        Lead.QUARTER,
        is_drafted=True,
    ),
}
