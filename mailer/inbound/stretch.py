"""A stretch of a large message, looked at where it lies.

A message of 25 MB is in memory once; cutting out its parts, level by level, would make
several times as much of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LINE_ENDS: Final = re.compile(rb"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some bytes of a whole, without a copy.

    Attributes:
        start, end: Places in *whole*; the second is the first behind it.
    """

    whole: bytes
    start: int
    end: int

    @classmethod
    def of(cls, whole: bytes) -> Stretch:
        """Return all of *whole*."""
        return cls(whole, 0, len(whole))

    def __len__(self) -> int:
        return self.end - self.start

    def cut(self, most: int | None = None) -> bytes:
        """Return its bytes, or the first of them."""
        end = self.end if most is None else min(self.end, self.start + most)
        return self.whole[self.start : end]

    def begins(self, *marks: bytes) -> bool:
        """Say whether it begins with one of *marks*."""
        return self.whole.startswith(marks, self.start, self.end)

    def find(self, mark: bytes, at: int | None = None) -> int:
        """Return where *mark* stands in the whole; -1 if it does not."""
        return self.whole.find(mark, self.start if at is None else at, self.end)

    def within(self, start: int, end: int | None = None) -> Stretch:
        """Return a part of it, by places in the whole."""
        return Stretch(self.whole, start, self.end if end is None else end)

    def lstripped(self) -> Stretch:
        """Return it without the line ends before it."""
        found = _LINE_ENDS.match(self.whole, self.start, self.end)
        return self if found is None else self.within(found.end())
