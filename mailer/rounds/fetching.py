"""One round of reading: what lies in the mailbox has its effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.inbound.drain import Drained, drain

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.inbound.sources.imap import ImapSource
    from mailer.inbound.sources.maildir import MaildirSource
    from mailer.inbound.taking import Taker


def fetch_round(
    source: ImapSource | MaildirSource,
    taker: Taker,
    *,
    told: Callable[[], None] = lambda: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Drained:
    """Take what lies in *source*, and close it.

    Args:
        told: Called after each message.
        is_over: Asked before each message; True leaves the rest to the next round.

    Raises:
        InboxError: The mailbox cannot be read; what was taken is done.
    """
    try:
        return drain(source, taker, told=told, is_over=is_over)
    finally:
        source.close()
