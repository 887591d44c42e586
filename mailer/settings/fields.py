"""Every setting that a person may write: its parser and its default, as tables.

What each one means stands in ``model``. The loader walks over these tables; nothing
else knows which keys exist.
"""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from mailer.settings import net_parsers, parsers, time_parsers
from mailer.settings.field import (
    Field,
    Seen,
    as_number,
    as_truth,
    fixed,
    list_of,
    same_as,
)
from mailer.settings.model import (
    Conformance,
    Durability,
    FileType,
    InboxMode,
    Listing,
    OnDoubt,
    OnHardBounce,
    ReturnPaths,
    Security,
    Silence,
    VenueAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


MOST_MESSAGES: Final = 10_000_000
"""A limit above it is none."""


def _usual_port(seen: Seen) -> int:
    usual = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 25}
    return usual[seen.here.get("security", Security.STARTTLS)]


def _usual_imap_port(seen: Seen) -> int:
    return 993 if seen.here.get("security", Security.TLS) is Security.TLS else 143


def _days_to_look(seen: Seen) -> timedelta:
    invited: timedelta = seen.here.get("invite_before", timedelta(days=7))
    return invited + timedelta(days=3)


def _sender_domain(seen: Seen) -> str:
    """Return the domain of the From address; empty if that is broken."""
    sender = seen.of("sender", "address")
    return sender.domain if sender else ""


def _inbox_user(seen: Seen) -> str:
    address = seen.here.get("address")
    return address.text if address else ""


def _processed_folder(seen: Seen) -> str:
    """Return where settled mail goes; a person's mailbox stays as it is."""
    return "mia-erledigt" if seen.here.get("mode") is InboxMode.DEDICATED else ""


def _only_venue(seen: Seen) -> Any:  # noqa: ANN401 - a key, or None for a problem
    keys = list(seen.tables.get("venues", {}))
    return keys[0] if len(keys) == 1 else None


NETWORK: Final = {
    "name": Field(parsers.filled),
    "full_name": Field(parsers.filled, same_as("name")),
    "meaning": Field(parsers.filled, same_as("full_name")),
    "list_id": Field(net_parsers.list_id),
    "organisation": Field(parsers.filled),
    "town": Field(parsers.filled),
    "postal_address": list_of(parsers.some_lines),
    "goal": Field(parsers.prose),
    "fields_of_work": list_of(parsers.some_lines),
}

COORDINATOR: Final = {
    "name": Field(parsers.filled),
    "role": Field(parsers.filled),
    "employer_easy": Field(parsers.filled, fixed("ist Ihre Ansprech-Person")),
    "email": Field(net_parsers.email),
    "phone": Field(parsers.phone),
    "second_release": Field(net_parsers.maybe_email, fixed(None)),
}

SENDER: Final = {
    "name": Field(parsers.filled, lambda seen: seen.of("coordinator", "name")),
    "address": Field(net_parsers.email, lambda seen: seen.of("coordinator", "email")),
    "reply_to": Field(net_parsers.maybe_email, fixed(None)),
}

HOLIDAYS: Final = {"state": Field(parsers.state)}

DATABASE: Final = {
    "url": Field(
        net_parsers.database_url, lambda seen: f"sqlite:///{seen.folder / 'mia.db'}"
    ),
    "durability": Field(parsers.choice(Durability), fixed(Durability.FULL)),
    "instance": Field(parsers.text, fixed("")),
}

_LIMIT: Final = Field(parsers.whole(0, MOST_MESSAGES), fixed(0), as_number)

LIMITS: Final = {"per_minute": _LIMIT, "per_hour": _LIMIT, "per_day": _LIMIT}

SMTP: Final = {
    "host": Field(net_parsers.host, fixed("")),
    "security": Field(parsers.choice(Security), fixed(Security.STARTTLS)),
    "port": Field(parsers.whole(1, 65535), _usual_port, as_number),
    "user": Field(parsers.text, fixed("")),
    "password_file": Field(parsers.text, fixed("")),
    "password_command": Field(parsers.text, fixed("")),
    "return_path": Field(net_parsers.email, lambda seen: seen.of("sender", "address")),
    "return_paths": Field(parsers.choice(ReturnPaths), fixed(ReturnPaths.SHARED)),
    "ehlo_name": Field(net_parsers.host, fixed("")),
    "ca_file": Field(parsers.text, fixed("")),
    "connect_timeout": Field(time_parsers.duration, fixed(timedelta(seconds=60))),
    "command_timeout": Field(time_parsers.duration, fixed(timedelta(minutes=5))),
    "data_timeout": Field(time_parsers.duration, fixed(timedelta(minutes=10))),
    "connections": Field(parsers.whole(1, 100), fixed(4), as_number),
    "pipelining": Field(parsers.yes_or_no, fixed(True), as_truth),
    **LIMITS,
}

DKIM: Final = {
    "selector": Field(net_parsers.selector, fixed("")),
    "domain": Field(net_parsers.host, _sender_domain),
    "folder": Field(parsers.filled, fixed("dkim")),
}

POLICY: Final = {
    "invite_before": Field(time_parsers.duration, fixed(timedelta(days=7))),
    "draft_before": Field(time_parsers.duration, _days_to_look),
    "remind_before": Field(time_parsers.duration, fixed(timedelta(days=1))),
    "overdue_after": Field(time_parsers.duration, fixed(timedelta(days=2))),
    "plan_ahead": Field(time_parsers.duration, fixed(timedelta(days=400))),
    "next_dates": Field(parsers.whole(0, 12), fixed(3), as_number),
    "on_doubt": Field(parsers.choice(OnDoubt), fixed(OnDoubt.RESEND)),
    "lease": Field(time_parsers.duration, fixed(timedelta(minutes=20))),
    "pause_after": Field(parsers.whole(1, 100), fixed(3), as_number),
    "confirm_within": Field(time_parsers.duration, fixed(timedelta(days=7))),
    "on_hard_bounce": Field(parsers.choice(OnHardBounce), fixed(OnHardBounce.REST)),
    "soft_bounces": Field(parsers.whole(2, 100), fixed(5), as_number),
    "soft_bounce_span": Field(time_parsers.duration, fixed(timedelta(days=30))),
}

UNANSWERED: Final = {
    "invitation": Field(parsers.choice(Silence), fixed(Silence.SEND)),
    "holiday": Field(parsers.choice(Silence), fixed(Silence.SEND)),
}

WEB: Final = {
    "base_url": Field(net_parsers.base_url, fixed("")),
    "serve": Field(parsers.yes_or_no, fixed(False), as_truth),
    "host": Field(net_parsers.some_host, fixed("127.0.0.1")),
    "port": Field(parsers.whole(1, 65535), fixed(8025), as_number),
    "hosts": list_of(net_parsers.hosts, fixed(())),
    "proxies": list_of(net_parsers.ip_addresses, fixed(("127.0.0.1", "::1"))),
}

INBOX: Final = {
    "address": Field(net_parsers.maybe_email, fixed(None)),
    "mode": Field(parsers.choice(InboxMode), fixed(InboxMode.SHARED)),
    "host": Field(net_parsers.host, fixed("")),
    "security": Field(parsers.choice(Security), fixed(Security.TLS)),
    "port": Field(parsers.whole(1, 65535), _usual_imap_port, as_number),
    "user": Field(parsers.text, _inbox_user),
    "password_file": Field(parsers.text, fixed("")),
    "password_command": Field(parsers.text, fixed("")),
    "token_command": Field(parsers.text, fixed("")),
    "ca_file": Field(parsers.text, fixed("")),
    "timeout": Field(time_parsers.duration, fixed(timedelta(seconds=60))),
    "longest_run": Field(time_parsers.duration, fixed(timedelta(minutes=30))),
    "folder": Field(parsers.filled, fixed("INBOX")),
    "processed_folder": Field(parsers.text, _processed_folder),
    "human_folder": Field(parsers.filled, fixed("mia-weitergeleitet")),
    "maildir": Field(parsers.text, fixed("")),
}

LETTERS: Final = {
    "templates": Field(parsers.text, fixed("")),
    "splice": Field(parsers.yes_or_no, fixed(True), as_truth),
}

ALARM: Final = {
    "address": Field(net_parsers.maybe_email, fixed(None)),
    "sendmail": Field(parsers.text, fixed("")),
    "command": Field(parsers.text, fixed("")),
    "command_timeout": Field(time_parsers.duration, fixed(timedelta(seconds=30))),
    "after": Field(time_parsers.duration, fixed(timedelta(minutes=15))),
    "silent_after": Field(time_parsers.duration, fixed(timedelta(minutes=30))),
    "disk_free": Field(parsers.whole(0, 1_000_000), fixed(500), as_number),
    "human_waits": Field(time_parsers.duration, fixed(timedelta(days=3))),
}

SUMMARY: Final = {
    "weekday": Field(time_parsers.maybe_weekday, fixed(0)),
    "at": Field(time_parsers.clock_time, fixed(time(7))),
}

NETWORK_UPDATE: Final = {
    "draft_before": Field(time_parsers.duration, fixed(timedelta(days=14))),
    "at": Field(time_parsers.clock_time, fixed(time(9))),
    "archive": Field(parsers.choice(Listing), fixed(Listing.UNLISTED)),
    "file_types": Field(parsers.choices(FileType), fixed(tuple(FileType)), None),
    "max_file_mb": Field(parsers.whole(1, 20), fixed(10), as_number),
    "max_attached_mb": Field(parsers.whole(1, 5), fixed(2), as_number),
}


IMPRINT: Final = {
    "represented_by": Field(parsers.text, fixed("")),
    "legal_form": Field(parsers.text, fixed("")),
    "phone": Field(parsers.phone, lambda seen: seen.of("coordinator", "phone")),
    "email": Field(net_parsers.email, lambda seen: seen.of("coordinator", "email")),
    "vat_id": Field(parsers.text, fixed("")),
    "supervisor": Field(parsers.text, fixed("")),
}

PRIVACY: Final = {
    "officer": list_of(parsers.lines, fixed(())),
    "authority": list_of(parsers.lines, fixed(())),
    "processor": Field(parsers.text, fixed("")),
    "proof_kept": Field(parsers.text, fixed("")),
    "questions_kept": Field(parsers.text, fixed("")),
}

ACCESSIBILITY: Final = {
    "law": Field(parsers.text, fixed("")),
    "conformance": Field(parsers.choice(Conformance), fixed(Conformance.UNKNOWN)),
    "assessed_by": Field(parsers.filled, fixed("einer Selbstbewertung")),
    "assessed_on": Field(time_parsers.maybe_day, fixed(None)),
    "stated_on": Field(time_parsers.maybe_day, same_as("assessed_on")),
    "gaps": list_of(parsers.lines, fixed(())),
    "ombuds": Field(parsers.text, fixed("")),
    "ombuds_url": Field(net_parsers.base_url, fixed("")),
}

KEYS: Final = {
    "secret_file": Field(parsers.text, fixed("")),
    "secret_command": Field(parsers.text, fixed("")),
}

TABLES: Final[Mapping[str, Mapping[str, Field]]] = {
    "network": NETWORK,
    "coordinator": COORDINATOR,
    "sender": SENDER,
    "holidays": HOLIDAYS,
    "database": DATABASE,
    "smtp": SMTP,
    "dkim": DKIM,
    "policy": POLICY,
    "unanswered": UNANSWERED,
    "web": WEB,
    "inbox": INBOX,
    "alarm": ALARM,
    "alarm.smtp": SMTP,
    "summary": SUMMARY,
    "network_update": NETWORK_UPDATE,
    "imprint": IMPRINT,
    "privacy": PRIVACY,
    "accessibility": ACCESSIBILITY,
    "letters": LETTERS,
    "keys": KEYS,
}
"""Tables that occur once, in the order in which defaults need them."""

VENUE: Final = {
    "room": Field(parsers.filled),
    "room_easy": Field(parsers.filled, same_as("room")),
    "street": Field(parsers.filled),
    "postcode": Field(parsers.postcode),
    "city": Field(parsers.filled),
    "in_sentence": Field(parsers.filled),
}
"""``[venues.KEY]``; its facts follow."""

_ANSWER: Final = Field(parsers.choice(VenueAnswer), fixed(VenueAnswer.UNKNOWN))

VENUE_FACTS: Final = {
    "step_free": _ANSWER,
    "lift": _ANSWER,
    "toilet": _ANSWER,
    "hearing_loop": _ANSWER,
    "sign_language": _ANSWER,
    "assistance": _ANSWER,
    "parking": _ANSWER,
    "checked_on": Field(time_parsers.maybe_day, fixed(None)),
}
"""``[venues.KEY.facts]``."""

SERIES: Final = {
    "key": Field(parsers.key),
    "title": Field(parsers.filled),
    "weekday": Field(time_parsers.weekday),
    "nth": Field(time_parsers.nth),
    "start": Field(time_parsers.clock_time),
    "end": Field(time_parsers.clock_time),
    "zone": Field(time_parsers.zone, fixed(ZoneInfo("Europe/Berlin"))),
    "first_on": Field(time_parsers.day),
    "venue": Field(parsers.filled, _only_venue),
    "about": Field(parsers.prose),
    "about_easy": Field(parsers.lines, fixed(())),
    "audience": Field(
        parsers.filled, fixed("für alle Interessierten, mit und ohne Behinderung")
    ),
    "added": Field(time_parsers.days, fixed(())),
}
"""``[[series]]``."""

CLOSED: Final = {
    "first_on": Field(time_parsers.day),
    "last_on": Field(time_parsers.day, same_as("first_on")),
    "reason": Field(parsers.filled),
}
"""``[[closed]]``."""

RELAY: Final = {
    key: one
    # What comes back takes one way, whichever way a letter took.
    for key, one in {**SMTP, "host": Field(net_parsers.some_host)}.items()
    if key not in {"return_path", "return_paths"}
}
"""``[[relay]]``."""

PROVIDER: Final = {"name": Field(net_parsers.provider), **LIMITS}
"""``[[provider]]``."""

SECRETS: Final = {
    "smtp": "password",
    "inbox": "password",
    "alarm.smtp": "password",
    "keys": "secret",
}
"""Keys that must never stand in the file, by table."""
