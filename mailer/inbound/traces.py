"""Our own signs in what comes back: which delivery is it about?

Never by guess: an address in a text can be anybody's. Four signs are ours, and two of
them nobody can forge. They are returned in the order in which they are to be
believed, each with where it was found.

Source: RFC 3464, section 2.2.1 (ENVID); RFC 6522, section 3 (the returned mail).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from mailer.inbound import returned
from mailer.outbox.return_path import delivery_of, delivery_of_token
from subscribers.errors import InvalidToken, WrongPurpose
from subscribers.tokens import TOKEN_CHARS, Purpose, read_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.inbound.reading import Message
    from subscribers.tokens import TokenKeys

MAX_TOKENS: Final = 20
"""Texts that look like a token and are tried; our field has one."""

_TOKEN: Final = re.compile(
    rf"(?<![a-z0-9])[a-z2-7]{{{TOKEN_CHARS}}}(?![a-z0-9])", re.IGNORECASE
)


class TraceSource(StrEnum):
    """Where a sign was found, the most reliable first."""

    RETURN_PATH = "return path"
    """Signed; the report was sent to it, or the returned mail came from it."""
    ENVELOPE_ID = "envelope id"
    """Signed; the report repeats it."""
    MESSAGE_ID = "message id"
    """Of the returned mail, with our domain; the ledger knows it or does not."""
    TOKEN = "unsubscribe token"  # noqa: S105 - the name of a source, no password
    """Signed; from the returned List-Unsubscribe. It names the mailbox alone."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One sign.

    Attributes:
        value: The id of a delivery for return path and envelope id, a Message-ID with
            its brackets, or the id of a mailbox for a token.
    """

    source: TraceSource
    value: str


def traces(
    message: Message,
    keys: TokenKeys,
    *,
    message_id_domain: str,
    envelope_id: str | None = None,
    mail_from: str | None = None,
) -> tuple[Trace, ...]:
    """Return all signs of ours in a report or a complaint, the best first.

    Args:
        message: The report.
        keys: What our signs are sealed with.
        message_id_domain: Of our Message-IDs.
        envelope_id: ENVID as the report gives it.
        mail_from: The returned mail's envelope sender as a complaint gives it.
    """
    inner = returned.original(message)
    paths = [*message.to, mail_from or ""]
    if inner is not None:
        paths.append(inner.return_path or "")
    found = [
        *_deliveries(paths, envelope_id, keys.return_path_key),
        *_returned(inner, keys, message_id_domain.lower()),
    ]
    return tuple(dict.fromkeys(found))


def _deliveries(
    paths: list[str], envelope_id: str | None, key: bytes
) -> Iterator[Trace]:
    """Yield the deliveries that return paths and ENVID name."""
    for path in paths:
        delivery = delivery_of(path, key)
        if delivery is not None:
            yield Trace(TraceSource.RETURN_PATH, str(delivery))
    delivery = delivery_of_token(envelope_id or "", key)
    if delivery is not None:
        yield Trace(TraceSource.ENVELOPE_ID, str(delivery))


def _returned(inner: Message | None, keys: TokenKeys, domain: str) -> Iterator[Trace]:
    """Yield the signs in the returned mail's header."""
    if inner is None:
        return
    message_id = inner.message_id
    if message_id is not None and message_id.lower().endswith(f"@{domain}>"):
        yield Trace(TraceSource.MESSAGE_ID, message_id)
    for mailbox_id in _mailboxes(inner, keys):
        yield Trace(TraceSource.TOKEN, str(mailbox_id))


def _mailboxes(inner: Message, keys: TokenKeys) -> Iterator[int]:
    """Yield the mailboxes whose unsubscribe token the returned header holds."""
    field = unquote(inner.header("List-Unsubscribe") or "")
    for text in _TOKEN.findall(field)[:MAX_TOKENS]:
        try:
            yield read_token(keys, Purpose.UNSUBSCRIBE, text).mailbox_id
        except (InvalidToken, WrongPurpose):
            continue
