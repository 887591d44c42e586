"""What can be set: frozen values, one class per table of the settings file.

Every field has a docstring with unit, default and reason; ``docs/settings.md`` and
the comments that ``mia init`` writes are made from them. The floors below get their
own small object, never the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, time, timedelta
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from subscribers.address import EmailAddress


class VenueAnswer(StrEnum):
    """What is known about one fact of a venue; "unknown" is an honest answer."""

    YES = "ja"
    NO = "nein"
    ON_REQUEST = "auf Anfrage"
    UNKNOWN = "nicht bekannt"


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    TLS = "tls"
    """TLS from the first byte (RFC 8314, section 3)."""
    STARTTLS = "starttls"
    """Upgrade required; without it nothing is sent."""
    PLAIN = "plain"
    """No protection; only towards a loopback host."""


class OnDoubt(StrEnum):
    """What happens to a delivery whose answer was lost."""

    RESEND = "resend"
    HOLD = "hold"


class ReturnPaths(StrEnum):
    """Where reports about undeliverable letters come back to."""

    SHARED = "shared"
    SIGNED = "signed"


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
class Network:
    """``[network]``: who we are."""

    name: str
    """Short name, "MIA"."""
    full_name: str
    """As in running text, "MIA – Miteinander Inklusion Aschersleben"; default:
    *name*."""
    meaning: str
    """What the short name stands for, "Miteinander Inklusion Aschersleben"; default:
    *full_name*."""
    list_id: str
    """Name of the list for mail programs (RFC 2919); never change it."""
    organisation: str
    """Who is responsible, "Stadt Aschersleben"."""
    town: str
    """Where the network is at home, "Aschersleben"."""
    postal_address: tuple[str, ...]
    """Lines of the postal address, without the organisation."""
    goal: str
    """One sentence for the invitation: what the network wants."""
    fields_of_work: tuple[str, ...]
    """In which fields partners work; a partner has one of them."""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """``[coordinator]``: who answers questions."""

    name: str
    """First name and last name, "Kathrin Sommer"."""
    role: str
    """Office or task: "Gleichstellungsbeauftragte der Stadt Aschersleben"."""
    employer_easy: str
    """For Leichte Sprache, after the name: "arbeitet bei der Stadt Aschersleben";
    default: "ist Ihre Ansprech-Person"."""
    email: EmailAddress
    """Where human questions go."""
    phone: str
    """As DIN 5008 writes it: "03473 958-111"."""
    second_release: EmailAddress | None
    """Somebody who must release an invitation too, by answering its draft; default:
    none, the coordinator's word is enough."""


@dataclass(frozen=True, slots=True)
class Sender:
    """``[sender]``: the From line of every letter."""

    name: str
    """What mailbox lists show; default: name of the coordinator."""
    address: EmailAddress
    """From address; default: the coordinator's."""
    reply_to: EmailAddress | None
    """Where answers go if not to *address*; default: none."""


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """``[venues.KEY.facts]``: what is known about access; default: unknown."""

    step_free: VenueAnswer = VenueAnswer.UNKNOWN
    """Is the room reached without steps? "ja", "nein", "auf Anfrage" or "nicht
    bekannt", as for all facts but the last."""
    lift: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there a lift, where one is needed?"""
    toilet: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there an accessible toilet?"""
    hearing_loop: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there an induction loop for hearing aids?"""
    sign_language: VenueAnswer = VenueAnswer.UNKNOWN
    """Is the meeting interpreted into German Sign Language?"""
    assistance: VenueAnswer = VenueAnswer.UNKNOWN
    """Are assistants and assistance dogs welcome?"""
    parking: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there a parking space for disabled people?"""
    checked_on: date | None = None
    """When somebody looked; default: never."""


@dataclass(frozen=True, slots=True)
class Venue:
    """``[venues.KEY]``: a place, in the two forms German needs."""

    key: str
    """The KEY, by which series and meetings name it."""
    room: str
    """Label form: "Konferenzraum"."""
    room_easy: str
    """The room for Leichte Sprache: "Konferenz-Raum"; default: *room*."""
    street: str
    """Label form: "Hohe Straße 21"."""
    postcode: str
    """Five digits."""
    city: str
    """Without postcode: "Aschersleben"."""
    in_sentence: str
    """With preposition: "im Konferenzraum in der Hohen Straße 21"."""
    facts: VenueFacts = field(default_factory=VenueFacts)

    @property
    def label(self) -> str:
        """One line: "Konferenzraum, Hohe Straße 21, 06449 Aschersleben"."""
        return f"{self.room}, {self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, slots=True)
class Series:
    """``[[series]]``: a rule that makes meetings."""

    key: str
    """Short name for commands and rows: "miteinander-reden"."""
    title: str
    """What people call the meeting: "Miteinander reden"."""
    weekday: int
    """Monday is 0; in the file a German name: "Donnerstag"."""
    nth: tuple[int, ...]
    """Which of that weekday in a month: 1 to 5, or -1 for the last."""
    start: time
    """Local time, "10:00"."""
    end: time
    """Local time, later than *start*."""
    zone: ZoneInfo
    """IANA name; default: Europe/Berlin."""
    first_on: date
    """The rule makes no meeting before this day."""
    venue: str
    """Key of the venue; default: the only one there is."""
    about: str
    """What happens there: one or two German sentences for the invitation."""
    about_easy: tuple[str, ...]
    """The same in Leichte Sprache, one sentence each; empty leaves the block out."""
    audience: str
    """Whom it is for; default: "für alle Interessierten, mit und ohne Behinderung"."""
    added: tuple[date, ...] = ()
    """Days with a meeting that the rule does not make; default: none."""


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """``[[closed]]``: days on which nothing takes place, for a reason of our own."""

    first_on: date
    """The first day without a meeting."""
    last_on: date
    """The last one; default: *first_on*."""
    reason: str
    """People read it: "Betriebsferien"."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``[database]``: where everything is stored."""

    url: str
    """SQLAlchemy URL, "sqlite:///mia.db" or "postgresql://…"; default: the SQLite file
    mia.db beside the settings file. A password in it is only taken from the
    environment."""
    durability: Durability = Durability.FULL
    """"full" survives a power cut; "fast" may lose the last moments (SQLite)."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """``[smtp]``: the relay that takes our mail. No host: nothing can be sent."""

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


@dataclass(frozen=True, slots=True)
class Policy:
    """``[policy]``: when and how."""

    invite_before: timedelta
    """How long before the meeting the invitation goes out; default: 7 days."""
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
    policy: Policy
    inbox: Inbox
    web_base_url: str
    """``[web] base_url``: https address of the public pages; default: empty, no links
    are shown."""
    inbox_address: EmailAddress | None
    """``[inbox] address``: a mailbox the program reads; default: none, then letters
    do not promise that answering with a word works."""
    templates: Path | None
    """``[letters] templates``: a folder whose files win over ours; default: none."""
    secret: bytes = field(repr=False)
    """``[keys]``: 32 secret bytes behind tokens and the suppression list; from
    MIA_SECRET, the systemd credential "mia_secret", secret_file or secret_command;
    64 hexadecimal digits."""
