"""Automatic answers: to people only, once a day of each kind, and nothing quoted.

The rules are those for programs that answer mail. Two such programs that meet
exchange one letter at most: ours says that it is automatic, and what says so of
itself is never answered.

Source: RFC 3834.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import context
from mailer.editions.service import ServiceFacts, service_facts
from mailer.inbound.desk import address_of
from mailer.inbound.history import Answer
from mailer.meetings import planning
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering.calendar_file import with_calendar
from mailer.rendering.typesetting import render
from subscribers import mailboxes
from subscribers.confirmation import may_be_answered
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from mailer.inbound.desk import Case, Desk
    from mailer.inbound.reading import Message
    from mailer.meetings.models import Meeting
    from mailer.rendering.letter import Letter
    from subscribers.database import Db
    from subscribers.models import Mailbox
    from subscribers.topics import LetterStyle

A_DAY: Final = timedelta(days=1)
"""No sender gets two answers of a kind within it."""

ANSWERED_WITHIN: Final = timedelta(days=5)
"""A server is tried no longer (RFC 5321, section 4.5.4.1)."""

MAX_ANSWERS_A_DAY: Final = 500
"""Automatic answers in all: more is an attack, and its victims are strangers."""

_MACHINES: Final = re.compile(
    r"(?:mailer-daemon|postmaster|listserv|majordomo|nobody|"
    r"(?:no|do-?not|donot)[-_.]?reply|bounces?|owner-.*|.*-(?:request|owner|bounces?)|"
    r"(?:bounces?|prvs)[-+=].*)",
    re.IGNORECASE,
)
"""Local parts that no person reads (RFC 3834, section 2)."""

_BULK: Final = frozenset({"bulk", "list", "junk"})

_SUPPRESSING: Final = frozenset({"all", "autoreply", "oof", "dr", "rn", "nrn"})
"""What X-Auto-Response-Suppress can name; any of them means a program wrote."""


def may_answer(message: Message, own_addresses: Collection[str]) -> bool:
    """Tell whether a program may answer *message* at all.

    Args:
        own_addresses: Ours, in canonical form.

    Source: RFC 3834, section 2; RFC 2369; X-Auto-Response-Suppress is Exchange's.
    """
    return_path = message.return_path
    senders = [message.sender, *([return_path] if return_path is not None else [])]
    return not (
        any(_is_machine(one) or one.lower() in own_addresses for one in senders)
        or is_automatic(message)
        or message.content_type == "multipart/report"
    )


def _is_machine(address: str) -> bool:
    local, at, _ = address.rpartition("@")
    return not at or _MACHINES.fullmatch(local) is not None


def is_automatic(message: Message) -> bool:
    """Tell whether *message* says of itself that a program or a list sent it."""
    submitted = re.split(r"[;(\s]", (message.header("Auto-Submitted") or "no").strip())
    precedence = (message.header("Precedence") or "").strip().lower()
    suppress = (message.header("X-Auto-Response-Suppress") or "").lower()
    spam = (message.header("X-Spam-Flag") or "").strip().lower()
    return (
        submitted[0].lower() != "no"
        or precedence in _BULK
        or bool(_SUPPRESSING & set(re.split(r"[,;\s]+", suppress)))
        or spam == "yes"
        or any(name.startswith("list-") for name, _ in message.fields)
    )


def answer_to_sender(
    db: Db, desk: Desk, folder: str, case: Case, *, is_told_by_state: bool = False
) -> bool:
    """Answer whoever sent the mail, without a word on what we know of her.

    It goes to the return path, as programs must; where no server wrote one down, to
    the sender.

    Args:
        is_told_by_state: That this answer comes tells what we know of the sender. It
            goes to her own address, so that nobody can ask in her name.

    Returns:
        False if it may not be answered.

    Source: RFC 3834, section 4.
    """
    message = case.message
    if message is None:
        return False
    return_path = None if is_told_by_state else message.return_path
    target = address_of(return_path or message.sender)
    if target is None or not may_answer(message, desk.own_addresses):
        return False
    key = desk.keys.fingerprint_key
    mailbox = mailboxes.get_or_add(db, target, key=key, now=case.now)
    return answer(db, desk, folder, mailbox, case)


def answer(
    db: Db,
    desk: Desk,
    folder: str,
    mailbox: Mailbox,
    case: Case,
    *,
    facts: ServiceFacts | None = None,
) -> bool:
    """Owe *mailbox* the letter in *folder*, in its reader's style.

    Args:
        folder: Below ``templates/mail``; also the kind of the answer.
        facts: What the letter may mention; None for what every letter may.

    Returns:
        False if it may not be answered, or had such an answer today.
    """
    message = case.message
    if message is None or not may_answer(message, desk.own_addresses):
        return False
    style = mailbox.style
    kind = f"{_said(folder, facts)}/{style}"
    if not may_be_answered(db, mailbox) or _has_had(db, mailbox, kind, now=case.now):
        return False
    upcoming = (
        _upcoming(db, desk, now=case.now) if folder in WELCOMES.values() else None
    )
    letter = compose(desk, folder, style, facts, upcoming=upcoming, now=case.now)
    posting = Posting(
        occasion=f"answer/{case.incoming.id}",
        origin=LetterOrigin.REPLIED,
        message_id=desk.press.new_message_id(),
        style=style,
        in_reply_to=message.message_id,
        thread=message.references[::-1],
        expires_at=case.now + ANSWERED_WITHIN,
        tells=upcoming,
    )
    post(db, mailbox, letter, posting, now=case.now)
    note(db, mailbox, kind, case)
    return True


def compose(
    desk: Desk,
    folder: str,
    style: LetterStyle,
    facts: ServiceFacts | None = None,
    *,
    upcoming: Meeting | None = None,
    now: datetime,
) -> Letter:
    """Return the letter in *folder*.

    Args:
        upcoming: The next meeting, for a welcome: it brings its calendar file.
    """
    settings = desk.settings
    known = facts or service_facts(settings, upcoming=upcoming)
    letter = render(desk.press.environment, known, style, folder)
    if upcoming is None:
        return letter
    about = context.facts(settings, upcoming)
    return with_calendar(letter, about, style, method="PUBLISH", stamped_at=now)


def _upcoming(db: Db, desk: Desk, *, now: datetime) -> Meeting | None:
    """Return the next meeting; None if there is none in a place that we know."""
    series = desk.settings.series
    found = planning.upcoming(db, series, desk.press.closures, now=now)
    return found if found and found.venue in desk.settings.venues else None


WELCOMES: Final[Mapping[Topic | None, str]] = {
    Topic.INVITATIONS: "welcome",
    Topic.NETWORK_UPDATES: "welcome_partner",
}
"""The welcome by what somebody said yes to; it names the next meeting."""


def note(db: Db, mailbox: Mailbox, kind: str, case: Case) -> None:
    """Write down that *mailbox* got an answer, or a question."""
    db.add(
        Answer(
            mailbox_id=mailbox.id,
            kind=kind,
            incoming_id=case.incoming.id,
            answered_at=case.now,
        )
    )


def _said(folder: str, facts: ServiceFacts | None) -> str:
    """Return what kind of answer the letter is: one folder may say several things."""
    told = facts.contribution if facts is not None else None
    return f"{folder}.{told.answer}" if told is not None else folder


def _has_had(db: Db, mailbox: Mailbox, kind: str, *, now: datetime) -> bool:
    """Tell whether today's answers, of this kind or of all together, are used up."""
    today = Answer.answered_at > now - A_DAY
    count = sa.select(sa.func.count()).select_from(Answer).where(today)
    same = count.where(Answer.mailbox_id == mailbox.id, Answer.kind == kind)
    in_all = db.execute(count).scalar_one()
    return db.execute(same).scalar_one() > 0 or in_all >= MAX_ANSWERS_A_DAY
