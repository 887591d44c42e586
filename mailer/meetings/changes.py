"""What people decide by hand: add, move, cancel, reinstate, announce.

Every change of time, place or state raises SEQUENCE, so that calendars believe it
(RFC 5546, section 2.1.4). What is not possible is refused with a German sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from mailer.errors import PlanRefused
from mailer.german import full_day, hours
from mailer.meetings.closures import closure_on
from mailer.meetings.localtime import local_day, span
from mailer.meetings.materialising import new_row
from mailer.meetings.models import Meeting, MeetingVersion
from mailer.meetings.slots import Slot, slots, without_rows
from mailer.meetings.states import MEETING, MeetingEvent, MeetingState
from subscribers.database import insert_into
from subscribers.errors import ForbiddenTransition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime, time
    from zoneinfo import ZoneInfo

    from mailer.meetings.closures import Closures
    from mailer.settings.model import Series
    from subscribers.database import Db

TITLE_CHARS: Final = 200
"""What a subject line and the column can hold."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants a meeting to be; times are local.

    Attributes:
        venue: Key of the venue in the settings.
        reason: For people to read; may be empty.
        despite_closure: Whether it may lie on a public holiday or a closed day.
    """

    on: date
    start: time
    end: time
    venue: str
    title: str
    reason: str = ""
    despite_closure: bool = False


def usual(series: Series, on: date) -> Proposal:
    """Return a meeting on *on* as the series would have it."""
    return Proposal(on, series.start, series.end, series.venue, series.title)


def as_it_is(meeting: Meeting, zone: ZoneInfo) -> Proposal:
    """Return *meeting* as a proposal, to be changed with ``dataclasses.replace``."""
    starts_at = meeting.starts_at.astimezone(zone)
    ends_at = meeting.ends_at.astimezone(zone)
    return Proposal(
        starts_at.date(),
        starts_at.time(),
        ends_at.time(),
        meeting.venue,
        meeting.title,
    )


def add(
    db: Db,
    series: Series,
    closures: Closures,
    proposal: Proposal,
    *,
    now: datetime,
    draw: Callable[[], UUID] = uuid4,
) -> Meeting:
    """Add a meeting that the settings do not make.

    Raises:
        PlanRefused: It would lie in the past, on a closed day or on another meeting
            of the series, or its title or times make no sense.
    """
    slot = _checked(proposal, series, closures, now)
    _refuse_taken(db, series, closures, slot, besides=None)
    meeting = new_row(series, slot, uid=str(draw()), ruled_on=None, now=now)
    meeting.reason = _one_line(proposal.reason)
    db.add(meeting)
    db.flush()
    return meeting


def move(
    db: Db,
    meeting: Meeting,
    series: Series,
    closures: Closures,
    proposal: Proposal,
    *,
    now: datetime,
) -> None:
    """Give *meeting* another time or place.

    Raises:
        PlanRefused: It is over, cancelled or would not change, or its new time lies in
            the past, on a closed day or on another meeting of the series.
    """
    on = local_day(meeting.starts_at, series.zone)
    slot = _checked(proposal, series, closures, now)
    before = (meeting.starts_at, meeting.ends_at, meeting.venue)
    if before == (slot.starts_at, slot.ends_at, slot.venue):
        raise PlanRefused(
            f"Das Treffen am {full_day(on)}, hat schon diese Zeit und diesen Ort. "
            "Es wurde nichts geändert."
        )
    _refuse_taken(db, series, closures, slot, besides=meeting)
    _advance(meeting, MeetingEvent.MOVE, series.zone, now)
    meeting.starts_at, meeting.ends_at = slot.starts_at, slot.ends_at
    meeting.venue, meeting.title = slot.venue, slot.title
    meeting.reason = _one_line(proposal.reason)
    db.flush()


def cancel(
    db: Db, meeting: Meeting, *, reason: str, zone: ZoneInfo, now: datetime
) -> None:
    """Take *meeting* off; people read *reason*.

    Raises:
        PlanRefused: It is over or already cancelled, or *reason* is empty.
    """
    if not reason.strip():
        raise PlanRefused(
            "Bitte nennen Sie mit „--reason“, warum das Treffen ausfällt: "
            "Der Grund steht in der Nachricht an alle."
        )
    _advance(meeting, MeetingEvent.CANCEL, zone, now)
    meeting.reason = _one_line(reason)
    db.flush()


def reinstate(db: Db, meeting: Meeting, *, zone: ZoneInfo, now: datetime) -> None:
    """Let a cancelled *meeting* take place after all.

    Raises:
        PlanRefused: It is over or was not cancelled, or another meeting has taken its
            time.
    """
    _refuse_rows(_overlapping(db, meeting, besides=meeting), zone)
    _advance(meeting, MeetingEvent.REINSTATE, zone, now)
    meeting.reason = ""
    db.flush()


def mark_announced(db: Db, meeting: Meeting, *, now: datetime) -> None:
    """Note that people are told about *meeting* as it is; the first time counts."""
    if meeting.announced_at is None:
        meeting.announced_at = now
    # Two programs may tell people at the same moment; they say the same.
    db.execute(
        insert_into(db, MeetingVersion).on_conflict_do_nothing(),
        {
            "meeting_id": meeting.id,
            "sequence": meeting.sequence,
            "starts_at": meeting.starts_at,
            "ends_at": meeting.ends_at,
            "venue": meeting.venue,
            "state": meeting.state,
        },
    )
    db.flush()


def _advance(
    meeting: Meeting, event: MeetingEvent, zone: ZoneInfo, now: datetime
) -> None:
    """Move *meeting* by its table, and let calendars know."""
    day = full_day(local_day(meeting.starts_at, zone))
    if meeting.starts_at <= now:
        raise PlanRefused(
            f"Das Treffen am {day} hat schon begonnen oder ist vorbei. "
            "Es lässt sich nicht mehr ändern."
        )
    try:
        meeting.state = MEETING.after(meeting.state, event)
    except ForbiddenTransition:
        said = _NOT_POSSIBLE.get((meeting.state, event), "hat schon stattgefunden.")
        raise PlanRefused(f"Das Treffen am {day}, {said}") from None
    meeting.sequence += 1
    meeting.changed_at = now


_NOT_POSSIBLE: Final[Mapping[tuple[MeetingState, MeetingEvent], str]] = {
    (MeetingState.PLANNED, MeetingEvent.REINSTATE): "ist nicht abgesagt.",
    (MeetingState.CANCELLED, MeetingEvent.CANCEL): "ist schon abgesagt.",
    (MeetingState.CANCELLED, MeetingEvent.MOVE): (
        "ist abgesagt. Mit „mia meetings reinstate“ findet es doch statt; "
        "danach können Sie es verlegen."
    ),
}


def _checked(
    proposal: Proposal, series: Series, closures: Closures, now: datetime
) -> Slot:
    """Return *proposal* as a slot, or refuse what needs no look at other meetings."""
    title = _one_line(proposal.title)
    if not 0 < len(title) <= TITLE_CHARS:
        raise PlanRefused(f"Der Titel braucht 1 bis {TITLE_CHARS} Zeichen.")
    if proposal.end <= proposal.start:
        raise PlanRefused(
            f"Das Ende ({proposal.end:%H:%M} Uhr) muss nach dem Anfang "
            f"({proposal.start:%H:%M} Uhr) liegen."
        )
    starts_at, ends_at = span(proposal.on, proposal.start, proposal.end, series.zone)
    if starts_at <= now:
        raise PlanRefused(
            f"{full_day(proposal.on)}, {proposal.start:%H:%M} Uhr, ist schon vorbei. "
            "Bitte nennen Sie einen Tag, der noch kommt."
        )
    closure = closure_on(proposal.on, closures)
    if closure is not None and not proposal.despite_closure:
        kind = "ein Feiertag" if closure.is_holiday else "geschlossen"
        raise PlanRefused(
            f"{full_day(proposal.on)}, ist {kind} ({closure.reason}). "
            "Soll das Treffen trotzdem stattfinden? Dann bitte mit „--on-holiday“."
        )
    return Slot(proposal.on, starts_at, ends_at, proposal.venue, title, closure)


def _refuse_taken(
    db: Db, series: Series, closures: Closures, slot: Slot, *, besides: Meeting | None
) -> None:
    """Refuse a time that another meeting of the series has, or will have by rule."""
    wanted = Meeting(series=series.key, starts_at=slot.starts_at, ends_at=slot.ends_at)
    _refuse_rows(_overlapping(db, wanted, besides=besides), series.zone)
    made = sa.select(Meeting).where(
        Meeting.series == series.key, Meeting.ruled_on == slot.on
    )
    ruled = slots(series, closures, slot.on, slot.on)
    for other in without_rows(ruled, db.scalars(made).all()):
        is_open = other.closure is None
        if (
            is_open
            and other.starts_at < slot.ends_at
            and (slot.starts_at < other.ends_at)
        ):
            raise _taken(other.starts_at, other.ends_at, series.zone)


def _overlapping(
    db: Db, wanted: Meeting, *, besides: Meeting | None
) -> Sequence[Meeting]:
    """Return the planned meetings of the same series at the same time."""
    query = sa.select(Meeting).where(
        Meeting.series == wanted.series,
        Meeting.state == MeetingState.PLANNED,
        Meeting.starts_at < wanted.ends_at,
        Meeting.ends_at > wanted.starts_at,
    )
    if besides is not None:
        query = query.where(Meeting.id != besides.id)
    return db.scalars(query.order_by(Meeting.starts_at)).all()


def _refuse_rows(rows: Sequence[Meeting], zone: ZoneInfo) -> None:
    for row in rows:
        raise _taken(row.starts_at, row.ends_at, zone)


def _taken(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> PlanRefused:
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return PlanRefused(
        f"Zu dieser Zeit gibt es in dieser Reihe schon ein Treffen: "
        f"{full_day(start)}, {hours(start.time(), end.time())}."
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
