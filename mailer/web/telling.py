"""Telling the mailbox: whatever is done with a link is said to the one it belongs to.

A link can travel with a forwarded mail. So nothing that its holder does stays hidden
from the reader of the mailbox, and each of these letters says how to undo it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.inbound.answers import ANSWERED_WITHIN, WELCOMES, compose
from mailer.meetings import planning
from mailer.outbox.models import FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from subscribers import suppression
from subscribers.confirmation import LIFTED

if TYPE_CHECKING:
    from mailer.editions.service import ServiceFacts
    from mailer.meetings.models import Meeting
    from mailer.web.site import Site
    from subscribers.database import Db
    from subscribers.models import Mailbox

PAGE: Final = "page/"
"""How the occasions of these letters begin; kind, mailbox and day follow."""


def tell(
    db: Db,
    site: Site,
    mailbox: Mailbox,
    folder: str,
    *,
    facts: ServiceFacts | None = None,
) -> bool:
    """Owe *mailbox* the letter in *folder*; one of a kind, style and day is enough.

    Args:
        folder: Below ``templates/mail``.
        facts: What the letter may mention; None for what every letter may.

    Returns:
        False if it had such a letter today, or must not be written to.
    """
    now, style = site.now, mailbox.style
    occasion = f"{PAGE}{folder}/{mailbox.id}/{now:%Y-%m-%d}"
    had = sa.select(FrozenLetter.occasion).where(
        FrozenLetter.occasion == occasion, FrozenLetter.style == style
    )
    if not _may_write_to(db, mailbox) or db.scalar(had) is not None:
        return False
    coming = upcoming(db, site) if folder in WELCOMES.values() else None
    letter = compose(site.desk, folder, style, facts, upcoming=coming, now=now)
    posting = Posting(
        occasion=occasion,
        origin=LetterOrigin.GENERATED,
        message_id=site.desk.press.new_message_id(),
        style=style,
        expires_at=now + ANSWERED_WITHIN,
        tells=coming,
    )
    post(db, mailbox, letter, posting, now=now)
    return True


def _may_write_to(db: Db, mailbox: Mailbox) -> bool:
    """Tell whether *mailbox* is there, and nobody complained from it."""
    if mailbox.fingerprint is None:
        return False
    held = suppression.holding(db, mailbox.fingerprint)
    return all(row.reason in LIFTED for row in held)


def upcoming(db: Db, site: Site) -> Meeting | None:
    """Return the next meeting; None if there is none in a place that we know."""
    settings = site.settings
    found = planning.upcoming(
        db, settings.series, site.desk.press.closures, now=site.now
    )
    return found if found and found.venue in settings.venues else None
