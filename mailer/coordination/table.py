"""The table of what the coordinator may answer, read from ``words.toml`` once.

The words of that file are for German speakers; this module is the only place that
knows them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from mailer.coordination.kinds import InstructionKind as K
from mailer.german import short_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

KINDS: Final[Mapping[str, K]] = {
    "freigeben": K.RELEASE,
    "stopp": K.STOP,
    "thema": K.WORDS,
    "leichte sprache": K.EASY_WORDS,
    "ort": K.VENUE,
    "neuer termin": K.MOVE,
    "faellt aus": K.CANCEL,
    "findet doch statt": K.REINSTATE,
    "zusaetzlicher termin": K.ADD,
    "vertretung": K.DEPUTY,
    "vertretung beenden": K.END_DEPUTY,
    "uebernehmen": K.TAKE,
    "kuerzen": K.SHORTEN,
    "ablehnen": K.DECLINE,
    "anhang anhaengen": K.ATTACH,
    "ohne anhang": K.DETACH,
    "ausgeschieden": K.DEPART,
    "nachfolge": K.SUCCEED,
    "bild": K.DESCRIBE,
    "meldung": K.NEWS,
    "ergebnis": K.RESULT,
    "frage": K.QUESTION,
    "ja": K.YES,
    "nein": K.NO,
    "status": K.STATUS,
    "hilfe": K.HELP,
}
"""What the table's names mean."""

Phrase = tuple[str, ...]

A_WEEK: Final = timedelta(weeks=1)
SIX_WEEKS: Final = timedelta(weeks=6)
"""How far after a meeting the days in the examples lie."""

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One instruction, as the table describes it.

    Attributes:
        alone: Phrases that say it by themselves.
        heads: Phrases that begin a line after which something follows.
        is_text: What follows goes on over blank lines.
        usage: How it is written, with an example; see ``shown``.
        effect: What happens then, one or two German sentences.
        examples, counterexamples: Lines that say it, and lines that do not.
    """

    kind: K
    alone: frozenset[Phrase]
    heads: tuple[Phrase, ...]
    is_text: bool
    usage: str
    effect: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]

    @property
    def name(self) -> str:
        """What people call it, "neuer Termin"."""
        return self.usage.partition(":")[0]

    def shown(self, about: date, room: str = "Konferenzraum") -> str:
        """Return how it is written, with days that come after *about*, and a room."""
        return self.usage.format(
            tag=short_day(about + A_WEEK), bis=short_day(about + SIX_WEEKS), ort=room
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table, ready to be asked.

    Attributes:
        courtesies: Words that say nothing.
        greetings, closings, farewells: How a line around an answer begins, the longest
            first; a farewell is no end of a text.
        nothing: What stands for "no text of mine".
        despite: What says that a public holiday is known.
    """

    rows: tuple[Row, ...]
    courtesies: frozenset[str]
    greetings: tuple[Phrase, ...]
    closings: tuple[Phrase, ...]
    farewells: tuple[Phrase, ...]
    nothing: frozenset[Phrase]
    despite: tuple[Phrase, ...]

    def row(self, kind: K) -> Row:
        """Return the row of *kind*."""
        return next(one for one in self.rows if one.kind is kind)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One word of a line.

    Attributes:
        word: In small letters, without umlauts.
        start, end: Where it stands.
    """

    word: str
    start: int
    end: int


def spoken(line: str) -> list[Spoken]:
    """Return the words of *line* with their places."""
    return [
        Spoken(folded(found[0]), found.start(), found.end())
        for found in _WORD.finditer(line)
    ]


def folded(text: str) -> str:
    """Return *text* in small letters without umlauts."""
    small = unicodedata.normalize("NFC", text).casefold()
    return small.translate(_UMLAUTS)


def phrase(line: str) -> Phrase:
    """Return the folded words of *line*."""
    return tuple(one.word for one in spoken(line))


@cache
def table() -> Table:
    """Return the table, read at the first call."""
    source = files("mailer.coordination").joinpath("words.toml")
    raw = tomllib.loads(source.read_text(encoding="utf-8"))
    courtesies = frozenset(raw["floskeln"])
    return Table(
        rows=tuple(_row(row, courtesies) for row in raw["anweisung"]),
        courtesies=courtesies,
        greetings=_phrases(raw["anreden"]),
        closings=_phrases(raw["schluss"]),
        farewells=_phrases(raw["abschied"]),
        nothing=frozenset(_phrases(raw["keiner"])),
        despite=_phrases(raw["trotzdem"]),
    )


def _row(row: Mapping[str, Sequence[str]], courtesies: frozenset[str]) -> Row:
    alone = _phrases(row.get("worte", ()))
    return Row(
        kind=KINDS[str(row["name"])],
        alone=frozenset(
            tuple(word for word in one if word not in courtesies) for one in alone
        ),
        heads=_phrases(row.get("beginn", ())),
        is_text=row.get("wert") == "text",
        usage=str(row["so"]),
        effect=str(row["dann"]),
        examples=tuple(row["beispiele"]),
        counterexamples=tuple(row.get("gegenbeispiele", ())),
    )


def _phrases(written: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(sorted(map(phrase, written), key=len, reverse=True))
