"""One cell of a list: foreign text to a value, and a value to safe text.

Excel and people write the same thing in many ways. What cannot be read with
certainty is refused with a sentence, never guessed.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from subscribers.errors import ImportRefused
from subscribers.models import ConsentChannel
from subscribers.states import PartnerState
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

C = TypeVar("C", bound=StrEnum | bool)

MAX_NAME_CHARS: Final = 200
"""The width of the columns in the database."""

MAX_TEXT_CHARS: Final = 2_000
"""An evidence longer than a page is a document, not a hint where to find one."""

FORMULA_SIGNS: Final = "=+-@\t\r＝＋－＠"
"""What makes a spreadsheet run a cell instead of showing it, wide signs too."""

STYLES: Final[Mapping[str, LetterStyle]] = {
    "standard": LetterStyle.STANDARD,
    "alltagssprache": LetterStyle.STANDARD,
    "leicht": LetterStyle.EASY,
    "leichte sprache": LetterStyle.EASY,
    "easy": LetterStyle.EASY,
}

TOPICS: Final[Mapping[str, Topic]] = {
    "einladungen": Topic.INVITATIONS,
    "einladung": Topic.INVITATIONS,
    "invitations": Topic.INVITATIONS,
    "netzwerk-info": Topic.NETWORK_UPDATES,
    "netzwerk-infos": Topic.NETWORK_UPDATES,
    "netzwerkinfo": Topic.NETWORK_UPDATES,
    "network_updates": Topic.NETWORK_UPDATES,
}

CHANNELS: Final[Mapping[str, ConsentChannel]] = {
    "papier": ConsentChannel.PAPER,
    "schriftlich": ConsentChannel.PAPER,
    "telefon": ConsentChannel.PHONE,
    "telefonisch": ConsentChannel.PHONE,
    "persönlich": ConsentChannel.IN_PERSON,
    "mündlich": ConsentChannel.IN_PERSON,
}
"""Ways of giving consent that a list can prove."""

ANSWERS: Final[Mapping[str, bool]] = {
    "ja": True,
    "j": True,
    "x": True,
    "nein": False,
    "n": False,
}

ANSWER_NAMES: Final[Mapping[bool, str]] = {True: "ja", False: "nein"}

TOPIC_NAMES: Final[Mapping[Topic, str]] = {
    Topic.INVITATIONS: "Einladungen",
    Topic.NETWORK_UPDATES: "Netzwerk-Info",
}

STYLE_NAMES: Final[Mapping[LetterStyle, str]] = {
    LetterStyle.STANDARD: "Standard",
    LetterStyle.EASY: "Leichte Sprache",
}

PARTNER_STATES: Final[Mapping[str, PartnerState]] = {
    "aktiv": PartnerState.ACTIVE,
    "ruht": PartnerState.RESTING,
    "ausgeschieden": PartnerState.LEFT,
}

PARTNER_STATE_NAMES: Final = {state: name for name, state in PARTNER_STATES.items()}

_GERMAN_DAY: Final = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")

# Marks that turn the direction of writing could show a name as another one.
_DIRECTION_MARKS: Final = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

_LINE_ENDS: Final = frozenset({"Zl", "Zp"})


def parse_name(text: str, *, what: str = "Der Name") -> str | None:
    """Return a name or another short text in one line; None if there is none.

    Args:
        text: Foreign text.
        what: What it is called in the refusal, with article.

    Raises:
        ImportRefused: It has control characters, which could forge a header line
            of a letter, or is too long.

    Example:
        >>> parse_name("  Rita   Beispiel ")
        'Rita Beispiel'
    """
    line = " ".join(_printable(text.strip(), what).split())
    if len(line) > MAX_NAME_CHARS:
        raise ImportRefused(0, f"{what} hat mehr als {MAX_NAME_CHARS} Zeichen")
    return line or None


def parse_evidence(text: str) -> str:
    """Return an evidence text; line breaks inside become spaces.

    Raises:
        ImportRefused: It has control characters or is too long.
    """
    line = _printable(" ".join(text.split()), "Der Nachweis")
    if len(line) > MAX_TEXT_CHARS:
        raise ImportRefused(0, f"Der Nachweis hat mehr als {MAX_TEXT_CHARS} Zeichen")
    return line


def parse_style(text: str) -> LetterStyle | None:
    """Return the letter style; None if the cell is empty.

    Raises:
        ImportRefused: There is no such style.
    """
    return _chosen(text, STYLES, "Die Fassung", "Standard und Leichte Sprache")


def parse_topics(text: str) -> tuple[Topic, ...]:
    """Return the topics of a cell such as "Einladungen, Netzwerk-Info"; maybe none.

    Raises:
        ImportRefused: One of them does not exist.

    Example:
        >>> parse_topics("Netzwerk-Info und Einladungen")
        (<Topic.NETWORK_UPDATES: 'network_updates'>, <Topic.INVITATIONS: 'invitations'>)
    """
    found: dict[Topic, None] = {}
    for word in re.split(r"[,;/|+&]|\bund\b", text):
        topic = _chosen(word, TOPICS, "Das Thema", "Einladungen und Netzwerk-Info")
        if topic is not None:
            found[topic] = None
    return tuple(found)


def parse_answer(text: str, *, what: str) -> bool | None:
    """Return what "ja" or "nein" says; None if the cell is empty.

    Raises:
        ImportRefused: It says something else.
    """
    return _chosen(text, ANSWERS, what, "ja und nein")


def parse_partner_state(text: str) -> PartnerState | None:
    """Return how a partner stands; None if the cell is empty.

    Raises:
        ImportRefused: There is no such state.
    """
    what = "Der Stand der Einrichtung"
    return _chosen(text, PARTNER_STATES, what, "aktiv, ruht und ausgeschieden")


def parse_channel(text: str) -> ConsentChannel | None:
    """Return the way a consent was given; None if the cell is empty.

    Raises:
        ImportRefused: A list cannot prove this way.
    """
    return _chosen(
        text, CHANNELS, "Der Weg der Einwilligung", "Papier, Telefon und persönlich"
    )


def parse_day(text: str) -> date | None:
    """Return the day written as "29.01.2026" or "2026-01-29"; None if empty.

    Raises:
        ImportRefused: It is no day of the calendar, or not written like this.
    """
    given = text.strip()
    if not given:
        return None
    german = _GERMAN_DAY.fullmatch(given)
    try:
        if german:
            day, month, year = map(int, german.groups())
            return date(year, month, day)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", given, re.ASCII):
            return date.fromisoformat(given)
    except ValueError:
        raise ImportRefused(0, f"Den Tag „{given}“ gibt es nicht") from None
    raise ImportRefused(
        0, f"„{_short(given)}“ ist kein Datum; bitte so: 29.01.2026 oder 2026-01-29"
    )


def parse_choice(text: str, choices: Iterable[str], *, what: str) -> str:
    """Return the one of *choices* that is meant; capitals and spaces are forgiven.

    Raises:
        ImportRefused: None is; the nearest one is named.
    """
    known = {_folded(choice): choice for choice in choices}
    found = known.get(_folded(text))
    if found is not None:
        return found
    close = difflib.get_close_matches(_folded(text), known, n=1, cutoff=0.5)
    if close:
        hint = f"gemeint ist vielleicht „{known[close[0]]}“"
    else:
        hint = f"möglich sind: {', '.join(known.values())}"
    raise ImportRefused(0, f"{what} „{_short(text.strip())}“ ist unbekannt; {hint}")


def neutralised(text: str) -> str:
    """Return *text* so that no spreadsheet takes it for a formula.

    Example:
        >>> neutralised("=HYPERLINK(1)"), neutralised("Rita")
        ("'=HYPERLINK(1)", 'Rita')
    """
    return f"'{text}" if text.lstrip("'")[:1] in tuple(FORMULA_SIGNS) else text


def plain(text: str) -> str:
    """Return what ``neutralised`` was given."""
    if text.startswith("'") and text.lstrip("'")[:1] in tuple(FORMULA_SIGNS):
        return text[1:]
    return text


def _chosen(text: str, words: Mapping[str, C], what: str, possible: str) -> C | None:
    """Return what a word of a closed set means; None if there is no word."""
    word = _folded(text)
    if not word:
        return None
    if word in words:
        return words[word]
    raise ImportRefused(
        0, f"{what} „{_short(text.strip())}“ ist unbekannt; möglich sind {possible}"
    )


def _folded(text: str) -> str:
    """Return *text* without differences that do not matter."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _short(text: str) -> str:
    """Return *text* fit for one line of a report."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in text)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"  # noqa: PLR2004 - half a line


def _printable(text: str, what: str) -> str:
    """Return *text* in composed form; refuse what is no visible sign or space."""
    for sign in text:
        kind = unicodedata.category(sign)
        if kind in {"Cc", "Cs"} | _LINE_ENDS or sign in _DIRECTION_MARKS:
            raise ImportRefused(
                0,
                f"{what} enthält ein Steuerzeichen oder einen Zeilenumbruch; "
                "vielleicht fehlt ein Anführungszeichen",
            )
    return unicodedata.normalize("NFC", text)
