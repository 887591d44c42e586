"""What stands on every message: who writes, and what is special about some letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailer.outbox.origins import LetterOrigin

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mailer.rendering.dkim import SigningKey
    from mailer.settings.model import ReturnPaths, Settings
    from subscribers.address import EmailAddress
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
"""How the occasions of confirm mails begin; the digest of the token follows."""

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
