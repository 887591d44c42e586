"""Editions on paper: draft, reword, approve, withdraw. Nothing here sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.editions.due import due_editions
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EDITION, EditionEvent, EditionState
from mailer.errors import PlanRefused
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from subscribers.database import Db


def find(db: Db, kind: EditionKind, meeting: Meeting) -> Edition | None:
    """Return the edition of *kind* for *meeting*; a withdrawn one does not count."""
    return db.scalars(
        sa.select(Edition).where(
            Edition.kind == kind,
            Edition.meeting_id == meeting.id,
            Edition.state != EditionState.WITHDRAWN,
        )
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

    Raises:
        PlanRefused: The meeting has begun or is cancelled.
    """
    check_meeting(meeting, now=now)
    edition = find(db, kind, meeting)
    if edition is None:
        edition = Edition(
            kind=kind,
            meeting_id=meeting.id,
            meeting=meeting,
            state=EDITION.start,
            words="",
            easy_words="",
            created_at=now,
        )
        db.add(edition)
        db.flush()
    return edition


def draft_due(db: Db, *, invite_before: timedelta, now: datetime) -> list[Edition]:
    """Make a draft for everything that is due and has none; return the new ones."""
    meetings: Sequence[Meeting] = db.scalars(
        sa.select(Meeting).where(
            Meeting.state == MeetingState.PLANNED, Meeting.starts_at > now
        )
    ).all()
    told = db.scalars(
        sa.select(Edition.meeting_id).where(
            Edition.kind == EditionKind.INVITATION,
            Edition.state != EditionState.WITHDRAWN,
        )
    )
    known = {meeting_id for meeting_id in told if meeting_id is not None}
    by_id = {meeting.id: meeting for meeting in meetings}
    due = due_editions(meetings, known, invite_before=invite_before, now=now)
    return [draft(db, one.kind, by_id[one.meeting_id], now=now) for one in due]


def reword(edition: Edition, *, words: str | None, easy_words: str | None) -> None:
    """Set the coordinator's own text; None leaves what is there.

    Raises:
        PlanRefused: It has been issued; what people got is not changed.
    """
    if words is None and easy_words is None:
        return
    if edition.state not in {EditionState.DRAFT, EditionState.APPROVED}:
        raise PlanRefused(
            "Diese Aussendung ist schon auf dem Weg; ihr Text steht fest. "
            "Mit „mia editions withdraw“ stoppen Sie, was noch nicht gesendet ist."
        )
    edition.words = edition.words if words is None else words
    edition.easy_words = edition.easy_words if easy_words is None else easy_words


def move(edition: Edition, event: EditionEvent, *, now: datetime) -> None:
    """Move *edition* by its table and note when.

    Raises:
        PlanRefused: It is in a state that does not know *event*.
    """
    if event not in EDITION.table[edition.state]:
        raise PlanRefused(
            f"Aussendung {edition.id} ist {GERMAN[edition.state]}; "
            "das geht jetzt nicht mehr."
        )
    edition.state = EDITION.after(edition.state, event)
    if event is not EditionEvent.RECALL:
        setattr(edition, f"{edition.state}_at", now)


GERMAN = {
    EditionState.DRAFT: "ein Entwurf",
    EditionState.APPROVED: "freigegeben",
    EditionState.ISSUED: "auf dem Weg",
    EditionState.CLOSED: "abgeschlossen",
    EditionState.WITHDRAWN: "zurückgezogen",
}
"""What people call the states of an edition."""


def all_editions(db: Db) -> Sequence[Edition]:
    """Return every edition, the newest first."""
    return db.scalars(sa.select(Edition).order_by(Edition.id.desc())).all()
