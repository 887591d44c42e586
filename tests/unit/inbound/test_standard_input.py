"""A pipe is read to its end, and not more of it kept than we read."""

from __future__ import annotations

import io

from mailer.inbound.reading import MAX_BYTES
from mailer.inbound.sources.standard_input import read_all


def test_a_message_is_read_whole() -> None:
    """As many octets as there are."""
    assert read_all(io.BytesIO(b"abc")) == (b"abc", 3)
    assert read_all(io.BytesIO()) == (b"", 0)


def test_too_much_is_counted_and_not_kept() -> None:
    """The mail server can write all of it; we keep the beginning."""
    content, octets = read_all(io.BytesIO(b"x" * (MAX_BYTES + 5_000_000)))
    assert len(content) == MAX_BYTES + 1
    assert octets == MAX_BYTES + 5_000_000
