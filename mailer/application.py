"""The composition root: the only place where parts are put together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from subscribers.tokens import TokenKeys

from mailer.migrations import KNOWN
from mailer.settings.model import Durability
from subscribers.database import Database

if TYPE_CHECKING:
    from mailer.settings.model import Settings
    from subscribers.clock import Clock


class Application:
    """Settings, clock, database and keys of one run of the program.

    Everything is made when it is first asked for, so a command that only shows
    settings opens no database.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Remember what the parts are made from."""
        self.settings = settings
        self.clock = clock

    @cached_property
    def database(self) -> Database:
        """The database, its schema checked.

        Raises:
            OlderSchema: It is empty or must be upgraded first.
            NewerSchema: A newer version has written it.
            StoreUnavailable: It cannot be opened.
        """
        database = self.unchecked_database
        database.require_schema(KNOWN)
        return database

    @cached_property
    def unchecked_database(self) -> Database:
        """The database as it is, for ``mia db``."""
        fast = self.settings.database.durability is Durability.FAST
        return Database(
            self.settings.database.url, synchronous="NORMAL" if fast else "FULL"
        )

    @cached_property
    def keys(self) -> TokenKeys:
        """The keys derived from the secret, one for each purpose."""
        return TokenKeys.derive(self.settings.secret)
