"""The settings file as it lies on the disk: its values, and the line of each key.

``tomllib`` gives values without places; people need "line 14". So a small scanner
walks over the text, which is known to be valid TOML by then, and notes where every
key stands.

Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mailer.errors import SettingsInvalid, SettingsMissing
from subscribers.errors import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|\#[^\n]*|[\[\]{}]|\n",
    re.DOTALL,
)
"""What can hide a bracket or end a statement."""

SEGMENT: Final = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_-]+)"
NAME: Final = rf"{SEGMENT}(?:[ \t]*\.[ \t]*{SEGMENT})*"
HEADER: Final = re.compile(rf"(?P<array>\[)?\[[ \t]*(?P<name>{NAME})[ \t]*\]")
KEY: Final = re.compile(rf"(?P<name>{NAME})[ \t]*=")

PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
"""How tomllib says where; Python 3.11 has no attributes for it."""

REASONS: Final = (
    ("Cannot overwrite a value", "Dieser Name kommt doppelt vor."),
    ("Cannot declare", "Dieser Abschnitt kommt doppelt vor."),
    (
        "Unescaped '\\'",
        "Bitte schreiben Sie einen Text mit \\ in einfachen Anführungszeichen.",
    ),
    ("Expected '=' after a key", "Nach dem Namen fehlt das Gleichheitszeichen."),
    ("Invalid value", "Der Wert fehlt, oder seine Anführungszeichen fehlen."),
    ("Invalid initial character", "Hier kann kein Name stehen."),
    ("Unterminated string", "Die schließenden Anführungszeichen fehlen."),
    ("Illegal character '\\n'", "Die schließenden Anführungszeichen fehlen."),
    ("Illegal character", "Hier steht ein Zeichen, das nicht erlaubt ist."),
    ("Expected ']'", "Die schließende eckige Klammer fehlt."),
    ("Unclosed array", "Die schließende eckige Klammer fehlt."),
    ("Expected newline", "Hinter dem Wert steht noch etwas, das nicht dazugehört."),
)
"""What tomllib says, and what we say."""


@dataclass(frozen=True, slots=True)
class Source:
    """A settings file, read.

    Attributes:
        path: Where it lies; absolute.
        values: As tomllib gives them.
        lines: Dotted key or table to its line, from 1; ``series[1].title`` is the
            title of the first series.
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def line(self, key: str) -> int:
        """Return the line of *key*, or of the next table around it; 0 if unknown."""
        while key:
            if key in self.lines:
                return self.lines[key]
            key = key.rpartition(".")[0]
        return 0


def read(path: Path) -> Source:
    """Read the settings file at *path*.

    Raises:
        SettingsMissing: There is none.
        SettingsInvalid: It cannot be read, is not UTF-8, or is not TOML.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SettingsMissing(path) from None
    except OSError as error:
        raise SettingsInvalid(
            [f"{path} kann nicht gelesen werden: {spoken(error)}."]
        ) from None
    return parse(path, content)


def parse(path: Path, content: bytes) -> Source:
    """Return the settings file whose bytes are *content*.

    Raises:
        SettingsInvalid: It is not UTF-8, or is not TOML.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = (
            f"{path.name}, Zeile {line}: Die Datei ist nicht in UTF-8 gespeichert. "
            "Bitte speichern Sie sie mit der Zeichenkodierung UTF-8."
        )
        raise SettingsInvalid([problem]) from None
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([f"{path.name}, {_syntax(str(error))}"]) from None
    return Source(path, values, dict(key_lines(text)))


def key_lines(text: str) -> Iterator[tuple[str, int]]:
    r"""Yield each table and each key of a TOML *text* with its line, from 1.

    Example:
        >>> dict(key_lines("[smtp]\nport = 25"))
        {'smtp': 1, 'smtp.port': 2}
    """
    table = ""
    counts: dict[str, int] = {}
    for line, statement in _statements(text):
        if header := HEADER.match(statement):
            name = _plain(header["name"])
            if header["array"]:
                counts[name] = counts.get(name, 0) + 1
            table = _numbered(name, counts)
            yield table, line
        elif key := KEY.match(statement):
            name = _plain(key["name"])
            yield (f"{table}.{name}" if table else name), line


def _numbered(name: str, counts: Mapping[str, int]) -> str:
    first, dot, rest = name.partition(".")
    return f"{first}[{counts[first]}]{dot}{rest}" if first in counts else name


def _plain(name: str) -> str:
    return ".".join(part.strip(" \t\"'") for part in name.split("."))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each statement; a value may go over many lines."""
    depth = begin = 0
    line = 1
    for token in TOKEN.finditer(f"{text}\n"):
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth == 0:
                statement = text[begin : token.start()]
                yield line, statement.strip()
                line += statement.count("\n") + 1
                begin = token.end()


def _syntax(said: str) -> str:
    """Return what tomllib *said* in German, with its place."""
    reason = next((german for start, german in REASONS if said.startswith(start)), "")
    place = PLACE.search(said)
    if place is None or place[1] is None:
        where = "am Ende"
    else:
        where = f"Zeile {place[1]}, Spalte {place[2]}"
    if reason:
        return f"{where}: {reason}"
    return (
        f"{where}: Diese Schreibweise ist kein gültiges TOML. "
        'Beispiele: name = "Text", port = 587, nth = [1, 3].'
    )
