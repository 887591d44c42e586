"""What has changed for people who know an older version of a meeting.

Pure: two versions go in, the kind of letter comes out. Only what they know counts: a
meeting that was moved and moved back before anybody was told needs no letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from mailer.editions.kinds import EditionKind
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Version(Protocol):
    """What can be known of a meeting: a row of today, or what a letter said."""

    @property
    def starts_at(self) -> datetime:
        """When it begins."""
        ...

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        ...

    @property
    def venue(self) -> str:
        """Key of the venue."""
        ...

    @property
    def state(self) -> MeetingState:
        """Whether it takes place."""
        ...


_P, _C = MeetingState.PLANNED, MeetingState.CANCELLED

_TOLD_BY: Final[Mapping[tuple[MeetingState, MeetingState], EditionKind]] = {
    (_P, _P): EditionKind.UPDATE,
    (_P, _C): EditionKind.CANCELLATION,
    (_C, _P): EditionKind.REINSTATEMENT,
}
"""Known state and present state; what is not here needs no letter."""


def kind_of_change(known: Version, present: Version) -> EditionKind | None:
    """Return the letter for people who know *known*; None if they need none."""
    if _said(known) == _said(present):
        return None
    return _TOLD_BY.get((known.state, present.state))


def _said(version: Version) -> tuple[object, ...]:
    return version.state, version.starts_at, version.ends_at, version.venue
