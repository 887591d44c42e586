"""Small slips of the finger: is "abmleden" the word "abmelden"?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_CHARS: Final = 6
"""In shorter words one wrong letter makes another word."""

MAX_CHARS: Final = 24
LONG_CHARS: Final = 12
"""From here on two slips are forgiven: "leichte schprache"."""


def slips(one: str, other: str, *, limit: int) -> int:
    """Return by how many slips two words differ; limit + 1 if by more.

    A slip is a letter too many, too few, another one, or two swapped (the restricted
    Damerau-Levenshtein distance).

    Example:
        >>> slips("abmleden", "abmelden", limit=2)
        1
    """
    if abs(len(one) - len(other)) > limit or len(set(one) - set(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        last, row, older = row, [i], before
        for j, right in enumerate(other, start=1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        before = last
    return min(row[-1], limit + 1)


def nearest(word: str, meanings: Iterable[tuple[str, str]]) -> str | None:
    """Return what a word with slips means; None if nothing or two things are near.

    Args:
        word: Without blanks.
        meanings: Known words without blanks, each with its meaning.
    """
    if not MIN_CHARS <= len(word) <= MAX_CHARS:
        return None
    limit = 2 if len(word) >= LONG_CHARS else 1
    best: dict[str, int] = {}
    for known, meaning in meanings:
        if len(known) < MIN_CHARS:
            continue
        distance = slips(word, known, limit=limit)
        if distance <= limit:
            best[meaning] = min(distance, best.get(meaning, limit))
    if not best:
        return None
    least = min(best.values())
    winners = [meaning for meaning, distance in best.items() if distance == least]
    return winners[0] if len(winners) == 1 else None
