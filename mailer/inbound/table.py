"""The reviewed table of what people write, read from ``commands.toml`` once.

The words of that file are for German speakers; this module is the only place that
knows them. A mistake in it is found by the tests, which read out every example.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from mailer.inbound.kinds import CommandKind
from mailer.inbound.patterns import Pattern, Words
from mailer.inbound.words import plain, words
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailer.inbound.words import Sentence

COMMANDS: Final[Mapping[str, CommandKind]] = {
    "anmelden": CommandKind.SUBSCRIBE,
    "abmelden": CommandKind.UNSUBSCRIBE,
    "nein": CommandKind.UNSUBSCRIBE,
    "ja": CommandKind.CONFIRM,
    "leichte sprache": CommandKind.STYLE_EASY,
    "schwere sprache": CommandKind.STYLE_STANDARD,
    "neue adresse": CommandKind.CHANGE_ADDRESS,
    "hilfe": CommandKind.HELP,
}
"""What the table's words for a wish mean."""

TOPICS: Final[Mapping[str, Topic]] = {
    "einladungen": Topic.INVITATIONS,
    "netzwerk-info": Topic.NETWORK_UPDATES,
}
"""What the table's words for a topic mean."""

_CHANGES: Final = ("anmelden", "abmelden", "neue adresse")


class Level(StrEnum):
    """How much a finding says by itself; the less, the more can stand against it."""

    CLEAR = "klar"
    BRIEF = "knapp"
    WORD = "wort"


class Scope(StrEnum):
    """Where a trap is looked for."""

    SENTENCE = "satz"
    EVERYWHERE = "mail"
    NOWHERE = "nie"


@dataclass(frozen=True, slots=True)
class Rule:
    """Sentences that mean one wish.

    Attributes:
        name: For the report of what matched.
        wish: The table's word for it, "abmelden".
        level: How much they say.
        patterns: Any of them.
        despite: Traps that do not count here.
        topic: Which one ends, if both are named; None if the words decide.
        only_with: A note that must be in the mail; empty if none must.
        only_confirming: Counts only in an answer to the mail that asks for a "Ja".
        examples: Sentences it must find.
        counterexamples: Sentences that must not lead to its wish.
    """

    name: str
    wish: str
    level: Level
    patterns: tuple[Pattern, ...]
    despite: frozenset[str]
    topic: Topic | None
    only_with: str
    only_confirming: bool
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trap:
    """Words beside a wish that make it doubtful.

    Attributes:
        name: For the report.
        why: A German sentence.
        wishes: For which it counts.
        patterns: Any of them.
        scopes: Where it is looked for, by the level of the finding.
        examples: Sentences it must find.
    """

    name: str
    why: str
    wishes: frozenset[str]
    patterns: tuple[Pattern, ...]
    scopes: Mapping[Level, Scope]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """How a topic is named.

    Attributes:
        words: Any of them names it.
        everything: Any of them beside it says that all topics are meant.
    """

    words: Words
    everything: Words


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that mean something to know, a courtesy or an excuse."""

    name: str
    patterns: tuple[Pattern, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """Sentences that mean a wish only if nothing else stands in the mail.

    Attributes:
        wish: The table's word for it, "keine erinnerung".
        patterns: Any of them; each describes a whole sentence.
        examples: Sentences it must find.
        counterexamples: Sentences it must not find.
    """

    wish: str
    patterns: tuple[Pattern, ...]
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A wish in a word or two: "anmelden", "leichte sprache"."""

    phrase: str
    wish: str
    only_confirming: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table, ready to be asked."""

    greetings: tuple[tuple[str, ...], ...]
    closings: tuple[tuple[str, ...], ...]
    fillers: frozenset[str]
    first_names: frozenset[str]
    harmless_words: Words
    harmless_beside: Words
    about_reading: Words
    requests: frozenset[str]
    corrected: tuple[tuple[str, str], ...]
    correct: frozenset[str]
    harmless_subjects: frozenset[tuple[str, ...]]
    own_subjects: tuple[Pattern, ...]
    invitation_subjects: tuple[Pattern, ...]
    confirm_subjects: tuple[Pattern, ...]
    words: tuple[Word, ...]
    themes: Mapping[Topic, Theme]
    word_examples: Mapping[str, tuple[str, ...]]
    known: frozenset[str]
    rules: tuple[Rule, ...]
    alone: tuple[Alone, ...]
    traps: tuple[Trap, ...]
    harmless: tuple[Cue, ...]
    polite: tuple[Cue, ...]
    notes: tuple[Cue, ...]


@cache
def table() -> Table:
    """Return the table, read at the first call."""
    source = files("mailer.inbound").joinpath("commands.toml")
    return parsed(source.read_text(encoding="utf-8"))


def parsed(text: str) -> Table:
    """Return the table written as *text*."""
    raw = tomllib.loads(text)
    groups = raw["gruppen"]
    listed = tuple(
        Word(" ".join(words(one)), row["befehl"], row.get("nur_bestaetigung", False))
        for row in raw["wort"]
        for one in row["woerter"]
    )
    fillers = frozenset(map(plain, raw["fuellwoerter"]))
    return Table(
        greetings=_phrases(raw["anreden"]),
        closings=_phrases(raw["schluss"]),
        fillers=fillers,
        first_names=frozenset(raw["vornamen"].split()),
        harmless_words=Words.of(raw["aendert_nichts"].split()),
        harmless_beside=Words.of(raw["daneben_aendert_nichts"].split()),
        about_reading=Words.of(raw["vom_lesen"].split()),
        requests=frozenset(raw["bitten_als_frage"]),
        corrected=tuple((one, one) for one in raw["auch_mit_tippfehler"]),
        correct=frozenset(raw["richtig_geschrieben"]),
        harmless_subjects=frozenset(map(words, raw["harmlose_betreffe"])),
        own_subjects=_whole(raw["unsere_betreffe"], groups),
        invitation_subjects=_whole(raw["einladungs_betreffe"], groups),
        confirm_subjects=_whole(raw["bestaetigungs_betreffe"], groups),
        words=listed,
        themes={
            TOPICS[name]: Theme(Words.of(row["woerter"]), Words.of(row["alles"]))
            for name, row in raw["themen"].items()
        },
        word_examples={row["befehl"]: tuple(row["beispiele"]) for row in raw["wort"]},
        known=fillers
        | {part for one in listed for part in one.phrase.split()}
        | {word.strip("*") for word in (*groups["briefe"], *groups["verteiler"])},
        rules=tuple(_rule(row, groups) for row in raw["satz"]),
        alone=tuple(_alone(row, groups) for row in raw["allein"]),
        traps=tuple(_trap(row, groups) for row in raw["falle"]),
        harmless=_cues(raw["harmlos"], groups),
        polite=_cues(raw["hoeflich"], groups),
        notes=_cues(raw["hinweis"], groups),
    )


def _rule(row: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Rule:
    return Rule(
        name=row["name"],
        wish=row["befehl"],
        level=Level(row.get("stufe", "klar")),
        patterns=_patterns(row["muster"], groups),
        despite=frozenset(row.get("trotz", ())),
        topic=TOPICS[row["thema"]] if "thema" in row else None,
        only_with=row.get("nur_mit", ""),
        only_confirming=row.get("nur_bestaetigung", False),
        examples=tuple(row["beispiele"]),
        counterexamples=tuple(row.get("gegenbeispiele", ())),
    )


def _alone(row: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Alone:
    return Alone(
        wish=row["befehl"],
        patterns=_patterns(row["muster"], groups),
        examples=tuple(row["beispiele"]),
        counterexamples=tuple(row["gegenbeispiele"]),
    )


def _trap(row: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Trap:
    clear = Scope(row["klar"])
    return Trap(
        name=row["name"],
        why=row["warum"],
        wishes=frozenset(row.get("gilt", _CHANGES)),
        patterns=_patterns(row["muster"], groups),
        scopes={
            Level.CLEAR: clear,
            Level.BRIEF: Scope(row.get("knapp", clear)),
            Level.WORD: Scope(row.get("wort", "mail")),
        },
        examples=tuple(row["beispiele"]),
    )


def _cues(
    rows: Iterable[Mapping[str, Any]], groups: Mapping[str, Sequence[str]]
) -> tuple[Cue, ...]:
    return tuple(
        Cue(
            row.get("name", ""),
            _patterns(row["muster"], groups),
            tuple(row["beispiele"]),
        )
        for row in rows
    )


def _patterns(
    written: Iterable[str], groups: Mapping[str, Sequence[str]]
) -> tuple[Pattern, ...]:
    return tuple(Pattern.of(one, groups) for one in written)


def _whole(
    written: Iterable[str], groups: Mapping[str, Sequence[str]]
) -> tuple[Pattern, ...]:
    """Return patterns that must be all of a line."""
    return _patterns([f"^ {one} $" for one in written], groups)


def _phrases(written: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return phrases as words, the longest first."""
    return tuple(sorted((tuple(one.split()) for one in written), key=len, reverse=True))


def any_fits(patterns: Iterable[Pattern], sentence: Sentence) -> bool:
    """Return whether one of *patterns* stands in *sentence*."""
    return any(pattern.fits(sentence.words) for pattern in patterns)
