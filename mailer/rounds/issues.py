"""Issuing in a round: what is due, what has changed, who was not told yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.change import kind_of_change
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionEvent, EditionState
from mailer.meetings.models import Meeting, MeetingVersion
from mailer.meetings.states import MeetingState
from mailer.outbox import issuing, knowledge
from mailer.outbox.readers import would_reach
from mailer.rounds.drafts import is_overdue, may_go_unanswered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.editions.due import Due
    from mailer.editions.models import EditionId
    from mailer.meetings.models import MeetingId
    from mailer.outbox.press import Press
    from subscribers.database import Db

Issued = dict["EditionId", int]
"""How many deliveries were added, by edition."""


def due_editions(db: Db, *, now: datetime) -> list[EditionId]:
    """Return the open editions that are due, the earliest first."""
    return [
        edition.id
        for edition in drafting.open_editions(db)
        if edition.due_at is not None and edition.due_at <= now
    ]


def issue_due(db: Db, edition_id: EditionId, press: Press, *, now: datetime) -> Issued:
    """Issue an edition that is due, if somebody said yes or nobody needs to.

    An approved one that is overdue needs a new yes: it becomes a draft again. So does
    a network update that says something else than what was approved.
    """
    edition = drafting.get(db, edition_id)
    if not would_reach(db, edition.kind, edition.meeting, now=now):
        return {}
    if edition.state is EditionState.APPROVED:
        if _needs_new_yes(db, edition, press, now=now):
            return {}
    elif edition.state is EditionState.DRAFT:
        is_late = is_overdue(edition, press.settings, now=now)
        if is_late or not may_go_unanswered(edition, press.settings, now=now):
            return {}
        drafting.move(edition, EditionEvent.APPROVE, now=now)
    else:
        return {}
    return {edition.id: issuing.issue(db, edition, press, now=now)}


def _needs_new_yes(db: Db, edition: Edition, press: Press, *, now: datetime) -> bool:
    """Make an approved edition a draft again that is too late, or says other things."""
    # Most rounds issue nothing, and need no templates for that.
    from mailer.coordination.drafts import recall_changed  # noqa: PLC0415 - see above
    from mailer.coordination.office import Office  # noqa: PLC0415 - see above

    if is_overdue(edition, press.settings, now=now):
        drafting.move(edition, EditionEvent.RECALL, now=now)
        return True
    return recall_changed(db, Office.of(press), edition, now=now)


def announce(db: Db, due: Due, press: Press, *, now: datetime) -> Issued:
    """Issue at once what needs no draft: a reminder, a cancellation."""
    meeting = db.get(Meeting, due.meeting_id) if due.meeting_id else None
    is_decided = (due.kind, due.about) in drafting.decided(db)
    if is_decided or not would_reach(db, due.kind, meeting, now=now):
        return {}
    edition = drafting.draft_due(db, due, now=now)
    return _at_once(db, edition, press, now=now)


def meetings_to_come(db: Db, *, now: datetime) -> Sequence[MeetingId]:
    """Return the meetings that people were told about and that have not begun."""
    return db.scalars(
        sa.select(Meeting.id)
        .where(Meeting.announced_at.is_not(None), Meeting.starts_at > now)
        .order_by(Meeting.starts_at)
    ).all()


def tell_changes(
    db: Db, meeting_id: MeetingId, press: Press, *, now: datetime
) -> Issued:
    """Tell everybody who knows an older version of a meeting what has changed."""
    meeting = db.get_one(Meeting, meeting_id)
    issued: Issued = {}
    for sequence in knowledge.versions_known(db, meeting_id):
        known = db.get(MeetingVersion, (meeting_id, sequence))
        if known is None or sequence >= meeting.sequence:
            continue
        kind = kind_of_change(known, meeting)
        if kind is not None:
            issued |= _tell(db, kind, meeting, sequence, press, now=now)
    return issued


def tell_late(db: Db, meeting_id: MeetingId, press: Press, *, now: datetime) -> Issued:
    """Tell the present state to those who joined late or were passed over."""
    meeting = db.get_one(Meeting, meeting_id)
    is_on = meeting.state is MeetingState.PLANNED
    kind = EditionKind.INVITATION if is_on else EditionKind.CANCELLATION
    found = [one for one in drafting.issued(db, kind, meeting_id) if one.since is None]
    if not found:
        return {}
    if found[0].sequence == meeting.sequence:
        number = issuing.extend(db, found[0], press, now=now)
        return {found[0].id: number} if number else {}
    is_drafted = drafting.find(db, kind, meeting) is not None
    if not is_on or is_drafted or not would_reach(db, kind, meeting, now=now):
        return {}
    edition = drafting.new(db, kind, f"meeting/{meeting.id}", meeting=meeting, now=now)
    return _at_once(db, edition, press, now=now)


def _tell(
    db: Db,
    kind: EditionKind,
    meeting: Meeting,
    since: int,
    press: Press,
    *,
    now: datetime,
) -> Issued:
    about = f"meeting/{meeting.id}@{meeting.sequence}<{since}"
    edition = db.scalars(
        sa.select(Edition).where(Edition.kind == kind, Edition.about == about)
    ).first()
    if edition is None:
        if not would_reach(db, kind, meeting, since, now=now):
            return {}
        edition = drafting.new(db, kind, about, meeting=meeting, now=now)
        edition.since = since
        return _at_once(db, edition, press, now=now)
    if edition.state not in drafting.ISSUED:
        return {}  # somebody called it back
    number = issuing.extend(db, edition, press, now=now)
    return {edition.id: number} if number else {}


def _at_once(db: Db, edition: Edition, press: Press, *, now: datetime) -> Issued:
    edition.due_at = edition.due_at or now
    drafting.move(edition, EditionEvent.APPROVE, now=now)
    return {edition.id: issuing.issue(db, edition, press, now=now)}
