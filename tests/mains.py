"""The power supply of a database, for tests in which it fails."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    import sqlalchemy as sa

    from subscribers.database import Database


class PowerFailure(BaseException):
    """The machine is gone; nothing that is executed afterwards counts."""


class Mains:
    """The power supply of one database: fails at the n-th commit.

    Attributes:
        is_off: From then on every statement fails, so that clean-up cannot help.
    """

    def __init__(
        self, database: Database, *, fails_at: int, keeps_commit: bool
    ) -> None:
        self.is_off = False
        self.commits = count(1)
        self.fails_at = fails_at
        self.keeps_commit = keeps_commit
        # Prepared statements go to the driver itself, past the second of these.
        event.listen(database.engine, "begin", self._statement)
        event.listen(database.engine, "before_cursor_execute", self._statement)
        event.listen(database.engine, "commit", self._commit)

    def _statement(self, *_: object) -> None:
        if self.is_off:
            raise PowerFailure

    def _commit(self, connection: sa.Connection) -> None:
        if self.is_off:
            raise PowerFailure
        if next(self.commits) == self.fails_at:
            if self.keeps_commit:
                connection.connection.commit()
            self.is_off = True
            raise PowerFailure
