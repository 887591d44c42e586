"""The site: what every page is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailer.inbound.desk import Desk
    from mailer.settings.model import Settings
    from subscribers.clock import Clock
    from subscribers.database import Database


@dataclass(frozen=True, slots=True)
class Site:
    """What every page is made with.

    Attributes:
        desk: Letters, keys and settings, as for a mail that came in.
        database: Pages open a transaction of their own.
        clock: Tells the present moment.
        opened_at: Since when; settings and templates are as they were then.
        ring: Tells the clerk that somebody wishes for something.
    """

    desk: Desk
    database: Database
    clock: Clock
    opened_at: datetime
    ring: Callable[[], None] = lambda: None

    @property
    def settings(self) -> Settings:
        """Everything that can be set."""
        return self.desk.settings

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()

    @property
    def root(self) -> str:
        """The path below which our pages lie, "/mia"; empty for a whole host.

        Links within the site begin with it; no link is ever made from a request.
        """
        return root_of(self.settings)


def root_of(settings: Settings) -> str:
    """Return the path of the base URL without a slash at its end."""
    return urlsplit(settings.web_base_url).path.rstrip("/")
