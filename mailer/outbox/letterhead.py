"""What stands on every message: who writes, and how to leave.

Pure: a frozen letter, a claim and the letterhead make the same bytes every time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from mailer.outbox.origins import AUTOMATIC, LetterOrigin
from mailer.outbox.return_path import token_for, with_token
from mailer.rendering.message import MessageHead, mailto, unsubscribe_mailto
from mailer.rendering.parcel import Content, Parcel
from mailer.rendering.person import (
    Person,
    greeting,
    preferences_url,
    reason,
    unsubscribe_url,
)
from mailer.rendering.splice import plain
from mailer.settings.model import ReturnPaths
from subscribers.address import MAX_LOCAL_CHARS, EmailAddress
from subscribers.tokens import Purpose, confirm_token, make_token
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.outbox.ledger import Claim
    from mailer.rendering.dkim import SigningKey
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Settings
    from subscribers.partners import Entry
    from subscribers.tokens import TokenKeys


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What is special about a letter that belongs to no list.

    Attributes:
        origin: How it came about.
        in_reply_to, thread: As in ``FrozenLetter``.
        reply_to: Who gets an answer to it; None for the usual one.
        enclosed: The mail it forwards; None for none.
    """

    origin: LetterOrigin = LetterOrigin.EDITION
    in_reply_to: str | None = None
    thread: tuple[str, ...] = ()
    reply_to: EmailAddress | None = None
    enclosed: bytes | None = field(default=None, repr=False)


QUESTION: Final = "confirmation/"
"""How the occasions of confirm mails begin; a number follows."""

ON_THE_LIST: Final = Occurrence()
"""Nothing is special: an edition's letter."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is the same on every message of the network.

    Attributes:
        network: Its short name.
        answers_to: Where an answer goes, and an unsubscribe mail with it.
        zone: Whose clock the Date shows.
        base_url: Of the public pages, without a slash at the end; empty: no links.
        signing_keys: They sign every message; none if the relay does it.
        splices: Letters are built once and spliced for each reader.
    """

    network: str
    sender_name: str
    sender: EmailAddress
    reply_to: EmailAddress | None
    answers_to: EmailAddress
    return_path: EmailAddress
    return_paths: ReturnPaths
    list_id: str
    list_name: str
    base_url: str
    zone: ZoneInfo
    keys: TokenKeys
    signing_keys: tuple[SigningKey, ...] = ()
    splices: bool = True

    @classmethod
    def of(
        cls,
        settings: Settings,
        keys: TokenKeys,
        signing_keys: tuple[SigningKey, ...] = (),
    ) -> Letterhead:
        """Return the letterhead that *settings* describe."""
        sender = settings.sender
        inbox = settings.inbox_address
        reply_to = sender.reply_to or inbox
        return cls(
            network=settings.network.name,
            sender_name=sender.name,
            sender=sender.address,
            reply_to=reply_to,
            answers_to=reply_to or sender.address,
            return_path=settings.smtp.return_path,
            return_paths=settings.smtp.return_paths,
            list_id=settings.network.list_id,
            list_name=settings.network.full_name,
            base_url=settings.web_base_url.rstrip("/"),
            zone=settings.series[0].zone,
            keys=keys,
            signing_keys=signing_keys,
            splices=settings.splice,
        )


def parcel_for(
    claimed: Claim,
    letter: Letter,
    dated_at: datetime,
    head: Letterhead,
    occurrence: Occurrence = ON_THE_LIST,
    write: Callable[[Letter, Person, MessageHead], Content] = plain,
) -> Parcel:
    """Return what the transport gets for one delivery: envelope and unsigned bytes.

    Args:
        letter: Frozen, its personal places open.
        dated_at: The Date of every copy.
        occurrence: What is special about it.
        write: Makes the bytes for one reader, see ``splice``.

    Raises:
        MessageUnsafe: The bytes would not say what we meant.
    """
    reader = claimed.recipient
    person = person_for(claimed, head)
    own = _head(claimed, dated_at, head)
    if occurrence.origin is LetterOrigin.EDITION:
        own = _for_the_list(own, person, head)
    else:
        own = _for_one(own, occurrence)
        token = _answer_token(claimed, person)
        if token is not None:
            own = replace(own, reply_to=_answer_address(own, token, head))
    name = token_for(claimed.delivery_id, head.keys.return_path_key)
    return Parcel(
        return_path=_return_path(name, head),
        recipient=reader.address,
        content=write(letter, person, own),
        wants_no_report=occurrence.origin in AUTOMATIC,
        envelope_id=name,
    )


def _return_path(name: str, head: Letterhead) -> EmailAddress:
    """Return where a report about the delivery of this *name* comes back to."""
    if head.return_paths is ReturnPaths.SHARED:
        return head.return_path
    return with_token(head.return_path, name)


def _answer_token(claimed: Claim, person: Person) -> str | None:
    """Return what an answer must carry to be understood; None for most letters.

    Letters to the coordinator have it in their Message-ID: "<token.random@domain>".
    """
    if claimed.occasion.startswith(QUESTION):
        return person.confirm_token
    token, dot, _ = claimed.message_id.partition("@")[0].partition(".")
    return token.removeprefix("<") if dot else None


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


def _head(claimed: Claim, dated_at: datetime, head: Letterhead) -> MessageHead:
    reader = claimed.recipient
    return MessageHead(
        sender_name=head.sender_name,
        sender=head.sender,
        to_name=reader.name,
        to=reader.address,
        reply_to=head.reply_to,
        date=dated_at.astimezone(head.zone),
        message_id=claimed.message_id,
        boundary_seed=claimed.message_id,
    )


def _for_the_list(own: MessageHead, person: Person, head: Letterhead) -> MessageHead:
    """Return *own* with what a list's letter offers: help, and an end to it."""
    leave_url = person.unsubscribe_url
    return replace(
        own,
        list_id=head.list_id,
        list_name=head.list_name,
        unsubscribe_mailto=unsubscribe_mailto(
            head.answers_to, person.unsubscribe_token
        ),
        # RFC 8058, section 3.1: one-click needs https.
        one_click_url=leave_url if leave_url.startswith("https://") else None,
        help_mailto=mailto(head.answers_to, "Hilfe"),
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


def person_for(claimed: Claim, head: Letterhead) -> Person:
    """Return what is different for the reader of one delivery."""
    reader = claimed.recipient
    leave_token = _token(claimed, Purpose.UNSUBSCRIBE, head)
    stay_token = _token(claimed, Purpose.PREFERENCES, head) if head.base_url else ""
    is_question = claimed.occasion.startswith(QUESTION)
    return Person(
        greeting=greeting(reader.name, claimed.style),
        unsubscribe_url=unsubscribe_url(head.base_url, leave_token),
        unsubscribe_token=leave_token,
        preferences_url=preferences_url(head.base_url, stay_token),
        reason=reason(
            head.network,
            claimed.style,
            is_partner=reader.is_partner,
            topic=claimed.topic or Topic.INVITATIONS,
        ),
        confirm_token=confirm_token(head.keys, claimed.message_id)
        if is_question
        else "",
        entry=entry(reader.address.text, claimed.entries),
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


def _token(claimed: Claim, purpose: Purpose, head: Letterhead) -> str:
    mailbox_id = claimed.recipient.mailbox_id
    return make_token(head.keys, purpose, mailbox_id, claimed.token_version)
