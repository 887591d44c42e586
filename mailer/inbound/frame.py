"""Around what somebody wants: greeting, closing, name. And the subject's prefixes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.inbound.words import plain, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.inbound.table import Table

MAX_GREETED: Final = 6
"""Words from a greeting to its comma: "Sehr geehrte Frau Dr. von Sommer,"."""

MAX_SIGNED: Final = 6
"""Words beside a closing on its line: "LG Ihre Familie Krause"."""

MAX_NAME: Final = 4
"""Words of a name: "Dr. Anna Maria Beispiel"."""

_PREFIX: Final = re.compile(
    r"\s*(?:re|aw|antw|antwort|wg|fwd?|fw|sv)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?:",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"^\s*\[[^\]]{1,40}\]\s*")
_POSTSCRIPT: Final = re.compile(r"\s*(?:PS|P\.\s?S\.?|Nachtrag)\b", re.IGNORECASE)
_BUT: Final = frozenset({"nur", "aber", "ausser", "natuerlich", "bzw", "also", "doch"})
_TITLES: Final = frozenset(
    {
        "dr",
        "prof",
        "frau",
        "herr",
        "herrn",
        "familie",
        "fam",
        "hr",
        "fr",
        "i",
        "a",
        "ihr",
    }
)
_YOURS: Final = frozenset({"ihr", "ihre", "euer", "eure"})
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?\.?")
_FORMAL: Final = re.compile(
    r"\s*(?:(?:Dr|Prof|Familie|Fam|Ihre Familie|[A-ZÄÖÜ])\b\.?\s?-?){1,4}"
    r"[A-ZÄÖÜ][\w-]{2,30}\s*"
)
"""A name that says so itself: "Dr. Kunz", "E. Winkler", "Familie Schröter"."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject without its prefixes.

    Attributes:
        text: What is left.
        is_answer: "Re:", "AW:" or the like stood before it.
    """

    text: str
    is_answer: bool


def subject(line: str) -> Subject:
    """Return *line* without "Re:", "AW:", "WG:", however often."""
    rest = line.strip()[:400]
    is_answer = False
    while found := _PREFIX.match(rest):
        is_answer = True
        rest = rest[found.end() :].strip()
    return Subject(_TAG.sub("", rest), is_answer)


def unframed(text: str, table: Table) -> str:
    """Return the sender's text without greeting, closing and what stands below it."""
    lines = [line for line in text.split("\n") if line.strip()]
    for _ in range(2):  # "Hallo," and "liebe Frau Sommer,"
        if lines:
            rest = ungreeted(lines[0], table)
            lines[:1] = [rest] if rest else []
    kept: list[str] = []
    for number, line in enumerate(lines):
        said = unclosed(line, table)
        if said is None:
            kept.append(line)
            continue
        if said:
            kept.append(said)
        kept += added(lines[number + 1 :])
        break
    return "\n".join(kept)


def added(lines: Sequence[str]) -> list[str]:
    """Return what was added below a closing: a postscript, a "nur …"."""
    for number, line in enumerate(lines):
        if _POSTSCRIPT.match(line):
            return list(lines[number:])
        if words(line)[:1] and words(line)[0] in _BUT:
            return list(lines[number:])
    return []


def ungreeted(line: str, table: Table) -> str:
    """Return *line* without its greeting."""
    said = words(line)
    greeting = next((one for one in table.greetings if said[: len(one)] == one), None)
    if greeting is None:
        return line
    comma = re.search(r"[,!:]|\.(?=\s|$)", line[:80])
    greeted = words(line[: comma.start()]) if comma else said
    after = greeted[len(greeting) :]
    is_name = all(word not in table.known or word in _TITLES for word in after)
    if comma and len(after) <= MAX_GREETED and is_name:
        return line[comma.end() :].strip()
    spoken = _WORD.findall(line)[len(greeting) :]
    if is_name and len(spoken) <= MAX_NAME and all(one[0].isupper() for one in spoken):
        return ""
    pieces = line.split(maxsplit=len(greeting))
    return pieces[-1] if len(pieces) > len(greeting) else ""


def unclosed(line: str, table: Table) -> str | None:
    """Return what stands before a closing on this line; None if there is none."""
    spoken = list(re.finditer(r"\S+", line))
    said = [words(one[0]) for one in spoken]
    for at in range(len(spoken)):
        for closing in table.closings:
            flat = [
                part for group in said[at : at + len(closing) + 1] for part in group
            ]
            if tuple(flat[: len(closing)]) != closing:
                continue
            if closing[0] in _YOURS and at and spoken[at - 1][0][-1] not in ",.!":
                continue  # "schickt mir eure Infos"
            rest = spoken[at + len(closing) :]
            if _is_signed([one[0] for one in rest], table, is_line=at == 0):
                return line[: spoken[at].start()].strip()
    return None


def _is_signed(rest: Sequence[str], table: Table, *, is_line: bool) -> bool:
    """Return whether *rest* can be what stands beside a closing: a name or nothing."""
    if not rest:
        return True
    spoken = [word for piece in rest for word in words(piece)]
    if len(rest) > MAX_SIGNED or any(word in table.known for word in spoken):
        return False
    if is_line and spoken and spoken[0] in {"aus", "vom", "von", "an"}:
        return True  # "Viele Grüße aus Mehringen"
    return all(
        piece[0].isupper() or set(words(piece)) <= table.first_names for piece in rest
    )


def is_name(raw: str, sender: str, table: Table) -> bool:
    """Return whether a line is the sender's name: a first name, or in his address."""
    if _FORMAL.fullmatch(raw):
        return True
    spoken = [
        word
        for word in words(re.sub(r"[^\w\s-]", " ", raw))
        if word not in table.fillers
    ]
    if not 0 < len(spoken) <= MAX_NAME:
        return False
    local = plain(sender.partition("@")[0])
    return any(
        word in table.first_names or (len(word) > 2 and word in local)  # noqa: PLR2004 - shorter ones are in everything
        for word in spoken
        if word not in _TITLES
    ) and not any(word in table.known for word in spoken)
