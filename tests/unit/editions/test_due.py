"""The timetable: what goes out when, from nothing but the calendar and lead times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailer.editions.due import SHORT_NOTICE, Due, Leads, timetable
from mailer.editions.kinds import EditionKind
from mailer.meetings.calendar_day import CalendarDay, DayState
from mailer.meetings.models import MeetingId

BERLIN = ZoneInfo("Europe/Berlin")
LEADS = Leads(timedelta(days=10), timedelta(days=7), timedelta(days=1))

INVITATION, REMINDER = EditionKind.INVITATION, EditionKind.REMINDER


def a_day(
    on: date = date(2026, 12, 3),
    *,
    state: DayState = DayState.PLANNED,
    hour: int = 10,
) -> CalendarDay:
    """Return a day of the rule with row 7, from *hour* on for three hours."""
    starts_at = datetime(on.year, on.month, on.day, hour, tzinfo=BERLIN)
    return CalendarDay(
        on=on,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        state=state,
        reason="",
        venue="treffpunkt",
        title="Miteinander reden",
        series="miteinander-reden",
        meeting_id=MeetingId(7),
        announced=False,
        ruled_on=on,
        sequence=0,
        decided_at=None,
    )


def local(due: Due) -> str:
    """Return when *due* goes out, as the town's clocks show it."""
    return f"{due.due_at.astimezone(BERLIN):%Y-%m-%d %H:%M}"


def test_a_meeting_has_an_invitation_and_a_reminder() -> None:
    """A week before and a day before, at the hour of the meeting; a draft before."""
    invitation, reminder = timetable([a_day()], LEADS)

    assert (invitation.kind, local(invitation)) == (INVITATION, "2026-11-26 10:00")
    assert f"{invitation.draft_at.astimezone(BERLIN):%Y-%m-%d %H:%M}" == (
        "2026-11-23 10:00"
    )
    assert (reminder.kind, local(reminder)) == (REMINDER, "2026-12-02 10:00")
    assert reminder.draft_at == reminder.due_at
    assert (invitation.about, reminder.about) == ("meeting/7", "meeting/7@0")


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (date(2027, 4, 1), "2027-03-25 10:00"),  # summer time begins on 28 March
        (date(2027, 11, 4), "2027-10-28 10:00"),  # and ends on 31 October
        (date(2027, 1, 7), "2026-12-31 10:00"),  # across the end of the year
    ],
)
def test_a_week_before_ten_is_ten(on: date, due: str) -> None:
    """The clocks may change in between; people see the same hour."""
    assert local(timetable([a_day(on)], LEADS)[0]) == due


def test_a_day_without_a_meeting_has_a_notice() -> None:
    """Instead of the invitation, at its time, about the day itself."""
    closed = replace(a_day(date(2027, 5, 6), state=DayState.CLOSED), meeting_id=None)

    (notice,) = timetable([closed], LEADS)

    assert (notice.kind, local(notice)) == (EditionKind.HOLIDAY, "2027-04-29 10:00")
    assert notice.about == "day/miteinander-reden/2027-05-06"


def test_a_moved_meeting_is_announced_in_time_for_the_old_day() -> None:
    """Who knows the rule must hear of it before the day of the rule."""
    moved = replace(a_day(date(2026, 12, 10)), ruled_on=date(2026, 12, 3), sequence=1)

    assert local(timetable([moved], LEADS)[0]) == "2026-11-26 10:00"
    early = replace(a_day(date(2026, 12, 1)), ruled_on=date(2026, 12, 3), sequence=1)
    assert local(timetable([early], LEADS)[0]) == "2026-11-24 10:00"


def test_what_is_decided_late_goes_out_after_a_look() -> None:
    """The coordinator has a while for the draft, unless the meeting begins before."""
    decided_at = datetime(2026, 12, 1, 8, tzinfo=UTC)
    added = replace(a_day(), ruled_on=None, decided_at=decided_at)
    invitation = timetable([added], LEADS)[0]
    assert invitation.due_at == decided_at + SHORT_NOTICE
    assert invitation.draft_at <= decided_at

    hour_before = datetime(2026, 12, 3, 8, tzinfo=UTC)
    hurried = timetable([replace(added, decided_at=hour_before)], LEADS)
    assert hour_before in {one.due_at for one in hurried}


def test_a_cancelled_day_of_the_rule_is_told_of() -> None:
    """Who would come by the rule hears in time; nobody comes to an added day by it."""
    off = replace(
        a_day(state=DayState.CANCELLED),
        sequence=1,
        decided_at=datetime(2026, 11, 20, tzinfo=UTC),
    )

    (notice,) = timetable([off], LEADS)

    assert (notice.kind, local(notice)) == (
        EditionKind.CANCELLATION,
        "2026-11-26 10:00",
    )
    late = replace(off, decided_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert timetable([late], LEADS)[0].due_at == late.decided_at
    assert timetable([replace(off, ruled_on=None)], LEADS) == []
    assert timetable([a_day(state=DayState.HELD)], LEADS) == []


def test_a_reminder_is_of_no_use_on_the_morning_itself() -> None:
    """After half of its time nobody gets it any more; an invitation until it begins."""
    invitation, reminder = timetable([a_day()], LEADS)

    assert reminder.expires_at.astimezone(BERLIN).hour == 22
    assert invitation.expires_at == a_day().starts_at


def test_the_timetable_is_in_order() -> None:
    """By the moment it is due, whatever the order of the days."""
    days = [a_day(date(2026, 12, 17)), a_day(date(2026, 12, 3))]

    moments = [one.due_at for one in timetable(days, LEADS)]

    assert moments == sorted(moments)
    assert len(moments) == 4
