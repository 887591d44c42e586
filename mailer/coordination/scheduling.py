"""What instructions do to meetings: another day or place, off, on again, one more.

Whom a change reaches is decided by the plan round; here the calendar is changed, and
the coordinator is told whether anybody hears of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from mailer.coordination.editing import look_again, recall
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.matter import meeting_for
from mailer.coordination.table import phrase
from mailer.errors import PlanRefused
from mailer.german import and_list, full_day, hours, short_day
from mailer.logs import LogEvent
from mailer.meetings import planning
from mailer.meetings.closures import closure_on
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from mailer.meetings.models import Meeting
    from mailer.meetings.planning import Proposal
    from mailer.settings.model import Venue
    from subscribers.database import Db

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - only the clock on the wall counts


def move(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Give a meeting another day or other hours.

    Raises:
        PlanRefused: It cannot be: past, closed, taken, over or off.
    """
    meeting = meeting_for(db, matter, instruction)
    series = matter.series()
    _refuse_off(meeting, matter)
    before = planning.as_it_is(meeting, series.zone)
    wanted = _timed(
        replace(
            before,
            on=instruction.on or before.on,
            reason=instruction.reason,
            despite_closure=instruction.despite_closure,
        ),
        instruction,
    )
    _refuse_closed(matter, wanted, instruction.kind)
    if (wanted.on, wanted.start, wanted.end) == (before.on, before.start, before.end):
        matter.said.append(f"{_the(meeting, matter)} hat schon diese Zeit.")
        return
    closures = matter.office.press.closures
    planning.move(db, meeting, series, closures, wanted, now=matter.now)
    matter.note(LogEvent.MEETING_MOVED, meeting=meeting.id, sequence=meeting.sequence)
    _recall(matter)
    matter.said += [
        (
            f"Das Treffen vom {short_day(before.on)} ist jetzt am "
            f"{full_day(wanted.on)}, {hours(wanted.start, wanted.end)}."
        ),
        _who_hears(meeting),
    ]


def relocate(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Let a meeting take place somewhere else.

    Raises:
        PlanRefused: Nobody knows the place, or the meeting is over or off.
    """
    meeting = meeting_for(db, matter, instruction)
    series = matter.series()
    _refuse_off(meeting, matter)
    venue = _venue(matter, instruction.text)
    if venue.key == meeting.venue:
        matter.said.append(f"{_the(meeting, matter)} ist schon dort: {venue.label}.")
        return
    wanted = replace(
        planning.as_it_is(meeting, series.zone),
        venue=venue.key,
        despite_closure=True,  # the day was decided before
    )
    closures = matter.office.press.closures
    planning.move(db, meeting, series, closures, wanted, now=matter.now)
    matter.note(LogEvent.MEETING_MOVED, meeting=meeting.id, sequence=meeting.sequence)
    _recall(matter)
    matter.said += [
        f"{_the(meeting, matter)} ist jetzt hier: {venue.label}.",
        _who_hears(meeting),
    ]


def cancel(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Take a meeting off.

    Raises:
        PlanRefused: It is over.
    """
    meeting = meeting_for(db, matter, instruction)
    if meeting.state is MeetingState.CANCELLED:
        matter.said.append(
            f"{_the(meeting, matter)} fällt schon aus. Der Grund: {meeting.reason}"
        )
        return
    zone = matter.series().zone
    planning.cancel(db, meeting, reason=instruction.reason, zone=zone, now=matter.now)
    matter.note(
        LogEvent.MEETING_CANCELLED, meeting=meeting.id, sequence=meeting.sequence
    )
    matter.said += [
        f"{_the(meeting, matter)} fällt aus. Der Grund: {meeting.reason}",
        _who_hears(meeting),
    ]


def reinstate(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Let a cancelled meeting take place after all.

    Raises:
        PlanRefused: It is over, or another meeting has taken its time.
    """
    meeting = meeting_for(db, matter, instruction)
    if meeting.state is MeetingState.PLANNED:
        matter.said.append(
            f"{_the(meeting, matter)} findet statt; es war nicht abgesagt."
        )
        return
    planning.reinstate(db, meeting, zone=matter.series().zone, now=matter.now)
    matter.note(
        LogEvent.MEETING_REINSTATED, meeting=meeting.id, sequence=meeting.sequence
    )
    matter.said += [
        f"{_the(meeting, matter)} findet nun doch statt.",
        _who_hears(meeting),
    ]


def add(db: Db, matter: Matter, instruction: Instruction) -> None:
    """Add a meeting that the rule does not make.

    Raises:
        PlanRefused: It cannot be: past, closed or taken.
    """
    series = matter.series()
    on = instruction.on or matter.office.today(matter.now)
    wanted = _timed(
        replace(
            planning.usual(series, on),
            reason=instruction.reason,
            despite_closure=instruction.despite_closure,
        ),
        instruction,
    )
    _refuse_closed(matter, wanted, instruction.kind)
    closures = matter.office.press.closures
    meeting = planning.add(db, series, closures, wanted, now=matter.now)
    matter.note(LogEvent.MEETING_ADDED, meeting=meeting.id)
    look_again(db, matter)
    matter.said.append(
        f"Am {full_day(on)}, {hours(wanted.start, wanted.end)}, gibt es ein "
        f"zusätzliches Treffen „{meeting.title}“. Den Entwurf der Einladung bekommen "
        "Sie rechtzeitig."
    )


def _timed(wanted: Proposal, instruction: Instruction) -> Proposal:
    """Return *wanted* at the hours that are named; an open end keeps its length."""
    if instruction.start is None:
        return wanted
    length = _on_the_wall(wanted.end) - _on_the_wall(wanted.start)
    end = instruction.end or _later(instruction.start, length)
    if end <= instruction.start:
        raise PlanRefused(
            f"Das Ende ({end:%H:%M} Uhr) muss nach dem Anfang "
            f"({instruction.start:%H:%M} Uhr) liegen. Bitte nennen Sie beide Zeiten, "
            "zum Beispiel so: 10 bis 13 Uhr."
        )
    return replace(wanted, start=instruction.start, end=end)


def _on_the_wall(at: time) -> datetime:
    return datetime.combine(_ANY_DAY, at)


def _later(start: time, length: timedelta) -> time:
    return (_on_the_wall(start) + length).time()


def _refuse_closed(matter: Matter, wanted: Proposal, kind: K) -> None:
    closure = closure_on(wanted.on, matter.office.press.closures)
    if closure is None or wanted.despite_closure:
        return
    what = "neuer Termin" if kind is K.MOVE else "zusätzlicher Termin"
    why = "ein Feiertag" if closure.is_holiday else "geschlossen"
    raise PlanRefused(
        f"{full_day(wanted.on)}, ist {why} ({closure.reason}). Soll das Treffen "
        f"trotzdem an diesem Tag sein? Dann antworten Sie: „{what}: "
        f"{short_day(wanted.on)}, {hours(wanted.start, wanted.end)}, trotzdem“"
    )


def _refuse_off(meeting: Meeting, matter: Matter) -> None:
    if meeting.state is MeetingState.CANCELLED:
        raise PlanRefused(
            f"{_the(meeting, matter)} ist abgesagt. Schreiben Sie „findet doch statt“ "
            "dazu, dann geht beides zusammen."
        )


def _venue(matter: Matter, written: str) -> Venue:
    """Return the place that *written* names, by key, room or street."""
    venues = matter.office.settings.venues.values()
    said = phrase(written)
    found = [
        one
        for one in venues
        if said in [phrase(name) for name in (one.key, one.room, one.street, one.label)]
    ]
    if len(found) == 1:
        return found[0]
    known = and_list([f"„Ort: {one.room}, {one.street}“" for one in venues])
    near = [one for one in venues if said == phrase(f"{one.room}, {one.street}")]
    if len(near) == 1:
        return near[0]
    raise PlanRefused(
        f"Den Ort „{written}“ kenne ich nicht. Bekannt sind: {known}. Ein neuer Ort "
        "muss erst in den Einstellungen eingetragen werden."
        if not found
        else f"„{written}“ gibt es mehrmals. Bitte schreiben Sie es so: {known}."
    )


def _recall(matter: Matter) -> None:
    if matter.edition is not None:
        recall(matter, matter.edition)


def _the(meeting: Meeting, matter: Matter) -> str:
    day = full_day(meeting.starts_at.astimezone(matter.office.zone))
    return f"Das Treffen am {day},"


def _who_hears(meeting: Meeting) -> str:
    if meeting.announced_at is None:
        return "Eingeladen ist noch niemand; deshalb geht keine Nachricht hinaus."
    return (
        "Alle, die schon eingeladen sind, bekommen in den nächsten Minuten eine "
        "Nachricht."
    )
