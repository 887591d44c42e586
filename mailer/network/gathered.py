"""What a quarter has gathered: for the update, and for whoever looks into it.

The update asks in this order: ``news`` by field of work, ``results`` by meeting,
``questions``; once it is issued, ``settle`` closes the quarter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from mailer.network.kinds import ContributionKind
from mailer.network.models import Contribution
from mailer.network.quarters import next_quarter, quarter_of
from mailer.network.states import CONTRIBUTION, ContributionEvent, ContributionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mailer.meetings.models import MeetingId
    from subscribers.database import Db

_IN_THE_UPDATE = (ContributionState.ACCEPTED, ContributionState.TOLD)


def news(
    db: Db, quarter: date, fields_of_work: Sequence[str]
) -> dict[str, list[Contribution]]:
    """Return the news of *quarter* by field of work, the coordinator's own under "".

    Args:
        fields_of_work: In the order of the settings; a partner's other one follows.
    """
    found: dict[str, list[Contribution]] = {}
    for one in _accepted(db, quarter, ContributionKind.NEWS):
        field = one.partner.field_of_work if one.partner is not None else ""
        found.setdefault(field, []).append(one)
    order = ["", *(field for field in fields_of_work if field in found)]
    order += sorted(found.keys() - set(order))
    return {field: found[field] for field in order if field in found}


def results(db: Db, quarter: date) -> dict[MeetingId | None, list[Contribution]]:
    """Return what came of the meetings of *quarter*; None has those of no meeting."""
    found: dict[MeetingId | None, list[Contribution]] = {}
    for one in _accepted(db, quarter, ContributionKind.RESULT):
        found.setdefault(one.meeting_id, []).append(one)
    return found


def questions(db: Db, quarter: date) -> list[Contribution]:
    """Return the coordinator's open questions to all partners."""
    return _accepted(db, quarter, ContributionKind.QUESTION)


def participants(found: Sequence[Contribution]) -> int | None:
    """Return how many took part in a meeting, by the latest count; None if unknown."""
    counts = [one.participants for one in found if one.participants is not None]
    return counts[-1] if counts else None


def waiting(db: Db) -> list[Contribution]:
    """Return what waits for the coordinator's word, oldest first."""
    return everything(db, states=(ContributionState.WAITING,))


def everything(
    db: Db,
    *,
    states: Sequence[ContributionState] = tuple(ContributionState),
    quarter: date | None = None,
) -> list[Contribution]:
    """Return the contributions in one of *states*, oldest first.

    Args:
        quarter: Its first day; None for all quarters.
    """
    rows = (
        sa.select(Contribution)
        .options(selectinload(Contribution.partner), selectinload(Contribution.files))
        .where(Contribution.state.in_(states))
        .order_by(Contribution.received_at, Contribution.id)
    )
    if quarter is not None:
        rows = rows.where(Contribution.quarter == quarter)
    return list(db.scalars(rows))


def settle(db: Db, quarter: date, *, zone: ZoneInfo, now: datetime) -> None:
    """Close *quarter*, whose update is issued: what it tells is told.

    What waits is for the next update, and lapses if it has waited for one before.

    Args:
        zone: Of the day on which a contribution came.
    """
    for one in everything(db, quarter=quarter):
        event = _closing(one, zone)
        if event is None:
            continue
        one.state = CONTRIBUTION.after(one.state, event)
        if event is ContributionEvent.POSTPONE:
            one.quarter = next_quarter(quarter)
        else:
            one.decided_at = one.decided_at or now
    db.flush()


def _closing(one: Contribution, zone: ZoneInfo) -> ContributionEvent | None:
    """Return what the end of its quarter does to a contribution."""
    if one.state is ContributionState.ACCEPTED:
        return ContributionEvent.TELL
    if one.state is not ContributionState.WAITING:
        return None
    came_in = quarter_of(one.received_at.astimezone(zone).date())
    is_first = one.quarter == came_in
    return ContributionEvent.POSTPONE if is_first else ContributionEvent.LAPSE


def _accepted(db: Db, quarter: date, kind: ContributionKind) -> list[Contribution]:
    found = everything(db, states=_IN_THE_UPDATE, quarter=quarter)
    return [one for one in found if one.kind is kind]
