"""Pure: is every word of a mail accounted for? If not, a person must read it.

Traps name the words that make a wish doubtful; but nobody can name them all. So it
also goes the other way round: whatever is neither part of a wish nor known to change
nothing is not understood, and what is not understood is never acted upon.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.inbound.words import ADDRESS, DATE, LINK, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.inbound.page import Page
    from mailer.inbound.table import Table
    from mailer.inbound.words import Sentence

_SIGNS: Final = frozenset({DATE, ADDRESS, LINK})
"""They have traps of their own."""

GRAVE: Final = frozenset({"anmelden", "abmelden", "ja", "nein", "neue adresse"})
"""Wishes that a person would have to undo; how letters are worded is none."""

_NAMED: Final = re.compile(
    r"(?:\b[Dd]ank(?:e|esch[öo]n)?[,.!]?|\b[Gg]r[uü](?:ß|ss)e?n?,?"
    r"|^[Ii]ch (?:bin|heiße)(?: der| die)?|[Nn]ame ist)\s+"
    r"((?:[A-ZÄÖÜ][\w.-]{0,30}\s*){1,3})(?:[.!]?$|,)"
)
"""Where a name may stand: "Danke, E. Wolff", "Ich bin Ole, und …"."""

_MIN_NAME_CHARS: Final = 3
"""Shorter pieces are in every address."""


def strange_sentences(page: Page, known: Table, *, is_grave: bool) -> set[int]:
    """Return the indexes of the sentences that are not wholly understood."""
    return {
        at
        for at in page.unknown
        if any(strange_words(page, at, known, is_grave=is_grave))
    }


def strange_words(
    page: Page, at: int, known: Table, *, is_grave: bool
) -> Iterator[str]:
    """Yield the words of one sentence that nothing accounts for.

    In the clause of a grave wish fewer words are harmless than beside it: "nicht"
    turns a wish round there, and elsewhere it is part of a reason.
    """
    sentence = page.sentences[at]
    wished = {place for find in page.finds if find.at == at for place in find.covers}
    clauses = {sentence.clauses[place] for place in wished}
    covered = wished | _explained(sentence, known)
    for place, word in enumerate(sentence.words):
        is_beside = sentence.clauses[place] not in clauses
        if place not in covered and not (
            _is_harmless(word, page, known)
            or (is_beside and word in known.harmless_beside)
            or (not is_grave and word in known.about_reading)
        ):
            yield word


def _is_harmless(word: str, page: Page, known: Table) -> bool:
    """Return whether a word changes nothing, wherever it stands."""
    is_from_address = len(word) >= _MIN_NAME_CHARS and word in page.written.sender
    return (
        is_from_address
        or word in _SIGNS
        or word in known.fillers
        or word in known.harmless_words
        or word in known.first_names
    )


def excused_places(sentence: Sentence, known: Table) -> set[int]:
    """Return the places of the words in a sentence that only give a reason."""
    return {
        place
        for cue in known.harmless
        for pattern in cue.patterns
        for place in pattern.covers(sentence.words, with_gaps=True)
    }


def _explained(sentence: Sentence, known: Table) -> set[int]:
    """Return the places of the words that are a reason, a name, or worth a note."""
    noted = {
        place
        for cue in known.notes
        for pattern in cue.patterns
        for place in pattern.covers(sentence.words)
    }
    return _named(sentence) | excused_places(sentence, known) | noted


def _named(sentence: Sentence) -> set[int]:
    """Return the places of a name that is given as one."""
    name = _NAMED.search(sentence.raw)
    if name is None or sentence.raw.isupper():
        return set()
    behind = len(words(sentence.raw[name.end(1) :]))
    end = len(sentence.words) - behind  # courtesies may be missing before it
    return set(range(end - len(words(name[1])), end))
