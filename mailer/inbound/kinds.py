"""What a mail can be, and all that is known once it has been classified."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailer.coordination.seals import Seal
    from mailer.inbound.offering import Offer
    from subscribers.tokens import TokenClaim, TokenKeys
    from subscribers.topics import Topic


class Kind(StrEnum):
    """What a mail is."""

    REPORT = "report"
    """A delivery report: it could not be delivered, or was late."""
    COMPLAINT = "complaint"
    """A feedback report: somebody pressed "spam"."""
    AUTO = "auto"
    """A machine wrote it, such as an absence note; nobody waits for an answer."""
    INSTRUCTION = "instruction"
    """The coordinator, or who acts for her, tells the program what to do."""
    COMMAND = "command"
    """A person says clearly what the program shall do."""
    HUMAN = "human"
    """Anything else that a person wrote: for the coordinator."""
    CHALLENGE = "challenge"
    """A spam gate that wants a click before it lets our mail through."""
    UNREADABLE = "unreadable"
    """Bytes that could not be read: for the coordinator's drawer."""


class CommandKind(StrEnum):
    """What a person asks the program to do."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    CONFIRM = "confirm"
    STYLE_EASY = "style_easy"
    STYLE_STANDARD = "style_standard"
    CHANGE_ADDRESS = "change_address"
    HELP = "help"
    CONTRIBUTE = "contribute"
    """A partner has something to tell in the network update."""
    DESCRIBE = "describe"
    """What the picture with it shows."""
    NONE = "none"


class Context(StrEnum):
    """What a mail answers, as far as the caller knows."""

    NEW = "new"
    INVITATION = "reply_to_invitation"
    CONFIRM = "reply_to_confirm"
    GOODBYE = "reply_to_goodbye"


class Note(StrEnum):
    """What the coordinator should know beside what was done."""

    QUESTION = "question"
    GRIEF = "grief"
    ANGER = "anger"
    DATA_PROTECTION = "data_protection"
    SUPPORT_NEED = "support_need"


@dataclass(frozen=True, slots=True)
class World:
    """What the classifier must know of us.

    Attributes:
        own_addresses: Ours, in small letters; a sender among them is ourselves.
        message_id_domain: Where our Message-IDs end, in small letters.
        keys: With which our tokens and return paths are sealed.
        context: What the mail answers, if the caller found out; None if not.
        coordinators: Who may answer drafts, in small letters.
        is_partner: The sender speaks for a partner.
        answers_update: It answers a network update.
    """

    own_addresses: frozenset[str]
    message_id_domain: str
    keys: TokenKeys
    context: Context | None = None
    coordinators: frozenset[str] = frozenset()
    is_partner: bool = False
    answers_update: bool = False


@dataclass(frozen=True, slots=True)
class Classified:
    """What a mail is and says.

    Attributes:
        kind: What it is.
        rule: The name of the rule that matched first, "command.bare.unsubscribe".
        why: One German sentence for the coordinator.
        command: What the sender asks for.
        severity: Of a report: the worst of its recipients, "hard"; else "none".
        addresses: Addresses that matter: of a report those that failed, of a
            complaint those that complained, of a change of address the new one.
        delivery: A delivery's id, else the Message-ID of what came back; None if
            neither was found. Never guessed.
        claim: What our token in the mail says; None without a genuine one.
        seal: Which draft or question of ours the coordinator answers.
        token: A text that could be a token for a confirmation; the database knows.
        new_address: Of a change of address.
        topic: Of leaving: the only one that is meant; None for all.
        also: Other wishes in the mail, which nobody obeyed: commands and notes.
        own_text: What the sender wrote, without quotations and signature.
        is_handed_over: The coordinator gets the mail, whatever was done.
        offered: What a partner contributes.
        describes: What a picture shows that came before.
    """

    kind: Kind
    rule: str
    why: str
    command: CommandKind = CommandKind.NONE
    severity: str = "none"
    addresses: tuple[str, ...] = ()
    delivery: str | None = None
    claim: TokenClaim | None = None
    seal: Seal | None = None
    token: str | None = None
    new_address: str | None = None
    topic: Topic | None = None
    also: tuple[str, ...] = ()
    own_text: str = ""
    is_handed_over: bool = False
    offered: tuple[Offer, ...] = ()
    describes: str = ""
