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


@dataclass(frozen=True, slots=True)
class KindRow:
    """How one kind of edition behaves.

    Attributes:
        folder: Where its five texts lie, below ``templates/mail``.
        topic: Whose subscription it needs.
        method: The iTIP method of its calendar file (RFC 5546, section 1.4).
        german: What people call it.
    """

    folder: str
    topic: Topic
    method: str
    german: str


KINDS: Final[Mapping[EditionKind, KindRow]] = {
    # PUBLISH: nobody is asked to answer, because no registration is needed.
    EditionKind.INVITATION: KindRow(
        "invitation", Topic.INVITATIONS, "PUBLISH", "Einladung"
    ),
}
