"""What can be set: frozen values, one class per table of the settings file.

Every field has a docstring with unit, default and reason; ``docs/settings.md`` and
the comments that ``mia init`` writes are made from them. The floors below get their
own small object, never the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from mailer.settings.legal import Accessibility, Conformance, Imprint, Privacy
from mailer.settings.public import Web
from mailer.settings.relays import ProviderPace, ReturnPaths, Security, Smtp
from mailer.settings.telling import Alarm, FileType, Listing, NetworkUpdate, Summary
from mailer.settings.town import (
    ClosedDays,
    Coordinator,
    Network,
    Sender,
    Series,
    Venue,
    VenueAnswer,
    VenueFacts,
)

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from subscribers.address import EmailAddress

__all__ = [
    "Accessibility",
    "Alarm",
    "ClosedDays",
    "Conformance",
    "Coordinator",
    "DatabaseSettings",
    "Dkim",
    "Durability",
    "FileType",
    "Imprint",
    "Inbox",
    "InboxMode",
    "Listing",
    "Network",
    "NetworkUpdate",
    "OnDoubt",
    "OnHardBounce",
    "Policy",
    "Privacy",
    "ProviderPace",
    "ReturnPaths",
    "Security",
    "Sender",
    "Series",
    "Settings",
    "Silence",
    "Smtp",
    "Summary",
    "Unanswered",
    "Venue",
    "VenueAnswer",
    "VenueFacts",
    "Web",
]


class OnDoubt(StrEnum):
    """What happens to a delivery whose answer was lost."""

    RESEND = "resend"
    HOLD = "hold"


class Silence(StrEnum):
    """What happens to a draft that nobody answers."""

    SEND = "send"
    HOLD = "hold"


class OnHardBounce(StrEnum):
    """What one clear report of a dead mailbox does."""

    REST = "rest"
    CONFIRM = "confirm"


class InboxMode(StrEnum):
    """Whose mailbox we read."""

    DEDICATED = "dedicated"
    """The program's own: what is settled is moved away."""
    SHARED = "shared"
    """A person reads it too: nothing is deleted, nothing marked as read."""


class Durability(StrEnum):
    """What a commit promises at a power cut (SQLite)."""

    FULL = "full"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``[database]``: where everything is stored."""

    url: str
    """SQLAlchemy URL, "sqlite:///mia.db" or "postgresql://…"; default: the SQLite file
    mia.db beside the settings file. A password in it is only taken from the
    environment."""
    durability: Durability = Durability.FULL
    """"full": what is written survives a power cut. "fast" may lose the last 50
    milliseconds then, so a letter sent in that moment is sent twice (SQLite); default:
    "full"."""
    instance: str = ""
    """Name of this installation, for machines that are made anew for every start
    (containers). A copy of the database under another name does not send; default:
    empty, then the machine's own id counts."""


@dataclass(frozen=True, slots=True)
class Dkim:
    """``[dkim]``: signatures of our own, for a relay that does not sign."""

    selector: str
    """Name of the pair of keys that signs, "mia2026", see `mia dkim new`; default:
    empty, nothing is signed, because the town's relay does it."""
    domain: str
    """Who answers for the messages; default: the domain of *sender.address*."""
    folder: Path
    """Where the keys lie; default: "dkim", beside the settings file."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``[policy]``: when and how."""

    invite_before: timedelta
    """How long before the meeting the invitation goes out; default: 7 days."""
    draft_before: timedelta
    """How long before the meeting the coordinator gets the draft of the invitation;
    default: 3 days more than *invite_before*, so 10 days."""
    remind_before: timedelta
    """How long before the meeting the reminder goes out, to those who want one;
    default: 1 day."""
    plan_ahead: timedelta
    """How far meetings are made in advance; default: 400 days."""
    next_dates: int
    """How many later dates an invitation names; default: 3."""
    on_doubt: OnDoubt
    """What happens when the server's answer was lost: "resend" (once more, identical)
    or "hold"; default: "resend", since a person left out is worse than a twin."""
    lease: timedelta
    """How long a worker may hold a delivery; default: 20 minutes, more than
    *data_timeout* and *command_timeout* together."""
    overdue_after: timedelta
    """What should have left so long ago, while nobody was sending, is held and
    reported instead of sent; default: 2 days, a weekend with the machine off."""
    pause_after: int
    """So many equal refusals in a row from one provider pause it, because they are
    about us; default: 3. A refusal that names us is enough by itself."""
    confirm_within: timedelta
    """How long a request to join waits for its confirmation; then request and address
    are erased; default: 7 days."""
    on_hard_bounce: OnHardBounce
    """What one clear report that a mailbox does not exist (5.1.x) does: "rest" stops
    letters to it at once, "confirm" waits for a second report; default: "rest"."""
    soft_bounces: int
    """So many passing failures (mailbox full) must come, before letters rest; default:
    5."""
    soft_bounce_span: timedelta
    """And so much time must lie between the first and the last of them; default: 30
    days, longer than a holiday."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """``[unanswered]``: what happens to a draft that the coordinator leaves alone."""

    invitation: Silence
    """"send" (it goes out when it is due) or "hold" (it waits for her, and she is
    told); default: "send", since a meeting nobody hears of is worse than a letter
    without a topic."""
    holiday: Silence
    """The same for the notice that nothing takes place; default: "send"."""

    def of(self, kind: str) -> Silence:
        """Return what happens to a draft of *kind*; one without a setting waits."""
        silence: Silence = getattr(self, kind, Silence.HOLD)
        return silence


@dataclass(frozen=True, slots=True)
class Inbox:
    """``[inbox]``: a mailbox that the program reads, over IMAP or as a Maildir.

    Neither host nor maildir: mail only comes in through ``mia inbox ingest``.
    """

    mode: InboxMode
    """Whose mailbox it is: "shared" with a person (nothing is deleted, nothing marked
    as read) or "dedicated" to the program; default: "shared"."""
    host: str
    """Name or address of the IMAP server; default: empty."""
    port: int
    """TCP port; default: 993 for tls, 143 for starttls and plain."""
    security: Security
    """How the connection is protected: "tls", "starttls" (upgrade required) or "plain"
    (loopback hosts only); default: "tls"."""
    user: str
    """Login name; default: *address*."""
    password: str = field(repr=False)
    """From MIA_INBOX_PASSWORD, the systemd credential "inbox_password", password_file
    or password_command; a password in the file or in argv is refused."""
    token_command: str
    """Instead of a password: command that prints an access token (XOAUTH2); run
    without a shell for every connection; default: none."""
    ca_file: Path | None
    """Certificates to trust instead of the system's; default: none."""
    timeout: timedelta
    """Wait for the connection and for each answer; default: 60 seconds."""
    longest_run: timedelta
    """How long one run may read over IMAP; what is left then waits for the next run.
    Default: 30 minutes, in which a slow line gives thousands of mails, and no server
    that sends one octet at a time holds up all mail behind it."""
    folder: str
    """The folder that is read; default: "INBOX"."""
    processed_folder: str
    """Where settled mail is moved to, made if it is missing; default: "mia-erledigt",
    in a shared mailbox empty, and then nothing is moved."""
    human_folder: str
    """Where mail for a human is moved to once it is forwarded, only in a dedicated
    mailbox; default: "mia-weitergeleitet"."""
    maildir: Path | None
    """A Maildir to read instead of a server; default: none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    path: Path
    """The file these settings came from."""
    network: Network
    coordinator: Coordinator
    sender: Sender
    venues: dict[str, Venue]
    series: tuple[Series, ...]
    state: str
    """``[holidays] state``: the German state whose public holidays count, "ST" or
    "Sachsen-Anhalt"."""
    closed: tuple[ClosedDays, ...]
    database: DatabaseSettings
    smtp: Smtp
    relays: tuple[Smtp, ...]
    """``[[relay]]``: more ways out, tried in this order when the ones before cannot be
    used or have reached their limits; default: none."""
    providers: tuple[ProviderPace, ...]
    dkim: Dkim
    policy: Policy
    unanswered: Unanswered
    inbox: Inbox
    alarm: Alarm
    summary: Summary
    network_update: NetworkUpdate
    imprint: Imprint
    privacy: Privacy
    accessibility: Accessibility
    web_base_url: str
    """``[web] base_url``: https address of the public pages; default: empty, no links
    are shown."""
    web: Web
    inbox_address: EmailAddress | None
    """``[inbox] address``: a mailbox the program reads; default: none, then letters
    do not promise that answering with a word works."""
    templates: Path | None
    """``[letters] templates``: a folder whose files win over ours; default: none."""
    splice: bool
    """``[letters] splice``: build a letter once and fill in only what is personal;
    default: true. false builds each message anew, with the same bytes, to find out
    where a fault comes from."""
    secret: bytes = field(repr=False)
    """``[keys]``: 32 secret bytes behind tokens and the suppression list; from
    MIA_SECRET, the systemd credential "mia_secret", secret_file or secret_command;
    64 hexadecimal digits."""
