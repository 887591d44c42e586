"""What should exist and does not: meetings, editions and now to a list of what is due.

Pure, so a whole year can be asked about in a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailer.editions.kinds import EditionKind
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, timedelta

    from mailer.meetings.models import Meeting, MeetingId


@dataclass(frozen=True, slots=True)
class Due:
    """An edition that should exist.

    Attributes:
        due_at: When it should go out, in UTC.
    """

    kind: EditionKind
    meeting_id: MeetingId
    due_at: datetime


def due_editions(
    meetings: Iterable[Meeting],
    told: Collection[MeetingId],
    *,
    invite_before: timedelta,
    now: datetime,
) -> list[Due]:
    """Return the invitations that are due now, the earliest meeting first.

    Nothing is due for a meeting that has begun, is cancelled, or has its edition.

    Args:
        told: Meetings that have an invitation already, in whatever state.
        invite_before: How long before a meeting its invitation is due.
    """
    due = [
        Due(EditionKind.INVITATION, meeting.id, meeting.starts_at - invite_before)
        for meeting in meetings
        if meeting.state is MeetingState.PLANNED
        and meeting.id not in told
        and meeting.starts_at - invite_before <= now < meeting.starts_at
    ]
    return sorted(due, key=lambda one: (one.due_at, one.meeting_id))
