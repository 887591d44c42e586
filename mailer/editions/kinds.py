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


@dataclass(frozen=True, slots=True)
class KindRow:
    """How one kind of edition behaves.

    Attributes:
        folder: Where its five texts lie, below ``templates/mail``.
        topic: Whose subscription it needs.
        method: The iTIP method of its calendar file (RFC 5546, section 1.4); empty
            for a letter without one.
        german: What people call it.
    """

    folder: str
    topic: Topic
    method: str
    german: str


KINDS: Final[Mapping[EditionKind, KindRow]] = {
    # PUBLISH: nobody is asked to answer, because no registration is needed. A change
    # is published too, with a higher SEQUENCE (docs/adr/0011).
    EditionKind.INVITATION: KindRow(
        "invitation", Topic.INVITATIONS, "PUBLISH", "Einladung"
    ),
    # Whoever wants the meeting in her calendar has it there since the invitation.
    EditionKind.REMINDER: KindRow("reminder", Topic.INVITATIONS, "", "Erinnerung"),
    EditionKind.HOLIDAY: KindRow("holiday", Topic.INVITATIONS, "", "Terminausfall"),
    EditionKind.UPDATE: KindRow("update", Topic.INVITATIONS, "PUBLISH", "Änderung"),
    EditionKind.CANCELLATION: KindRow(
        "cancellation", Topic.INVITATIONS, "CANCEL", "Absage"
    ),
    EditionKind.REINSTATEMENT: KindRow(
        "reinstatement", Topic.INVITATIONS, "PUBLISH", "Zusage"
    ),
}
