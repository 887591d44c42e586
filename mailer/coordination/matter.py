"""What an answer is about: which edition, which meeting; and who may be meant.

A seal names it. Without one, the day she writes does, or the one draft that waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.context import get_series
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.errors import PlanRefused
from mailer.german import and_list, full_day
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.meetings.materialising import LOOK_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from mailer.coordination.kinds import Instruction
    from mailer.coordination.office import Office
    from mailer.coordination.rights import Role
    from mailer.editions.models import EditionId
    from mailer.logs import LogEvent
    from mailer.meetings.models import Meeting, MeetingId
    from mailer.network.files import Enclosed
    from mailer.network.models import Contribution
    from mailer.settings.model import Series
    from subscribers.database import Db
    from subscribers.models import Mailbox, Partner

SUGGESTED: Final = 3
"""Meetings that are named to somebody who named a day without one."""


@dataclass(slots=True)
class Matter:
    """What is worked on while one answer is carried out.

    Attributes:
        mailbox, role: Who answers, and as whom.
        edition, meeting, contribution: What it is about; None if that is not known.
        partner: Whose contacts it is about; None if it is not.
        is_sealed: The answer carries a seal of ours, so it is certainly hers.
        enclosed: The files with it; whoever takes them empties it.
        message_id: Of the answer; None if it has none.
        is_changed: The draft says something else now.
        said: What was done, one German sentence each.
        events: For the log, once it is done and not only tried.
    """

    office: Office
    mailbox: Mailbox
    role: Role
    now: datetime
    edition: Edition | None = None
    meeting: Meeting | None = None
    contribution: Contribution | None = None
    partner: Partner | None = None
    is_sealed: bool = False
    enclosed: tuple[Enclosed, ...] = ()
    message_id: str | None = None
    is_changed: bool = False
    said: list[str] = field(default_factory=list)
    events: list[tuple[LogEvent, dict[str, int]]] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether it is known what it is about."""
        about = (self.edition, self.contribution, self.partner)
        return any(one is not None for one in about)

    @property
    def ids(self) -> tuple[EditionId | None, MeetingId | None]:
        """Which edition and which meeting it is about, for a row that remembers."""
        edition, meeting = self.edition, self.meeting
        return (
            edition.id if edition is not None else None,
            meeting.id if meeting is not None else None,
        )

    def note(self, event: LogEvent, **fields: int) -> None:
        """Remember what is written to the log if it is done."""
        self.events.append((event, fields))

    def series(self) -> Series:
        """Return the series of the meeting, or the only one there is.

        Raises:
            PlanRefused: There are several, and nothing says which.
        """
        known = self.office.settings.series
        if self.meeting is not None:
            return get_series(self.office.settings, self.meeting.series)
        if len(known) == 1:
            return known[0]
        titles = and_list([f"„{one.title}“" for one in known])
        raise PlanRefused(
            f"Es gibt mehrere Terminreihen: {titles}. Bitte antworten Sie auf einen "
            "Entwurf der Reihe, die Sie meinen."
        )

    def turn_to(self, db: Db, meeting: Meeting) -> None:
        """Let the answer be about *meeting*, and its invitation if there is one."""
        if self.meeting is not None and self.meeting.id == meeting.id:
            return
        self.meeting = meeting
        self.edition = drafting.find(db, EditionKind.INVITATION, meeting)


def meeting_for(db: Db, matter: Matter, instruction: Instruction) -> Meeting:
    """Return the meeting an instruction speaks of, and turn *matter* to it.

    Raises:
        PlanRefused: There is none, or several.
    """
    if instruction.day is not None:
        matter.turn_to(db, _meeting_on(db, matter, instruction.day))
    if matter.meeting is None:
        if matter.edition is not None:
            raise PlanRefused(
                "Dieser Entwurf spricht von einem Tag ohne Treffen; das geht hier "
                "nicht. Ein Treffen an diesem Tag ist ein „zusätzlicher Termin“."
            )
        raise PlanRefused(
            "Bitte nennen Sie den Tag des Treffens, zum Beispiel so: "
            "„fällt aus: 3. Dezember: Der Raum ist belegt.“"
        )
    return matter.meeting


def edition_for(db: Db, matter: Matter) -> Edition:
    """Return the edition an instruction speaks of, or the only one that waits.

    Raises:
        PlanRefused: There is none, or several wait.
    """
    if matter.edition is None and matter.meeting is None:
        waiting = open_editions(db)
        if len(waiting) > 1:
            raise PlanRefused(
                "Es warten mehrere Entwürfe auf Sie. Bitte antworten Sie auf den, den "
                "Sie meinen."
            )
        if waiting:
            matter.edition, matter.meeting = waiting[0], waiting[0].meeting
    if matter.edition is None:
        raise PlanRefused(
            "Zurzeit gibt es keinen Entwurf dazu. Sie bekommen ihn rechtzeitig."
        )
    return matter.edition


def open_editions(db: Db) -> Sequence[Edition]:
    """Return every draft the coordinator was shown and that is not frozen."""
    rows = sa.select(Edition).where(
        Edition.state.in_(drafting.OPEN), Edition.draft_version > 0
    )
    return db.scalars(rows.order_by(Edition.id)).all()


def _meeting_on(db: Db, matter: Matter, day: date) -> Meeting:
    """Return the meeting on *day*; a rule day gets its row now."""
    office, now = matter.office, matter.now
    found = list(planning.meetings_on(db, day, office.zone))
    for series in office.settings.series if not found else ():
        row = planning.materialise_day(db, series, office.press.closures, day, now=now)
        found += [row] if row is not None else []
    if len(found) == 1:
        return found[0]
    if found:
        raise PlanRefused(
            f"Am {full_day(day)}, gibt es mehrere Treffen. Bitte antworten Sie auf den "
            "Entwurf des Treffens, das Sie meinen."
        )
    coming = planning.calendar(
        db,
        office.settings.series,
        office.press.closures,
        first=office.today(now),
        last=office.today(now) + LOOK_AHEAD,
    )
    days = [full_day(one.on) for one in coming if one.state is DayState.PLANNED]
    known = f" Die nächsten sind am {and_list(days[:SUGGESTED])}." if days else ""
    raise PlanRefused(f"Am {full_day(day)}, ist kein Treffen.{known}")
