"""What a mail server says about itself once we are connected and logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailer.transport import replies, wire
from mailer.transport.tls import good_until

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.transport.opening import Client


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says about itself, for the check before a run.

    Attributes:
        size_limit: Octets a message may have; None if the server names none.
        tls_version: "TLSv1.3"; None on an unprotected connection.
        extensions: EHLO keywords in upper case, sorted.
        logged_in: Whether a user name was asked for and taken.
        certificate_until: When its certificate ends; None without one.
        greeting: Its first words, on one line; some servers tell the time in it.
    """

    size_limit: int | None
    tls_version: str | None
    extensions: tuple[str, ...]
    logged_in: bool
    certificate_until: datetime | None
    greeting: str


def facts_of(client: Client, *, logged_in: bool) -> ServerFacts:
    """Return what the server at the other end of *client* has said."""
    tls = client.get_transport_info("ssl_object")
    return ServerFacts(
        size_limit=wire.size_limit(client.esmtp_extensions),
        tls_version=None if tls is None else str(tls.version()),
        extensions=tuple(sorted(key.upper() for key in client.esmtp_extensions)),
        logged_in=logged_in,
        certificate_until=good_until(tls),
        greeting=replies.sanitised(client.greeting),
    )
