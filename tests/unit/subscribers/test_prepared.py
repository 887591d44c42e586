"""Prepared statements: the same as through SQLAlchemy, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers.database import UtcDateTime, stored
from subscribers.models import Mailbox
from subscribers.prepared import Prepared, among, given
from subscribers.topics import LetterStyle
from tests.factories import a_mailbox

if TYPE_CHECKING:
    from subscribers.database import Database, Db

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def some_of(dialect: str) -> sa.Select[int, datetime]:
    """Return the query for named mailboxes in easy language that are old enough."""
    return (
        sa.select(Mailbox.id, Mailbox.created_at)
        .where(
            among(Mailbox.id, "of_ids", dialect),
            Mailbox.style == LetterStyle.EASY,
            Mailbox.token_version < 3,
            Mailbox.created_at < sa.bindparam("before", type_=UtcDateTime()),
        )
        .order_by(Mailbox.id)
    )


def easy_mailboxes(db: Db, count: int) -> list[int]:
    """Enter mailboxes that read Leichte Sprache; return their numbers."""
    boxes = [a_mailbox(db, f"leser{n}@ort.example") for n in range(count)]
    for one in boxes:
        one.style = LetterStyle.EASY
        one.created_at = NOON
    db.flush()
    return [one.id for one in boxes]


@both
def test_named_numbers_are_found_however_many_they_are(database: Database) -> None:
    """Moments and numbers arrive as the columns hold them."""
    query = Prepared(some_of)
    with database.transaction() as db:
        ids = easy_mailboxes(db, 5)
        for wanted in (ids[:1], ids[1:4], ids, []):
            # The same moment, as another clock shows it.
            moment = (NOON + timedelta(seconds=1)).astimezone(
                timezone(timedelta(hours=5))
            )
            rows = query.rows(db.connection(), {"of_ids": wanted, "before": moment})
            assert [row[0] for row in rows] == wanted


@both
def test_what_is_part_of_the_statement_counts(database: Database) -> None:
    """A style, a version and a moment narrow the choice."""
    query = Prepared(some_of)
    with database.transaction() as db:
        first, second, third = easy_mailboxes(db, 3)
        db.get_one(Mailbox, first).style = LetterStyle.STANDARD
        db.get_one(Mailbox, second).token_version = 3
        db.flush()
        everyone = {"of_ids": [first, second, third]}
        found = query.rows(
            db.connection(), {**everyone, "before": NOON + timedelta(seconds=1)}
        )
        assert [row[0] for row in found] == [third]
        assert not query.rows(db.connection(), {**everyone, "before": NOON})


NOTES = sa.Table(
    "notes_of_this_test",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime()),
    sa.Column("style", stored(LetterStyle)),
    sa.Column("said", sa.Text),
    sa.Column("by", sa.Text),
)

SAID = ("Grüße", '{"a", \\b}', "NULL", "", "two\nlines\t", "'", None)
"""What has a meaning in arrays, or elsewhere."""


def a_note(dialect: str) -> sa.Insert:
    """Return the statement that writes notes, all by the same hand."""
    types = {column.name: column.type for column in NOTES.columns}
    by = sa.bindparam("by", type_=types.pop("by"))
    one = given(dialect, **types)
    return sa.insert(NOTES).from_select([*types, "by"], sa.select(*one.values(), by))


@both
def test_many_rows_are_written_as_sqlalchemy_reads_them(database: Database) -> None:
    """Moments, words of a closed set, any text, and nothing at all."""
    insert = Prepared(a_note)
    with database.transaction() as db:
        NOTES.create(db.connection())
        rows = [
            {"number": n, "at": at, "style": style, "said": said}
            for n, (said, style, at) in enumerate(
                product(SAID, [*LetterStyle, None], [NOON, NOON + DAY, None])
            )
        ]
        insert.many(db.connection(), rows, {"by": "Rita"})
        found = db.execute(sa.select(NOTES).order_by(NOTES.c.number)).all()
        assert [dict(one._mapping) for one in found] == [
            {**one, "by": "Rita"} for one in rows
        ]


@both
def test_a_value_that_is_missing_is_an_error(database: Database) -> None:
    """Nothing is filled in by itself."""
    insert = Prepared(a_note)
    error = database.engine.dialect.loaded_dbapi.ProgrammingError
    with database.transaction() as db:
        NOTES.create(db.connection())
    with database.transaction() as db, pytest.raises(error):
        insert.many(db.connection(), [{"number": 1, "at": NOON}], {})


@both
def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    """Whose clock it is would be guessed, by each database in its own way."""
    insert = Prepared(a_note)
    naive = {"number": 1, "at": NOON.replace(tzinfo=None), "style": None, "said": ""}
    with database.transaction() as db:
        NOTES.create(db.connection())
    with database.transaction() as db, pytest.raises(ValueError, match="no time zone"):
        insert.many(db.connection(), [naive], {"by": "Rita"})


def test_an_in_is_refused() -> None:
    """Its words would change with the values."""
    query = Prepared(lambda _: sa.select(Mailbox.id).where(Mailbox.id.in_([1, 2])))
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(ValueError, match="see among"):
        query.rows(connection, {})


def test_each_database_has_its_own_words() -> None:
    """They are made once."""
    asked: list[str] = []

    def made_for(dialect: str) -> sa.Select[int]:
        asked.append(dialect)
        return sa.select(sa.literal(1))

    engine = sa.create_engine("sqlite://")
    query = Prepared(made_for)
    with engine.connect() as connection:
        assert [tuple(row) for row in query.rows(connection, {})] == [(1,)]
        query.rows(connection, {})
    assert asked == ["sqlite"]
