"""Return paths: one for each delivery, and nobody else can make one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.outbox.models import DeliveryId
from mailer.outbox.return_path import (
    MAX_BASE_CHARS,
    TOKEN_CHARS,
    delivery_of,
    delivery_of_token,
    for_delivery,
    token_for,
)
from subscribers.address import MAX_LOCAL_CHARS, EmailAddress
from subscribers.tokens import TokenKeys
from tests.factories import KEYS

KEY = KEYS.return_path_key
BASE = EmailAddress.parse("bounces@town.example")
IDS = st.integers(min_value=0, max_value=2**32 - 1).map(DeliveryId)
SEVENTEEN = DeliveryId(17)


@given(IDS)
def test_a_return_path_names_its_delivery(delivery: DeliveryId) -> None:
    """Every id comes back, and the address is one that every server takes."""
    address = for_delivery(BASE, delivery, KEY)

    assert delivery_of(address, KEY) == delivery
    assert address == EmailAddress.parse(address.text)
    assert len(address.wire.rpartition("@")[0]) <= MAX_LOCAL_CHARS
    assert address.wire == address.canonical


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (str.upper, "a server wrote it in capitals"),
        (str.title, "a program wrote it like a name"),
        (lambda text: f"<{text}>", "Return-Path keeps the brackets"),
        (lambda text: f" {text}\r\n", "white space of a folded field"),
        (lambda text: text.replace("bounces+", "Bounces+mia+"), "a second plus"),
        (lambda text: text.replace("town.", "mx7.town."), "the domain was rewritten"),
    ],
)
def test_what_servers_do_to_an_address_is_forgiven(
    changed: object, reason: str
) -> None:
    """Only the token counts, in any case."""
    assert callable(changed)
    text = changed(for_delivery(BASE, SEVENTEEN, KEY).wire)
    assert delivery_of(text, KEY) == SEVENTEEN, reason


@given(IDS, st.integers(0, TOKEN_CHARS - 1), st.sampled_from("abcdefghijklmnop234567"))
def test_one_changed_sign_breaks_the_seal(
    delivery: DeliveryId, place: int, sign: str
) -> None:
    """Nobody turns the return path of one delivery into that of another."""
    token = token_for(delivery, KEY)
    forged = token[:place] + sign + token[place + 1 :]
    if forged != token:
        assert delivery_of_token(forged, KEY) is None


@given(st.text(max_size=90))
def test_foreign_text_is_nobodys_return_path(text: str) -> None:
    """Whatever comes, the answer is None and never an error."""
    assert delivery_of(text, KEY) is None
    assert delivery_of(f"bounces+{text}@town.example", KEY) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the null sender"),
        ("<>", "the null sender as it is written"),
        ("bounces@town.example", "no token"),
        ("bounces+@town.example", "an empty one"),
        (f"bounces+{'a' * 32}@town.example", "the right length, a wrong seal"),
        (f"{token_for(SEVENTEEN, KEY)}@town.example", "the token of no plus-address"),
        (f"bounces+{token_for(SEVENTEEN, KEY)}", "no address at all"),
        (f"bounces+{token_for(SEVENTEEN, KEY)}a@town.example", "a sign too many"),
        (f"bounces+{'ı' * 32}@town.example", "a letter that has no capital in ASCII"),
        (f"bounces+{'=' * 32}@town.example", "nothing but padding"),
    ],
)
def test_an_address_without_our_seal_is_nobodys(text: str, reason: str) -> None:
    """A guess is no delivery."""
    assert delivery_of(text, KEY) is None, reason


def test_another_secret_makes_other_return_paths() -> None:
    """A copy of the program elsewhere cannot write ours; nor can another key."""
    address = for_delivery(BASE, SEVENTEEN, KEY)

    assert delivery_of(address, TokenKeys.derive(bytes(32)).return_path_key) is None
    assert delivery_of(address, KEYS.unsubscribe) is None


def test_the_same_return_path_is_made_each_time() -> None:
    """A second copy of a letter has the same envelope."""
    assert for_delivery(BASE, SEVENTEEN, KEY) == for_delivery(BASE, SEVENTEEN, KEY)


def test_a_return_path_is_written_like_its_base() -> None:
    """As people write it, as the wire has it, and as it is compared."""
    base = EmailAddress.parse("Bounces@Bücher.example")
    token = token_for(SEVENTEEN, KEY)
    address = for_delivery(base, SEVENTEEN, KEY)
    assert address == EmailAddress.parse(f"Bounces+{token}@Bücher.example")


def test_a_base_that_is_too_long_is_refused() -> None:
    """RFC 5321, section 4.5.3.1.1: 64 octets, and a server may cut the rest."""
    longest = EmailAddress.parse(f"{'b' * MAX_BASE_CHARS}@town.example")
    longer = EmailAddress.parse(f"{'b' * (MAX_BASE_CHARS + 1)}@town.example")

    assert delivery_of(for_delivery(longest, SEVENTEEN, KEY), KEY) == SEVENTEEN
    with pytest.raises(ValueError, match="no room"):
        for_delivery(longer, SEVENTEEN, KEY)


@pytest.mark.parametrize("number", [-1, 2**32])
def test_an_id_out_of_range_is_refused(number: int) -> None:
    """It would become another delivery's id."""
    with pytest.raises(ValueError, match="no id"):
        token_for(DeliveryId(number), KEY)
