"""Keep what is issued: the frozen letters, filled with words that are nobody's.

No token, no reader's name, no reader's address: what stands in a copy may lie in the
town's archive, and on a page, for as long as anybody likes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mailer.archive.models import ArchiveCopy, ArchiveEntry
from mailer.editions.kinds import KINDS
from mailer.rendering.letter import fill
from mailer.rendering.message import MessageHead, build, message_id
from mailer.rendering.person import ANY_ENTRY, Person, any_reason, greeting
from subscribers.tokens import TokenKeys, archive_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailer.editions.models import Edition
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Settings
    from subscribers.database import Db
    from subscribers.topics import LetterStyle


def keep(
    db: Db,
    edition: Edition,
    letters: Mapping[LetterStyle, Letter],
    settings: Settings,
    *,
    now: datetime,
) -> None:
    """Put what *edition* says into the archive, in the transaction that issues it.

    Args:
        letters: As frozen, their personal places open.
    """
    code = code_of(edition, settings)
    db.add(ArchiveEntry(edition_id=edition.id, code=code, issued_at=now))
    db.flush()
    for style, letter in letters.items():
        neutral = fill(letter, anybody(edition, style, settings))
        db.add(
            ArchiveCopy(
                edition_id=edition.id,
                style=style,
                subject=neutral.subject,
                text=neutral.text,
                html=neutral.html,
                calendar=neutral.calendar,
                message=build(neutral, _head(edition, style, settings, now)),
            )
        )
    db.flush()


def code_of(edition: Edition, settings: Settings) -> str:
    """Return what names the page of *edition*, also before it is issued."""
    return archive_code(TokenKeys.derive(settings.secret), edition.id)


def address(base_url: str, code: str) -> str:
    """Return the address of a page in the archive; empty without public pages."""
    return f"{base_url.rstrip('/')}/archiv/{code}" if base_url else ""


def anybody(edition: Edition, style: LetterStyle, settings: Settings) -> Person:
    """Return the reader of a copy: nobody in particular.

    Where her own links would lead, she is asked for her address and gets them by mail.
    """
    base = settings.web_base_url
    own = f"{base}/link" if base else ""
    topic = KINDS[edition.kind].topic
    return Person(
        greeting=greeting(None, style),
        unsubscribe_url=own,
        unsubscribe_token="",
        preferences_url=own,
        reason=any_reason(settings.network.name, style, topic),
        entry=ANY_ENTRY,
    )


def _head(
    edition: Edition, style: LetterStyle, settings: Settings, now: datetime
) -> MessageHead:
    """Return the head of a copy: from the network, to the network."""
    sender, network = settings.sender, settings.network
    named = hashlib.sha256(f"archive/{edition.id}/{style}".encode()).digest()[:16]
    own = message_id(named, sender.address.wire.rpartition("@")[2])
    return MessageHead(
        sender_name=sender.name,
        sender=sender.address,
        to=sender.address,
        to_name=network.full_name,
        date=now.astimezone(settings.series[0].zone),
        message_id=own,
        boundary_seed=own,
        list_id=network.list_id,
        list_name=network.full_name,
    )
