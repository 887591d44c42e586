"""Prepared statements: put into the database's own words once, then only filled in.

SQLAlchemy looks at a statement and at every value of it each time it runs, which takes
longer than most databases need for the rest. The few statements that every letter needs
are worth the trouble of doing that once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.sql import ClauseElement

    Values: TypeAlias = Mapping[str, object]
    Filled: TypeAlias = tuple[object, ...] | dict[str, object]


class Numbers(sa.types.TypeDecorator[Any]):
    """Many numbers as one value: a JSON array on SQLite, an array on PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> object:
        return json.dumps(value) if dialect.name == "sqlite" else list(value)


def among(
    column: sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any],
    name: str,
    dialect: str,
) -> sa.ColumnElement[bool]:
    """Return the condition: *column* is one of the numbers bound to *name*.

    An IN has a place for every number, so its words would change with their count.
    """
    numbers = sa.bindparam(name, type_=Numbers())
    if dialect == "sqlite":
        each = sa.func.json_each(numbers).table_valued("value")
        return column.in_(sa.select(each.c.value))
    return column == sa.any_(sa.cast(numbers, postgresql.ARRAY(sa.Integer)))


class _Slot(NamedTuple):
    """A place of a statement, and what goes into it.

    Attributes:
        made: Makes what the driver takes from a value; None takes it as it is.
        is_fixed: It is part of the statement: *value* goes in.
    """

    name: str
    made: Callable[[Any], object] | None
    is_fixed: bool
    value: object


class _Words(NamedTuple):
    """A statement in the words of one database.

    Attributes:
        is_counted: The driver counts the places, and knows no names.
    """

    text: str
    slots: Sequence[_Slot]
    is_counted: bool

    def filled(self, values: Values) -> Filled:
        """Return what the driver gets."""
        ready = [
            fixed if is_fixed else values[name] if made is None else made(values[name])
            for name, made, is_fixed, fixed in self.slots
        ]
        if self.is_counted:
            return tuple(ready)
        return {slot.name: one for slot, one in zip(self.slots, ready, strict=True)}


class Prepared:
    """A statement whose values are handed over by name when it runs."""

    def __init__(self, made_for: Callable[[str], ClauseElement], *columns: str) -> None:
        """Prepare nothing yet.

        Args:
            made_for: Makes the statement for the dialect of this name; it has no IN,
                see ``among``.
            columns: What an INSERT fills.
        """
        self._made_for = made_for
        self._columns: Final = columns or None
        self._known: dict[str, _Words] = {}

    def rows(self, db: sa.Connection, values: Values) -> Sequence[sa.Row[Any]]:
        """Run it once and return what it gives."""
        words = self._words(db)
        return db.exec_driver_sql(words.text, words.filled(values)).all()

    def many(self, db: sa.Connection, rows: Iterable[Values]) -> None:
        """Run it for each of *rows*, of which there must be at least one."""
        words = self._words(db)
        db.exec_driver_sql(words.text, [words.filled(one) for one in rows])

    def _words(self, db: sa.Connection) -> _Words:
        dialect = db.dialect
        words = self._known.get(dialect.name)
        if words is None:
            words = _words(self._made_for(dialect.name), dialect, self._columns)
            self._known[dialect.name] = words
        return words


def _words(
    statement: ClauseElement, dialect: sa.Dialect, columns: Sequence[str] | None
) -> _Words:
    compiled: Any = statement.compile(dialect=dialect, column_keys=columns)
    if compiled.post_compile_params:
        raise ValueError("an IN has no fixed number of places: see among")
    known = compiled.params
    slots: dict[str, _Slot] = {}
    for name in known:
        bind = compiled.binds[name]
        made = bind.type.dialect_impl(dialect).bind_processor(dialect)
        value = known[name]
        if not bind.required and made is not None:
            value = made(value)
        slots[name] = _Slot(name, made, not bind.required, value)
    is_counted = bool(compiled.positional)
    order = compiled.positiontup if is_counted else slots
    return _Words(str(compiled), [slots[name] for name in order], is_counted)
