"""Drafts in a round: made when they are due, kept in step, approved or held."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.editions import drafting
from mailer.editions.kinds import KINDS, EditionKind
from mailer.editions.states import EditionEvent
from mailer.meetings.states import MeetingState
from mailer.outbox.readers import would_reach
from mailer.settings.model import Silence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.editions.due import Due
    from mailer.editions.models import Edition, EditionId
    from mailer.settings.model import Settings
    from subscribers.database import Db


LEAST_LOOK: Final = timedelta(hours=1)
"""A draft lies before the coordinator at least this long before it goes out by itself;
less than ``due.SHORT_NOTICE``, so that a slow round delays nothing."""


def to_be_drafted(db: Db, expected: Sequence[Due], *, now: datetime) -> list[Due]:
    """Return what a coordinator should get a draft of now, and nobody has drafted.

    A network without partners needs no update.
    """
    done = drafting.decided(db)
    return [
        due
        for due in expected
        if KINDS[due.kind].is_drafted
        and due.draft_at <= now < due.expires_at
        and (due.kind, due.about) not in done
        and (due.quarter is None or would_reach(db, due.kind, None, now=now))
    ]


def keep_in_step(db: Db, expected: Sequence[Due]) -> None:
    """Let open editions follow the calendar: a moved meeting is due at another time."""
    due_at = {(due.kind, due.about): due.due_at for due in expected}
    for edition in drafting.open_editions(db):
        edition.due_at = due_at.get((edition.kind, edition.about), edition.due_at)


def lapse_overtaken(
    db: Db, expected: Sequence[Due], *, now: datetime
) -> list[EditionId]:
    """Let go of drafts that the calendar no longer asks for; return them."""
    wanted = {(due.kind, due.about) for due in expected if now < due.expires_at}
    gone = [
        edition
        for edition in drafting.open_editions(db)
        if (edition.kind, edition.about) not in wanted and _is_overtaken(edition, now)
    ]
    for edition in gone:
        drafting.move(edition, EditionEvent.LAPSE, now=now)
    return [edition.id for edition in gone]


def _is_overtaken(edition: Edition, now: datetime) -> bool:
    """Tell whether there is no meeting to invite to; one far ahead is none of these."""
    meeting = edition.meeting
    if meeting is None:
        return edition.kind in (EditionKind.HOLIDAY, EditionKind.NETWORK_UPDATE)
    return meeting.starts_at <= now or meeting.state is not MeetingState.PLANNED


def is_overdue(edition: Edition, settings: Settings, *, now: datetime) -> bool:
    """Tell whether *edition* should have gone out so long ago that a person must say.

    A yes that was said after it was due counts from when it was said.
    """
    moments = [at for at in (edition.due_at, edition.approved_at) if at is not None]
    return bool(moments) and now - max(moments) > settings.policy.overdue_after


def may_go_unanswered(edition: Edition, settings: Settings, *, now: datetime) -> bool:
    """Tell whether *edition*, which nobody has answered, goes out by itself now."""
    silence = settings.unanswered.of(edition.kind)
    had_a_look = now >= edition.created_at + LEAST_LOOK
    return silence is Silence.SEND and had_a_look
