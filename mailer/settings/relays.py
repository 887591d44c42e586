"""What can be set about the way out: the servers that take our mail, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from mailer.settings import providers

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from subscribers.address import EmailAddress


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    TLS = "tls"
    """TLS from the first byte (RFC 8314, section 3)."""
    STARTTLS = "starttls"
    """Upgrade required; without it nothing is sent."""
    PLAIN = "plain"
    """No protection; only towards a loopback host."""


class ReturnPaths(StrEnum):
    """Where reports about undeliverable letters come back to."""

    SHARED = "shared"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Smtp:
    """``[smtp]``: the relay that takes our mail. No host: nothing can be sent.

    Each ``[[relay]]`` is one more, with the same keys but for the return path.
    """

    host: str
    """Name or address of the relay; default: empty, then every sending command says
    what is missing."""
    port: int
    """TCP port; default: 465 for tls, 587 for starttls, 25 for plain."""
    security: Security
    """How the connection is protected: "tls", "starttls" (upgrade required) or "plain"
    (loopback hosts only); default: "starttls"."""
    user: str
    """Login name; default: empty, no login."""
    password: str = field(repr=False)
    """From MIA_SMTP_PASSWORD, the systemd credential "smtp_password", password_file or
    password_command; a password in the file or in argv is refused."""
    return_path: EmailAddress
    """Envelope sender; default: the sender's address."""
    return_paths: ReturnPaths
    """"signed" gives each letter an envelope sender of its own, "mia+…@…", so that
    every report names its letter; only for servers that deliver such addresses.
    "shared" uses one for all; default: "shared"."""
    ehlo_name: str
    """How we introduce ourselves; default: empty, then the transport takes the
    machine's full host name."""
    ca_file: Path | None
    """Certificates to trust instead of the system's; default: none."""
    connect_timeout: timedelta
    """Wait for the connection; default: 60 seconds."""
    command_timeout: timedelta
    """Wait for the answer to a command; default: 5 minutes (RFC 5321, section
    4.5.3.2)."""
    data_timeout: timedelta
    """Wait for the answer to the final dot; default: 10 minutes, never less: a
    shorter wait makes duplicates (RFC 5321, section 4.5.3.2.6)."""
    connections: int = 4
    """How many connections are used at once, 1 to 100; default: 4, which no relay
    minds. More are opened only once the first has sent a letter."""
    pipelining: bool = True
    """Let the next envelope travel with a letter's content where the server offers it
    (RFC 2920): one round trip a letter instead of four; default: true. false helps to
    find out what a server does."""
    per_minute: int = 0
    """So many messages may leave over this relay in any minute; default: 0, no
    limit."""
    per_hour: int = 0
    """The same for any hour; default: 0."""
    per_day: int = 0
    """The same for any 24 hours; default: 0."""

    @property
    def name(self) -> str:
        """Which relay it is, for people and rows: "mail.example.org:587"."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ProviderPace:
    """``[[provider]]``: how fast letters may go to one provider, over all relays."""

    name: str
    """A provider that mia knows ("gmx", "t-online", "gmail", "outlook" and others), or
    a domain."""
    per_minute: int
    """So many messages in any minute; default: 0, no limit."""
    per_hour: int
    """The same for any hour; default: 0."""
    per_day: int
    """The same for any 24 hours; default: 0."""

    @property
    def provider(self) -> str:
        """Which provider that is, as ``providers.provider_of`` calls it."""
        return providers.meant(self.name) or self.name
