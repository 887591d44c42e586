"""What a refusing server says: is the address dead, full, or is it about us?

The words decide before the numbers. Exim writes ``Status: 5.0.0`` beside "552 5.2.2
mailbox full", and half of all permanent refusals are about our server, our mail or
our speed, not about the person. So the order is: the words of the diagnostic line
(``diagnostics.toml``), the enhanced code in it, the Status field. What is left in
doubt is soft at most: nobody is declared dead by a guess.

Source: RFC 3463, section 3 (enhanced codes); RFC 3464, section 2.3.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LOOK_CHARS: Final = 3000
"""Characters of a diagnostic that are read; real ones have under 1,500."""

GAP_WORDS: Final = 6
"""How many foreign words "…" in a phrase spans: half a sentence."""


class Severity(StrEnum):
    """What a delivery report means for the person it is about."""

    HARD = "hard"
    """There is no such mailbox or domain."""
    SOFT = "soft"
    """The mailbox exists, or may exist, and took nothing this time."""
    POLICY = "policy"
    """We, our mail or our server were refused; says nothing about the person."""
    DELAYED = "delayed"
    """The other server still tries."""
    NONE = "none"
    """Delivered, passed on, or it cannot be told."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was understood, and from what.

    Attributes:
        severity: The result.
        why: A German half-sentence for the coordinator.
        is_sure: It needs no permanent code beside it, and it is believed even after
            the content was sent.
    """

    severity: Severity
    why: str
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: a phrase that fits *pattern* means *severity*.

    Attributes:
        status: It counts only beside this enhanced code; empty for beside any.
        is_sure: It holds beside a temporary code too.
    """

    severity: Severity
    why: str
    pattern: re.Pattern[str]
    status: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Table:
    """``diagnostics.toml``, ready for use."""

    noise: re.Pattern[str]
    rows: tuple[Row, ...]


_CODES: Final = {
    "1.1": (Severity.HARD, "Diese Adresse gibt es nicht"),
    "1.2": (Severity.HARD, "Diese Domain gibt es nicht"),
    "1.3": (Severity.HARD, "So kann keine Adresse lauten"),
    "1.6": (Severity.HARD, "Das Postfach ist umgezogen"),
    # RFC 7505: the domain says that it takes no mail. Exchange means "no such
    # recipient". Either way nobody reads mail there.
    "1.10": (Severity.HARD, "Diese Adresse nimmt keine Mail an"),
    "1.7": (Severity.POLICY, "Unsere Absenderadresse wird nicht angenommen"),
    "1.8": (
        Severity.POLICY,
        "Die Domain unserer Absenderadresse wird nicht angenommen",
    ),
    "2.3": (Severity.POLICY, "Die Mail ist für dieses Postfach zu groß"),
    "3.3": (Severity.POLICY, "Der Server kann diese Art von Mail nicht"),
    "3.4": (Severity.POLICY, "Die Mail ist dem Server zu groß"),
    "1": (Severity.SOFT, "Mit der Adresse stimmt etwas nicht"),
    "2": (Severity.SOFT, "Das Postfach nimmt gerade nichts an"),
    "3": (Severity.SOFT, "Der Server des Empfängers hat eine Störung"),
    "4": (Severity.SOFT, "Der Weg zum Server des Empfängers ist gestört"),
    "5": (Severity.POLICY, "Die Server verstehen einander nicht"),
    "6": (Severity.POLICY, "Dem Server gefällt der Aufbau der Mail nicht"),
    "7": (
        Severity.POLICY,
        "Eine Sicherheitsregel des Servers lässt die Mail nicht durch",
    ),
}
"""RFC 3463, section 3: "subject.detail", else "subject" alone."""

_UNCLEAR: Final = Diagnosis(
    Severity.SOFT, "Die Mail wurde nicht angenommen, der Grund bleibt unklar"
)
_FOR_NOW: Final = Diagnosis(
    Severity.SOFT, "Der Server meldet ein vorübergehendes Hindernis"
)

ENHANCED: Final = re.compile(
    r"(?<![\w.])([245])\.(\d{1,3})\.(\d{1,3})(?![\w]|\.\d)", re.ASCII
)
"""RFC 3463, section 2; not the middle of an IP address or a version."""

_REPLY: Final = re.compile(r"(?<![\w.:\[])([245])\d\d(?=[\s\-#:]|$)", re.ASCII)
"""RFC 5321, section 4.2: three digits that stand alone."""

_ADDRESS: Final = re.compile(r"[^\s<>@\"'(),:;\[\]]{1,64}@[^\s<>@\"'(),:;\[\]]{1,255}")
_WORD: Final = re.compile(r"[^\W_]+")
_FOLDED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "’": "'", "´": "'"})


def diagnose(diagnostic: str, status: str = "") -> Diagnosis:
    """Return what a refusal means: for one that failed, not one that is delayed.

    Args:
        diagnostic: The server's words: Diagnostic-Code, or lines of a free text.
        status: The Status field ("5.1.1"); "" if there is none.

    Example:
        >>> diagnose("smtp; 552 5.2.2 Postfach voll", "5.0.0").severity
        <Severity.SOFT: 'soft'>
    """
    row = find_row(diagnostic, status)
    if row is None:
        return by_code(diagnostic, status) or _UNCLEAR
    if row.severity is Severity.HARD and not row.is_sure:
        return _lasting(Diagnosis(row.severity, row.why), diagnostic, status)
    return Diagnosis(row.severity, row.why, row.is_sure)


def find_row(text: str, status: str = "") -> Row | None:
    """Return the first row of the table with a phrase that occurs in *text*."""
    words = table().noise.sub(" ", normalised(text))
    codes = {
        found[0] for found in ENHANCED.finditer(f"{text[:MAX_LOOK_CHARS]} {status}")
    }
    for row in table().rows:
        if row.status and row.status not in codes:
            continue
        if row.pattern.search(words):
            return row
    return None


def normalised(text: str, *, limit: int = MAX_LOOK_CHARS) -> str:
    r"""Return the words of *text* alone, as the table compares them.

    Args:
        text: Foreign text.
        limit: How many of its characters are looked at.

    Example:
        >>> normalised("550-5.1.1 <rita@town.example>:\n550 User_unknown; Empfänger?")
        ' user unknown empfaenger '
    """
    plain = _ADDRESS.sub(" ", text[:limit])
    plain = _REPLY.sub(" ", ENHANCED.sub(" ", plain))
    words = _WORD.findall(plain.casefold().translate(_FOLDED))
    return f" {' '.join(words)} "


@cache
def table() -> Table:
    """Return ``diagnostics.toml``."""
    source = resources.files(__package__).joinpath("diagnostics.toml")
    read = tomllib.loads(source.read_text(encoding="utf-8"))
    return Table(
        noise=phrases_pattern(read["noise"]),
        rows=tuple(
            Row(
                severity=Severity(row["severity"]),
                why=row["why"],
                pattern=phrases_pattern(row["phrases"]),
                status=row.get("status", ""),
                is_sure=row.get("sure", False),
            )
            for row in read["row"]
        ),
    )


def phrases_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of *phrases* in normalised text."""
    return re.compile("|".join(map(_pattern, phrases)))


def _pattern(phrase: str) -> str:
    """Return the regular expression for one phrase, against normalised text."""
    built = ""
    for word in phrase.casefold().translate(_FOLDED).split():
        if word == "…":
            built += rf"(?: \w+){{0,{GAP_WORDS}}}"
        elif "*" in word:
            begin = r"\w*" if word.startswith("*") else ""
            end = r"\w*" if word.endswith("*") else ""
            built += f" {begin}{re.escape(word.strip('*'))}{end}"
        else:
            built += f" {re.escape(word)}"
    return f"{built}(?= )"


def by_code(
    diagnostic: str, status: str, *, only_exact: bool = False
) -> Diagnosis | None:
    """Return what the numbers say: those of the diagnostic line, then the Status.

    Args:
        diagnostic: The server's words.
        status: The Status field.
        only_exact: Leave out codes of which only the subject is known to us.
    """
    for found in (ENHANCED.search(diagnostic), ENHANCED.search(status)):
        if found is None:
            continue
        known = _CODES.get(f"{found[2]}.{found[3]}")
        if known is None and not only_exact:
            known = _CODES.get(found[2])
        if known is not None:
            return _lasting(Diagnosis(*known), diagnostic, status)
    return None


def _lasting(diagnosis: Diagnosis, diagnostic: str, status: str) -> Diagnosis:
    """Return *diagnosis*; a temporary code beside it makes hard soft.

    Without any number it is taken for final: who gives up reports a failure.
    """
    for found in (
        ENHANCED.search(diagnostic),
        _REPLY.search(diagnostic),
        ENHANCED.search(status),
    ):
        if found is not None:
            is_temporary = found[1] == "4" and diagnosis.severity is Severity.HARD
            return _FOR_NOW if is_temporary else diagnosis
    return diagnosis
