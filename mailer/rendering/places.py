"""Personal places: the gaps in a letter that are filled once per person.

A letter is rendered once for all who read the same style. Where a person's own
words belong, the template prints a place, which comes out as one character that no
text contains. Filling is then a replacement, and it cannot change anything else.

A place can only be printed. A template that asks it something ("is there a name?")
would get one answer for everybody, so every question is refused loudly.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from markupsafe import Markup
from typing_extensions import override

GREETING: Final = "greeting"
UNSUBSCRIBE_URL: Final = "unsubscribe_url"
PREFERENCES_URL: Final = "preferences_url"
REASON: Final = "reason"
CONFIRM_TOKEN: Final = "confirm_token"  # noqa: S105 - the name of a place
ENTRY: Final = "entry"

SIGNS: Final = {
    GREETING: "\uf8e1",
    UNSUBSCRIBE_URL: "\uf8e2",
    PREFERENCES_URL: "\uf8e3",
    REASON: "\uf8e4",
    CONFIRM_TOKEN: "\uf8e5",
    ENTRY: "\uf8e6",
}
"""One character for each place, from Unicode's private use area: it means nothing
to anybody, survives escaping and inlining, and no keyboard types it."""

_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")


class PlaceMisused(Exception):
    """A template asked a place something.

    Attributes:
        name: Which place, as the template calls it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class OpenPlace:
    """One place, as a template sees it: printable and nothing else."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def printed(self) -> Markup:
        """Return the character that stands for this place."""
        return Markup(SIGNS[self._name])  # noqa: S704 - one private character, no markup

    def _refuse(self, *_args: object) -> NoReturn:
        raise PlaceMisused(self._name)

    @override
    def __str__(self) -> str:
        raise PlaceMisused(self._name)

    @override
    def __eq__(self, other: object) -> bool:
        raise PlaceMisused(self._name)

    @override
    def __hash__(self) -> int:
        raise PlaceMisused(self._name)

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __call__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __mod__ = __mul__ = _refuse
    __int__ = __float__ = __index__ = __format__ = _refuse


OPEN: Final = {name: OpenPlace(name) for name in SIGNS}
"""What templates get, by name."""


def has_private_sign(text: str) -> bool:
    """Return whether *text* contains a character that could be taken for a place."""
    # Nothing private is printable, and most texts are, which is said faster.
    return not text.isprintable() and _PRIVATE.search(text) is not None


def printable(value: object) -> object:
    """Return what a template prints for *value* (Jinja's ``finalize``)."""
    return value.printed() if isinstance(value, OpenPlace) else value
