"""Tokens: what stands in a link or an address instead of a person.

A token says "mailbox 17, version 1" for one purpose, and an HMAC says that we
wrote it. It names nobody, works for years, and is revoked by raising the version
in the mailbox's row. It is written in base 32, small letters: no mail program
changes its case or takes a last "-" for the end of a sentence.

Source: RFC 2104 (HMAC), RFC 4648, section 6 (base 32).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from subscribers.base32 import base32
from subscribers.errors import InvalidToken, WrongPurpose
from subscribers.keyed import hmac_sha256

MIN_SECRET_BYTES: Final = 16
"""A shorter secret could be guessed."""

_CLAIM: Final = struct.Struct(">IH")
"""Mailbox id in four bytes, version in two."""

_SEAL_BYTES: Final = 16
"""128 bits of HMAC-SHA-256: nobody finds them by trying (RFC 2104, section 5)."""

_TOKEN_BYTES: Final = _CLAIM.size + _SEAL_BYTES

_APART: Final = bytes(-_TOKEN_BYTES % 5)
"""Between two tokens, so that the second begins with a letter of its own."""

_CONFIRM_BYTES: Final = 20
"""160 bits, in base 32 a whole number of letters."""

TOKEN_CHARS: Final = 36
"""Length of every token: 22 bytes in base 32 without padding."""


class Purpose(StrEnum):
    """The one thing a token is good for."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    DRAFT = "draft"
    """Answers one version of a draft; the number is the edition's."""
    PROPOSAL = "proposal"
    """Says "Ja" to what we asked back; the number is the proposal's."""
    CONTRIBUTION = "contribution"
    """Decides on a contribution; the number is its own."""
    PARTNER = "partner"
    """Says who speaks for a partner; the number is the partner's."""


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The keys derived from the one secret, a separate one for each use.

    Attributes:
        unsubscribe: Seals tokens that end subscriptions.
        preferences: Seals tokens that open the preferences.
        draft: Seals tokens that answer a draft.
        proposal: Seals tokens that answer a question to the coordinator.
        contribution: Seals tokens that decide on a contribution.
        partner: Seals tokens that say who speaks for a partner.
        fingerprint_key: For ``address.fingerprint``.
        return_path_key: For the signed addresses that bounces come back to.
        confirm_key: For what a confirm mail asks to be sent back.
        form_key: Seals what a form on a page carries from one step to the next.
        tally_key: Hides whose visits are counted.
        archive_key: For the addresses of pages in the archive.
    """

    unsubscribe: bytes = field(repr=False)
    preferences: bytes = field(repr=False)
    draft: bytes = field(repr=False)
    proposal: bytes = field(repr=False)
    contribution: bytes = field(repr=False)
    partner: bytes = field(repr=False)
    fingerprint_key: bytes = field(repr=False)
    return_path_key: bytes = field(repr=False)
    confirm_key: bytes = field(repr=False)
    form_key: bytes = field(repr=False)
    tally_key: bytes = field(repr=False)
    archive_key: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> TokenKeys:
        """Return the keys that belong to *secret*.

        Args:
            secret: At least 16 bytes, better 32.

        Raises:
            ValueError: It is shorter.
        """
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"a secret of {len(secret)} bytes is too short")
        return cls(
            unsubscribe=_derived(secret, "token/unsubscribe"),
            preferences=_derived(secret, "token/preferences"),
            draft=_derived(secret, "token/draft"),
            proposal=_derived(secret, "token/proposal"),
            contribution=_derived(secret, "token/contribution"),
            partner=_derived(secret, "token/partner"),
            fingerprint_key=_derived(secret, "fingerprint"),
            return_path_key=_derived(secret, "return path"),
            confirm_key=_derived(secret, "confirm"),
            form_key=_derived(secret, "form"),
            tally_key=_derived(secret, "tally"),
            archive_key=_derived(secret, "archive"),
        )

    def of(self, purpose: Purpose) -> bytes:
        """Return the key that seals tokens for *purpose*."""
        key: bytes = getattr(self, str(purpose))  # each has the name of its purpose
        return key


@dataclass(frozen=True, slots=True)
class TokenClaim:
    """What a genuine token says.

    Attributes:
        mailbox_id: Whose token it is; of a draft and the like, which one.
        version: Holds only while the mailbox's ``token_version``, or the version of
            the draft, is the same.
    """

    mailbox_id: int
    version: int


def make_token(keys: TokenKeys, purpose: Purpose, mailbox_id: int, version: int) -> str:
    """Return the token of a mailbox: 36 small letters and digits, always the same.

    Example:
        >>> keys = TokenKeys.derive(bytes(32))
        >>> token = make_token(keys, Purpose.UNSUBSCRIBE, 17, 1)
        >>> read_token(keys, Purpose.UNSUBSCRIBE, token)
        TokenClaim(mailbox_id=17, version=1)
    """
    claim = _CLAIM.pack(mailbox_id, version)
    return base32(claim + _seal(keys.of(purpose), claim))


def both_tokens(keys: TokenKeys, mailbox_id: int, version: int) -> tuple[str, str]:
    """Return the tokens that end a subscription and that open the preferences.

    Each is the same as ``make_token`` makes; but a letter that carries both has them
    for less.
    """
    claim = _CLAIM.pack(mailbox_id, version)
    leave, stay = _seal(keys.unsubscribe, claim), _seal(keys.preferences, claim)
    written = base32(b"".join((claim, leave, _APART, claim, stay)))
    return written[:TOKEN_CHARS], written[-TOKEN_CHARS:]


def read_token(keys: TokenKeys, purpose: Purpose, text: str) -> TokenClaim:
    """Return what a token says, after checking that we wrote it for *purpose*.

    Args:
        keys: The keys it was made with.
        purpose: What it is shown for.
        text: Foreign text; capitals and surrounding white space are forgiven.

    Raises:
        WrongPurpose: It is ours, but for something else.
        InvalidToken: It is not ours.
    """
    content = _read(text.strip())
    claim, seal = content[: _CLAIM.size], content[_CLAIM.size :]
    made_for = [
        known
        for known in Purpose
        if hmac.compare_digest(seal, _seal(keys.of(known), claim))
    ]
    if not made_for:
        raise InvalidToken
    if purpose not in made_for:
        raise WrongPurpose
    mailbox_id, version = _CLAIM.unpack(claim)
    return TokenClaim(mailbox_id=mailbox_id, version=version)


def confirm_token(keys: TokenKeys, message_id: str) -> str:
    """Return the token of the confirm mail with this Message-ID: 32 small signs.

    The mail's own random name makes it, so it is made anew for every copy and never
    stored: of the token itself the database knows only a hash.

    Args:
        keys: The keys of this network.
        message_id: Random, and used once.
    """
    seal = hmac_sha256(keys.confirm_key, message_id.encode())
    return base32(seal[:_CONFIRM_BYTES])


def archive_code(keys: TokenKeys, number: int) -> str:
    """Return what names the page of an edition: 32 small signs nobody can guess.

    Args:
        keys: The keys of this network.
        number: Which edition.
    """
    seal = hmac_sha256(keys.archive_key, str(number).encode())
    return base32(seal[:_CONFIRM_BYTES])


def _derived(secret: bytes, use: str) -> bytes:
    return hmac_sha256(secret, f"mia/{use}/1".encode())


def _seal(key: bytes, claim: bytes) -> bytes:
    return hmac_sha256(key, claim)[:_SEAL_BYTES]


def _read(text: str) -> bytes:
    """Return the bytes of a token; refuse what we would have written differently."""
    if len(text) != TOKEN_CHARS or not text.isascii():
        raise InvalidToken
    try:
        content = base64.b32decode(text.upper() + "=" * (-TOKEN_CHARS % 8))
    except binascii.Error:
        raise InvalidToken from None
    # The last letter has bits to spare; only one way to fill them is ours.
    if base32(content) != text.lower() or len(content) != _TOKEN_BYTES:
        raise InvalidToken
    return content
