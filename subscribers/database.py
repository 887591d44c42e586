"""The database: one file by default, PostgreSQL by URL, one way to open a transaction.

Who opens a transaction closes it: ``with database.transaction() as db``. Functions
that take ``db`` never commit. SQLAlchemy's class is named here once and called
``Db`` everywhere else.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit that returned survives a
power cut. Writing transactions begin with BEGIN IMMEDIATE, so two programs queue up
at the door instead of failing half-way through.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    ParamSpec,
    TypeAlias,
    TypeVar,
)

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from typing_extensions import override

from subscribers import failpoints
from subscribers.committing import committing, insistently, reach, translated
from subscribers.errors import (
    HalfRestored,
    NewerSchema,
    OlderSchema,
    StoreUnavailable,
    spoken,
)
from subscribers.wal import WalSync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from enum import StrEnum

    from sqlalchemy.dialects import postgresql
    from sqlalchemy.engine.interfaces import DBAPIConnection

    from subscribers.prepared import Pen

Db: TypeAlias = Session
"""An open transaction; the parameter is always called ``db``."""

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

BUSY_SECONDS: Final = 30
"""How long a writer waits for another one, in seconds; a claim takes milliseconds."""

FILE_MODE: Final = 0o600
"""The database holds addresses: its owner reads it, nobody else."""


class Base(DeclarativeBase):
    """All tables; the naming convention lets migrations name what they change."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment: aware on the way in, aware and in UTC on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @override
    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        """Remember what the last moments look like: many rows share one."""
        process = super().bind_processor(dialect)
        return None if process is None else lru_cache(maxsize=64)(process)

    @override
    def process_bind_param(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    @override
    def process_result_value(
        self, value: datetime | None, dialect: sa.Dialect
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def stored(kind: type[StrEnum], *, length: int = 20) -> sa.Enum:
    """Return the column type of a closed set: its values as text.

    No CHECK constraint: a new state must not need a rebuilt table.
    """
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda known: [one.value for one in known],
    )


def index_where(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """Return an index of the rows for which *where* holds.

    The migrations make it, on both databases. Here the condition is named once, for
    SQLite: naming it for PostgreSQL would load all its drivers in every command.
    """
    return sa.Index(name, *columns, unique=unique, sqlite_where=sa.text(where))


def insert_into(db: Db, kind: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT that knows ON CONFLICT, in the database's own words."""
    return insert_in(db.get_bind().dialect.name, kind)


def insert_in(dialect: str, kind: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return the same for the *dialect* of this name."""
    table = kind.metadata.tables[kind.__tablename__]
    if dialect == "sqlite":
        return sqlite.insert(table)
    # It brings along all its drivers: a tenth of an idle round.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see above

    return postgresql.insert(table)


class Database:
    """An engine and the two ways to use it."""

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        """Prepare the database at *url*; nothing is opened yet.

        Args:
            url: An SQLAlchemy URL; "sqlite:////var/lib/mia/mia.db" or
                "postgresql://user@host/name" (psycopg 3).
            synchronous: SQLite's promise at a power cut: "FULL" keeps every commit,
                "NORMAL" all but those of the last moment (see ``wal``).
        """
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._synchronous = synchronous
        self.engine = sa.create_engine(self.url, **self._options())
        if self.is_sqlite:
            event.listen(self.engine, "connect", self._prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._wal = (
            WalSync(self.file) if self.file and synchronous == "NORMAL" else None
        )
        self._reading = self.engine.execution_options(mia_reads_only=True)

    @property
    def file(self) -> Path | None:
        """The SQLite file; None on PostgreSQL and in memory."""
        name = self.url.database
        if not self.is_sqlite or not name or name == ":memory:":
            return None
        return Path(name)

    @contextmanager
    def transaction(self, name: str = failpoints.COMMIT) -> Iterator[Db]:
        """Open a writing transaction; commit at the end, roll back on any error.

        Args:
            name: What is committed, for ``failpoints``.

        Raises:
            StoreBusy: Another program held the database for too long.
            StoreUnavailable: The database cannot be opened or written.
        """
        with (
            translated(self.engine),
            Session(self.engine, expire_on_commit=False) as db,
            committing(name, db.begin()),
        ):
            yield db

    @contextmanager
    def reading(self, name: str = "") -> Iterator[Db]:
        """Open a transaction that only reads; nobody waits for it.

        Args:
            name: What is read, for ``failpoints``; empty where no test needs it.

        Raises:
            StoreBusy: Another program held the database for too long.
            StoreUnavailable: The database cannot be opened.
        """
        with (
            translated(self.engine),
            Session(self._reading, expire_on_commit=False) as db,
        ):
            if name:
                reach(f"{name}.read")
            yield db

    def once(
        self,
        name: str,
        function: Callable[Concatenate[Db, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run *function* inside one writing transaction that happens once.

        If the server takes it back because of another one, it begins anew: whatever
        *function* does outside of the database may be done again.

        Args:
            name: What is committed, for ``failpoints``.

        Raises:
            StoreBusy, StoreUnavailable: As ``transaction``.
        """
        return insistently(
            lambda: self.transaction(name), lambda db: function(db, *args, **kwargs)
        )

    async def run(
        self,
        function: Callable[Concatenate[Db, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run *function* in a worker thread, as ``once``.

        A cancelled caller does not cancel the commit: what was decided is written.

        Raises:
            StoreBusy, StoreUnavailable: As ``transaction``.
        """

        def within() -> R:
            return self.once(name_of(function), function, *args, **kwargs)

        return await asyncio.shield(asyncio.to_thread(within))

    def revision(self) -> str | None:
        """Return the schema revision found in the database; None if it is empty.

        Raises:
            HalfRestored: It has tables, and nobody has said that they are whole.
        """
        if self.file is not None and not self.file.exists():
            return None
        with self.reading() as db:
            if not sa.inspect(db.connection()).has_table("alembic_version"):
                return None
            found = db.execute(sa.text("SELECT version_num FROM alembic_version"))
            revision: str | None = found.scalar()
        if revision is None:
            raise HalfRestored
        return revision

    def require_schema(self, known: Sequence[str]) -> None:
        """Refuse a database that this version cannot use.

        Args:
            known: All revisions of this version, oldest first.

        Raises:
            NewerSchema: The database belongs to a newer version.
            OlderSchema: It must be upgraded first, or is empty or half restored.
        """
        found = self.revision()
        if found is not None and found not in known:
            raise NewerSchema(found, known[-1])
        if found != known[-1]:
            raise OlderSchema(found, known[-1])

    def create_file(self) -> None:
        """Create the SQLite file with tight rights, and its folder, if missing.

        SQLite gives its WAL the rights of the file beside it.

        Raises:
            StoreUnavailable: The folder or the file cannot be made.
        """
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, FILE_MODE))
        except OSError as error:
            raise StoreUnavailable(f"{self.file}: {spoken(error)}") from error

    def close(self) -> None:
        """Give all connections back."""
        if self._wal is not None:
            self._wal.close()
        self.engine.dispose()

    def _options(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {"connect_args": {"timeout": BUSY_SECONDS}}
        return {"pool_pre_ping": True}

    def _prepare_sqlite(self, connection: DBAPIConnection, _record: object) -> None:
        """Set what SQLite forgets with every connection."""
        # The driver must not begin transactions by itself: _begin_sqlite does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        if self._wal is not None:
            self._wal.start()
        cursor.execute(f"PRAGMA synchronous = {self._synchronous}")
        cursor.close()


@contextmanager
def unit_of_work(pen: Pen) -> Iterator[Db]:
    """Open what knows rows as objects, within a transaction that is open already."""
    with Session(pen, expire_on_commit=False) as db:
        yield db
        db.flush()


def name_of(function: Callable[..., object]) -> str:
    """Return what a commit is called that makes the work of *function* last."""
    return getattr(function, "__name__", failpoints.COMMIT).strip("_")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Take the write lock at once, unless the transaction only reads."""
    reads_only = connection.get_execution_options().get("mia_reads_only", False)
    begin = "BEGIN" if reads_only else "BEGIN IMMEDIATE"
    connection.connection.cursor().execute(begin)
