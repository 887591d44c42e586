"""What can be set, where it comes from, and the example network."""

from __future__ import annotations

from mailer.settings import providers
from mailer.settings.example import example_toml, plain_values, with_answers
from mailer.settings.loader import build, load
from mailer.settings.model import (
    ClosedDays,
    Coordinator,
    DatabaseSettings,
    Durability,
    Inbox,
    InboxMode,
    Network,
    OnDoubt,
    OnHardBounce,
    Policy,
    ProviderPace,
    ReturnPaths,
    Security,
    Sender,
    Series,
    Settings,
    Smtp,
    Venue,
    VenueAnswer,
    VenueFacts,
)
from mailer.settings.origins import Entry, Loaded, Origin, OriginKind
from mailer.settings.overlay import environment_name
from mailer.settings.source import parse, read

__all__ = [
    "ClosedDays",
    "Coordinator",
    "DatabaseSettings",
    "Durability",
    "Entry",
    "Inbox",
    "InboxMode",
    "Loaded",
    "Network",
    "OnDoubt",
    "OnHardBounce",
    "Origin",
    "OriginKind",
    "Policy",
    "ProviderPace",
    "ReturnPaths",
    "Security",
    "Sender",
    "Series",
    "Settings",
    "Smtp",
    "Venue",
    "VenueAnswer",
    "VenueFacts",
    "build",
    "environment_name",
    "example_toml",
    "load",
    "parse",
    "plain_values",
    "providers",
    "read",
    "with_answers",
]
