"""Sentences and words as the recogniser sees them: without capitals, umlauts, hyphens.

"Möchte", "moechte" and "MÖCHTE" are one word here, "E-Mail" and "e mail" too. Dates,
addresses and links become one sign each, so that a rule can speak of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARS: Final = 3_000
"""Of the own text: whoever writes more than a page has more than one wish."""

MAX_ADDRESSES: Final = 20
"""Of one text; more than two are none of a command's business anyway."""

DATE: Final = "<datum>"
ADDRESS: Final = "<adresse>"
LINK: Final = "<verweis>"
NUMBER: Final = "<zahl>"

_MONTHS: Final = (
    "januar|j(?:ä|ae)nner|februar|m(?:ä|ae)rz|april|mai|juni|juli|august|september|oktober"
    "|november|dezember|jan|feb|apr|aug|sept?|okt|nov|dez"
)
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LINK: Final = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}")
_AT: Final = re.compile(
    r"(?<=[a-z0-9])\s?(?:[(\[{](?:at|ät)[)\]}])\s?(?=[a-z0-9])", re.IGNORECASE
)
_DOT: Final = re.compile(r"\s?(?:\(punkt\)|\[punkt\]|\(dot\)|\[dot\])\s?")
_ADDRESS_LIKE: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
)
_DATE: Final = re.compile(
    rf"\b(?:\d{{1,2}}\.\s?(?:\d{{1,2}}\b\.?(?:\s?\d{{2,4}}\b)?|(?:{_MONTHS})\b"
    rf"(?:\s\d{{4}}\b)?)|\d{{4}}-\d\d-\d\d|\d{{1,2}}[:.]\d\d(?:\suhr)?\b|\d{{1,2}}\suhr\b"
    rf"|\d{{1,2}}/\d{{1,2}}/\d{{2,4}})",
    re.IGNORECASE,
)
_APART: Final = re.compile(r"\be[- ]?mail", re.IGNORECASE)
_NEWS: Final = re.compile(
    r"\bnetzwerk[- ]info(?=s?\b)"
    r"|\binfo(?:s|rmationen)? (?:vom|des|aus dem) netzwerks?\b"
)
_FUTURE: Final = re.compile(r"\b(?:in|fuer die) zukunft\b")
_SMALL_WORD: Final = re.compile(
    r"<datum>|<adresse>|<verweis>|[a-z0-9]+(?:[-'][a-z0-9]+)*|,"
)
_CONJUNCTIONS: Final = frozenset({"und", "aber", "denn", "weil"})
"""With a comma or one of them a new clause begins."""
_END: Final = re.compile(r"(?<![.\s]\w)[.!?;:]+(?=[\s)\"“”»]|$)|\n+|…|\.{2,}|\s[–—-]\s")
_SHORT: Final = re.compile(
    r"\b(?:dr|prof|hr|fr|bzw|ca|nr|str|tel|usw|evtl|ggf|art|abs|gem|z\.\s?b|d\.\s?h"
    r"|u\.\s?a|i\.\s?a|i\.\s?r|i\.\s?v)\.",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Attributes:
        words: Plain words and signs.
        is_question: It ends with a question mark.
        raw: As it was written, for names.
        clauses: For each word, in which clause it stands, from 0.
    """

    words: tuple[str, ...]
    is_question: bool
    raw: str
    clauses: tuple[int, ...]


def plain(text: str) -> str:
    """Return *text* in small letters without umlauts or accents.

    Example:
        >>> plain("Grüße, André")
        'gruesse, andre'
    """
    folded = _STRETCHED.sub(r"\1", text.casefold().translate(_UMLAUTS))
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def all_addresses(text: str) -> list[str]:
    """Return the addresses in a text in order, also "rita (at) web.example"."""
    opened = _opened(_LINK.sub(f" {LINK} ", text))
    return [found[0].lower() for found in _ADDRESS_LIKE.finditer(opened)]


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses in a text, each once."""
    return tuple(dict.fromkeys(all_addresses(text)[:MAX_ADDRESSES]))


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text; a line end ends one, unless it only wraps."""
    signed = _signed(_joined(text[:MAX_CHARS]))
    return [made for made in map(_sentence, _cut(signed)) if made.raw]


def words(text: str) -> tuple[str, ...]:
    """Return the plain words and signs of one line."""
    return _sentence(_signed(text)).words


def _opened(text: str) -> str:
    """Return a text in which hidden addresses are plain."""
    return _DOT.sub(".", _AT.sub("@", text))


def _signed(text: str) -> str:
    """Return a text in which addresses, links and dates are signs."""
    opened = _opened(_LINK.sub(f" {LINK} ", text))
    return _DATE.sub(f" {DATE} ", _ADDRESS_LIKE.sub(f" {ADDRESS} ", opened))


WRAP_COLUMNS: Final = 55
"""A line at least this long without a full stop goes on in the next one."""


def _joined(text: str) -> str:
    """Return a text in which lines that were only wrapped are one."""
    joined: list[str] = []
    for line in text.split("\n"):
        last = joined[-1] if joined else ""
        goes_on = (
            line.strip()
            and last.strip()
            and last.rstrip()[-1] not in ".!?:;"
            and (
                len(last.rsplit("\n", 1)[-1]) >= WRAP_COLUMNS
                or line.lstrip()[0].islower()
            )
            and not (last.islower() and len(last.split()) <= 1)
        )
        if goes_on:
            joined[-1] = f"{last.rstrip()} {line.strip()}"
        else:
            joined.append(line)
    return "\n".join(joined)


def _cut(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each with its mark."""
    safe = _SHORT.sub(lambda found: found[0].replace(".", "\u2024"), text)
    start = 0
    for end in _END.finditer(safe):
        yield safe[start : end.end()]
        start = end.end()
    yield safe[start:]


def _sentence(raw: str) -> Sentence:
    """Return one sentence from its wording."""
    said = raw.strip().replace("\u2024", ".")
    small = _FUTURE.sub("kuenftig", _APART.sub("email", plain(said)))
    small = _NEWS.sub("netzwerkinfo", small)
    found, clauses, clause = [], [], 0
    for word in _SMALL_WORD.findall(small):
        clause += word == "," or word in _CONJUNCTIONS
        if word != ",":
            found.append(word.replace("-", "").replace("'", ""))
            clauses.append(clause)
    is_question = said.rstrip('"“”») ').endswith("?")
    return Sentence(tuple(found), is_question, said, tuple(clauses))
