"""What the coordinator gets to see in a round: new drafts, and those that say more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.coordination.drafts import recall_changed, send_draft
from mailer.coordination.office import Office
from mailer.coordination.reminding import remind
from mailer.editions import drafting
from mailer.editions.kinds import KINDS
from mailer.editions.states import EditionState

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.editions.due import Due
    from mailer.editions.models import Edition, EditionId
    from mailer.outbox.press import Press
    from mailer.settings.model import Policy
    from subscribers.database import Db


def draft_one(db: Db, due: Due, press: Press, *, now: datetime) -> EditionId | None:
    """Draft what is due and show it to the coordinator; None if another was faster."""
    if (due.kind, due.about) in drafting.decided(db):
        return None
    edition = drafting.draft_due(db, due, now=now)
    send_draft(db, Office.of(press), edition, now=now)
    return edition.id


def show_again(db: Db, edition_id: EditionId, press: Press, *, now: datetime) -> None:
    """Show the coordinator a draft that says something else than she was shown.

    A yes to something else no longer counts. What never goes out by itself, she is
    reminded of.

    Somebody may have made it by hand; then she is shown it when it is time.
    """
    edition, office = drafting.get(db, edition_id), Office.of(press)
    recall_changed(db, office, edition, now=now)
    if edition.state is EditionState.DRAFT and (
        edition.draft_version or _is_time(edition, press.settings.policy, now)
    ):
        send_draft(db, office, edition, now=now)
        remind(db, office, edition, now=now)


def _is_time(edition: Edition, policy: Policy, now: datetime) -> bool:
    if edition.quarter is not None:
        return True  # drafted on its day, or by somebody who wants it now
    if edition.due_at is None or not KINDS[edition.kind].is_drafted:
        return False
    return edition.due_at - (policy.draft_before - policy.invite_before) <= now
