"""German as people read and hear it."""

from __future__ import annotations

from datetime import date, time
from typing import Final

import pytest

from mailer import german

MEETING: Final = date(2026, 12, 3)


def test_dates_have_their_month_in_words() -> None:
    """No leading zero, no abbreviation: DIN 5008, and speech output gets it right."""
    assert german.weekday(MEETING) == "Donnerstag"
    assert german.short_day(MEETING) == "3. Dezember 2026"
    assert german.full_day(MEETING) == "Donnerstag, 3. Dezember 2026"


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_name(month: int) -> None:
    """Twelve months, in the order of the calendar."""
    spring = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
    autumn = ["Juli", "August", "September", "Oktober", "November", "Dezember"]
    expected = [*spring, *autumn][month - 1]
    assert german.short_day(date(2027, month, 1)) == f"1. {expected} 2027"


@pytest.mark.parametrize(
    ("moment", "standard", "easy"),
    [
        (time(10, 0), "10 Uhr", "10 Uhr"),
        (time(10, 30), "10:30 Uhr", "10 Uhr 30"),
        (time(9, 5), "09:05 Uhr", "9 Uhr 5"),
        (time(0, 0), "0 Uhr", "0 Uhr"),
    ],
)
def test_times_in_sentences(moment: time, standard: str, easy: str) -> None:
    """Full hours are short; Leichte Sprache never has a colon."""
    assert german.oclock(moment) == standard
    assert german.oclock_easy(moment) == easy


def test_a_span_says_bis() -> None:
    """A dash is not spoken: "10–13 Uhr" sounds like "zehn dreizehn Uhr"."""
    assert german.hours(time(10), time(13)) == "10:00 bis 13:00 Uhr"


@pytest.mark.parametrize(
    ("items", "phrase"),
    [((), ""), (("A",), "A"), (("A", "B"), "A und B"), ("ABC", "A, B und C")],
)
def test_lists_end_with_und(items: tuple[str, ...], phrase: str) -> None:
    """One, two or many things make one phrase."""
    assert german.and_list(items) == phrase


@pytest.mark.parametrize(
    ("phone", "pairs", "uri"),
    [
        ("03473 958-111", "03473 95 81 11", "tel:+493473958111"),
        ("+49 3473 958-111", "03473 95 81 11", "tel:+493473958111"),
        ("0049 (0)3473 95811", "03473 95 81 1", "tel:+49347395811"),
        ("0170 1234567", "0170 12 34 56 7", "tel:+491701234567"),
        ("115", "115", "tel:115"),
    ],
)
def test_telephone_numbers(phone: str, pairs: str, uri: str) -> None:
    """In pairs for reading, without any gap for dialling."""
    assert german.phone_in_pairs(phone) == pairs
    assert german.phone_uri(phone) == uri


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("am 3. Dezember 2026", "am 3.~Dezember~2026"),
        ("10:00 bis 13:00 Uhr", "10:00~bis~13:00~Uhr"),
        ("um 10 Uhr 30.", "um 10~Uhr~30."),
        ("Hohe Straße 21, 06449 Aschersleben", "Hohe~Straße~21, 06449~Aschersleben"),
        ("in der Hohen Straße 21 statt", "in der Hohen~Straße~21 statt"),
        ("MIA – Miteinander", "MIA~– Miteinander"),
        ("Donnerstag, 3. Dezember", "Donnerstag, 3.~Dezember"),
        ("Am 3. und 17. Dezember", "Am 3. und 17.~Dezember"),
        ("Telefon 03473 958-111", "Telefon 03473 958-111"),
        ("Wir laden Sie ein.", "Wir laden Sie ein."),
    ],
)
def test_what_belongs_together_stays_on_a_line(text: str, kept: str) -> None:
    """The tilde stands for a no-break space; other spaces stay what they are."""
    assert german.keep_together(text).replace("\u00a0", "~") == kept


def test_keeping_together_twice_changes_nothing() -> None:
    """A text that went through once comes out the same the second time."""
    once = german.keep_together("am 3. Dezember 2026 um 10 Uhr 30, Hohe Straße 21")
    assert german.keep_together(once) == once
