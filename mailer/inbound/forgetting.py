"""What the coordinator's server has is forgotten here: the content of her mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.inbound.models import Incoming
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.states import DeliveryState

if TYPE_CHECKING:
    from subscribers.database import Db

OCCASION: Final = "forward/"
"""How the occasions of forwarded mails begin; the number of the mail follows."""

REPORTED: Final = "report/"
"""How those of messages from the form for barriers begin; they enclose nothing."""

FORWARDED: Final = "Weitergeleitet, Inhalt gelöscht"
"""What is left of a forwarded mail in the ledger."""


def forget_forwarded(db: Db) -> int:
    """Drop the content of mails that the coordinator's server has; return how many.

    What could not be delivered to her is kept.
    """
    arrived = db.scalars(
        sa.select(FrozenLetter)
        .join(
            Delivery,
            sa.and_(
                Delivery.occasion == FrozenLetter.occasion,
                Delivery.style == FrozenLetter.style,
            ),
        )
        .where(
            sa.or_(
                FrozenLetter.attachment.is_not(None),
                sa.and_(
                    FrozenLetter.occasion.startswith(REPORTED),
                    FrozenLetter.text != FORWARDED,
                ),
            ),
            Delivery.state == DeliveryState.ACCEPTED,
        )
    ).all()
    for letter in arrived:
        letter.attachment = None
    # A contribution has rows of its own; only the mail that brought it is forgotten.
    forwarded = [one for one in arrived if one.origin is LetterOrigin.FORWARDED]
    for letter in forwarded:
        letter.subject = letter.text = FORWARDED
        letter.reply_to_id = None
    numbers = [
        int(one.occasion.removeprefix(OCCASION))
        for one in forwarded
        if one.occasion.startswith(OCCASION)
    ]
    db.execute(sa.update(Incoming).where(Incoming.id.in_(numbers)).values(raw=None))
    return len(arrived)
