"""Values on their way into ``Settings``, and every problem met so far.

A draft never stops at the first mistake: a broken value is left out, its key is
remembered, and rules that need it stay silent about it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from mailer.german import WEEKDAYS
from mailer.settings.field import Seen
from mailer.settings.origins import Entry, Origin, OriginKind
from mailer.settings.parsers import Unfit
from subscribers.address import EmailAddress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mailer.settings.field import Field
    from mailer.settings.origins import Plain
    from mailer.settings.source import Source

CLOSE_ENOUGH: Final = 0.6
"""How similar a misspelt key must be to its suggestion (difflib's own default)."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A value before it is parsed, and where it came from."""

    value: object
    origin: Origin


@dataclass(slots=True)
class Draft:
    """What has been read of a settings file so far.

    Attributes:
        source: The file.
        overlay: Values from ``--set`` and the environment, by dotted key.
        tables: Parsed values by table.
        entries: Every key as it may be shown.
        problems: (line, sentence) of each mistake; line 0 is not in the file.
        broken: Keys with a problem, and tables around them.
    """

    source: Source
    overlay: Mapping[str, Raw]
    tables: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def blame(self, key: str, sentence: str, origin: Origin | None = None) -> None:
        """Remember that *key* has a problem, and say where it stands."""
        if origin is None and key in self.entries:
            origin = self.entries[key].origin
        self.broken.add(key)
        line = 0
        if origin is not None and origin.kind in {
            OriginKind.FLAG,
            OriginKind.ENVIRONMENT,
        }:
            where = origin.german
        else:
            line = self.source.line(key)
            where = self.source.path.name
            where = f"{where}, Zeile {line}" if line else where
            where = f"{where}, {key}"
        self.problems.append((line, f"{where}: {sentence}"))

    def is_sound(self, *keys: str) -> bool:
        """Return whether none of *keys* has a problem."""
        return not self.broken.intersection(keys)

    def sentences(self) -> list[str]:
        """Return all problems: those in the file by line, then the others."""
        return [
            sentence
            for _, sentence in sorted(
                self.problems, key=lambda found: found[0] or len(self.source.lines) ** 3
            )
        ]

    def read_table(
        self,
        name: str,
        found: object,
        fields: Mapping[str, Field],
        *,
        inner: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Return the values of one table that are sound.

        Args:
            name: Its dotted name, "smtp" or "series[1]".
            found: What the file has under this name.
            fields: Which keys it may have.
            inner: Keys that are tables of their own, read elsewhere.
        """
        if not isinstance(found, dict):
            self.blame(name, f"Hier wird ein Abschnitt [{name}] gebraucht.")
            return {}
        self._refuse_unknown(name, found, [*fields, *inner])
        values: dict[str, Any] = {}
        for key, one in fields.items():
            self._read_one(f"{name}.{key}", found, one, values)
        return values

    def read_array(
        self, name: str, fields: Mapping[str, Field], *, inner: Iterable[str] = ()
    ) -> list[dict[str, Any]]:
        """Return the values of each ``[[name]]`` of the file.

        Args:
            name: Of the tables.
            fields: Which keys each may have.
            inner: As in *read_table*.
        """
        found = self.source.values.get(name, [])
        if not isinstance(found, list):
            self.blame(name, f"Bitte schreiben Sie [[{name}]] mit doppelten Klammern.")
            return []
        return [
            self.read_table(f"{name}[{number}]", table, fields, inner=inner)
            for number, table in enumerate(found, start=1)
        ]

    def refuse_name(
        self, key: str, known: Iterable[str], origin: Origin | None = None
    ) -> None:
        """Say that there is no such *key*, and which of the *known* may be meant."""
        name = key if origin is not None else key.rpartition(".")[2]
        nearest = difflib.get_close_matches(name, list(known), 1, CLOSE_ENOUGH)
        hint = f" Meinten Sie „{nearest[0]}“?" if nearest else ""
        self.blame(key, f"Diese Einstellung gibt es nicht.{hint}", origin)

    def _refuse_unknown(
        self, name: str, found: Mapping[str, object], known: Iterable[str]
    ) -> None:
        names = list(known)
        for key in found:
            if key not in names:
                self.refuse_name(f"{name}.{key}", names)

    def _read_one(
        self, key: str, found: Mapping[str, object], one: Field, values: dict[str, Any]
    ) -> None:
        """Put the value of *key* into *values*, or blame it."""
        table, _, short = key.rpartition(".")
        raw = self.overlay.get(key)
        if raw is not None and one.from_text is not None:
            raw = Raw(one.from_text(str(raw.value)), raw.origin)
        elif short in found:
            line = self.source.line(key)
            origin = Origin(OriginKind.FILE, self.source.path.name, line)
            raw = Raw(found[short], origin)
        if raw is not None:
            self._parse(key, raw, one, values)
        elif one.is_required:
            self.blame(key, "Diese Angabe fehlt.")
        else:
            seen = Seen(values, self.tables, self.source.path.parent)
            value = one.default(seen)
            values[short] = value
            self.entries[key] = Entry(_named(key, value), Origin(OriginKind.DEFAULT))
        if key in self.broken:
            self.broken.add(table)

    def _parse(self, key: str, raw: Raw, one: Field, values: dict[str, Any]) -> None:
        try:
            value = one.parse(raw.value)
        except Unfit as error:
            self.blame(key, str(error), raw.origin)
            return
        values[key.rpartition(".")[2]] = value
        self.entries[key] = Entry(_named(key, value), raw.origin)


def _named(key: str, value: object) -> Plain:
    """Return the value of *key* as it is shown; a weekday has a name."""
    if key.endswith(".weekday") and isinstance(value, int):
        return WEEKDAYS[value]
    return plain(value)


def plain(value: object) -> Plain:
    """Return *value* as JSON and a terminal show it."""
    if value is None:
        return None
    if isinstance(value, tuple) and not isinstance(value, EmailAddress):
        return [str(plain(item)) for item in value]
    if isinstance(value, int):
        return value
    return _shown(value)


def _shown(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case timedelta():
            return _duration(value)
        case time():
            return f"{value:%H:%M}"
        case EmailAddress():
            return value.text
        case _:  # texts, days (ISO) and zones say what they are
            return str(value)


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for size, one, many in (
        (86400, "Tag", "Tage"),
        (3600, "Stunde", "Stunden"),
        (60, "Minute", "Minuten"),
    ):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    return f"{seconds} Sekunden"
