"""What people change by hand, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailer.errors import ExitCode, PlanRefused
from mailer.meetings import planning
from mailer.meetings.closures import Closures
from mailer.meetings.states import MeetingState
from mailer.settings.model import ClosedDays
from tests.calendars import BERLIN, CLOSURES, a_series
from tests.factories import a_meeting

if TYPE_CHECKING:
    from mailer.meetings.models import Meeting
    from subscribers.database import Db

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DECEMBER_3, DECEMBER_10 = date(2026, 12, 3), date(2026, 12, 10)


def add(db: Db, on: date, closures: Closures = CLOSURES, **fields: Any) -> Meeting:
    """Add a meeting of the example's series."""
    series = a_series()
    proposal = replace(planning.usual(series, on), **fields)
    return planning.add(db, series, closures, proposal, now=NOW)


def move(db: Db, meeting: Meeting, now: datetime = LATER, **fields: Any) -> None:
    """Move a meeting of the example's series."""
    proposal = replace(planning.as_it_is(meeting, BERLIN), **fields)
    planning.move(db, meeting, a_series(), CLOSURES, proposal, now=now)


def cancel(db: Db, meeting: Meeting, now: datetime = LATER) -> None:
    """Cancel a meeting because of illness."""
    planning.cancel(db, meeting, reason="Krankheit", zone=BERLIN, now=now)


def reinstate(db: Db, meeting: Meeting, now: datetime = LATER) -> None:
    """Let a meeting take place after all."""
    planning.reinstate(db, meeting, zone=BERLIN, now=now)


def a_ruled_meeting(db: Db, on: date = DECEMBER_3) -> Meeting:
    """Return the meeting the rule makes for one day."""
    made = planning.materialise_day(db, a_series(), CLOSURES, on, now=NOW)
    assert made is not None
    return made


def test_an_added_meeting_keeps_its_reason(db: Db) -> None:
    """It belongs to no rule day and was told to nobody."""
    meeting = add(db, DECEMBER_10, reason=" Jahres-\nabschluss ", title="Feier")
    assert meeting.ruled_on is None
    assert (meeting.reason, meeting.title) == ("Jahres- abschluss", "Feier")
    assert (meeting.sequence, meeting.announced_at) == (0, None)
    assert meeting.starts_at == datetime(2026, 12, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "fields", "said"),
    [
        pytest.param(date(2026, 12, 25), {}, "Erster Weihnachtstag", id="holiday"),
        pytest.param(date(2026, 11, 20), {}, "ist schon vorbei", id="past"),
        pytest.param(date(2026, 11, 23), {"start": time(9)}, "vorbei", id="right now"),
        pytest.param(DECEMBER_10, {"end": time(10)}, "Das Ende", id="no length"),
        pytest.param(DECEMBER_10, {"title": "  "}, "Der Titel", id="no title"),
        pytest.param(DECEMBER_10, {"title": "x" * 201}, "Der Titel", id="long title"),
        pytest.param(DECEMBER_3, {}, "schon ein Treffen", id="a rule day"),
        pytest.param(
            DECEMBER_3, {"start": time(12), "end": time(15)}, "10:00", id="overlap"
        ),
    ],
)
def test_what_makes_no_sense_is_not_added(
    db: Db, on: date, fields: dict[str, Any], said: str
) -> None:
    """Each is refused with a German sentence that names the reason."""
    with pytest.raises(PlanRefused, match=said) as refused:
        add(db, on, **fields)
    assert refused.value.exit_code == ExitCode.DATA


def test_our_own_closed_days_are_refused_too(db: Db) -> None:
    """The sentence names the reason and the way around it."""
    closed = Closures("ST", (ClosedDays(DECEMBER_10, DECEMBER_10, "Wahl"),))
    with pytest.raises(PlanRefused) as refused:
        add(db, DECEMBER_10, closed)
    assert refused.value.sentence == (
        "Donnerstag, 10. Dezember 2026, ist geschlossen (Wahl). Soll das Treffen "
        "trotzdem stattfinden? Dann bitte mit „--on-holiday“."
    )


def test_a_holiday_is_possible_if_somebody_insists(db: Db) -> None:
    """An open day on Reformation Day is a decision, not a slip."""
    meeting = add(db, date(2026, 12, 26), despite_closure=True)
    assert meeting.starts_at.date() == date(2026, 12, 26)


def test_a_second_meeting_on_a_day_is_possible_at_another_time(db: Db) -> None:
    """Ten to one, and again at one: they only touch."""
    a_ruled_meeting(db)
    meeting = add(db, DECEMBER_3, start=time(13), end=time(15))
    assert meeting.starts_at.hour == 12


def test_an_existing_meeting_is_not_doubled(db: Db) -> None:
    """Adding the same twice is refused the second time."""
    add(db, DECEMBER_10)
    with pytest.raises(PlanRefused, match=r"10\. Dezember 2026, 10:00 bis 13:00"):
        add(db, DECEMBER_10)


def test_another_series_may_meet_at_the_same_time(db: Db) -> None:
    """Rooms are not our business; rules are."""
    a_meeting(db, datetime(2026, 12, 10, 9, tzinfo=UTC), series="lesekreis")
    assert add(db, DECEMBER_10).series == "miteinander-reden"


def test_a_cancelled_meeting_leaves_its_time_free(db: Db) -> None:
    """What is off is in nobody's way."""
    cancel(db, add(db, DECEMBER_10))
    assert add(db, DECEMBER_10).state is MeetingState.PLANNED


def test_moving_raises_sequence(db: Db) -> None:
    """RFC 5546, section 2.1.4: the day, the reason and SEQUENCE change, UID stays."""
    meeting = a_ruled_meeting(db)
    uid = meeting.uid
    move(db, meeting, on=DECEMBER_10, reason="Der Raum ist belegt")
    assert meeting.starts_at == datetime(2026, 12, 10, 9, tzinfo=UTC)
    assert meeting.ends_at == datetime(2026, 12, 10, 12, tzinfo=UTC)
    assert (meeting.sequence, meeting.uid) == (1, uid)
    assert (meeting.ruled_on, meeting.changed_at) == (DECEMBER_3, LATER)
    assert meeting.reason == "Der Raum ist belegt"


def test_moving_across_the_change_of_clocks_keeps_the_local_hour(db: Db) -> None:
    """From 18 March to 1 April 2027: ten o'clock here, an hour earlier in UTC."""
    meeting = a_ruled_meeting(db, date(2027, 3, 18))
    move(db, meeting, on=date(2027, 4, 8))
    assert meeting.starts_at == datetime(2027, 4, 8, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields", [{"start": time(11)}, {"end": time(12)}, {"venue": "rathaus"}]
)
def test_time_or_place_alone_can_move(db: Db, fields: dict[str, Any]) -> None:
    """A meeting may overlap with what it was before."""
    meeting = a_ruled_meeting(db)
    move(db, meeting, **fields)
    assert meeting.sequence == 1


def test_moving_nothing_is_refused(db: Db) -> None:
    """A change that changes nothing must not reach calendars."""
    meeting = a_ruled_meeting(db)
    with pytest.raises(PlanRefused, match="hat schon diese Zeit und diesen Ort"):
        move(db, meeting, reason="nur so")
    assert meeting.sequence == 0


@pytest.mark.parametrize(
    ("on", "said"),
    [
        pytest.param(date(2026, 12, 25), "Erster Weihnachtstag", id="holiday"),
        pytest.param(date(2026, 11, 5), "ist schon vorbei", id="past"),
        pytest.param(date(2026, 12, 17), "schon ein Treffen", id="another rule day"),
    ],
)
def test_not_every_day_can_be_moved_to(db: Db, on: date, said: str) -> None:
    """Refused, and nothing has changed."""
    meeting = a_ruled_meeting(db)
    with pytest.raises(PlanRefused, match=said):
        move(db, meeting, on=on)
    assert (meeting.sequence, meeting.starts_at.day) == (0, 3)


def test_moving_back_is_a_change_too(db: Db) -> None:
    """Calendars must hear of both."""
    meeting = a_ruled_meeting(db)
    move(db, meeting, on=DECEMBER_10)
    move(db, meeting, on=DECEMBER_3)
    assert meeting.sequence == 2


def test_cancelling_and_reinstating_raise_sequence(db: Db) -> None:
    """Off with a reason, on again without one; each raises SEQUENCE."""
    meeting = a_ruled_meeting(db)
    cancel(db, meeting)
    assert (meeting.state, meeting.sequence) == (MeetingState.CANCELLED, 1)
    assert meeting.reason == "Krankheit"
    reinstate(db, meeting)
    assert (meeting.state, meeting.sequence) == (MeetingState.PLANNED, 2)
    assert meeting.reason == ""


def test_cancelling_needs_a_reason(db: Db) -> None:
    """Everybody reads it."""
    meeting = a_ruled_meeting(db)
    with pytest.raises(PlanRefused, match="warum"):
        planning.cancel(db, meeting, reason=" ", zone=BERLIN, now=LATER)
    assert meeting.state is MeetingState.PLANNED


def test_impossible_moves_are_said_in_german(db: Db) -> None:
    """The table forbids them; the sentence says what to do."""
    meeting = a_ruled_meeting(db)
    with pytest.raises(PlanRefused, match="ist nicht abgesagt"):
        reinstate(db, meeting)
    cancel(db, meeting)
    with pytest.raises(PlanRefused, match="ist schon abgesagt"):
        cancel(db, meeting)
    with pytest.raises(PlanRefused, match="mia meetings reinstate"):
        move(db, meeting, on=DECEMBER_10)
    meeting.state = MeetingState.HELD
    with pytest.raises(PlanRefused, match="hat schon stattgefunden"):
        cancel(db, meeting)


def test_what_has_begun_cannot_be_changed(db: Db) -> None:
    """At ten sharp it is too late."""
    meeting = a_ruled_meeting(db)
    with pytest.raises(PlanRefused, match="hat schon begonnen"):
        cancel(db, meeting, now=meeting.starts_at)
    with pytest.raises(PlanRefused, match="hat schon begonnen"):
        move(db, meeting, now=meeting.starts_at, on=DECEMBER_10)


def test_a_taken_time_cannot_be_reinstated(db: Db) -> None:
    """Another meeting has moved in."""
    meeting = add(db, DECEMBER_10)
    cancel(db, meeting)
    add(db, DECEMBER_10)
    with pytest.raises(PlanRefused, match="schon ein Treffen"):
        reinstate(db, meeting)
    assert meeting.state is MeetingState.CANCELLED


def test_the_first_announcement_counts(db: Db) -> None:
    """From then on no rule touches it."""
    meeting = a_ruled_meeting(db)
    planning.mark_announced(db, meeting, now=NOW)
    planning.mark_announced(db, meeting, now=LATER)
    assert meeting.announced_at == NOW
