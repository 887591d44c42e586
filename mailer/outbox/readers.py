"""Who gets an edition: everybody of its topic, narrowed by what they know already.

Asked when the edition is issued, and again in every round of planning: who joins
late, or was passed over while a meeting changed, gets the letter that tells the
present state. Nobody gets a history.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import KINDS, EditionKind
from mailer.outbox import knowledge
from subscribers import audience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mailer.editions.models import Edition
    from mailer.meetings.models import Meeting, MeetingId
    from subscribers.audience import Recipient
    from subscribers.database import Db

Condition = sa.ColumnElement[bool]

QUIET: Final = timedelta(hours=24)
"""Who heard of a meeting within this time needs no reminder of it."""


def readers(db: Db, edition: Edition, *, now: datetime) -> Iterator[Recipient]:
    """Stream who gets *edition* now and has not got it yet, ordered by mailbox."""
    return audience.recipients(
        db,
        KINDS[edition.kind].topic,
        sa.not_(knowledge.has_delivery(edition.occasion)),
        *_narrowed(
            db,
            edition.kind,
            edition.meeting,
            edition.since,
            is_issued=edition.issued_at is not None,
            now=now,
        ),
    )


def would_reach(
    db: Db,
    kind: EditionKind,
    meeting: Meeting | None,
    since: int | None = None,
    *,
    now: datetime,
) -> int:
    """Return how many mailboxes a new edition would go to, if it were issued now."""
    narrowed = _narrowed(db, kind, meeting, since, is_issued=False, now=now)
    found = audience.count(db, KINDS[kind].topic, *narrowed)
    return sum(found.values())


def _narrowed(
    db: Db,
    kind: EditionKind,
    meeting: Meeting | None,
    since: int | None,
    *,
    is_issued: bool,
    now: datetime,
) -> tuple[Condition, ...]:
    if meeting is None:
        return ()
    match kind:
        case EditionKind.INVITATION:
            # Everybody is invited once; after that, who knows nothing of the meeting.
            is_first = not is_issued and not drafting.issued(db, kind, meeting.id)
            return () if is_first else (knowledge.knows_nothing(meeting.id),)
        case EditionKind.REMINDER:
            return (
                knowledge.knows(meeting.id, meeting.sequence),
                sa.not_(knowledge.heard_since(meeting.id, now - QUIET)),
                audience.wants_reminders(),
            )
        case _ if since is not None:
            return (knowledge.knows(meeting.id, since),)
        case _:
            return _coming_by_rule(meeting.id, is_issued=is_issued)


def _coming_by_rule(meeting_id: MeetingId, *, is_issued: bool) -> tuple[Condition, ...]:
    """A meeting that is off before people were told: all who would come by the rule.

    Who joined after that was told the next date; a notice about this one is history.
    """
    nothing = knowledge.knows_nothing(meeting_id)
    late = (knowledge.was_passed_over(meeting_id),) if is_issued else ()
    return (nothing, *late)
