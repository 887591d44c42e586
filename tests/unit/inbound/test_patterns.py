"""The language of the table, one sign at a time."""

from __future__ import annotations

import pytest

from mailer.inbound.patterns import MAX_GAP, BadPattern, Pattern

GROUPS = {"verteiler": ["*verteiler", "liste"]}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("nehmen sie", "bitte nehmen sie mich"),
        ("nimm|nehmt mich", "nehmt mich"),
        ("mich (bitte) auf", "mich auf"),
        ("mich (bitte) auf", "mich bitte auf"),
        ("adress*", "adressliste"),
        ("*liste", "adressliste"),
        ("*essli*", "adressliste"),
        ("in … <verteiler>", "in ihren schoenen mailverteiler"),
        ("in … <verteiler>", "in liste"),
        ("^ ja", "ja gern"),
        ("ab $", "ich melde mich ab"),
        ("Möchte", "moechte"),
        ("E-Mail", "email"),
        ("<datum>", "am <datum> nicht"),
    ],
)
def test_a_pattern_finds_what_it_says(written: str, sentence: str) -> None:
    """Each sign means what the head of the table promises."""
    assert Pattern.of(written, GROUPS).fits(sentence.split())


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("nehmen sie", "nehmen mich sie"),
        ("^ ja", "na ja"),
        ("ab $", "ab morgen"),
        ("adress*", "postadresse"),
        ("ab", "abmelden"),
        ("in … <verteiler>", f"in {'x ' * (MAX_GAP + 1)} liste"),
        ("mich auf", ""),
    ],
)
def test_a_pattern_finds_nothing_else(written: str, sentence: str) -> None:
    """A word is a whole word, and a gap has an end."""
    assert not Pattern.of(written, GROUPS).fits(sentence.split())


@pytest.mark.parametrize("written", ["", "…", "^ $", "()"])
def test_an_empty_pattern_is_refused(written: str) -> None:
    """A pattern that fits everything would obey everybody."""
    with pytest.raises(BadPattern):
        Pattern.of(written, GROUPS)


@pytest.mark.parametrize(
    ("written", "sentence", "covered", "with_gaps"),
    [
        ("nehmen … <verteiler>", "ach nehmen sie die liste ja", {1, 4}, {1, 2, 3, 4}),
        ("ab (bitte) $", "ab mit mir ab bitte", {3, 4}, {3, 4}),
        ("^ nie … $", "nie im leben", {0}, {0, 1, 2}),
        ("mich auf", "mich bitte auf", set(), set()),
    ],
)
def test_a_pattern_tells_which_words_it_accounts_for(
    written: str, sentence: str, covered: set[int], with_gaps: set[int]
) -> None:
    """What stands in a gap is not understood, only bridged."""
    pattern = Pattern.of(written, GROUPS)
    assert pattern.covers(sentence.split()) == covered
    assert pattern.covers(sentence.split(), with_gaps=True) == with_gaps


def test_an_unknown_group_is_a_word_that_nobody_writes() -> None:
    """Signs such as <datum> are written like groups and stay as they are."""
    assert not Pattern.of("<gibtsnicht>", GROUPS).fits(["liste"])


def test_a_hostile_sentence_costs_no_more_than_its_length() -> None:
    """Gaps upon gaps do not multiply."""
    pattern = Pattern.of("a … a … a … a … a … b", GROUPS)
    assert not pattern.fits(["a"] * 5_000)
