"""From one TOML value to one of ours, or to a German sentence on what is wrong.

Each parser takes what tomllib gives. A text from the environment or from ``--set``
goes through the same parser, after ``from_text`` where TOML would not have text.
This module has words and numbers; ``time_parsers`` and ``net_parsers`` build on it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from mailer.settings.germany import all_states, find_state

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E", bound=StrEnum)


class Unfit(Exception):
    """A value is not what a setting needs; the text is a German sentence."""


def text(value: object) -> str:
    """Return a line of text; it may be empty."""
    if not isinstance(value, str):
        raise Unfit(
            f"Hier wird ein Text in Anführungszeichen gebraucht, {is_instead(value)}."
        )
    if "\n" in value or "\r" in value:
        raise Unfit("Der Text darf keinen Zeilenumbruch enthalten.")
    if not value.isprintable():
        raise Unfit("Der Text enthält Steuerzeichen, die niemand sieht.")
    return value.strip()


def filled(value: object) -> str:
    """Return a line of text that is not empty."""
    line = text(value)
    if not line:
        raise Unfit("Der Text darf nicht leer sein.")
    return line


def prose(value: object) -> str:
    """Return one paragraph; line breaks in the file become spaces."""
    return filled(" ".join(value.split()) if isinstance(value, str) else value)


def lines(value: object) -> tuple[str, ...]:
    """Return a list of lines, none of them empty."""
    if not isinstance(value, list):
        raise Unfit(
            f'Hier wird eine Liste gebraucht, etwa ["eins"], {is_instead(value)}.'
        )
    return tuple(filled(item) for item in value)


def some_lines(value: object) -> tuple[str, ...]:
    """Return a list of lines with at least one."""
    found = lines(value)
    if not found:
        raise Unfit("Die Liste darf nicht leer sein.")
    return found


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return the parser of a whole number from *low* to *high*."""

    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unfit(f"Hier wird eine ganze Zahl gebraucht, {is_instead(value)}.")
        if not low <= value <= high:
            raise Unfit(f"{value} geht nicht; möglich ist {low} bis {high}.")
        return value

    return parse


def yes_or_no(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise Unfit(f"Hier steht true oder false, {is_instead(value)}.")
    return value


def choice(kind: type[E]) -> Callable[[object], E]:
    """Return the parser of a closed set of words."""

    def parse(value: object) -> E:
        word = text(value)
        try:
            return kind(word)
        except ValueError:
            known = ", ".join(f"„{one.value}“" for one in kind)
            raise Unfit(f"„{word}“ gibt es nicht; möglich sind {known}.") from None

    return parse


def choices(kind: type[E]) -> Callable[[object], tuple[E, ...]]:
    """Return the parser of some words of a closed set, none at all among them."""
    parse_one = choice(kind)

    def parse(value: object) -> tuple[E, ...]:
        return tuple(dict.fromkeys(parse_one(one) for one in lines(value)))

    return parse


def state(value: object) -> str:
    """Return the code of a German state."""
    name = filled(value)
    code = find_state(name)
    if code is None:
        raise Unfit(
            f"Das Bundesland „{name}“ gibt es nicht; möglich sind {all_states()}."
        )
    return code


def key(value: object) -> str:
    """Return a short name for commands and rows."""
    name = filled(value)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise Unfit(
            f"„{name}“ geht als Kurzname nicht. Bitte nehmen Sie Kleinbuchstaben, "
            "Ziffern und Bindestriche, zum Beispiel miteinander-reden."
        )
    return name


def postcode(value: object) -> str:
    """Return a German postcode."""
    digits = filled(value)
    if not re.fullmatch(r"\d{5}", digits, re.ASCII):
        raise Unfit(f"„{digits}“ ist keine Postleitzahl; sie hat fünf Ziffern.")
    return digits


def phone(value: object) -> str:
    """Return a phone number as people write it."""
    number = filled(value)
    if not re.fullmatch(r"\+?[0-9][0-9 /()-]{3,30}", number):
        raise Unfit(
            f"„{number}“ ist keine Telefonnummer. Bitte schreiben Sie sie so: "
            "03473 958-111."
        )
    return number


def is_instead(value: object) -> str:
    """Return what *value* is, as the end of a sentence: "hier steht aber …"."""
    if isinstance(value, bool | int | float):
        return f"hier steht aber {str(value).lower()}"
    names: dict[type, str] = {
        str: "ein Text",
        list: "eine Liste",
        dict: "ein Abschnitt",
    }
    what = names.get(type(value), "ein Datum oder eine Uhrzeit")
    return f"hier steht aber {what}"
