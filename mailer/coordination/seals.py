"""Which version of which draft does a mail answer? Only a seal of ours says it.

The seal stands in the Message-ID of what we send, so that it comes back in In-Reply-To;
in the address that answers go to, where the server knows such addresses; and in the
last line of the text, for programs that forget the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from subscribers.errors import InvalidToken, WrongPurpose
from subscribers.tokens import TOKEN_CHARS, Purpose, make_token, read_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subscribers.tokens import TokenKeys

MAX_TRIED: Final = 20
"""Texts that look like a seal and are tried; a long thread of ours has ten."""

_SEAL: Final = re.compile(
    rf"(?<![a-z0-9])[a-z2-7]{{{TOKEN_CHARS}}}(?![a-z0-9])", re.IGNORECASE
)
_OURS: Final = (
    Purpose.DRAFT,
    Purpose.PROPOSAL,
    Purpose.CONTRIBUTION,
    Purpose.PARTNER,
)


@dataclass(frozen=True, slots=True)
class Seal:
    """What a genuine seal names.

    Attributes:
        purpose: A draft, a proposal, a contribution or a partner.
        number: Which one.
        version: Which version of a draft; 0 of everything else.
    """

    purpose: Purpose
    number: int
    version: int = 0


def written(seal: Seal, keys: TokenKeys) -> str:
    """Return *seal* as it stands in a mail."""
    return make_token(keys, seal.purpose, seal.number, seal.version)


def message_id(seal: Seal, keys: TokenKeys, fresh: str) -> str:
    """Return a Message-ID that carries *seal*.

    Args:
        fresh: One that was never used, ``<…@domain>``.
    """
    return f"<{written(seal, keys)}.{fresh.removeprefix('<')}"


def find(texts: Iterable[str], keys: TokenKeys) -> Seal | None:
    """Return the first genuine seal in *texts*, the nearest one first; None if none."""
    tried = 0
    for text in texts:
        for found in _SEAL.findall(text):
            tried += 1
            if tried > MAX_TRIED:
                return None
            seal = _read(found, keys)
            if seal is not None:
                return seal
    return None


def _read(text: str, keys: TokenKeys) -> Seal | None:
    for purpose in _OURS:
        try:
            claim = read_token(keys, purpose, text)
        except WrongPurpose:
            continue
        except InvalidToken:
            return None
        return Seal(purpose, claim.mailbox_id, claim.version)
    return None
