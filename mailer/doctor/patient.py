"""What is examined: the settings, the parts made of them, and the ways to the outside.

Everything that reaches beyond this machine is handed in, so each check can be shown a
world in which one thing is broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from subscribers.errors import SubscribersError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from mailer.application import Application
    from mailer.doctor.diagnosis import Diagnosis
    from mailer.doctor.resolver import Resolver
    from mailer.settings import Loaded, Settings, Smtp
    from subscribers.database import Database


@dataclass(frozen=True)  # without slots: what is cached needs a place
class Patient:
    """One installation.

    Attributes:
        loaded: The settings and where they came from.
        app: The parts made of them.
        resolver: Who answers questions about DNS.
        sample: A letter of ours as it arrived somewhere, RFC 5322 bytes; empty if
            none was given.
    """

    loaded: Loaded
    app: Application
    resolver: Resolver
    sample: bytes = b""

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.app.clock.now()

    @property
    def relays(self) -> Sequence[Smtp]:
        """Every mail server that may take our mail, the one for alarms included."""
        settings = self.settings
        known = (settings.smtp, *settings.relays, settings.alarm.smtp)
        return list({one.name: one for one in known if one.host}.values())

    @cached_property
    def database(self) -> Database | None:
        """The database; None if it cannot be used, which its own group tells.

        Tried once: a server that does not answer can keep us waiting for minutes.
        """
        try:
            return self.app.database
        except SubscribersError:
            return None


Check: TypeAlias = "Callable[[Patient], Iterator[Diagnosis]]"
"""Looks at one thing and says what it found; it changes nothing."""
