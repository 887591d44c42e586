"""What a command works with is named at its head, and read when it runs.

Reading it takes up to 0.7 s, SQLAlchemy alone 0.2 s, and neither a help text nor a
mistyped option needs any of it. So while the door looks for a command, each module of
ours is only registered, and read when somebody asks for something in it. From a room
that knows the database, a command's module therefore imports modules, not names;
``tests/architecture/test_help.py`` tries every command. What only one command of a
group needs, or what comes with an extra, is imported where it is used: all the rest is
read before a command begins its work.

Python's own ``LazyLoader`` does the work, as it does for Mercurial (hgdemandimport).
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import LazyLoader
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

OURS: Final = ("mailer.", "subscribers.")
"""Others may rely on being read at once."""


class _Later:
    """Finds our modules in such a way that none is read before it is used.

    Attributes:
        found: The names of those that may not have been read yet.
    """

    def __init__(self) -> None:
        self.found: set[str] = set()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module of ours; None leaves it to the others."""
        if not fullname.startswith(OURS):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
            self.found.add(fullname)
        return spec


_FINDER: Final = _Later()


@contextmanager
def later() -> Iterator[None]:
    """Read no module of ours that is imported meanwhile before it is used."""
    sys.meta_path.insert(0, _FINDER)
    try:
        yield
    finally:
        sys.meta_path.remove(_FINDER)


def read() -> None:
    """Read what was left for later.

    Before there is a second thread: up to Python 3.11.8 and 3.12.2 it can see a module
    half read (https://github.com/python/cpython/issues/114763).
    """
    while _FINDER.found:
        vars(sys.modules[_FINDER.found.pop()])  # whoever asks for anything reads all
