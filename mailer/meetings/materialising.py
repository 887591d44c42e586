"""Rules become rows: once, and without touching what people were told.

Doing it twice changes nothing. When the rule has changed in between, only meetings
nobody was told about and nobody touched by hand are brought in line; all others stay
as they are, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa

from mailer.german import full_day, hours
from mailer.meetings.agenda import calendar
from mailer.meetings.calendar_day import DayState
from mailer.meetings.closures import closure_on
from mailer.meetings.localtime import local_day
from mailer.meetings.models import Meeting
from mailer.meetings.slots import slots, without_rows
from mailer.meetings.states import MEETING, MeetingState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date, datetime

    from mailer.meetings.closures import Closures
    from mailer.meetings.models import MeetingId
    from mailer.meetings.slots import Slot
    from mailer.settings.model import Series
    from subscribers.database import Db


@dataclass(frozen=True, slots=True)
class Kept:
    """A meeting that stays although the settings now say something else.

    Attributes:
        finding: A German half-sentence: what is odd about it.
        because: Another one: why it stays.
    """

    meeting_id: MeetingId
    on: date
    finding: str
    because: str

    @property
    def sentence(self) -> str:
        """German, for the coordinator."""
        return (
            f"Das Treffen am {full_day(self.on)}, {self.finding}, "
            f"bleibt aber, weil {self.because}."
        )


@dataclass(frozen=True, slots=True)
class Materialised:
    """What materialising one series did; days are local."""

    added: tuple[date, ...] = ()
    changed: tuple[date, ...] = ()
    removed: tuple[date, ...] = ()
    kept_against_rule: tuple[Kept, ...] = ()


LOOK_AHEAD = timedelta(days=120)
"""How far ahead the next meeting is looked for; a network that pauses longer than
that has none."""

ANNOUNCED = "schon eingeladen wurde"
BY_HAND = "es von Hand eingetragen oder geändert wurde"
DRAFTED = "es schon einen Brief dazu gibt"


def materialise(
    db: Db,
    series: Series,
    closures: Closures,
    *,
    until: date,
    now: datetime,
    draw: Callable[[], UUID] = uuid4,
) -> Materialised:
    """Make the rows of *series* from today until *until*, and bring others in line.

    Args:
        db: An open transaction.
        series: Rule and added days.
        closures: Days on which nothing takes place.
        until: Last day, local.
        now: Nothing before this day is made, nothing before this moment is changed.
        draw: Where the UIDs of new meetings come from.
    """
    today = local_day(now, series.zone)
    changed, removed, kept = _bring_in_line(db, series, closures, now)
    missing = without_rows(
        (slot for slot in slots(series, closures, today, until) if not slot.closure),
        db.scalars(sa.select(Meeting).where(Meeting.series == series.key)).all(),
    )
    for slot in missing:
        db.add(new_row(series, slot, uid=str(draw()), ruled_on=slot.on, now=now))
    db.flush()
    added = tuple(slot.on for slot in missing)
    return Materialised(added, tuple(changed), tuple(removed), tuple(kept))


def materialise_day(
    db: Db,
    series: Series,
    closures: Closures,
    day: date,
    *,
    now: datetime,
    draw: Callable[[], UUID] = uuid4,
) -> Meeting | None:
    """Make the row of one day and return it; None if the settings want none then."""
    wanted = [slot for slot in slots(series, closures, day, day) if not slot.closure]
    rows = db.scalars(sa.select(Meeting).where(Meeting.series == series.key)).all()
    for slot in without_rows(wanted, rows):
        row = new_row(series, slot, uid=str(draw()), ruled_on=slot.on, now=now)
        db.add(row)
        db.flush()
        return row
    return None


def upcoming(
    db: Db, series_list: Collection[Series], closures: Closures, *, now: datetime
) -> Meeting | None:
    """Return the next meeting of these series; a rule day gets its row now.

    None if nothing is planned within ``LOOK_AHEAD``.
    """
    today = now.date()
    days = calendar(db, series_list, closures, first=today, last=today + LOOK_AHEAD)
    for day in days:
        if day.state is not DayState.PLANNED or day.starts_at <= now:
            continue
        if day.meeting_id is not None:
            return db.get(Meeting, day.meeting_id)
        (series,) = (one for one in series_list if one.key == day.series)
        return materialise_day(db, series, closures, day.on, now=now)
    return None


def new_row(
    series: Series, slot: Slot, *, uid: str, ruled_on: date | None, now: datetime
) -> Meeting:
    """Return a planned meeting that nobody was told about."""
    return Meeting(
        uid=uid,
        series=series.key,
        ruled_on=ruled_on,
        title=slot.title,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        venue=slot.venue,
        state=MEETING.start,
        reason="",
        sequence=0,
        created_at=now,
        changed_at=now,
    )


def _bring_in_line(
    db: Db, series: Series, closures: Closures, now: datetime
) -> tuple[list[date], list[date], list[Kept]]:
    """Compare every planned meeting to come with the settings of today."""
    rows = db.scalars(
        sa.select(Meeting)
        .where(
            Meeting.series == series.key,
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at > now,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    changed: list[date] = []
    removed: list[date] = []
    kept: list[Kept] = []
    for row in rows:
        on = local_day(row.starts_at, series.zone)
        slot = _slot_of(row, series, closures)
        finding = _finding(row, on, slot, series, closures)
        because = _why_it_stays(row)
        if because:
            kept += [Kept(row.id, on, finding, because)] if finding else []
        elif slot is not None and slot.closure is None:
            changed += [on] if _follow(row, slot, now) else []
        elif _remove(db, row):
            removed.append(on)
        else:
            kept.append(Kept(row.id, on, finding, DRAFTED))
    return changed, removed, kept


def _slot_of(row: Meeting, series: Series, closures: Closures) -> Slot | None:
    """Return what the settings now want on the day the row was made for."""
    if row.ruled_on is None:
        return None
    return next(slots(series, closures, row.ruled_on, row.ruled_on), None)


def _why_it_stays(row: Meeting) -> str:
    """Return the reason that forbids any change by a rule; empty if there is none."""
    if row.announced_at is not None:
        return ANNOUNCED
    return BY_HAND if row.ruled_on is None or row.sequence else ""


def _finding(
    row: Meeting, on: date, slot: Slot | None, series: Series, closures: Closures
) -> str:
    """Return what the settings of today hold against a meeting; empty for nothing."""
    decided_by_hand = row.ruled_on is None or row.sequence > 0
    closure = closure_on(on, closures)
    if closure is not None and not (decided_by_hand and closure.is_holiday):
        # Whoever put a meeting on a public holiday by hand had to say so then.
        return f"fällt auf einen geschlossenen Tag ({closure.reason})"
    if decided_by_hand:
        return ""
    if slot is None:
        return "steht nicht mehr in der Regel"
    if (row.starts_at, row.ends_at) != (slot.starts_at, slot.ends_at):
        return f"hat andere Zeiten als die Regel ({hours(series.start, series.end)})"
    return "ist an einem anderen Ort, als die Regel sagt" * (row.venue != slot.venue)


def _follow(row: Meeting, slot: Slot, now: datetime) -> bool:
    """Make *row* what *slot* says; return whether that changed anything."""
    wanted = {
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "venue": slot.venue,
        "title": slot.title,
    }
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(row, name, value)
    row.changed_at = now
    return True


def _remove(db: Db, row: Meeting) -> bool:
    """Delete *row*; return False if something on a higher floor points to it."""
    try:
        with db.begin_nested():
            db.delete(row)
    except sa.exc.IntegrityError:
        return False
    return True
