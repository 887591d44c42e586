"""The meeting table: what may and what must never happen."""

from __future__ import annotations

import pytest

from mailer.meetings.states import MEETING, MeetingEvent, MeetingState
from subscribers.errors import ForbiddenTransition


def test_a_moved_meeting_is_still_planned() -> None:
    """Moving is no end of anything."""
    assert (
        MEETING.after(MeetingState.PLANNED, MeetingEvent.MOVE) is MeetingState.PLANNED
    )


def test_a_cancelled_meeting_can_come_back() -> None:
    """People change their minds; calendars hear of it by SEQUENCE."""
    back = MEETING.after(MeetingState.CANCELLED, MeetingEvent.REINSTATE)
    assert back is MeetingState.PLANNED


@pytest.mark.parametrize("event", [MeetingEvent.MOVE, MeetingEvent.CANCEL])
def test_a_cancelled_meeting_must_be_reinstated_first(event: MeetingEvent) -> None:
    """Nobody moves what is off."""
    with pytest.raises(ForbiddenTransition):
        MEETING.after(MeetingState.CANCELLED, event)


@pytest.mark.parametrize("event", MeetingEvent)
def test_what_took_place_stays_as_it_was(event: MeetingEvent) -> None:
    """Held is final."""
    with pytest.raises(ForbiddenTransition):
        MEETING.after(MeetingState.HELD, event)
