"""Who has said yes to which version of a draft, and whose yes is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.coordination import drafts
from mailer.coordination.models import Release
from mailer.editions import drafting
from mailer.editions.states import EditionEvent
from mailer.outbox.composing import refuse_unreadable
from subscribers import mailboxes

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.coordination.office import Office
    from mailer.editions.models import Edition
    from mailer.settings.model import Settings
    from subscribers.database import Db
    from subscribers.models import Mailbox


def give(db: Db, edition: Edition, mailbox: Mailbox, *, now: datetime) -> bool:
    """Write down who said yes to the present version; False if she had already."""
    known = db.scalar(
        sa.select(Release).where(
            Release.edition_id == edition.id,
            Release.draft_version == edition.draft_version,
            Release.mailbox_id == mailbox.id,
        )
    )
    if known is not None:
        return False
    db.add(
        Release(
            edition_id=edition.id,
            draft_version=edition.draft_version,
            mailbox_id=mailbox.id,
            released_at=now,
        )
    )
    db.flush()
    return True


def missing(db: Db, settings: Settings, edition: Edition) -> list[str]:
    """Return whose "Freigeben" is still missing for the present draft, in words."""
    second = settings.coordinator.second_release
    given = db.scalars(
        sa.select(Release).where(
            Release.edition_id == edition.id,
            Release.draft_version == edition.draft_version,
        )
    ).all()
    of_second = [
        one
        for one in given
        if second is not None and one.mailbox.canonical == second.canonical
    ]
    found = []
    if len(given) == len(of_second):
        found.append(settings.coordinator.name)
    if second is not None and not of_second:
        found.append(second.text)
    return found


def by_command(
    db: Db,
    office: Office,
    edition: Edition,
    *,
    with_second: bool = False,
    now: datetime,
) -> list[str]:
    """Release a draft for the coordinator; return whose yes is missing then.

    Whoever must agree too gets the draft and answers it, as she would after the
    coordinator's own mail.

    Args:
        with_second: She has said yes on another way, such as on paper.

    Raises:
        PlanRefused: Somebody could not read it, or it is no draft.
    """
    draft = drafts.look(db, office, edition, now=now)
    refuse_unreadable(draft.composed)
    coordinator = office.settings.coordinator
    if coordinator.second_release is None:
        drafts.note(edition, draft)
    else:
        drafts.send_draft(db, office, edition, now=now)
        people = [coordinator.email] + [coordinator.second_release] * with_second
        for one in people:
            key = office.keys.fingerprint_key
            mailbox = mailboxes.get_or_add(db, one, key=key, now=now)
            give(db, edition, mailbox, now=now)
        if found := missing(db, office.settings, edition):
            return found
    drafting.move(edition, EditionEvent.APPROVE, now=now)
    return []
