"""Base 32 of our own, against the standard library's."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from subscribers.base32 import base32


@given(st.binary(min_size=1, max_size=64))
def test_it_writes_what_everybody_reads(content: bytes) -> None:
    """The same letters as RFC 4648, small and without padding."""
    expected = base64.b32encode(content).decode().rstrip("=").lower()
    assert base32(content) == expected
