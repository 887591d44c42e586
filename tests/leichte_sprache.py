"""A checker for Leichte Sprache: what a program can find, and no more.

It reads plain text, one sentence a line. ERROR: no sentence of ours may do this.
HINT: a person must look. A text without findings may still be hard to read; only
readers with learning difficulties can say that it is not.

Rule numbers are those of our list of rules, from BITV 2.0, DIN SPEC 33429 and the
practice of several towns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_WORDS: Final = 12
MAX_MEAN_WORDS: Final = 10
MAX_LINE_CHARACTERS: Final = 60
MAX_PARAGRAPH_LINES: Final = 6
MAX_SECTION_LINES: Final = 8
MAX_SYLLABLES: Final = 3
MAX_PART_LETTERS: Final = 16

MONTHS: Final = (
    "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
)


class Level(StrEnum):
    """How sure the checker is."""

    ERROR = "error"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding.

    Attributes:
        line: From 1; 0 for the text as a whole.
        rule: "L05".
        level: How sure we are.
        found: The words in question.
    """

    line: int
    rule: str
    level: Level
    found: str


def check(text: str) -> list[Remark]:
    """Return every finding in *text*."""
    lines = [line.rstrip() for line in text.split("\n")]
    remarks = [
        Remark(number, rule, level, found)
        for number, line in enumerate(lines, 1)
        for rule, level, test in LINE_RULES
        if (found := test(line))
    ]
    return remarks + list(_paragraphs(lines)) + list(_whole(lines))


def errors(text: str) -> list[Remark]:
    """Return the findings that are certain."""
    return [remark for remark in check(text) if remark.level is Level.ERROR]


def prose(line: str) -> str:
    """Return what of a line is language: no list mark, no web or mail address."""
    without = re.sub(r"https?://\S+|\S+@\S+", "", line)
    return without.removeprefix("- ").strip()


def words(line: str) -> list[str]:
    """Return the words of a line; "Konferenz-Raum" is one."""
    return re.findall(r"[^\W_]+(?:-[^\W_]+)*", prose(line))


def syllables(word: str) -> int:
    """Return about how many syllables a German word has: its groups of vowels."""
    pairs = re.sub(r"ei|ai|au|eu|äu|ie|aa|ee|oo", "a", word.lower())
    return max(1, len(re.findall(r"[aeiouyäöü]", pairs)))


def _finds(pattern: str, *, ignore_case: bool = False) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)

    def test(line: str) -> str:
        found = compiled.search(prose(line))
        return found.group() if found else ""

    return test


def _several_sentences(line: str) -> str:
    without_days = re.sub(rf"\d{{1,2}}\. (?=(?:{MONTHS}))", "1 ", prose(line))
    return line if len(re.findall(r"[.!?](?= |$)", without_days)) > 1 else ""


def _too_many_words(line: str) -> str:
    return line if len(words(line)) > MAX_WORDS else ""


def _too_long(line: str) -> str:
    has_address = prose(line) != line.removeprefix("- ").strip()
    return line if len(line) > MAX_LINE_CHARACTERS and not has_address else ""


_WERDEN: Final = re.compile(r"\b(?:wird|werden|wirst|wurden?|worden)\b")
_PARTICIPLE: Final = re.compile(
    r"\b\w*ge[a-zäöüß]{2,}(?:t|en)\b|\b(?:be|ent|er|ver|zer)[a-zäöüß]{3,}(?:t|en)\b|\w{3,}iert\b"
)


def _passive(line: str) -> str:
    said = prose(line)
    return said if _WERDEN.search(said) and _PARTICIPLE.search(said) else ""


def _several_commas(line: str) -> str:
    without_days = re.sub(r",(?= \d{1,2}\.)|(?<=\d{4}),", "", prose(line))
    return line if without_days.count(",") > 1 else ""


_NEGATION: Final = re.compile(
    r"\b(?:nicht|nichts|nein|kein\w{0,2}|ohne|nie|niemand\w*)\b", re.IGNORECASE
)


def _double_negation(line: str) -> str:
    return line if len(_NEGATION.findall(prose(line))) > 1 else ""


EVERYDAY: Final = frozenset(
    {"adresse", "abmelden", "abmeldung", "anmelden", "angemeldet", "antworten"}
    | {"arbeitet", "bedeutet", "behinderung", "einladung", "einladungen"}
    | {
        "einrichtung",
        "eingetragen",
        "erinnerung",
        "impressum",
        "inklusion",
        "abkürzung",
    }
    | {"mitbringen", "miteinander", "telefon", "toilette", "überall", "willkommen"}
    | {"januar", "februar", "oktober", "november", "dezember", "himmelfahrt"}
    | {"aschersleben", "kathrin"}
)
"""Longer words that our readers know, or that the text explains."""


def _long_word(line: str) -> str:
    for word in words(line):
        for part in word.split("-"):
            if syllables(part) > MAX_SYLLABLES and part.lower() not in EVERYDAY:
                return word
    return ""


def _endless_word(line: str) -> str:
    parts = (part for word in words(line) for part in word.split("-"))
    return next((part for part in parts if len(part) > MAX_PART_LETTERS), "")


def _capitals(line: str) -> str:
    return next((w for w in words(line) if len(w) > 3 and w.isupper()), "")


def _address_in_a_sentence(line: str) -> str:
    found = re.search(r"\b\d{5} [A-ZÄÖÜ]\w+", prose(line))
    return line if found and found.group() != prose(line) else ""


E, H = Level.ERROR, Level.HINT

LINE_RULES: Final[tuple[tuple[str, Level, Callable[[str], str]], ...]] = (
    ("L03", H, _too_long),
    ("L04", E, _several_sentences),
    ("L05", E, _too_many_words),
    (
        "L06",
        E,
        _finds(
            r"\b(?:z|d|u|o|i)\. ?[a-zäöüA-Z]\.|\b(?:usw|bzw|ggf|evtl|inkl|ca|Nr|Tel|"
            r"Str|Abs|Art|Hr|Fr|Dr|Mo|Di|Mi|Do|Sa|So|Dez|Nov|Okt|Jan|Feb|max|min)\."
        ),
    ),
    (
        "L07",
        E,
        _finds(
            r"\b(?:würde|könnte|sollte|müsste|dürfte|hätte|wäre|käme|ginge|gäbe|"
            r"möge)(?:n|t|st)?\b|\bseien?\b",
            ignore_case=True,
        ),
    ),
    ("L08", E, _passive),
    (
        "L09",
        H,
        _finds(
            r"\b(?:des|eines|dieses|jedes|unseres|Ihres) (?:\w+en )?"
            r"[A-ZÄÖÜ]\w+(?:s|en)\b"
        ),
    ),
    (
        "L10",
        E,
        _finds(
            r"\b(?:dass|weil|obwohl|sodass|nachdem|bevor|während|falls|sofern|indem|"
            r"damit|sobald|solange)\b|(?:^|, )ob\b",
            ignore_case=True,
        ),
    ),
    (
        "L11",
        H,
        _finds(
            r", (?:(?:in|mit|auf|von|bei|für) )?(?:der|die|das|dem|den|deren)\b(?! \d)"
        ),
    ),
    ("L12", H, _several_commas),
    (
        "L13",
        H,
        _finds(
            r"\b(?:ging|kam|fand|gab|sah|schrieb|sagte|machte|blieb|stand|lag|nahm|hielt|"
            r"traf|sprach|lud)(?:en|st|t)?\b"
        ),
    ),
    ("L14", E, _double_negation),
    (
        "L15",
        H,
        _finds(
            r"\b(?:weder|keineswegs|keinesfalls|mitnichten|niemals)\b|"
            r"\bun(?:möglich|nötig|klar|bekannt|gültig|wichtig)\w*|"
            r"\b[a-zäöü]{3,}los(?:e\w?)?\b",
            ignore_case=True,
        ),
    ),
    ("L16", E, _finds(r"[()\[\]{};…–—/%&§*_|„“”‚‘«»\"<>^#+=~\\]")),
    ("L17", E, _finds(r"\b\d{1,2}\.\d{1,2}\.|\b\d{4}-\d{2}-\d{2}\b")),
    ("L18", E, _finds(r"\b\d{1,2}[:.]\d{2}\b")),
    ("L19", E, _finds(r"\b\d+ ?- ?\d+\b")),
    (
        "L20",
        H,
        _finds(
            r"\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|"
            r"tausend|erste|zweite|dritte)[nrs]?\b",
            ignore_case=True,
        ),
    ),
    ("L21", E, _finds(r"\b[IVXLC]{2,}\b")),
    ("L22", E, _capitals),
    ("L23", E, _finds(r"[a-zäöüß](?:[*:_]i|I)n(?:nen)?\b")),
    ("L24", H, _long_word),
    ("L25", E, _endless_word),
    (
        "L26",
        E,
        _finds(r"\b(?:du|dir|dich|dein\w*|euch|euer|eure\w*)\b", ignore_case=True),
    ),
    ("L27", H, _finds(r"\b(?:er|ihn|ihm)\b")),
    ("L28", H, _finds(r"\bman\b", ignore_case=True)),
    ("L32", E, _finds(r"(?<!\d)\d{1,3} \d{3}(?!\d)")),
    ("L33", E, _address_in_a_sentence),
)
"""What one line shows: rule, certainty, test. A test returns what it found."""


def _paragraphs(lines: list[str]) -> Iterator[Remark]:
    """L02: paragraphs stay short; L34: a heading comes soon."""
    inside = since_heading = 0
    for number, line in enumerate(lines, 1):
        inside = inside + 1 if line else 0
        if line.endswith("?"):
            since_heading = 0
        elif prose(line) and not line.startswith("- "):
            since_heading += 1
            if since_heading == MAX_SECTION_LINES + 1:
                yield Remark(number, "L34", H, line)
        if inside == MAX_PARAGRAPH_LINES + 1:
            yield Remark(number, "L02", H, line)


SAME_THING: Final = (
    ("Treffen", "Termin", "Veranstaltung", "Sitzung", "Zusammenkunft"),
    ("E-Mail", "Mail", "Newsletter", "Nachricht", "Rundbrief"),
    ("abmelden", "abbestellen", "austragen", "kündigen"),
    ("deshalb", "deswegen", "darum", "daher"),
)
"""One thing has one name."""

HARD_WORDS: Final = ("Netzwerk", "Inklusion", "Newsletter", "Spam-Ordner")
"""Whoever uses one explains it."""


def _whole(lines: list[str]) -> Iterator[Remark]:
    said = " ".join(prose(line) for line in lines)
    lengths = [len(words(line)) for line in lines if re.search(r"[.!?]$", prose(line))]
    if lengths and sum(lengths) / len(lengths) > MAX_MEAN_WORDS:
        yield Remark(0, "L31", E, f"{sum(lengths) / len(lengths):.1f}")
    for names in SAME_THING:
        used = [
            name
            for name in names
            if re.search(
                rf"(?<![\w-]){name}(?:s|n|e|en)?(?![\w-])", said, re.IGNORECASE
            )
        ]
        if len(used) > 1:
            yield Remark(0, "L29", H, ", ".join(used))
    for word in HARD_WORDS:
        explained = rf"{word} (?:bedeutet|heißt|ist ein)|In einem {word} "
        if word in said and not re.search(explained, said):
            yield Remark(0, "L30", H, word)
