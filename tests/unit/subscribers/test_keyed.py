"""The keyed hash is HMAC-SHA-256, whatever the key."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from subscribers.keyed import hmac_sha256


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_it_is_hmac_sha256(key: bytes, content: bytes) -> None:
    """Python's own function is the judge, twice, since the key is kept."""
    expected = hmac.digest(key, content, "sha256")
    assert hmac_sha256(key, content) == expected
    assert hmac_sha256(key, content) == expected
