"""The plan round: everything that the calendar, and what people changed, makes due.

Run again and again, by ``mia run`` or ``mia tick``; running it twice changes nothing
more. Each step is a transaction of its own, so a crash between two leaves the rest to
the next round:

1. rules become meetings, pauses that are over end;
2. drafts follow their meetings; what was overtaken lapses;
3. what is due for drafting is drafted, and the coordinator gets it;
4. what is due is issued, if somebody said yes or nobody needs to;
5. who knows an older version of a meeting is told what has changed;
6. who joined late, or was passed over, gets the letter that tells the present state;
7. what needs no draft is issued: reminders, and cancellations nobody was told of.

An edition that cannot be written (a broken template, a place that the settings no
longer know) is reported, and the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from mailer.editions import drafting
from mailer.editions.kinds import KINDS
from mailer.errors import MailerError
from mailer.logs import LogEvent, log
from mailer.rounds import calendar, drafts, issues

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailer.editions.due import Due
    from mailer.editions.models import EditionId
    from mailer.outbox.press import Press
    from mailer.rounds.issues import Issued
    from subscribers.clock import Clock
    from subscribers.database import Database, Db

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Planned:
    """What a round did.

    Attributes:
        notes: German sentences about meetings that stay against the rule of today.
        drafted, lapsed: Editions.
        issued: How many deliveries were added, by edition.
        problems: German sentences on what could not be written.
    """

    notes: list[str] = field(default_factory=list)
    drafted: list[EditionId] = field(default_factory=list)
    lapsed: list[EditionId] = field(default_factory=list)
    issued: Issued = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Round:
    """One round at one moment."""

    database: Database
    press: Press
    now: datetime
    done: Planned = field(default_factory=Planned)

    def prepare(self) -> list[Due]:
        """Bring rows up to date; return what the calendar wants said."""
        self.done.notes = self.database.once(
            "meetings", calendar.prepare, self.press, now=self.now
        )
        return self.database.once("lapse", self._in_step)

    def _in_step(self, db: Db) -> list[Due]:
        expected = calendar.expected(db, self.press, now=self.now)
        drafts.keep_in_step(db, expected)
        self.done.lapsed = drafts.lapse_overtaken(db, expected, now=self.now)
        return expected

    def draft(self, expected: list[Due]) -> None:
        """Draft what is due for drafting; show again what says something new."""
        with self.database.reading() as db:
            wanted = drafts.to_be_drafted(db, expected, now=self.now)
            is_idle = not wanted and not drafting.open_editions(db)
        if is_idle:
            return
        # Where nothing is to be shown, as in most rounds, nothing shows it.
        from mailer.rounds import showing  # noqa: PLC0415 - see above

        for due in wanted:
            edition_id = self._step(showing.draft_one, due, self.press, now=self.now)
            if edition_id is not None:
                self.done.drafted.append(edition_id)
                log(LogEvent.EDITION_DRAFTED, edition=edition_id, kind=due.kind)
        with self.database.reading() as db:
            waiting = [one.id for one in drafting.open_editions(db)]
        for edition_id in waiting:
            self._step(showing.show_again, edition_id, self.press, now=self.now)

    def issue(self, expected: list[Due]) -> None:
        """Issue what is due, what has changed, and what needs no draft."""
        with self.database.reading() as db:
            due_editions = issues.due_editions(db, now=self.now)
            meetings = issues.meetings_to_come(db, now=self.now)
        for edition_id in due_editions:
            self._issue(issues.issue_due, edition_id)
        for meeting_id in meetings:
            self._issue(issues.tell_changes, meeting_id)
            self._issue(issues.tell_late, meeting_id)
        for due in expected:
            is_due = due.due_at <= self.now < due.expires_at
            if is_due and not KINDS[due.kind].is_drafted:
                self._issue(issues.announce, due)

    def _issue(
        self, step: Callable[Concatenate[Db, R, Press, ...], Issued], subject: R
    ) -> None:
        issued = self._step(step, subject, self.press, now=self.now)
        for edition_id, deliveries in (issued or {}).items():
            log(LogEvent.EDITION_ISSUED, edition=edition_id, deliveries=deliveries)
        self.done.issued |= issued or {}

    def _step(
        self, step: Callable[Concatenate[Db, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        """Do one step in a transaction of its own; None if it failed, and why."""
        try:
            return self.database.once("plan", step, *args, **kwargs)
        except MailerError as error:
            self.done.problems.append(error.sentence)
            log(LogEvent.PLAN_FAILED, kind=type(error).__name__)
            return None


def plan_round(database: Database, press: Press, clock: Clock) -> Planned:
    """Do all that is due at this moment; return what was done.

    Raises:
        StoreBusy: Another program held the database for too long; what was committed
            stands, the next round does the rest.
        StoreUnavailable: The database cannot be written.
    """
    this = _Round(database, press, clock.now())
    expected = this.prepare()
    this.draft(expected)
    this.issue(expected)
    return this.done
