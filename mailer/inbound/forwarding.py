"""Mail for a human: to the coordinator, whole, and then forgotten.

She gets it as an ordinary mail from the network: a line on why, what the person
wrote, and the mail itself as it came. An answer goes to the person. What people write
about themselves is kept only until the coordinator's server has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.inbound.desk import lies_with_a_person
from mailer.inbound.forgetting import OCCASION
from mailer.network.offers import cleaned
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering import environment as jinja
from mailer.rendering.letter import Letter
from mailer.rendering.polish import polish_text
from subscribers import mailboxes
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.inbound.desk import Case, Desk
    from subscribers.database import Db
    from subscribers.models import Mailbox, MailboxId

MAX_TEXT_CHARS: Final = 20_000
"""Shown above the enclosed mail; the mail itself is whole."""

MAX_ENCLOSED_BYTES: Final = 7 * 1024 * 1024
"""Of a mail that is enclosed: servers take ten megabytes, and base64 adds a third."""

TOO_BIG: Final = (
    "Die Nachricht ist zu groß zum Weiterleiten. Das Programm hebt sie auf; "
    "„mia inbox show {number}“ zeigt sie."
)

MAX_SUBJECT_CHARS: Final = 150


def hand_over(db: Db, desk: Desk, case: Case, *notes: str) -> bool:
    """Owe the coordinator the mail itself.

    Args:
        notes: German sentences: why she gets it, and what the program has done.

    Returns:
        False if it lies in her own mailbox, or hers is the one we read.
    """
    target = coordinator_of(db, desk, case)
    if target is None:
        return False
    fits = len(case.content) <= MAX_ENCLOSED_BYTES
    posting = Posting(
        occasion=f"{OCCASION}{case.incoming.id}",
        origin=LetterOrigin.FORWARDED,
        message_id=desk.press.new_message_id(),
        style=LetterStyle.STANDARD,
        reply_to_id=reply_to(db, desk, case),
        enclosed=case.content if fits else None,
    )
    if not fits:
        notes = (*notes, TOO_BIG.format(number=case.incoming.id))
    letter = _letter(desk, case, notes, is_enclosed=fits)
    post(db, target, letter, posting, now=case.now)
    return True


def coordinator_of(db: Db, desk: Desk, case: Case) -> Mailbox | None:
    """Return where the coordinator is told of a mail; None if it lies before her."""
    coordinator = desk.settings.coordinator.email
    is_ours = coordinator.canonical == getattr(
        desk.settings.inbox_address, "canonical", None
    )
    if is_ours or lies_with_a_person(desk, case.incoming):
        return None
    key = desk.keys.fingerprint_key
    return mailboxes.get_or_add(db, coordinator, key=key, now=case.now)


def reply_to(db: Db, desk: Desk, case: Case) -> MailboxId | None:
    """Return the mailbox of the person who wrote; None if nobody can be answered."""
    if case.sender is None or case.sender.canonical in desk.own_addresses:
        return None
    key = desk.keys.fingerprint_key
    return mailboxes.get_or_add(db, case.sender, key=key, now=case.now).id


def _letter(
    desk: Desk, case: Case, notes: tuple[str, ...], *, is_enclosed: bool
) -> Letter:
    message = case.message
    subject = cleaned(message.subject) if message else ""
    written = case.classified.own_text or (message.text if message else "")
    known = {
        "notes": notes,
        "is_enclosed": is_enclosed,
        "sender": cleaned(message.sender if message else ""),
        "original_subject": " ".join(subject.split())[:MAX_SUBJECT_CHARS],
        "written": cleaned(written)[:MAX_TEXT_CHARS].strip(),
    }
    environment = desk.press.environment
    head = jinja.render(environment, "mail/forward/subject.txt", known)
    text = jinja.render(environment, "mail/forward/body.txt", known)
    return Letter(subject=" ".join(head.split()), text=polish_text(text), html="")
