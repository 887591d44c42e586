"""From a claim to a message and its envelope: what is different for each reader.

Pure: a frozen letter, a claim and the letterhead make the same bytes every time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailer.outbox.letterhead import ON_THE_LIST, QUESTION, Letterhead, Occurrence
from mailer.outbox.origins import AUTOMATIC, LetterOrigin
from mailer.outbox.return_path import token_for, with_token
from mailer.rendering.message import MessageHead, mailto, unsubscribe_mailto
from mailer.rendering.parcel import Content, Parcel
from mailer.rendering.person import (
    Person,
    Personal,
    greeting,
    preferences_url,
    reason,
    unsubscribe_url,
)
from mailer.rendering.splice import plain
from mailer.settings.model import ReturnPaths
from subscribers.address import MAX_LOCAL_CHARS, EmailAddress
from subscribers.tokens import Purpose, both_tokens, confirm_token, make_token
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from mailer.outbox.ledger import Claim
    from mailer.rendering.letter import Letter
    from mailer.rendering.splice import Splice
    from subscribers.partners import Entry


def personal_for(
    claimed: Claim, head: Letterhead, unsaid: Collection[str] = ()
) -> Personal:
    """Return what is different for the reader of one delivery.

    Args:
        unsaid: What need not be known, see ``Splice``.
    """
    reader = claimed.recipient
    mailbox_id, version = reader.mailbox_id, claimed.token_version
    if head.base_url and "preferences_token" not in unsaid:
        leave, stay = both_tokens(head.keys, mailbox_id, version)
    else:
        leave = make_token(head.keys, Purpose.UNSUBSCRIBE, mailbox_id, version)
        stay = ""
    why = reason(
        head.network,
        claimed.style,
        is_partner=reader.is_partner,
        topic=claimed.topic or Topic.INVITATIONS,
    )
    entered = ""
    if "entry" not in unsaid:
        entered = entry(reader.address.text, claimed.entries)
    return Personal(
        reader.address,
        reader.name,
        claimed.message_id,
        leave,
        stay,
        greeting(reader.name, claimed.style),
        why,
        entered,
    )


def person_for(own: Personal, head: Letterhead, *, confirm_token: str = "") -> Person:
    """Return the words that fill the places of a letter under this letterhead."""
    return Person(
        greeting=own.greeting,
        unsubscribe_url=unsubscribe_url(head.base_url, own.unsubscribe_token),
        unsubscribe_token=own.unsubscribe_token,
        preferences_url=preferences_url(head.base_url, own.preferences_token),
        reason=own.reason,
        confirm_token=confirm_token,
        entry=own.entry,
    )


def list_message(
    letter: Letter, dated_at: datetime, head: Letterhead, own: Personal
) -> bytes:
    """Return the message of a list's letter to one reader, built from nothing.

    It offers what belongs to a list: help, and an end to it.

    Args:
        letter: Frozen, its personal places open.
        dated_at: The Date of every copy.

    Raises:
        MessageUnsafe: The bytes would not say what we meant.
    """
    person = person_for(own, head)
    leave_url = person.unsubscribe_url
    fields = replace(
        _fields(own, dated_at, head),
        list_id=head.list_id,
        list_name=head.list_name,
        unsubscribe_mailto=unsubscribe_mailto(head.answers_to, own.unsubscribe_token),
        # RFC 8058, section 3.1: one-click needs https.
        one_click_url=leave_url if leave_url.startswith("https://") else None,
        help_mailto=mailto(head.answers_to, "Hilfe"),
    )
    return plain(letter, person, fields)


def list_parcel(claimed: Claim, head: Letterhead, letter: Splice) -> Parcel:
    """Return what the transport gets for one delivery of a list's letter.

    Raises:
        MessageUnsafe: As ``parcel_for``.
    """
    own = personal_for(claimed, head, letter.unsaid)
    return _enveloped(claimed, head, letter.content(own))


def parcel_for(
    claimed: Claim,
    letter: Letter,
    dated_at: datetime,
    head: Letterhead,
    occurrence: Occurrence = ON_THE_LIST,
) -> Parcel:
    """Return what the transport gets for one delivery: envelope and unsigned bytes.

    Args:
        letter: Frozen, its personal places open.
        dated_at: The Date of every copy.
        occurrence: What is special about it.

    Raises:
        MessageUnsafe: The bytes would not say what we meant.
    """
    own = personal_for(claimed, head)
    if occurrence.origin is LetterOrigin.EDITION:
        whole = list_message(letter, dated_at, head, own)
    else:
        asked = _confirm_token(claimed, head)
        fields = _for_one(_fields(own, dated_at, head), occurrence)
        token = asked or _seal(claimed)
        if token:
            fields = replace(fields, reply_to=_answer_address(fields, token, head))
        whole = plain(letter, person_for(own, head, confirm_token=asked), fields)
    return _enveloped(
        claimed,
        head,
        Content.whole(whole),
        wants_no_report=occurrence.origin in AUTOMATIC,
    )


def _enveloped(
    claimed: Claim, head: Letterhead, content: Content, *, wants_no_report: bool = False
) -> Parcel:
    name = token_for(claimed.delivery_id, head.keys.return_path_key)
    is_shared = head.return_paths is ReturnPaths.SHARED
    path = head.return_path if is_shared else with_token(head.return_path, name)
    return Parcel(path, claimed.recipient.address, content, wants_no_report, name)


def _confirm_token(claimed: Claim, head: Letterhead) -> str:
    """Return what a confirm mail asks to be sent back; empty for other letters."""
    is_question = claimed.occasion.startswith(QUESTION)
    return confirm_token(head.keys, claimed.message_id) if is_question else ""


def _seal(claimed: Claim) -> str:
    """Return what an answer must carry to be understood; empty for most letters.

    Letters to the coordinator have it in their Message-ID: "<token.random@domain>".
    """
    token, dot, _ = claimed.message_id.partition("@")[0].partition(".")
    return token.removeprefix("<") if dot else ""


def _answer_address(
    own: MessageHead, token: str, head: Letterhead
) -> EmailAddress | None:
    """Return where an answer goes: an address that holds the token, where one works.

    Then the answer is understood even if the mail program forgets what it answers.
    The setting for return paths says whether the server takes such addresses.
    """
    usual = own.reply_to
    if (
        usual is None
        or head.return_paths is ReturnPaths.SHARED
        or usual.domain != head.return_path.domain
    ):
        return usual
    local, _, domain = usual.text.rpartition("@")
    named = f"{local}+{token}"
    if len(named) > MAX_LOCAL_CHARS:
        return usual
    return EmailAddress.parse(f"{named}@{domain}")


def _fields(own: Personal, dated_at: datetime, head: Letterhead) -> MessageHead:
    return MessageHead(
        sender_name=head.sender_name,
        sender=head.sender,
        to_name=own.to_name,
        to=own.to,
        reply_to=head.reply_to,
        date=dated_at.astimezone(head.zone),
        message_id=own.message_id,
        boundary_seed=own.message_id,
    )


def _for_one(own: MessageHead, occurrence: Occurrence) -> MessageHead:
    """Return *own* for a letter that the program writes to one person.

    Source: RFC 3834, sections 3.1.6 and 5.
    """
    return replace(
        own,
        reply_to=occurrence.reply_to or own.reply_to,
        auto_generated=True,
        auto_replied=occurrence.origin is LetterOrigin.REPLIED,
        in_reply_to=occurrence.in_reply_to,
        references=occurrence.thread,
        enclosed=occurrence.enclosed,
    )


def entry(address: str, entries: Sequence[Entry]) -> str:
    """Return what is entered about the reader of a network update, one line each.

    Names of colleagues are shown, so that somebody tells us who has left; of their
    addresses only the one that this letter goes to.

    Args:
        entries: The organisations that somebody speaks for in this mailbox.
    """
    lines = []
    for one in entries:
        lines.append(f"Einrichtung: {one.organisation}, {one.field_of_work}")
        lines += [f"Ansprechperson: {person}" for person in one.people]
    return "\n".join([*lines, f"Diese E-Mail geht an: {address}"])
