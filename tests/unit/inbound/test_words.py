"""Sentences and words as the recogniser sees them."""

from __future__ import annotations

import pytest

from mailer.inbound import words


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Grüße", "gruesse"),
        ("MÖCHTE", "moechte"),
        ("André", "andre"),
        ("Jaaaa", "ja"),
    ],
)
def test_spellings_of_a_word_are_one(written: str, plain: str) -> None:
    """Umlauts, capitals, accents and stretched letters do not matter."""
    assert words.plain(written) == plain


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("E-Mail-Adresse", ("emailadresse",)),
        ("e mail", ("email",)),
        ("am 3. Dezember 2026 um 10 Uhr", ("am", "<datum>", "um", "<datum>")),
        ("für den 3.12.", ("fuer", "den", "<datum>")),
        ("an rita@web.example schicken", ("an", "<adresse>", "schicken")),
        ("an rita (at) web.example", ("an", "<adresse>")),
        ("siehe https://x.example/a?b=c", ("siehe", "<verweis>")),
    ],
)
def test_signs_stand_for_what_varies(written: str, found: tuple[str, ...]) -> None:
    """Dates, addresses and links are one sign each."""
    assert words.words(written) == found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Bitte abmelden. Danke!", 2),
        ("Bitte abmelden\nDanke", 2),
        ("Dr. Beispiel bittet z. B. um Aufnahme.", 1),
        ("Am 3. Dezember komme ich.", 1),
        ("Bitte nehmen Sie mich doch wieder in den schönen Verteiler\nauf.", 1),
        ("bitte nehmen sie mich aus\ndem verteiler", 1),
        ("", 0),
    ],
)
def test_a_text_is_cut_into_sentences(text: str, count: int) -> None:
    """A line end ends a sentence unless the line was only wrapped."""
    assert len([one for one in words.sentences(text) if one.words]) == count


def test_a_question_is_known_by_its_mark() -> None:
    """What is asked is not wished."""
    first, second = words.sentences("Muss ich mich anmelden? Danke.")
    assert first.is_question
    assert not second.is_question


def test_addresses_are_found_in_order_also_hidden_ones() -> None:
    """People hide addresses from robots."""
    text = "alt: A@x.example, neu: b (at) y.example, nochmal a@x.example"
    assert words.addresses(text) == ("a@x.example", "b@y.example")
    assert len(words.all_addresses(text)) == 3
