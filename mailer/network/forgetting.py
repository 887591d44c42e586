"""What need not be known any more: texts nobody wanted, and who sent what.

A declined or lapsed contribution keeps its row, so that it is not offered as new; its
words and files go after a month, in which the coordinator can change her mind. Whoever
is erased is no sender any more, whatever the words were.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.network.models import Contribution
from mailer.network.states import ContributionState
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

KEPT_FOR: Final = timedelta(days=30)
"""So long the coordinator can change her mind."""

_OVER: Final = (ContributionState.DECLINED, ContributionState.LAPSED)


def forget(db: Db, *, now: datetime) -> int:
    """Forget words that nobody wanted, and senders who are erased; return how many.

    What an erased person wrote for a partner, and nobody declined, stays: it is the
    organisation's word, not hers.
    """
    erased = sa.select(Mailbox.id).where(Mailbox.erased_at.is_not(None))
    is_erased = Contribution.mailbox_id.in_(erased)
    unwanted = db.scalars(
        sa.select(Contribution).where(
            Contribution.text != "",
            Contribution.state.in_(_OVER),
            sa.or_(Contribution.decided_at < now - KEPT_FOR, is_erased),
        )
    ).all()
    for row in unwanted:
        row.title = row.text = ""
        row.files.clear()
    senders = db.scalars(sa.select(Contribution).where(is_erased)).all()
    for row in senders:
        row.mailbox_id = row.message_id = None
    db.flush()
    return len({row.id for row in (*unwanted, *senders)})
