"""A scribe: pages at once where nobody is in the way, else with patience."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from subscribers import failpoints
from subscribers.database import Database
from subscribers.errors import StoreBusy, StoreUnavailable
from subscribers.models import Mailbox
from subscribers.prepared import Prepared
from subscribers.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from subscribers.prepared import Pen

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

NOTES = sa.Table("notes_of_this_test", sa.MetaData(), sa.Column("words", sa.Text))


@pytest.fixture
def scribe(database: Database) -> Iterator[Scribe]:
    """One who writes notes."""
    with database.transaction() as db:
        NOTES.create(db.connection())
    with closing(Scribe(database)) as scribe:
        yield scribe


A_NOTE = Prepared(
    lambda _: (
        sa.insert(NOTES)
        .values(words=sa.bindparam("words", type_=sa.Text))
        .returning(NOTES.c.words)
    )
)

WAYS = pytest.mark.parametrize("write", [Scribe.write, Scribe.write_singly])


def note(pen: Pen, words: str) -> int:
    """Write a note; return by which thread."""
    A_NOTE.rows(pen, {"words": words})
    return threading.get_ident()


def notes(database: Database) -> list[str]:
    """Return what everybody can read."""
    with database.reading() as db:
        return list(db.scalars(sa.select(NOTES.c.words).order_by(NOTES.c.words)))


@BOTH
def test_what_was_written_is_there_for_everybody(
    database: Database, scribe: Scribe
) -> None:
    """One page after the other, each by itself, in whatever way."""

    async def story() -> None:
        ways = [Scribe.write, Scribe.write_singly] * 2
        for words, write in zip("abcd", ways, strict=True):
            await write(scribe, note, words)
            assert notes(database)[-1] == words

    asyncio.run(story())


@BOTH
def test_a_page_is_written_whole_or_not_at_all(
    database: Database, scribe: Scribe
) -> None:
    """And the scribe goes on with the next one."""

    def half(pen: Pen) -> None:
        note(pen, "half")
        raise KeyError

    async def story() -> None:
        with pytest.raises(KeyError):
            await scribe.write(half)
        await scribe.write(note, "whole")

    asyncio.run(story())
    assert notes(database) == ["whole"]


@WAYS
@BOTH
def test_only_postgresql_is_waited_for_in_a_thread(
    database: Database, scribe: Scribe, write: Callable[..., Coroutine[Any, Any, int]]
) -> None:
    """On SQLite the loop itself is quicker than any thread."""
    thread = asyncio.run(write(scribe, note, "a"))
    assert (thread == threading.get_ident()) == database.is_sqlite


def test_who_is_in_the_way_is_waited_for(database: Database, scribe: Scribe) -> None:
    """In a thread: the loop goes on."""

    async def story() -> int:
        with database.transaction() as db:
            note(db.connection(), "first")
            writing = asyncio.create_task(scribe.write(note, "second"))
            await asyncio.sleep(0.1)
            assert not writing.done()
        return await writing

    assert asyncio.run(story()) != threading.get_ident()
    assert notes(database) == ["first", "second"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_page_that_another_one_takes_back_begins_anew(
    database: Database, scribe: Scribe
) -> None:
    """Two that wait for each other: both are written in the end."""
    with database.transaction() as db:
        note(db.connection(), "left")
        note(db.connection(), "right")
    turns = threading.Barrier(2, timeout=10)
    begun: list[str] = []

    def both(pen: Pen, one: str, other: str) -> None:
        begun.append(one)
        for place, words in enumerate((one, other)):
            is_one = NOTES.c.words.startswith(words)
            pen.execute(
                sa.update(NOTES).where(is_one).values(words=NOTES.c.words + "!")
            )
            if len(begun) <= 2 and place == 0:
                turns.wait()

    async def story() -> None:
        second = Scribe(database)
        await asyncio.gather(
            scribe.write(both, "left", "right"), second.write(both, "right", "left")
        )
        second.close()

    asyncio.run(story())
    assert notes(database) == ["left!!", "right!!"]
    assert len(begun) > 2, "nobody was taken back"


@pytest.mark.parametrize(
    ("action", "error"),
    [
        (failpoints.Action.ENOSPC, StoreUnavailable),
        (failpoints.Action.LOCK, StoreBusy),
    ],
)
@WAYS
@BOTH
def test_a_page_that_cannot_be_written_is_reported(
    database: Database,
    scribe: Scribe,
    write: Callable[..., Coroutine[Any, Any, int]],
    action: failpoints.Action,
    error: type[Exception],
) -> None:
    """Just before its commit; nothing of it stays, and the next one is written."""

    async def story() -> None:
        with (
            failpoints.armed(failpoints.Failpoint("note.before", action)),
            pytest.raises(error),
        ):
            await write(scribe, note, "lost")
        await write(scribe, note, "kept")

    asyncio.run(story())
    assert notes(database) == ["kept"]


CHILDREN = sa.Table(
    "children_of_this_test",
    NOTES.metadata,
    sa.Column(
        "words",
        sa.Text,
        sa.ForeignKey(
            Mailbox.__table__.c.canonical,
            name="fk",
            deferrable=True,
            initially="DEFERRED",
        ),
    ),
)

A_CHILD = Prepared(
    lambda _: (
        sa.insert(CHILDREN)
        .values(words=sa.bindparam("words", type_=sa.Text))
        .returning(CHILDREN.c.words)
    )
)


@WAYS
@BOTH
def test_a_commit_that_fails_leaves_nothing_open(
    database: Database, scribe: Scribe, write: Callable[..., Coroutine[Any, Any, int]]
) -> None:
    """A key that only the commit looks at, as a disk that is full only then.

    Nobody is kept waiting by what was not written, and the next page is.
    """
    with database.transaction() as db:
        CHILDREN.create(db.connection())

    async def story() -> None:
        error = database.engine.dialect.loaded_dbapi.IntegrityError
        with pytest.raises((error, sa.exc.IntegrityError)):
            await write(scribe, lambda pen: A_CHILD.rows(pen, {"words": "nobody"}))
        with database.transaction() as db:
            note(db.connection(), "by somebody else")
        await write(scribe, note, "kept")

    asyncio.run(story())
    assert notes(database) == ["by somebody else", "kept"]


def test_a_database_that_is_none_is_unavailable(tmp_path: Path) -> None:
    """The driver's words in German, as for everybody."""
    path = tmp_path / "mia.db"
    path.write_bytes(b"Sehr geehrte Damen und Herren, " * 100)
    wrong = Database(f"sqlite:///{path}")
    with closing(Scribe(wrong)) as scribe, pytest.raises(StoreUnavailable):
        asyncio.run(scribe.write(note, "a"))
    wrong.close()
