"""One letter to one person: frozen and put into the ledger like everything else.

A confirm mail, an answer, a forwarded mail: each is an occasion of its own with one
recipient, so a crash loses none and a second copy has identical bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.meetings import planning
from mailer.outbox import ledger
from mailer.outbox.models import FrozenLetter
from subscribers import audience

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.meetings.models import Meeting
    from mailer.outbox.origins import LetterOrigin
    from mailer.rendering.letter import Letter
    from subscribers.database import Db
    from subscribers.models import Mailbox, MailboxId
    from subscribers.topics import LetterStyle


@dataclass(frozen=True, slots=True)
class Posting:
    """Why and how a letter goes to one person.

    Attributes:
        occasion: A name that was never used before, "answer/17".
        origin: How the letter came about.
        message_id: Never used before, ``<…@domain>``.
        style: How the letter is worded.
        in_reply_to, thread: As in ``FrozenLetter``.
        reply_to_id: Who gets an answer to it; None for the usual one.
        expires_at: Nobody has any use for it after this moment; None for never.
        enclosed: The mail it forwards; None for none.
        tells: The meeting whose time and place stand in it; its reader knows it then.
    """

    occasion: str
    origin: LetterOrigin
    message_id: str
    style: LetterStyle
    in_reply_to: str | None = None
    thread: tuple[str, ...] = ()
    reply_to_id: MailboxId | None = None
    expires_at: datetime | None = None
    enclosed: bytes | None = field(default=None, repr=False)
    tells: Meeting | None = None


def post(
    db: Db, mailbox: Mailbox, letter: Letter, posting: Posting, *, now: datetime
) -> None:
    """Freeze *letter* and owe it to *mailbox*; no consent is asked for an answer.

    Args:
        letter: Its personal places may be open.
    """
    db.add(
        FrozenLetter(
            occasion=posting.occasion,
            style=posting.style,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            calendar=letter.calendar,
            method=letter.method,
            dated_at=now,
            origin=posting.origin,
            in_reply_to=posting.in_reply_to,
            thread=" ".join(posting.thread),
            reply_to_id=posting.reply_to_id,
            attachment=posting.enclosed,
            meeting_id=posting.tells.id if posting.tells else None,
            meeting_sequence=posting.tells.sequence if posting.tells else None,
        )
    )
    if posting.tells is not None:
        planning.mark_announced(db, posting.tells, now=now)
    # The delivery points to this row.
    db.flush()
    reader = audience.readers(db, [mailbox.id])[mailbox.id]
    ledger.enqueue(
        db,
        ledger.Occasion(posting.occasion, None, posting.expires_at),
        [reader._replace(style=posting.style)],
        new_message_id=lambda: posting.message_id,
        now=now,
    )
