"""Who has read an easy text: what the template says, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mailer.rendering.review import NEW_SENTENCES, NOT_REVIEWED, Review, notice, parse
from tests import leichte_sprache

READ = Review("die Lese-Gruppe Beispielstadt", date(2027, 1, 5), "1")
READ_LINE = (
    '{# Facts #}\n{# reviewed_by="die Lese-Gruppe Beispielstadt" '
    'reviewed_on="2027-01-05" version="1" #}'
)


@pytest.mark.parametrize(
    ("source", "review"),
    [
        (READ_LINE, READ),
        (READ_LINE.replace("01-05", "02-30"), replace(READ, on=None)),
        (READ_LINE.replace("2027-01-05", "gestern"), Review()),
        ('{# reviewed_by="" reviewed_on="" version="2" #}', Review(version="2")),
        ("Guten Tag!", Review()),
    ],
)
def test_the_line_is_read(source: str, review: Review) -> None:
    """A missing line, or a day that does not exist, is no review."""
    assert parse(source) == review


@pytest.mark.parametrize(
    "review", [Review(), Review("A"), Review("", date(2027, 1, 5))]
)
def test_half_a_review_is_none(review: Review) -> None:
    """Without a name or without a day the text counts as unread."""
    assert notice(review, new_sentences=True) == (NOT_REVIEWED,)


def test_a_review_names_who_and_when() -> None:
    """New sentences of one letter are excepted."""
    assert notice(READ, new_sentences=False) == (
        "Diesen Text hat geprüft: die Lese-Gruppe Beispielstadt.",
        "Das war am 5. Januar 2027.",
    )
    assert notice(READ, new_sentences=True)[-1] == NEW_SENTENCES


@pytest.mark.parametrize("new_sentences", [False, True])
@pytest.mark.parametrize("review", [Review(), READ])
def test_the_notice_is_easy_to_read(review: Review, new_sentences: bool) -> None:
    """It stands in a letter in Leichte Sprache."""
    said = "\n".join(notice(review, new_sentences=new_sentences))
    assert leichte_sprache.errors(said) == []
