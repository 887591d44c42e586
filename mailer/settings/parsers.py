"""From one TOML value to one of ours, or to a German sentence on what is wrong.

Each parser takes what tomllib gives. A text from the environment or from ``--set``
goes through the same parser, after ``from_text`` where TOML would not have text.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from mailer.settings.germany import WEEKDAYS, all_states, find_state
from mailer.settings.model import Security
from subscribers.address import EmailAddress
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E", bound=StrEnum)

UNITS: Final = {
    "s": timedelta(seconds=1),
    "sekunde": timedelta(seconds=1),
    "sekunden": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "minuten": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "stunde": timedelta(hours=1),
    "stunden": timedelta(hours=1),
    "d": timedelta(days=1),
    "tag": timedelta(days=1),
    "tage": timedelta(days=1),
    "woche": timedelta(weeks=1),
    "wochen": timedelta(weeks=1),
}
"""How a duration may be written."""

LONGEST: Final = timedelta(days=3700)
"""Ten years: whatever is longer is a slip, and near the end of the calendar."""

LIST_ID: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
"""RFC 2919, section 2: a dot-atom of ASCII letters; lower case by our choice."""

LONGEST_LIST_ID: Final = 255
"""RFC 2919, section 6, in octets."""


class Unfit(Exception):
    """A value is not what a setting needs; the text is a German sentence."""


def text(value: object) -> str:
    """Return a line of text; it may be empty."""
    if not isinstance(value, str):
        raise Unfit(f"Hier wird ein Text in Anführungszeichen gebraucht, {_is(value)}.")
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
            f'Hier wird eine Liste gebraucht, etwa ["eins", "zwei"], {_is(value)}.'
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
            raise Unfit(f"Hier wird eine ganze Zahl gebraucht, {_is(value)}.")
        if not low <= value <= high:
            raise Unfit(f"{value} geht nicht; möglich ist {low} bis {high}.")
        return value

    return parse


def choice(kind: type[E]) -> Callable[[object], E]:
    """Return the parser of a closed set of words."""

    def parse(value: object) -> E:
        word = text(value)
        try:
            return kind(word)
        except ValueError:
            known = ", ".join(f"„{member.value}“" for member in kind)
            raise Unfit(f"„{word}“ gibt es nicht; möglich ist {known}.") from None

    return parse


def security(value: object) -> Security:
    """Return how a connection is protected."""
    return choice(Security)(value)


def email(value: object) -> EmailAddress:
    """Return an e-mail address."""
    try:
        return EmailAddress.parse(filled(value))
    except InvalidAddress as error:
        raise Unfit(error.sentence) from None


def maybe_email(value: object) -> EmailAddress | None:
    """Return an e-mail address; None for an empty text."""
    return email(value) if text(value) else None


def day(value: object) -> date:
    """Return a day: a TOML date, or a text in the same form."""
    if isinstance(value, datetime):
        raise Unfit("Hier wird nur ein Tag gebraucht, ohne Uhrzeit: 2026-02-01.")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise Unfit(
            f"„{value}“ ist kein Tag im Kalender. Bitte schreiben Sie Jahr-Monat-Tag, "
            "zum Beispiel 2026-02-01."
        ) from None


def maybe_day(value: object) -> date | None:
    """Return a day; None for an empty text."""
    return None if value == "" else day(value)


def days(value: object) -> tuple[date, ...]:
    """Return a list of days, sorted, each once."""
    if not isinstance(value, list):
        raise Unfit(
            f"Hier wird eine Liste von Tagen gebraucht, zum Beispiel [2026-01-29], "
            f"{_is(value)}."
        )
    return tuple(sorted({day(item) for item in value}))


def clock_time(value: object) -> time:
    """Return a local time of day, to the minute: "10:00"."""
    if isinstance(value, time):
        found = value
    else:
        written = text(value).removesuffix("Uhr").strip()
        match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", written, re.ASCII)
        try:
            found = time(int(match[1]), int(match[2])) if match else time.max
        except ValueError:
            found = time.max
    if found.second or found.microsecond:
        raise Unfit(f"„{value}“ ist keine Uhrzeit. Bitte schreiben Sie sie so: 10:00.")
    return found


def duration(value: object) -> timedelta:
    """Return a length of time: "7 Tage", "5 Minuten"."""
    match = re.fullmatch(
        r"(\d{1,6})\s*([a-zä-ü]+)",
        text(value).casefold() if isinstance(value, str) else "",
        re.ASCII | re.IGNORECASE,
    )
    if match is None or match[2] not in UNITS:
        raise Unfit(
            f"„{value}“ ist keine Dauer. Bitte schreiben Sie Zahl und Einheit in "
            'Anführungszeichen, zum Beispiel "7 Tage", "20 Minuten" oder "60 Sekunden".'
        )
    found = int(match[1]) * UNITS[match[2]]
    if not timedelta() < found <= LONGEST:
        raise Unfit(f"„{value}“ geht nicht; möglich ist 1 Sekunde bis 3700 Tage.")
    return found


def zone(value: object) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    name = filled(value)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder, a path, an unknown name
        raise Unfit(
            f"Die Zeitzone „{name}“ gibt es nicht. Üblich ist „Europe/Berlin“."
        ) from None


def weekday(value: object) -> int:
    """Return the number of a weekday given by its German name, Monday 0."""
    name = filled(value)
    for number, known in enumerate(WEEKDAYS):
        if name.casefold() in {known.casefold(), known[:2].casefold()}:
            return number
    raise Unfit(
        f"„{name}“ ist kein Wochentag; möglich ist Montag, Dienstag, Mittwoch, "
        "Donnerstag, Freitag, Samstag oder Sonntag."
    )


def nth(value: object) -> tuple[int, ...]:
    """Return which of a weekday in the month; ``rules`` says what a month has."""
    numbers = value if isinstance(value, list) else [value]
    if not numbers:
        raise Unfit("Die Liste darf nicht leer sein, zum Beispiel [1, 3].")
    found = []
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool):
            raise Unfit(
                f"Hier werden ganze Zahlen gebraucht, zum Beispiel [1, 3], "
                f"{_is(number)}."
            )
        if number in found:
            raise Unfit(f"Die {number} kommt doppelt vor.")
        found.append(number)
    return tuple(found)


def state(value: object) -> str:
    """Return the code of a German state."""
    name = filled(value)
    code = find_state(name)
    if code is None:
        raise Unfit(
            f"Das Bundesland „{name}“ gibt es nicht; möglich ist {all_states()}."
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


def list_id(value: object) -> str:
    """Return the name of a mailing list (RFC 2919, section 2)."""
    name = filled(value)
    if len(name) > LONGEST_LIST_ID or not LIST_ID.fullmatch(name):
        raise Unfit(
            f"„{name}“ geht nicht. Bitte nehmen Sie Kleinbuchstaben, Ziffern und "
            "mindestens einen Punkt, zum Beispiel mia.aschersleben.de."
        )
    return name


def host(value: object) -> str:
    """Return a host name or an IP address; it may be empty."""
    name = text(value)
    if name and not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", name):
        raise Unfit(
            f"„{name}“ ist kein Rechnername. Bitte schreiben Sie nur den Namen, "
            "zum Beispiel mail.example.org."
        )
    return name


def is_loopback(name: str) -> bool:
    """Return whether *name* is this very machine, without asking DNS."""
    if name.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def base_url(value: object) -> str:
    """Return the address of the public pages without a slash at its end, or empty."""
    url = text(value).rstrip("/")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.query or parts.fragment or not parts.hostname or " " in url:
        raise Unfit(f"„{url}“ ist keine Internetadresse wie https://mia.example.org.")
    is_local = parts.scheme == "http" and is_loopback(parts.hostname)
    if parts.scheme != "https" and not is_local:
        raise Unfit(f"„{url}“ muss mit https:// beginnen.")
    return url


def database_url(value: object) -> str:
    """Return an SQLAlchemy URL of a database we know."""
    url = filled(value)
    if not re.match(r"(sqlite|postgresql(\+psycopg)?)://", url):
        raise Unfit(
            "Die Datenbank muss mit sqlite:/// oder postgresql:// beginnen, zum "
            "Beispiel sqlite:///mia.db."
        )
    return url


def _is(value: object) -> str:
    """Return what *value* is, as the end of a sentence."""
    if isinstance(value, bool | int | float):
        return f"hier steht aber {str(value).lower()}"
    names: dict[type, str] = {
        str: "ein Text",
        list: "eine Liste",
        dict: "ein Abschnitt",
    }
    what = names.get(type(value), "ein Datum oder eine Uhrzeit")
    return f"hier steht aber {what}"
