"""Small slips are forgiven, two meanings never guessed between."""

from __future__ import annotations

import pytest

from mailer.inbound import typos

MEANINGS = [("abmelden", "ab"), ("anmelden", "an"), ("leichtesprache", "leicht")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("abmleden", "ab"),
        ("abmeldn", "ab"),
        ("ABMELDEN".lower(), "ab"),
        ("anmeldenn", "an"),
        ("leichteschprache", "leicht"),
        ("amelden", None),
        ("ummelden", None),
        ("melden", None),
        ("ab", None),
        ("x" * 400, None),
    ],
)
def test_a_slip_means_the_nearest_word_if_there_is_only_one(
    written: str, meant: str | None
) -> None:
    """The word "amelden" is as near to one as to the other: nobody decides."""
    assert typos.nearest(written, MEANINGS) == meant
