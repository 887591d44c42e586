"""The example network, MIA Aschersleben, as the file that ``mia init`` writes.

The file ``example.toml`` beside this module is the example; answers of a person
replace single values in it, and its comments stay.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from mailer.settings.source import key_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "example.toml"


def example_toml() -> str:
    """Return the commented settings file of the example network."""
    return (files("mailer.settings") / FILE).read_text(encoding="utf-8")


def with_answers(text: str, answers: Mapping[str, object]) -> str:
    """Return *text* with single values replaced; comments and order stay.

    A key that only stands there as a comment ("# host = …") is switched on.

    Args:
        text: A settings file in which each of the values stands on one line.
        answers: Dotted key ("series[1].title") to a text, number, day, or a list of
            these.

    Raises:
        KeyError: A key has no line in *text*, not even as a comment.
    """
    rows = text.split("\n")
    places = dict(key_lines(text))
    for key, value in answers.items():
        table, _, short = key.rpartition(".")
        number = places.get(key) or _commented(rows, places[table], short)
        rows[number - 1] = f"{short} = {toml(value)}"
    return "\n".join(rows)


def plain_values(text: str) -> dict[str, str]:
    """Return every value that *text* sets as one line for people, by dotted key."""
    values: dict[str, Any] = tomllib.loads(text)
    found: dict[str, str] = {}
    for key in dict(key_lines(text)):
        value: Any = values
        for part in re.split(r"[.\[]", key):
            is_number = part.endswith("]")
            value = value[int(part[:-1]) - 1] if is_number else value[part]
        if not isinstance(value, dict):
            items = value if isinstance(value, list) else [value]
            found[key] = ", ".join(str(item) for item in items)
    return found


def toml(value: object) -> str:
    r"""Return *value* as TOML writes it.

    Example:
        >>> toml(["Markt 1", 'Haus "B"'])
        '["Markt 1", "Haus \\"B\\""]'
    """
    match value:
        case date():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(toml(item) for item in value)}]"
        case _:
            # A JSON string is a TOML basic string (both escape \\, " and controls).
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _commented(rows: list[str], after: int, short: str) -> int:
    """Return the line of the first "# short = …" after the line of its table."""
    for number, row in enumerate(rows[after:], start=after + 1):
        if row.startswith(f"# {short} = "):
            return number
        if row.startswith("["):
            break
    raise KeyError(short)
