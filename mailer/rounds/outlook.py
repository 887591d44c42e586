"""The plan as a person reads it: what went out, what waits, what will go out.

The past comes from the ledger, the future from the timetable that the plan round
follows. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import KINDS, EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.meetings.localtime import local_day, moment_at
from mailer.meetings.models import Meeting, MeetingVersion
from mailer.outbox import report
from mailer.outbox.readers import would_reach
from mailer.outbox.states import DeliveryState
from mailer.rounds import calendar
from subscribers import audience

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from mailer.editions.due import Due
    from mailer.editions.models import EditionId
    from mailer.outbox.press import Press
    from subscribers.database import Db

DAY: Final = timedelta(days=1)


class LineState(StrEnum):
    """Where a line of the plan stands."""

    ISSUED = "issued"
    """In the ledger; some of it may still be on its way."""
    WITHDRAWN = "withdrawn"
    """Called back after it had been issued."""
    APPROVED = "approved"
    DRAFT = "draft"
    HELD = "held"
    """It should have gone out and waits for a person."""
    PLANNED = "planned"


GERMAN: Final[Mapping[LineState, str]] = {
    LineState.ISSUED: "hinausgegangen",
    LineState.WITHDRAWN: "zurückgezogen",
    LineState.APPROVED: "freigegeben",
    LineState.DRAFT: "Entwurf, wartet auf Antwort",
    LineState.HELD: "angehalten, wartet auf Freigabe",
    LineState.PLANNED: "geplant",
}
"""The states as people read them."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One mailing of the plan.

    Attributes:
        at: When it went out, or is due; aware, on the town's clocks.
        day: The local day of the meeting, or the day without one; the first day of
            the quarter.
        title: "Miteinander reden"; of a quarter its name.
        audience: How many mailboxes got it; for the future, how many would today.
        accepted: How many of them a server has taken; None before it was issued.
        edition_id: None as long as nobody has drafted it.
    """

    at: datetime
    kind: EditionKind
    state: LineState
    day: date
    title: str
    audience: int
    accepted: int | None
    edition_id: EditionId | None


def outlook(
    db: Db, press: Press, first: date, last: date, *, now: datetime
) -> list[PlanLine]:
    """Return every mailing from *first* to *last*, both included, the earliest first.

    Args:
        first, last: Local days.
    """
    zone = press.settings.series[0].zone
    since, until = (
        moment_at(first, time.min, zone),
        moment_at(last + DAY, time.min, zone),
    )
    found = [
        *_issued(db, press, since, until),
        *_waiting(db, press, since, until, now=now),
        *_expected(db, press, max(since, now), until),
    ]
    return sorted(found, key=lambda line: (line.at, line.day, line.kind))


def _issued(
    db: Db, press: Press, since: datetime, until: datetime
) -> Iterator[PlanLine]:
    zone = press.settings.series[0].zone
    within = (Edition.issued_at >= since, Edition.issued_at < until)
    for edition in db.scalars(sa.select(Edition).where(*within)):
        assert edition.issued_at is not None  # noqa: S101 - asked for above
        tally = report.tally(db, [edition.occasion])
        is_back = edition.state is EditionState.WITHDRAWN
        yield _line(
            db,
            edition,
            edition.issued_at.astimezone(zone),
            LineState.WITHDRAWN if is_back else LineState.ISSUED,
            press,
            (tally.total, tally.states.get(DeliveryState.ACCEPTED, 0)),
        )


def _waiting(
    db: Db, press: Press, since: datetime, until: datetime, *, now: datetime
) -> Iterator[PlanLine]:
    zone = press.settings.series[0].zone
    held = drafting.held(db, by=now)
    for edition in drafting.open_editions(db):
        if edition.due_at is None or not since <= edition.due_at < until:
            continue
        state = LineState(edition.state.value)
        if edition in held:
            state = LineState.HELD
        reached = would_reach(db, edition.kind, edition.meeting, now=now)
        at = edition.due_at.astimezone(zone)
        yield _line(db, edition, at, state, press, (reached, None))


def _expected(
    db: Db, press: Press, since: datetime, until: datetime
) -> Iterator[PlanLine]:
    """Yield what the timetable promises and nobody has drafted or decided."""
    zone = press.settings.series[0].zone
    done = drafting.decided(db)
    waiting = {
        edition.about
        for edition in drafting.open_editions(db)
        if edition.due_at is not None and edition.due_at >= since
    }
    first, last = local_day(since, zone), local_day(until, zone)
    for due in calendar.between(db, press, first, last + calendar.HORIZON):
        is_inside = since <= due.due_at < until
        if not is_inside or (due.kind, due.about) in done:
            continue
        invitation = (EditionKind.INVITATION, f"meeting/{due.meeting_id}")
        is_settled = invitation in done and invitation[1] not in waiting
        reached = _would_get(db, due, is_settled=is_settled)
        if (is_settled or due.quarter is not None) and not reached:
            continue
        yield PlanLine(
            at=due.due_at.astimezone(zone),
            kind=due.kind,
            state=LineState.PLANNED,
            day=due.on,
            title=due.title,
            audience=reached,
            accepted=None,
            edition_id=None,
        )


def _would_get(db: Db, due: Due, *, is_settled: bool) -> int:
    """Return how many would get what is not drafted yet, if all stays as it is.

    Args:
        is_settled: People were invited, or will not be: who knows what is known.
    """
    if due.kind is EditionKind.REMINDER and not is_settled:
        # Who will know of the meeting by then: everybody who gets invitations.
        topic = KINDS[due.kind].topic
        return sum(audience.count(db, topic, audience.wants_reminders()).values())
    meeting = db.get(Meeting, due.meeting_id) if due.meeting_id else None
    return would_reach(db, due.kind, meeting, now=due.due_at)


def _line(
    db: Db,
    edition: Edition,
    at: datetime,
    state: LineState,
    press: Press,
    numbers: tuple[int, int | None],
) -> PlanLine:
    meeting = edition.meeting
    titles = {series.key: series.title for series in press.settings.series}
    title = titles.get(edition.series or "", "")
    day = edition.day or at.date()
    if edition.quarter is not None:
        title = edition.quarter.german
    if meeting is not None:
        # What its readers were told, wherever the meeting went afterwards.
        key = (meeting.id, edition.sequence)
        told = db.get(MeetingVersion, key) if edition.sequence is not None else None
        day = (told or meeting).starts_at.astimezone(at.tzinfo).date()
        title = meeting.title
    return PlanLine(
        at=at,
        kind=edition.kind,
        state=state,
        day=day,
        title=title,
        audience=numbers[0],
        accepted=numbers[1],
        edition_id=edition.id,
    )
