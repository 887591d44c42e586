"""Mail that is too large to be read: the coordinator is told where it lies, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer import german
from mailer.inbound.desk import STANDARD_INPUT
from mailer.inbound.forwarding import MAX_SUBJECT_CHARS, coordinator_of, reply_to
from mailer.inbound.reading import MAX_BYTES
from mailer.network.offers import cleaned
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering import environment as jinja
from mailer.rendering.letter import Letter
from mailer.rendering.polish import polish_text
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.inbound.desk import Case, Desk
    from subscribers.database import Db

OCCASION: Final = "too-large/"
"""How the occasion of such a letter begins; the number of the mail follows."""

MEGABYTE: Final = 1024 * 1024

FOLDER: Final = "mail/too_large"


def tell(db: Db, desk: Desk, case: Case) -> None:
    """Owe the coordinator a letter about a mail that nobody fetched.

    None if she reads the mailbox in which it lies. The mail is one row with one
    effect, so there is one letter.
    """
    target = coordinator_of(db, desk, case)
    if target is None:
        return
    posting = Posting(
        occasion=f"{OCCASION}{case.incoming.id}",
        origin=LetterOrigin.REPLIED,
        message_id=desk.press.new_message_id(),
        style=LetterStyle.STANDARD,
        reply_to_id=reply_to(db, desk, case),
    )
    post(db, target, _letter(desk, case), posting, now=case.now)


def _letter(desk: Desk, case: Case) -> Letter:
    message, zone = case.message, desk.settings.series[0].zone
    seen = case.incoming.received_at.astimezone(zone)
    known = {
        "size": max(1, case.incoming.octets // MEGABYTE),
        "most": MAX_BYTES // MEGABYTE,
        "sender": _line(message.sender if message else ""),
        "original_subject": _line(message.subject if message else ""),
        "written_at": _line((message.header("Date") if message else None) or ""),
        "seen_at": f"{german.short_day(seen)}, {seen:%H:%M} Uhr",
        "place": _place(desk, case),
        "number": case.incoming.id,
    }
    environment = desk.press.environment
    head = jinja.render(environment, f"{FOLDER}/subject.txt", known)
    text = jinja.render(environment, f"{FOLDER}/body.txt", known)
    return Letter(subject=" ".join(head.split()), text=polish_text(text), html="")


def _line(text: str) -> str:
    """Return foreign words as one line that is safe in ours."""
    return " ".join(cleaned(text).split())[:MAX_SUBJECT_CHARS]


def _place(desk: Desk, case: Case) -> str:
    """Return where the mail lies, for people."""
    kind, _, folder = case.incoming.source.partition("/")
    address = desk.settings.inbox_address
    if case.incoming.source == STANDARD_INPUT:
        return f"im Programm, der Anfang davon: „mia inbox show {case.incoming.id}“"
    where = "Postfach" if kind == "imap" else "Maildir"
    return f"{where} {address.text if address else ''}, Ordner „{folder}“"
