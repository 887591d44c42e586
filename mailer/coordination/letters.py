"""Letters to the coordinator: from templates, in standard German, with a seal.

They are owed through the ledger like everything else, so a crash loses none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from markupsafe import Markup

from mailer.coordination import seals
from mailer.coordination.reading import CUT
from mailer.editions.context import coordinator_facts, link_facts, network_facts
from mailer.outbox.models import FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering import environment as jinja
from mailer.rendering.inlining import polish_html
from mailer.rendering.letter import Letter
from mailer.rendering.polish import polish_text
from subscribers import mailboxes
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailer.coordination.office import Office
    from mailer.coordination.seals import Seal
    from subscribers.database import Db
    from subscribers.models import Mailbox, MailboxId

PLACES: Final = {style: f"<!--letter {style.value}-->" for style in LetterStyle}
"""Where the HTML of an enclosed letter goes, after everything else is polished."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Which mail a letter answers.

    Attributes:
        message_id: Of that mail; None if it has none.
        before: Message-IDs of the talk before it, the oldest first.
    """

    message_id: str | None = None
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a letter to the coordinator goes out.

    Attributes:
        occasion: A name that was never used before, "result/17".
        seal: What an answer to it is about; None if it is about nothing.
        thread: Which mail it answers; None if it answers none.
        expires_at: Nobody has any use for it after this moment; None for never.
        enclosed: The mail that brought what it shows; None for none.
    """

    occasion: str
    seal: Seal | None
    thread: Thread | None = None
    expires_at: datetime | None = None
    enclosed: bytes | None = field(default=None, repr=False)


def compose(
    office: Office,
    folder: str,
    facts: Mapping[str, Any],
    seal: Seal | None,
    enclosed: Mapping[LetterStyle, str] | None = None,
) -> Letter:
    """Return the letter in *folder*.

    Args:
        facts: What its templates mention beside what every letter may.
        seal: What an answer to it is about; None if it is about nothing.
        enclosed: HTML of the letters it shows.

    Raises:
        TemplateBroken: A template cannot be rendered.
    """
    settings, environment = office.settings, office.press.environment
    known = {
        "network": network_facts(settings.network),
        "coordinator": coordinator_facts(settings.coordinator),
        "links": link_facts(settings.web_base_url),
        "links_work": bool(settings.web_base_url),
        "answers_work": settings.inbox_address is not None,
        "easy": False,
        "cut": CUT,
        "seal": seals.written(seal, office.keys) if seal else "",
        "places": {style.value: Markup(one) for style, one in PLACES.items()},  # noqa: S704 - a fixed comment
        **facts,
    }
    subject = jinja.render(environment, f"mail/{folder}/subject.txt", known)
    known["subject"] = " ".join(subject.split())
    text = jinja.render(environment, f"mail/{folder}/body.txt", known)
    html = polish_html(jinja.render(environment, f"mail/{folder}/body.html", known))
    for style, inner in (enclosed or {}).items():
        html = html.replace(PLACES[style], inner)
    return Letter(known["subject"], polish_text(text), html)


def owe(
    db: Db,
    office: Office,
    mailbox: Mailbox,
    letter: Letter,
    envelope: Envelope,
    *,
    now: datetime,
) -> None:
    """Owe *letter* to *mailbox*; its Message-ID carries the seal."""
    fresh = office.press.new_message_id()
    seal, thread = envelope.seal, envelope.thread
    posting = Posting(
        occasion=envelope.occasion,
        origin=LetterOrigin.REPLIED if thread else LetterOrigin.GENERATED,
        message_id=seals.message_id(seal, office.keys, fresh) if seal else fresh,
        style=LetterStyle.STANDARD,
        in_reply_to=thread.message_id if thread else None,
        thread=thread.before if thread else (),
        reply_to_id=_answers_to(db, office, now=now),
        expires_at=envelope.expires_at,
        enclosed=envelope.enclosed,
    )
    post(db, mailbox, letter, posting, now=now)


def owe_once(
    db: Db,
    office: Office,
    mailbox: Mailbox,
    letter: Letter,
    envelope: Envelope,
    *,
    now: datetime,
) -> bool:
    """Owe *letter* to *mailbox*, unless this occasion was owed before; tell which."""
    had = sa.select(FrozenLetter.occasion).where(
        FrozenLetter.occasion == envelope.occasion
    )
    if db.scalar(had) is not None:
        return False
    owe(db, office, mailbox, letter, envelope, now=now)
    return True


def _answers_to(db: Db, office: Office, *, now: datetime) -> MailboxId | None:
    """Return the mailbox that we read, if other letters' answers go elsewhere."""
    inbox, usual = office.settings.inbox_address, office.settings.sender.reply_to
    if inbox is None or usual is None or usual == inbox:
        return None
    return mailboxes.get_or_add(db, inbox, key=office.keys.fingerprint_key, now=now).id
