"""Prepared statements: put into the database's own words once, then only filled in.

SQLAlchemy looks at a statement and at every value of it each time it runs, which takes
longer than most databases need for the rest. The few statements that every letter needs
are worth the trouble of doing that once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.sql import ClauseElement

    Values: TypeAlias = Mapping[str, object]
    _Kind: TypeAlias = sa.types.TypeEngine[Any]


Pen: TypeAlias = sa.Connection
"""An open transaction for prepared statements, without the unit of work that ``Db``
keeps; ``db.connection()`` is the pen of a ``db``."""


class Array(sa.types.UserDefinedType[Any]):
    """Many values as one: a JSON array on SQLite, an array's words on PostgreSQL.

    PostgreSQL's driver would look at each value to find out what they all are.

    Source: PostgreSQL documentation, "Array Input and Output Syntax".
    """

    cache_ok = True

    def __init__(self, kind: _Kind) -> None:
        """Describe the values.

        Args:
            kind: Their type; on SQLite numbers.
        """
        self.kind = kind

    @override
    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], str]:
        if dialect.name == "sqlite":
            return json.dumps
        made = self.kind.dialect_impl(dialect).bind_processor(dialect)

        def written(values: Sequence[Any]) -> str:
            ready = values if made is None else map(made, values)
            return f"{{{','.join(map(_element, ready))}}}"

        return written


def _element(value: object) -> str:
    """Return one value of an array as PostgreSQL reads it."""
    if value is None:
        return "NULL"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def among(
    column: sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any],
    name: str,
    dialect: str,
) -> sa.ColumnElement[bool]:
    """Return the condition: *column* is one of the numbers bound to *name*.

    An IN has a place for every number, so its words would change with their count.
    """
    numbers = sa.bindparam(name, type_=Array(sa.Integer()))
    if dialect == "sqlite":
        each = sa.func.json_each(numbers).table_valued("value")
        return column.in_(sa.select(each.c.value))
    # Not "= ANY": that may be asked of each row of a join, one number after another.
    each_one = sa.func.unnest(sa.cast(numbers, sa.ARRAY(sa.Integer())))
    return column.in_(sa.select(each_one.column_valued()))


def given(dialect: str, /, **kinds: _Kind) -> Mapping[str, sa.ColumnElement[Any]]:
    """Return what a statement for many rows is given for each of them, by name.

    SQLite's driver runs the statement again and again. PostgreSQL gets all rows at
    once, as a table, since each run is a question to another process.

    Args:
        kinds: The types of the values.
    """
    if dialect == "sqlite":
        return {name: sa.bindparam(name, type_=kind) for name, kind in kinds.items()}
    columns = [
        sa.cast(sa.bindparam(name, type_=Array(kind)), sa.ARRAY(kind))
        for name, kind in kinds.items()
    ]
    named = [sa.column(name, kind) for name, kind in kinds.items()]
    table = sa.func.unnest(*columns).table_valued(*named, name="given")
    return dict(table.render_derived().c)


class _Words(NamedTuple):
    """A statement in the words of one database.

    Attributes:
        fixed: Values that are part of the statement.
        made: What makes what the driver takes from the others, where it does not take
            them as they are.
    """

    text: str
    fixed: Values
    made: Mapping[str, Callable[[Any], object]]

    def filled(self, values: Values, also: Values | None = None) -> Values:
        """Return what the driver gets.

        Args:
            also: What was filled in before.
        """
        ready = {**(also or self.fixed), **values}
        for name, made in self.made.items():
            if name in values:
                ready[name] = made(values[name])
        return ready


class Prepared:
    """A statement whose values are handed over by name when it runs.

    It goes to the driver itself, so its errors are the driver's own.
    """

    def __init__(
        self, made_for: Callable[[str], ClauseElement], *, is_planned_anew: bool = False
    ) -> None:
        """Prepare nothing yet.

        Args:
            made_for: Makes the statement for the dialect of this name; it has no IN,
                see ``among``.
            is_planned_anew: PostgreSQL shall look at the values before it decides how
                to go about it, each time. Else it soon stops looking, and a way that
                is good for a few numbers may be slow for hundreds.
        """
        self._made_for = made_for
        self._is_planned_anew = is_planned_anew
        self._known: dict[str, _Words] = {}

    def rows(self, pen: Pen, values: Values) -> Sequence[Sequence[Any]]:
        """Run it once and return what it gives, as the driver has it."""
        words = self._words(pen.dialect)
        cursor: Any = pen.connection.cursor()
        if self._is_planned_anew and pen.dialect.name != "sqlite":
            cursor.execute(words.text, words.filled(values), prepare=False)
        else:
            cursor.execute(words.text, words.filled(values))
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows

    def many(self, pen: Pen, rows: Sequence[Values], shared: Values) -> None:
        """Run it for all *rows*, at least one, with the same names; see ``given``.

        Args:
            shared: Values that are the same for all of them.
        """
        words = self._words(pen.dialect)
        cursor = pen.connection.cursor()
        if pen.dialect.name == "sqlite":
            same = words.filled(shared)
            cursor.executemany(words.text, [words.filled(one, same) for one in rows])
        else:
            columns = {name: [one[name] for one in rows] for name in rows[0]}
            cursor.execute(words.text, words.filled({**shared, **columns}))

    def _words(self, dialect: sa.Dialect) -> _Words:
        words = self._known.get(dialect.name)
        if words is None:
            # SQLite's driver counts places unless it is told to look for names.
            named = sqlite.dialect(paramstyle="named")
            spoken = named if dialect.name == "sqlite" else dialect
            words = _words(self._made_for(dialect.name), spoken)
            self._known[dialect.name] = words
        return words


def _words(statement: ClauseElement, dialect: sa.Dialect) -> _Words:
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        raise ValueError("an IN has no fixed number of places: see among")
    fixed: dict[str, object] = {}
    made: dict[str, Callable[[Any], object]] = {}
    for name, value in compiled.params.items():
        bind = compiled.binds[name]
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            fixed[name] = value if process is None else process(value)
        elif process is not None:
            made[name] = process
    return _Words(str(compiled), fixed, made)
