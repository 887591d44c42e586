"""What people must be told: the difference between what they know and what is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from mailer.editions.change import kind_of_change
from mailer.editions.kinds import EditionKind
from mailer.meetings.states import MeetingState


@dataclass(frozen=True)
class Known:
    """A version of a meeting."""

    starts_at: datetime = datetime(2026, 12, 3, 9, tzinfo=UTC)
    ends_at: datetime = datetime(2026, 12, 3, 12, tzinfo=UTC)
    venue: str = "treffpunkt"
    state: MeetingState = MeetingState.PLANNED


PLANNED = Known()
LATER = replace(PLANNED, starts_at=PLANNED.starts_at + timedelta(days=7))
OFF = replace(PLANNED, state=MeetingState.CANCELLED)


@pytest.mark.parametrize(
    ("known", "present", "kind"),
    [
        (PLANNED, PLANNED, None),
        (PLANNED, LATER, EditionKind.UPDATE),
        (PLANNED, replace(PLANNED, venue="rathaus"), EditionKind.UPDATE),
        (
            PLANNED,
            replace(PLANNED, ends_at=PLANNED.ends_at + timedelta(hours=1)),
            EditionKind.UPDATE,
        ),
        (PLANNED, OFF, EditionKind.CANCELLATION),
        (LATER, OFF, EditionKind.CANCELLATION),
        (OFF, PLANNED, EditionKind.REINSTATEMENT),
        (OFF, LATER, EditionKind.REINSTATEMENT),
        (OFF, replace(OFF, venue="rathaus"), None),
        (PLANNED, replace(PLANNED, state=MeetingState.HELD), None),
    ],
)
def test_the_letter_follows_from_both_versions(
    known: Known, present: Known, kind: EditionKind | None
) -> None:
    """Moved and moved back is no news; two changes are told as one."""
    assert kind_of_change(known, present) is kind
