"""A letter built once for all its readers, with slots for what is personal.

Building a message costs a millisecond, and all but a few lines of it are the same for
everybody. So a letter is built once, by the same ``build`` as ever, for nobody, with
marks for what is personal, and cut at them. For each reader those slots are written;
the pieces between them are the same objects for all.

A place can be cut out because an encoded line begins at each of its seams (see
``mime``): what stands around a value does not depend on it. Tokens have one length and
one alphabet, so what stands around one does not depend on it either. What cannot be cut
is built for each reader, with identical bytes. The first message of a letter is always
made both ways and compared.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from mailer.errors import MessageUnsafe
from mailer.rendering import headers, mime, places
from mailer.rendering.letter import checked, escaped, fill
from mailer.rendering.message import HALF_A_CHARACTER, build
from mailer.rendering.parcel import Content
from mailer.rendering.person import Personal
from subscribers.address import EmailAddress
from subscribers.tokens import TOKEN_CHARS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mailer.rendering.letter import Letter
    from mailer.rendering.message import MessageHead
    from mailer.rendering.person import Person

_MARKS: Final = Personal(
    to=EmailAddress.parse("reader@mark.example"),
    to_name=None,
    message_id="<message@mark.example>",
    unsubscribe_token="unsubscribe".ljust(TOKEN_CHARS, "2"),
    preferences_token="preferences".ljust(TOKEN_CHARS, "3"),
    # "&" is written differently in HTML, so its slots can be told from those in text.
    greeting="#&greeting#",
    reason="#&reason#",
    entry="#&entry#",
)
"""Nobody's. A letter that says one of these by itself fails the comparison."""

_MADE_OF: Final = (
    *("unsubscribe_token", "preferences_token", "to"),
    *("message_id", "message_id", "message_id"),
    *("greeting", "greeting", "reason", "reason", "entry", "entry"),
)
"""What of ``Personal`` is in each of the slots, in the order of ``_written``."""

_TOKENS: Final = 2
"""So many slots hold a token; they are the first."""

_SOFT: Final = re.escape(mime.SOFT_BREAK)
_NOT_SAID: Final = ("", "")


class Splice:
    """Writes the messages of one letter, each like *build* to the last bit.

    Attributes:
        unsaid: What of ``Personal`` the messages do not say, so it need not be known;
            nothing before the first one.
    """

    def __init__(
        self, build: Callable[[Personal], bytes], *, cuts: bool = True
    ) -> None:
        """Begin without having built any.

        Args:
            build: Builds the message for one reader from nothing, see ``plain``.
            cuts: False builds each one.
        """
        self.unsaid: frozenset[str] = frozenset()
        self._build = build
        self._cut: _Cut | None = None
        self._may_try = cuts

    @property
    def is_cut(self) -> bool:
        """Whether messages are spliced; never before the first one."""
        return self._cut is not None

    def content(self, own: Personal) -> Content:
        """Return the message for one reader.

        Raises:
            MessageUnsafe: As *build*.
        """
        if self._cut is not None:
            return self._cut.content(own)
        whole = self._build(own)
        if self._may_try:
            self._may_try = False
            self._try(own, whole)
        return Content.whole(whole)

    def _try(self, own: Personal, whole: bytes) -> None:
        """Cut the letter, if what was built for one reader comes out of it, too."""
        cut = _Cut(self._build(_MARKS).decode("ascii"))
        if bytes(cut.content(own)) == whole:
            self._cut, self.unsaid = cut, cut.unsaid


def plain(letter: Letter, person: Person, head: MessageHead) -> bytes:
    """Return *letter* as one reader gets it, built from nothing.

    Raises:
        MessageUnsafe: As ``build``.
    """
    return build(fill(letter, person, seam=mime.SEAM), head)


class _Cut:
    """A message in pieces: every second one is a slot.

    Attributes:
        unsaid: As in ``Splice``.
    """

    def __init__(self, marked: str) -> None:
        """Cut the message to ``_MARKS`` wherever one of them stands."""
        written = _written(_MARKS)
        numbers = {text: number for number, text in enumerate(written)}
        # A token may be broken where a line is.
        patterns = [f"(?:{_SOFT})?".join(token) for token in written[:_TOKENS]]
        patterns += map(re.escape, written[_TOKENS:])
        pieces = re.split(f"({'|'.join(patterns)})", marked)
        self._static = tuple(one.encode("ascii") for one in pieces[::2])
        found = [numbers[one.replace(mime.SOFT_BREAK, "")] for one in pieces[1::2]]
        self.unsaid = frozenset(_MADE_OF) - {_MADE_OF[number] for number in found}
        self._broken: list[tuple[int, int]] = []
        for slot, one in enumerate(pieces[1::2]):
            if one not in numbers:
                self._broken.append((found[slot], one.index(mime.SOFT_BREAK)))
                found[slot] = len(written) + len(self._broken) - 1
        self._in_order = itemgetter(*found)

    def content(self, own: Personal) -> Content:
        """Return the message for one reader.

        Raises:
            MessageUnsafe: As ``build``.
        """
        try:
            written = _written(own, self.unsaid)
        except UnicodeEncodeError:
            raise MessageUnsafe("Text", HALF_A_CHARACTER) from None
        for number, at in self._broken:
            token = written[number]
            written.append(f"{token[:at]}{mime.SOFT_BREAK}{token[at:]}")
        octets = "\0".join(written).encode("ascii").split(b"\0")
        return Content(self._static, self._in_order(octets))


def _written(own: Personal, unsaid: Collection[str] = ()) -> list[str]:
    """Return what each slot holds, as it stands in a message.

    Raises:
        UnicodeEncodeError: A place holds half a surrogate pair.
        MessageUnsafe: As ``build``.
    """
    reason = _kept_place(places.REASON, own.reason)
    entry = _NOT_SAID
    if places.ENTRY not in unsaid:
        entry = _place(places.ENTRY, own.entry)
    return [
        own.unsubscribe_token,
        own.preferences_token,
        headers.mailbox_field("To", own.to, own.to_name).removeprefix("To: "),
        headers.message_id_field(own.message_id).removeprefix("Message-ID: "),
        mime.boundary(own.message_id, 0),
        mime.boundary(own.message_id, 1),
        *_place(places.GREETING, own.greeting),
        *reason,
        *entry,
    ]


def _place(name: str, value: str) -> tuple[str, str]:
    """Return what stands in a place, in the text and in the HTML."""
    text = mime.personal(checked(name, value))
    markup = escaped(name, value)
    return text, text if markup == value else mime.personal(markup)


_kept_place = lru_cache(maxsize=16)(_place)
"""Many readers have the same reason."""
