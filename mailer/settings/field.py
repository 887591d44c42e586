"""One key of the settings file: what it may be, and what it is if nobody says.

``fields`` makes its tables of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """What has been read before a default is asked for.

    Attributes:
        here: Values of the same table.
        tables: Values of the tables before it.
        folder: Where the settings file lies.
    """

    here: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]
    folder: Path

    def of(self, table: str, key: str) -> Any:  # noqa: ANN401 - the rim: values of all types
        """Return a value of an earlier table; None if it is missing or broken."""
        return self.tables.get(table, {}).get(key)


def no_default(_seen: Seen) -> Any:  # noqa: ANN401 - never called, marks a required key
    """Mark a key that must be set."""
    raise NotImplementedError


def as_text(value: str) -> object:
    """Take a text from outside as it is."""
    return value


def as_number(value: str) -> object:
    """Take a text from outside as a number where it is one."""
    return int(value) if value.isascii() and value.isdecimal() else value


def as_truth(value: str) -> object:
    """Take a text from outside as true or false where it is one."""
    return {"true": True, "false": False}.get(value, value)


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the settings file.

    Attributes:
        parse: From a TOML value to ours; raises ``Unfit``.
        default: Makes the value of a key that is not set.
        from_text: Makes a TOML value of a text from outside; None if this key can
            only be set in the file.
    """

    parse: Callable[[object], Any]
    default: Callable[[Seen], Any] = no_default
    from_text: Callable[[str], object] | None = as_text

    @property
    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is no_default


def fixed(value: object) -> Callable[[Seen], Any]:
    """Return a default that is always *value*."""
    return lambda _seen: value


def same_as(key: str) -> Callable[[Seen], Any]:
    """Return a default that copies another key of the same table."""
    return lambda seen: seen.here.get(key)


def list_of(parse: Callable[[object], Any], default: Any = no_default) -> Field:  # noqa: ANN401 - as in Field
    """Return a key that only the file can have: it is no single text."""
    return Field(parse, default, from_text=None)
