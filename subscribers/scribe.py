"""A scribe: writes short pages all the time, with a connection of its own.

For who writes hundreds of pages a second, opening a transaction as everybody does takes
longer than most of what is written in it.

SQLite: a page is written at once, in the thread that asks. To hand it to another one
and back takes as long as the page itself; a fast disk needs a fraction of a millisecond
for it. Only when somebody else is writing, a thread waits for its turn.

PostgreSQL: the server does the work, so a thread waits for it and the caller goes on.
"""

from __future__ import annotations

import asyncio
import select
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from subscribers.committing import committing, insistently, reach, translated
from subscribers.database import name_of
from subscribers.errors import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import sqlalchemy as sa

    from subscribers.database import Database
    from subscribers.prepared import Pen

P = ParamSpec("P")
R = TypeVar("R")


class Scribe:
    """Writes one page at a time for one writer."""

    def __init__(self, database: Database) -> None:
        """Prepare; nothing is opened before the first page."""
        self._database = database
        self._kept: sa.Connection | None = None

    @property
    def is_at_once(self) -> bool:
        """Whether nothing else goes on while a page is written."""
        return self._database.is_sqlite

    async def write(
        self,
        function: Callable[Concatenate[Pen, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run *function* in one writing transaction; it is durable afterwards.

        A cancelled caller does not cancel the commit: what was decided is written. As
        with ``Database.once``, *function* may have to begin anew.

        Raises:
            StoreBusy, StoreUnavailable: As ``Database.transaction``.
        """

        def page(pen: Pen) -> R:
            return function(pen, *args, **kwargs)

        name = name_of(function)
        if not self._database.is_sqlite:
            return await _in_a_thread(partial(self._kept_open, name), page)
        try:
            kept, transaction = self._begun_at_once()
            if transaction is not None:
                with translated(self._database.engine), committing(name, transaction):
                    return page(kept)
        except BaseException:
            # A commit that fails, on a full disk, leaves the transaction open.
            self.close()
            raise
        return await _in_a_thread(partial(self._waiting, name), page)

    async def write_singly(
        self,
        function: Callable[Concatenate[Pen, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Do the same with a *function* that asks one prepared statement.

        PostgreSQL needs no transaction around it, and so is asked once instead of three
        times.

        Raises:
            StoreBusy, StoreUnavailable: As ``write``.
        """
        if self._database.is_sqlite:
            return await self.write(function, *args, **kwargs)

        def page(pen: Pen) -> R:
            return function(pen, *args, **kwargs)

        return await _in_a_thread(partial(self._kept_alone, name_of(function)), page)

    def close(self) -> None:
        """Give the connection back."""
        if self._kept is not None:
            self._kept.invalidate()  # it is not what others expect of one
            self._kept.close()
            self._kept = None

    def _begun_at_once(self) -> tuple[Pen, sa.RootTransaction | None]:
        """Return a pen, and no transaction if somebody else is writing just now."""
        with translated(self._database.engine):
            if self._kept is None:
                self._kept = self._database.engine.connect()
                # Whoever waits here keeps everything else waiting.
                self._kept.connection.cursor().execute("PRAGMA busy_timeout = 0")
            with suppress(StoreBusy), translated(self._database.engine):
                return self._kept, self._kept.begin()
            return self._kept, None

    @contextmanager
    def _waiting(self, name: str) -> Iterator[Pen]:
        """Open a transaction on SQLite when the others have finished."""
        engine = self._database.engine
        with (
            translated(engine),
            engine.connect() as pen,
            committing(name, pen.begin()),
        ):
            yield pen

    @contextmanager
    def _kept_open(self, name: str) -> Iterator[Pen]:
        """Open a transaction on PostgreSQL, over the same connection as before."""
        opened = self._connected(commits_itself=False)
        with opened as pen, committing(name, pen.begin()):
            yield pen

    @contextmanager
    def _kept_alone(self, name: str) -> Iterator[Pen]:
        """Open nothing on PostgreSQL: the statement is a transaction of its own."""
        with self._connected(commits_itself=True) as pen:
            reach(f"{name}.before")
            yield pen
            reach(f"{name}.after")

    @contextmanager
    def _connected(self, *, commits_itself: bool) -> Iterator[sa.Connection]:
        """Give the connection to PostgreSQL, a new one if the server hung up."""
        with translated(self._database.engine):
            try:
                if self._kept is not None and _has_news(self._kept):
                    self.close()
                if self._kept is None:
                    self._kept = self._database.engine.connect()
                driver: Any = self._kept.connection.driver_connection
                if driver.autocommit is not commits_itself:
                    driver.autocommit = commits_itself
                yield self._kept
            except BaseException:
                self.close()  # whatever it was, the next page begins afresh
                raise


def _has_news(kept: sa.Connection) -> bool:
    """Tell whether PostgreSQL has said something unasked: that it hangs up."""
    driver: Any = kept.connection.driver_connection
    return bool(select.select([driver], [], [], 0)[0])


async def _in_a_thread(
    opened: Callable[[], AbstractContextManager[Pen]], page: Callable[[Pen], R]
) -> R:
    """Write *page* in a thread; whoever no longer waits for it does not cut it off."""
    return await asyncio.shield(asyncio.to_thread(insistently, opened, page))
