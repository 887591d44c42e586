"""Tokens: short, for one purpose, and impossible to make without the secret."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import InvalidToken, WrongPurpose
from subscribers.tokens import (
    TOKEN_CHARS,
    Purpose,
    TokenClaim,
    TokenKeys,
    both_tokens,
    make_token,
    read_token,
)
from tests.factories import KEYS

IDS = st.integers(min_value=0, max_value=2**32 - 1)
VERSIONS = st.integers(min_value=0, max_value=2**16 - 1)
PURPOSES = st.sampled_from(list(Purpose))


@given(PURPOSES, IDS, VERSIONS)
def test_what_was_made_can_be_read(purpose: Purpose, owner: int, version: int) -> None:
    """Every mailbox, every version; the text survives mail and URL as it stands."""
    token = make_token(KEYS, purpose, owner, version)

    assert re.fullmatch(r"[a-z2-7]+", token)
    assert len(token) == TOKEN_CHARS <= 40
    assert read_token(KEYS, purpose, token) == TokenClaim(owner, version)
    assert read_token(KEYS, purpose, f" {token.upper()}\r\n").mailbox_id == owner


def test_the_same_token_is_made_each_time() -> None:
    """A letter sent twice has the same bytes."""
    first = make_token(KEYS, Purpose.UNSUBSCRIBE, 17, 1)

    assert make_token(KEYS, Purpose.UNSUBSCRIBE, 17, 1) == first
    assert make_token(KEYS, Purpose.UNSUBSCRIBE, 17, 2) != first
    assert make_token(KEYS, Purpose.UNSUBSCRIBE, 18, 1) != first


@given(IDS, VERSIONS)
def test_both_tokens_of_a_letter_are_what_each_is_alone(
    owner: int, version: int
) -> None:
    """Made together they cost less, and say the same."""
    purposes = (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)
    alone = tuple(make_token(KEYS, one, owner, version) for one in purposes)
    assert both_tokens(KEYS, owner, version) == alone


@given(IDS, VERSIONS)
def test_a_token_is_good_for_one_thing(owner: int, version: int) -> None:
    """Who may unsubscribe may not therefore see the preferences."""
    token = make_token(KEYS, Purpose.UNSUBSCRIBE, owner, version)

    with pytest.raises(WrongPurpose):
        read_token(KEYS, Purpose.PREFERENCES, token)


@given(st.integers(min_value=0, max_value=TOKEN_CHARS - 1), st.sampled_from("ab2z7"))
def test_one_changed_letter_spoils_it(place: int, letter: str) -> None:
    """Id, version or seal: nothing can be exchanged, not even the spare bits."""
    token = make_token(KEYS, Purpose.UNSUBSCRIBE, 17, 1)
    forged = token[:place] + letter + token[place + 1 :]

    if forged == token:
        return
    with pytest.raises(InvalidToken):
        read_token(KEYS, Purpose.UNSUBSCRIBE, forged)


@given(st.text())
def test_foreign_text_is_no_token(text: str) -> None:
    """Nothing but InvalidToken comes out."""
    with pytest.raises(InvalidToken):
        read_token(KEYS, Purpose.UNSUBSCRIBE, text)


@pytest.mark.parametrize("text", ["ı" * TOKEN_CHARS, "1" * TOKEN_CHARS, "=" * 36])
def test_signs_outside_the_alphabet_are_refused(text: str) -> None:
    """A dotless i is not an i, a 1 is not an l."""
    with pytest.raises(InvalidToken):
        read_token(KEYS, Purpose.UNSUBSCRIBE, text)


def test_another_secret_reads_nothing() -> None:
    """Tokens belong to one installation."""
    token = make_token(KEYS, Purpose.UNSUBSCRIBE, 17, 1)

    with pytest.raises(InvalidToken):
        read_token(TokenKeys.derive(bytes(32)), Purpose.UNSUBSCRIBE, token)


def test_each_use_has_its_own_key() -> None:
    """Nobody learns one from another, and none is printed by accident."""
    keys = TokenKeys.derive(b"k" * 32)

    assert len({keys.unsubscribe, keys.preferences, keys.fingerprint_key}) == 3
    assert repr(keys) == "TokenKeys()"


def test_a_short_secret_is_refused() -> None:
    """Fifteen bytes are too few."""
    with pytest.raises(ValueError, match="too short"):
        TokenKeys.derive(b"k" * 15)
