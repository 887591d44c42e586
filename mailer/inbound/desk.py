"""The desk where incoming mail is worked on: what it needs, and what it can lead to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mailer.settings.model import InboxMode
from subscribers.address import EmailAddress
from subscribers.consent import Proof
from subscribers.errors import InvalidAddress
from subscribers.models import ConsentChannel

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.inbound.kinds import Classified
    from mailer.inbound.models import Incoming
    from mailer.inbound.reading import Message
    from mailer.outbox.press import Press
    from mailer.settings.model import Settings
    from subscribers.tokens import TokenKeys

STANDARD_INPUT = "stdin"
"""The source of what an MTA hands to us; it lies nowhere else."""


class Effect(StrEnum):
    """What an incoming mail did."""

    ASKED = "asked"
    """Somebody wants to join, or to move, and was asked to confirm."""
    ASKED_BEFORE = "asked_before"
    """She was asked today already; one question a day is enough."""
    CONFIRMED = "confirmed"
    ALREADY = "already"
    """She gets our letters already, or again."""
    LEFT_LIST = "left_list"
    LEFT_TOPIC = "left_topic"
    """She left one topic; another goes on."""
    NOTHING_TO_LEAVE = "nothing_to_leave"
    STYLE_CHANGED = "style_changed"
    MOVED = "moved"
    PAUSED = "paused"
    REMINDERS_CHANGED = "reminders_changed"
    HELPED = "helped"
    HANDED_OVER = "handed_over"
    """It is on its way to the coordinator."""
    KEPT = "kept"
    """It stays where it lies; the coordinator reads it there."""
    NOTED = "noted"
    """Written down; nothing else follows from it."""
    COUNTED = "counted"
    """A failure that counts, but not yet enough."""
    OUTDATED = "outdated"
    """An old letter came back, and the mailbox has worked since."""
    RESTS = "rests"
    """Letters to this mailbox rest."""
    COMPLAINED = "complained"
    INSTRUCTED = "instructed"
    """The coordinator's word is carried out, and she is told."""
    CONTRIBUTED = "contributed"
    """A partner's contribution waits for the coordinator's word."""
    CONTRIBUTED_BEFORE = "contributed_before"
    """The same text was there already."""
    DESCRIBED = "described"
    """The picture that a partner sent has its description now."""
    ASKED_BACK = "asked_back"
    """Nothing was done; the coordinator is asked what she meant."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to work on a mail.

    Attributes:
        press: For the letters that follow from it.
        keys: For the tokens in them.
    """

    press: Press
    keys: TokenKeys

    @property
    def settings(self) -> Settings:
        """Everything that can be set."""
        return self.press.settings

    @property
    def own_addresses(self) -> frozenset[str]:
        """The addresses that are ours: whoever writes from one is ourselves."""
        settings = self.settings
        ours = (
            settings.inbox_address,
            settings.sender.address,
            settings.sender.reply_to,
            settings.smtp.return_path,
        )
        return frozenset(one.canonical for one in ours if one is not None)


@dataclass(frozen=True, slots=True)
class Case:
    """One mail on the desk.

    Attributes:
        classified: What it is.
        message: What it says; None if it cannot be read.
        content: Its bytes.
        incoming: Its row.
        sender: Who says to have written it; None if that is no address.
        now: The present moment.
    """

    classified: Classified
    message: Message | None
    content: bytes
    incoming: Incoming
    sender: EmailAddress | None
    now: datetime

    @property
    def proof(self) -> Proof:
        """How the act in this mail is shown."""
        return Proof(
            channel=ConsentChannel.MAIL,
            happened_at=self.now,
            evidence=f"E-Mail, Eingang {self.incoming.id}",
            message_id=_storable(self.message.message_id if self.message else None),
        )


def address_of(text: str) -> EmailAddress | None:
    """Return the address written as *text*; None if it is none we can write to."""
    try:
        return EmailAddress.parse(text)
    except InvalidAddress:
        return None


def lies_with_a_person(desk: Desk, incoming: Incoming) -> bool:
    """Tell whether the coordinator has this very mail in her own mailbox."""
    is_shared = desk.settings.inbox.mode is InboxMode.SHARED
    return is_shared and incoming.source != STANDARD_INPUT


def _storable(message_id: str | None) -> str | None:
    return message_id[:998] if message_id else None
