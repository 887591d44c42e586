"""From her own words to instructions, or to a question."""

from __future__ import annotations

from datetime import date, time

import pytest

from mailer.coordination.kinds import Instruction, Unclear
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.reading import MAX_CHARS, read_instructions

TODAY = date(2026, 11, 23)
THIRD = date(2026, 12, 3)
TENTH = date(2026, 12, 10)


def only(text: str) -> Instruction:
    """Return the one instruction that *text* is."""
    read = read_instructions(text, signers="Kathrin Sommer", today=TODAY)
    assert not isinstance(read, Unclear), read
    (one,) = read
    return one


def reasons(text: str) -> str:
    """Return why *text* is not clear."""
    read = read_instructions(text, signers="Kathrin Sommer", today=TODAY)
    assert isinstance(read, Unclear), read
    return " ".join(read.reasons)


@pytest.mark.parametrize(
    ("text", "day", "reason"),
    [
        ("fällt aus: krank", None, "Krank"),
        ("FÄLLT AUS: krank", None, "Krank"),
        ("faellt aus, krank", None, "Krank"),
        ("fällt leider aus wegen Krankheit", None, "Wegen Krankheit"),
        ("fällt aus: Grund: Der Raum ist kalt.", None, "Der Raum ist kalt."),
        ("Das Treffen fällt aus: Sturm", None, "Sturm"),
        ("fällt aus: 3. Dezember: Sturm", THIRD, "Sturm"),
        ("fällt aus am 3. Dezember wegen Sturm", THIRD, "Wegen Sturm"),
        ("Das Treffen am 3. Dezember fällt aus: Sturm", THIRD, "Sturm"),
        ("Das Treffen am 3.12. fällt leider aus. Sturm!", THIRD, "Sturm!"),
        ("Absage: der Raum ist am 3. Dezember belegt", None, None),
        (
            "fällt aus: Der Raum ist\nnicht geheizt.",
            None,
            "Der Raum ist nicht geheizt.",
        ),
    ],
)
def test_off(text: str, day: date | None, reason: str | None) -> None:
    """With the day before or behind, or none; a day in the reason is none of it."""
    one = only(text)
    assert (one.kind, one.day) == (K.CANCEL, day)
    assert one.reason == (reason or "Der Raum ist am 3. Dezember belegt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("neuer Termin: 10. Dezember", (TENTH, None, None, None, "")),
        (
            "neuer Termin: Donnerstag, 10. Dezember 2026, 14 bis 16 Uhr",
            (TENTH, time(14), time(16), None, ""),
        ),
        (
            "Bitte verschieben auf den 10.12., 14-16 Uhr, weil der Raum belegt ist",
            (TENTH, time(14), time(16), None, "Weil der Raum belegt ist"),
        ),
        (
            "neuer Termin: 10. Dezember 14 Uhr\nGrund: Der Raum ist belegt.",
            (TENTH, time(14), None, None, "Der Raum ist belegt."),
        ),
        (
            "neuer Termin: 10. Dezember statt 3. Dezember",
            (TENTH, None, None, THIRD, ""),
        ),
        (
            "neuer Termin: vom 3. Dezember auf den 10. Dezember",
            (TENTH, None, None, THIRD, ""),
        ),
        (
            "neuer Termin: statt 3. Dezember am 10. Dezember, 14 bis 16 Uhr",
            (TENTH, time(14), time(16), THIRD, ""),
        ),
        (
            "neuer Termin: 10. Dezember (der Raum ist belegt)",
            (TENTH, None, None, None, "Der Raum ist belegt"),
        ),
    ],
)
def test_moved(
    text: str,
    expected: tuple[date, time | None, time | None, date | None, str],
) -> None:
    """New day, hours, the old day, and why."""
    one = only(text)
    assert one.kind is K.MOVE
    assert (one.on, one.start, one.end, one.day, one.reason) == expected


@pytest.mark.parametrize(
    ("text", "despite"),
    [
        ("neuer Termin: 6. Januar 2027 trotz Feiertag", True),
        ("neuer Termin: 6. Januar 2027, 10 bis 13 Uhr, trotzdem", True),
        ("neuer Termin: 6. Januar 2027", False),
    ],
)
def test_in_spite_of_a_holiday(text: str, despite: bool) -> None:
    """The words are not taken for a reason."""
    one = only(text)
    assert (one.despite_closure, one.reason) == (despite, "")


def test_a_text_goes_on_until_the_next_word() -> None:
    """Over blank lines, with lists, up to another instruction or the closing."""
    read = read_instructions(
        "Thema: Wir reden.\n\n- über Busse\n- über Bahnen\n\nOrt und Zeit bleiben.\n\n"
        "Leichte Sprache: Wir reden.\nJa.\nEs geht um Busse.\nFreigeben\n\nLG\nKathrin",
        today=TODAY,
    )
    assert not isinstance(read, Unclear)
    assert [one.kind for one in read] == [K.WORDS, K.EASY_WORDS, K.RELEASE]
    assert read[0].text == (
        "Wir reden.\n\n- über Busse\n- über Bahnen\n\nOrt und Zeit bleiben."
    )
    assert read[1].text == "Wir reden.\nJa.\nEs geht um Busse."


def test_a_name_or_a_farewell_can_belong_to_a_text() -> None:
    """A guest may have the coordinator's name; a name after a gap is a signature."""
    one = only(
        "Thema: Es kommen:\n- Kathrin Sommer\n- Egon Fiedler\nKathrin\nBis bald!\n\n"
        "Kathrin Sommer\nStadt Aschersleben"
    )
    assert one.text == (
        "Es kommen:\n- Kathrin Sommer\n- Egon Fiedler\nKathrin\nBis bald!"
    )
    assert only("Freigeben\nBis bald\nKathrin").kind is K.RELEASE


@pytest.mark.parametrize(
    "text",
    [
        "Thema: keins",
        "Thema: kein Text",
        "Thema: -",
        "Leichte Sprache: entfällt",
    ],
)
def test_no_text_is_said_in_words(text: str) -> None:
    """And is not printed in the letter."""
    assert only(text).text == ""


@pytest.mark.parametrize(
    ("text", "address", "until"),
    [
        ("Vertretung: krause@stadt.example", "krause@stadt.example", None),
        (
            "Vertretung: Petra Krause <krause@stadt.example> bis 15. Januar",
            "krause@stadt.example",
            date(2027, 1, 15),
        ),
        (
            "Vertretung: krause@stadt.example, bis einschließlich 15.1.2027",
            "krause@stadt.example",
            date(2027, 1, 15),
        ),
    ],
)
def test_a_deputy(text: str, address: str, until: date | None) -> None:
    """With and without an end."""
    one = only(text)
    assert (one.kind, one.address, one.until) == (K.DEPUTY, address, until)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        ("Ich überlege noch.\nFreigeben", "Ich überlege noch."),
        ("Freigeben\nAber ohne das Thema.", "Aber ohne das Thema."),
        ("neuer Termin: 10. Dezember oder später", "nicht ganz verstanden"),
        ("neuer Termin: vielleicht 10. Dezember um 14 Uhr", "nicht ganz verstanden"),
        ("neuer Termin: 10. Dezember, 17. Dezember", "welcher Tag der neue ist"),
        ("findet doch statt, aber später", "nicht ganz verstanden"),
        ("Vertretung: a@x.example und b@x.example", "genau eine"),
        ("Vertretung: a@x.example ab 15. Januar", "Bis wann"),
        ("Vertretung: ..@x.example", "keine E-Mail-Adresse"),
        ("fällt aus: " + "lang " * 100, "zu lang"),
        ("Ort:", "fehlt der Ort"),
        ("Leichte Sprache", "nicht verstanden"),
        ("Stopp\n\nfällt aus: krank\n\nfindet doch statt", "passen nicht zusammen"),
    ],
)
def test_what_is_not_certain_is_a_question(text: str, reason: str) -> None:
    """Every line must have its place."""
    assert reason in reasons(text)


def test_the_same_word_twice_is_one_word() -> None:
    """Whoever writes both "OK" and "Freigeben" means no contradiction."""
    assert only("OK\n\nFreigeben").kind is K.RELEASE


def test_an_endless_mail_is_cut() -> None:
    """A program reads no book."""
    assert len(only("Thema: " + "a" * 2 * MAX_CHARS).text) < MAX_CHARS
