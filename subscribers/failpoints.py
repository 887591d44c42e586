"""Failpoints: named places where a test stops the program or lets its disk fail.

They are compiled into the real program, so what is tested is what runs. Off unless
somebody sets ``MIA_FAILPOINT=NAME:ACTION[:N]``, as in ``content.after:kill:2``:

* NAME: every commit has a place before and after it, called after what is committed
  (``claim.before``, ``claim.after``; marks and answers are ``entered``); the wire has
  ``content.before`` and ``content.after``; a letter is read at ``letter.read``.
  ``*`` is every place.
* ACTION: what happens there, see ``Action``.
* N: the n-th time that the place is reached, from 1; ``3+`` is the third time and
  ever after, as a disk that is full stays full. Default: the first time.

The places are reached from every floor, so what is armed stands here, once, and is
not handed through all of them.
"""

from __future__ import annotations

import errno
import os
import re
import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIABLE: Final = "MIA_FAILPOINT"
"""The environment variable that arms one failpoint."""

ANY: Final = "*"
"""The name that means every place."""

COMMIT: Final = "commit"
"""The name of a commit that nobody named."""

_SPELLING: Final = re.compile(
    r"(?P<name>\*|[a-z_]+\.[a-z]+):(?P<action>[a-z]+)(:(?P<number>[1-9]\d*)(?P<on>\+?))?"
)


class Action(StrEnum):
    """What happens at a failpoint."""

    KILL = "kill"
    """The process is gone, as by kill -9 or a power cut: nothing is cleaned up."""
    STOP = "stop"
    """The process stands still (SIGSTOP) until somebody sends SIGCONT."""
    EIO = "eio"
    """The disk or the line reports an error."""
    ENOSPC = "enospc"
    """The disk is full."""
    LOCK = "lock"
    """Somebody else holds the database."""


_SIGNALS: Final = {Action.KILL: signal.SIGKILL, Action.STOP: signal.SIGSTOP}
_ERRORS: Final = {
    Action.EIO: errno.EIO,
    Action.ENOSPC: errno.ENOSPC,
    Action.LOCK: errno.EAGAIN,
}

_armed: Final[list[Callable[[str], None]]] = []
"""What is called with the name of each place that is reached."""


@dataclass(frozen=True, slots=True)
class Failpoint:
    """One place that fails.

    Attributes:
        name: Of the place; ``ANY`` for all.
        number: The how-manieth time it fails, from 1.
        stays: Whether it fails ever after.
    """

    name: str
    action: Action
    number: int = 1
    stays: bool = False
    _times: Iterator[int] = field(
        default_factory=lambda: count(1), compare=False, repr=False
    )

    def __call__(self, name: str) -> None:
        """Fail, if it is time to.

        Raises:
            OSError: As the action says.
        """
        if self.name not in {name, ANY}:
            return
        times = next(self._times)
        if times < self.number or (times > self.number and not self.stays):
            return
        if self.action in _SIGNALS:
            os.kill(os.getpid(), _SIGNALS[self.action])
        else:
            number = _ERRORS[self.action]
            raise OSError(number, os.strerror(number))


def parse(text: str) -> Failpoint | None:
    """Return the failpoint that *text* describes; None if it describes none.

    Example:
        >>> parse("entered.after:enospc:3+") == Failpoint(
        ...     "entered.after", Action.ENOSPC, 3, stays=True
        ... )
        True
    """
    found = _SPELLING.fullmatch(text)
    if found is None or found["action"] not in list(Action):
        return None
    return Failpoint(
        found["name"],
        Action(found["action"]),
        number=int(found["number"] or 1),
        stays=bool(found["on"]),
    )


@contextmanager
def armed(act: Callable[[str], None]) -> Iterator[None]:
    """Call *act* with the name of each place that is reached within."""
    _armed.append(act)
    try:
        yield
    finally:
        _armed.remove(act)


def reach(name: str) -> None:
    """Say that the program has come to the place *name*.

    Raises:
        OSError: It fails here.
    """
    for act in tuple(_armed):
        act(name)
