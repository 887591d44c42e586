"""The language of the table: words with simple wildcards, no regular expressions.

    nehmen|nehmt sie mich … <verteiler> (bitte) auf

* a word stands for itself, however it is written;
* "adress*" and "*verteiler": any ending, any beginning;
* "nimm|nehmt": one of them;  "(bitte)": may be missing;
* "…": up to six other words, or none;
* "<verteiler>": one word of that group;
* "^" begins and "$" ends a pattern that must begin or end the sentence.

A pattern is matched in steps over all places at once, so its time is the product of
its length and the sentence's, whatever stands in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

from mailer.inbound.words import plain

MAX_GAP: Final = 6
"""Words that "…" stands for at most."""


class BadPattern(ValueError):
    """A pattern in the table cannot be understood; shown to whoever edits it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A set of words, some with wildcards.

    Attributes:
        exact: Words that stand for themselves.
        begins: Beginnings, of "adress*".
        ends: Endings, of "*verteiler".
        holds: Middles, of "*einlad*".
    """

    exact: frozenset[str]
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    @classmethod
    def of(cls, written: Iterable[str]) -> Words:
        """Return the set written as words with stars."""
        exact, begins, ends, holds = set(), [], [], []
        for one in map(_folded, written):
            bare = one.strip("*")
            match one.startswith("*"), one.endswith("*"):
                case True, True:
                    holds.append(bare)
                case True, False:
                    ends.append(bare)
                case False, True:
                    begins.append(bare)
                case _:
                    exact.add(one)
        return cls(frozenset(exact), tuple(begins), tuple(ends), tuple(holds))

    @property
    def has_stars(self) -> bool:
        """Whether some of the words have wildcards."""
        return bool(self.begins or self.ends or self.holds)

    def __contains__(self, word: str) -> bool:
        if word in self.exact:
            return True
        return (
            word.startswith(self.begins)
            or word.endswith(self.ends)
            or any(part in word for part in self.holds)
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a pattern.

    Attributes:
        words: What may stand there; None for a gap.
        is_optional: It may be missing.
    """

    words: Words | None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, ready to be matched.

    Attributes:
        written: As it stands in the table.
        steps: Its places.
        needed: One of these words must be there, if any is named: most patterns are
            put aside by that alone.
        begins: It must begin the sentence.
        ends: It must end the sentence.
    """

    written: str
    steps: tuple[Step, ...]
    needed: frozenset[str] = frozenset()
    begins: bool = False
    ends: bool = False

    @classmethod
    def of(cls, written: str, groups: Mapping[str, Sequence[str]]) -> Pattern:
        """Return the pattern that a line of the table means.

        Raises:
            BadPattern: A group has no words, or nothing is left of it.
        """
        pieces = written.split()
        begins, ends = pieces[:1] == ["^"], pieces[-1:] == ["$"]
        inner = pieces[int(begins) : len(pieces) - int(ends)]
        steps = tuple(_step(piece, groups) for piece in inner)
        if not any(step.words for step in steps):
            raise BadPattern(written)
        return cls(written, steps, _needed(steps), begins=begins, ends=ends)

    def fits(self, sentence: Sequence[str]) -> bool:
        """Return whether the pattern stands somewhere in the words of a sentence."""
        if self.needed and self.needed.isdisjoint(sentence):
            return False
        last = len(self.steps)
        alive = self._skipped({(0, 0)})
        for word in sentence:
            if not self.ends and self._is_done(alive, last):
                return True
            alive = self._skipped(self._taken(alive, word))
            if not self.begins:
                alive |= self._skipped({(0, 0)})
        return self._is_done(alive, last)

    def is_exactly(self, sentence: Sequence[str]) -> bool:
        """Return whether the pattern is all of the words of a sentence."""
        if self.needed and self.needed.isdisjoint(sentence):
            return False
        alive = self._skipped({(0, 0)})
        for word in sentence:
            alive = self._skipped(self._taken(alive, word))
        return self._is_done(alive, len(self.steps))

    def covers(
        self, sentence: Sequence[str], *, with_gaps: bool = False
    ) -> frozenset[int]:
        """Return the places of the words that the pattern names in a sentence.

        Args:
            sentence: Its words.
            with_gaps: Also those that "…" stands for.
        """
        best: frozenset[int] = frozenset()
        if not self.fits(sentence):
            return best  # nearly always, and found out in a tenth of the time
        alive: dict[tuple[int, int], frozenset[int]] = {}
        for place, word in enumerate(sentence):
            if place == 0 or not self.begins:
                alive = self._fullest([*alive.items(), ((0, 0), frozenset())])
            steps = (
                (state, places | ({place} if state[1] == 0 or with_gaps else set()))
                for before, places in alive.items()
                for state in self._taken({before}, word)
            )
            alive = self._fullest(steps)
            done = alive.get((len(self.steps), 0), frozenset())
            if not self.ends or place == len(sentence) - 1:
                best = max(best, done, key=len)
        return best

    def _fullest(
        self, reached: Iterable[tuple[tuple[int, int], frozenset[int]]]
    ) -> dict[tuple[int, int], frozenset[int]]:
        """Return where the pattern stands, each with the most words on the way."""
        found: dict[tuple[int, int], frozenset[int]] = {}
        for before, places in reached:
            for state in self._skipped({before}):
                found[state] = max(found.get(state, frozenset()), places, key=len)
        return found

    @staticmethod
    def _is_done(alive: set[tuple[int, int]], last: int) -> bool:
        return any(at == last for at, _ in alive)

    def _skipped(self, alive: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return *alive* with all places that missing words lead to."""
        reached = set(alive)
        for at, _ in alive:
            place = at
            while place < len(self.steps) and self._may_miss(place):
                place += 1
                reached.add((place, 0))
        return reached

    def _may_miss(self, at: int) -> bool:
        return self.steps[at].is_optional or self.steps[at].words is None

    def _taken(self, alive: set[tuple[int, int]], word: str) -> set[tuple[int, int]]:
        """Return where the pattern stands after one more word."""
        reached = set()
        for at, gap in alive:
            if at == len(self.steps):
                continue
            words = self.steps[at].words
            if words is None:
                if gap < MAX_GAP:
                    reached.add((at, gap + 1))
            elif word in words:
                reached.add((at + 1, 0))
        return reached


def _needed(steps: Sequence[Step]) -> frozenset[str]:
    """Return the smallest set of words of which a sentence must have one."""
    places = (step.words for step in steps if step.words and not step.is_optional)
    plain_ones = [words.exact for words in places if not words.has_stars]
    return min(plain_ones, key=len, default=frozenset())


def _step(piece: str, groups: Mapping[str, Sequence[str]]) -> Step:
    """Return the place that one piece of a pattern means."""
    if piece in {"…", "..."}:
        return Step(None)
    is_optional = piece.startswith("(") and piece.endswith(")")
    choices: list[str] = []
    for choice in piece.strip("()").split("|"):
        if choice.startswith("<") and choice.strip("<>") in groups:
            choices += groups[choice.strip("<>")]
        elif choice:
            choices.append(choice)
    if not choices:
        raise BadPattern(piece)
    return Step(Words.of(choices), is_optional)


def _folded(written: str) -> str:
    """Return a word of the table as sentences have it; signs like <datum> stay."""
    return (
        plain(written) if written.startswith("<") else plain(written).replace("-", "")
    )
