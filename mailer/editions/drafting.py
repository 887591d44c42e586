"""Editions on paper: draft, reword, approve, withdraw. Nothing here sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EDITION, EditionEvent, EditionState
from mailer.errors import PlanRefused
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from mailer.editions.due import Due
    from mailer.meetings.models import MeetingId
    from subscribers.database import Db

S, E = EditionState, EditionEvent

OPEN: Final = (S.DRAFT, S.APPROVED)
"""Not yet frozen: it follows its meeting."""

ISSUED: Final = (S.ISSUED, S.CLOSED)
"""Readers have it, or will."""


def find(db: Db, kind: EditionKind, meeting: Meeting) -> Edition | None:
    """Return the edition of *kind* that speaks of *meeting* as it is now.

    An open one follows the meeting; an issued one counts while the meeting is what it
    said. A withdrawn or lapsed one does not count.
    """
    names = [f"meeting/{meeting.id}", f"meeting/{meeting.id}@{meeting.sequence}"]
    return db.scalars(
        sa.select(Edition)
        .where(
            Edition.kind == kind,
            Edition.about.in_(names),
            Edition.state.in_([*OPEN, *ISSUED]),
        )
        .order_by(Edition.id.desc())
    ).first()


def get(db: Db, edition_id: int) -> Edition:
    """Return the edition with this number.

    Raises:
        PlanRefused: There is none.
    """
    edition = db.get(Edition, edition_id)
    if edition is None:
        raise PlanRefused(
            f"Eine Aussendung mit der Nummer {edition_id} gibt es nicht. "
            "Alle Nummern zeigt „mia editions list“."
        )
    return edition


def meeting_of(edition: Edition) -> Meeting:
    """Return the meeting *edition* is about.

    Raises:
        PlanRefused: It is about none.
    """
    if edition.meeting is None:
        raise PlanRefused(f"Aussendung {edition.id} gehört zu keinem Treffen.")
    return edition.meeting


def check_meeting(meeting: Meeting, *, now: datetime) -> None:
    """Refuse to say anything about a meeting that is off or has begun.

    Raises:
        PlanRefused: It is cancelled, or has begun.
    """
    if meeting.state is not MeetingState.PLANNED:
        raise PlanRefused(
            "Dieses Treffen fällt aus; dazu wird nicht eingeladen. "
            "Mit „mia meetings reinstate“ findet es doch statt."
        )
    if meeting.starts_at <= now:
        raise PlanRefused("Dieses Treffen hat schon begonnen.")


def draft(db: Db, kind: EditionKind, meeting: Meeting, *, now: datetime) -> Edition:
    """Return the edition of *kind* for *meeting*; make a draft if there is none.

    Words that were written for this meeting before are kept.

    Raises:
        PlanRefused: The meeting has begun or is cancelled.
    """
    check_meeting(meeting, now=now)
    return find(db, kind, meeting) or new(
        db, kind, f"meeting/{meeting.id}", meeting=meeting, now=now
    )


def draft_due(db: Db, due: Due, *, now: datetime) -> Edition:
    """Make a draft of what the timetable asks for."""
    meeting = db.get(Meeting, due.meeting_id) if due.meeting_id else None
    edition = new(db, due.kind, due.about, meeting=meeting, now=now)
    edition.due_at = due.due_at
    if meeting is None:
        edition.series = due.day.series if due.day is not None else None
        edition.day = due.on
    return edition


def renew(db: Db, edition: Edition, *, now: datetime) -> Edition:
    """Return a new draft of what was called back or overtaken, with its words.

    Raises:
        PlanRefused: Its meeting has begun or is cancelled.
    """
    if edition.meeting is not None:
        fresh = draft(db, edition.kind, edition.meeting, now=now)
    else:
        fresh = find_open(db, edition.kind, edition.about) or new(
            db, edition.kind, edition.about, meeting=None, now=now
        )
        fresh.series, fresh.day = edition.series, edition.day
        fresh.due_at = edition.due_at
    reword(fresh, words=edition.words, easy_words=edition.easy_words)
    return fresh


def new(
    db: Db, kind: EditionKind, about: str, *, meeting: Meeting | None, now: datetime
) -> Edition:
    """Add a draft; it takes over the words of the last one about the same meeting."""
    last = _last(db, kind, meeting) if meeting is not None else None
    edition = Edition(
        kind=kind,
        about=about,
        meeting_id=meeting.id if meeting is not None else None,
        meeting=meeting,
        state=EDITION.start,
        words=last.words if last else "",
        easy_words=last.easy_words if last else "",
        created_at=now,
    )
    db.add(edition)
    db.flush()
    return edition


def decided(
    db: Db, *, but: Collection[EditionState] = (S.LAPSED,)
) -> set[tuple[EditionKind, str]]:
    """Return what need not be drafted any more: it was, or somebody called it back.

    Args:
        but: Editions in these states do not count.

    Returns:
        Kind and what it is about, as ``Due`` names it. A lapsed edition leaves no
        mark: if its meeting takes place after all, it is drafted again.
    """
    rows = db.execute(
        sa.select(Edition.kind, Edition.about).where(
            Edition.since.is_(None), Edition.state.not_in(but)
        )
    )
    return {
        (kind, about if kind is EditionKind.REMINDER else about.partition("@")[0])
        for kind, about in rows
    }


def find_open(
    db: Db, kind: EditionKind, about: str, *, or_in: tuple[EditionState, ...] = ()
) -> Edition | None:
    """Return the draft of *kind*, approved or not, that is about *about*.

    Args:
        or_in: Further states that count.
    """
    return db.scalars(
        sa.select(Edition).where(
            Edition.kind == kind,
            Edition.about == about,
            Edition.state.in_([*OPEN, *or_in]),
        )
    ).first()


def reword(edition: Edition, *, words: str | None, easy_words: str | None) -> None:
    """Set the coordinator's own text; None leaves what is there.

    Raises:
        PlanRefused: It has been issued; what people got is not changed.
    """
    if words is None and easy_words is None:
        return
    if edition.state not in OPEN:
        raise PlanRefused(
            "Diese Aussendung ist schon auf dem Weg; ihr Text steht fest. "
            "Mit „mia editions withdraw“ stoppen Sie, was noch nicht gesendet ist."
        )
    edition.words = edition.words if words is None else words
    edition.easy_words = edition.easy_words if easy_words is None else easy_words


def move(edition: Edition, event: EditionEvent, *, now: datetime) -> None:
    """Move *edition* by its table and note when.

    Raises:
        PlanRefused: As ``require``.
    """
    require(edition, event)
    edition.state = EDITION.after(edition.state, event)
    if event in _NOTED:
        setattr(edition, f"{edition.state}_at", now)


def require(edition: Edition, event: EditionEvent) -> None:
    """Ask whether *event* can happen to *edition*, before anything is done about it.

    Raises:
        PlanRefused: It is in a state that does not know *event*.
    """
    if event not in EDITION.table[edition.state]:
        raise PlanRefused(
            f"Aussendung {edition.id} ist {GERMAN[edition.state]}; "
            "in diesem Stand geht das nicht."
        )


_NOTED: Final = {E.APPROVE, E.ISSUE, E.CLOSE, E.WITHDRAW, E.LAPSE}
"""Events whose moment has a column; more readers do not change when it was issued."""

GERMAN: Final[Mapping[EditionState, str]] = {
    S.DRAFT: "ein Entwurf",
    S.APPROVED: "freigegeben",
    S.ISSUED: "auf dem Weg",
    S.CLOSED: "abgeschlossen",
    S.WITHDRAWN: "zurückgezogen",
    S.LAPSED: "überholt",
}
"""What people call the states of an edition."""


def all_editions(db: Db) -> Sequence[Edition]:
    """Return every edition, the newest first."""
    return db.scalars(sa.select(Edition).order_by(Edition.id.desc())).all()


def open_editions(db: Db) -> Sequence[Edition]:
    """Return every draft, approved or not, the earliest due first."""
    return db.scalars(
        sa.select(Edition)
        .where(Edition.state.in_(OPEN))
        .order_by(Edition.due_at, Edition.id)
    ).all()


def held(db: Db, *, by: datetime) -> Sequence[Edition]:
    """Return the drafts that should have gone out by then and wait for a yes."""
    return db.scalars(
        sa.select(Edition)
        .where(Edition.state == S.DRAFT, Edition.due_at <= by)
        .order_by(Edition.id)
    ).all()


def issued(
    db: Db,
    kind: EditionKind,
    meeting_id: MeetingId,
    states: Collection[EditionState] = ISSUED,
) -> Sequence[Edition]:
    """Return what readers got of *kind* about a meeting, the newest first.

    Args:
        states: What was withdrawn has reached some of them as well.
    """
    return db.scalars(
        sa.select(Edition)
        .where(
            Edition.kind == kind,
            Edition.meeting_id == meeting_id,
            Edition.state.in_(states),
        )
        .order_by(Edition.id.desc())
    ).all()


def _last(db: Db, kind: EditionKind, meeting: Meeting) -> Edition | None:
    return db.scalars(
        sa.select(Edition)
        .where(Edition.kind == kind, Edition.meeting_id == meeting.id)
        .order_by(Edition.id.desc())
        .limit(1)
    ).first()
