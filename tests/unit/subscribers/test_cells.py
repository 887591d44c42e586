"""Cells: what people write is understood or refused, never guessed."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import cells
from subscribers.errors import ImportRefused
from subscribers.models import ConsentChannel
from subscribers.topics import LetterStyle, Topic


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Rita \u00a0 Beispiel ", "Rita Beispiel"),
        ("Jo\u0308rg", "Jörg"),
        ("O’Brien-Groß", "O’Brien-Groß"),
        ("", None),
        ("   ", None),
    ],
)
def test_a_name_is_one_tidy_line(text: str, name: str | None) -> None:
    """Spaces and composed letters are made the same; nothing else changes."""
    assert cells.parse_name(text) == name


@pytest.mark.parametrize(
    "text",
    ["Rita\r\nBcc: x@y.example", "Rita\x00", "Rita\u2028x", "\u202eatiR", "R\x1b[2J"],
)
def test_a_name_cannot_steer_anything(text: str) -> None:
    """No header line, no terminal, no direction of writing."""
    with pytest.raises(ImportRefused, match="Steuerzeichen"):
        cells.parse_name(text)


def test_long_texts_are_refused() -> None:
    """A name has 200 characters, an evidence 2,000."""
    assert cells.parse_name("x" * 200) == "x" * 200
    assert cells.parse_evidence("x" * 2_000) == "x" * 2_000
    with pytest.raises(ImportRefused, match="mehr als 200"):
        cells.parse_name("x" * 201)
    with pytest.raises(ImportRefused, match="mehr als 2000"):
        cells.parse_evidence("x" * 2_001)


def test_an_evidence_may_have_had_lines() -> None:
    """Line breaks of a cell become spaces; other control characters do not pass."""
    assert cells.parse_evidence(" Blatt 1\r\nZeile 7 ") == "Blatt 1 Zeile 7"
    with pytest.raises(ImportRefused):
        cells.parse_evidence("Blatt\x07")


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("Standard", LetterStyle.STANDARD),
        ("leicht", LetterStyle.EASY),
        ("LEICHTE  Sprache", LetterStyle.EASY),
        ("", None),
    ],
)
def test_a_style_has_several_names(text: str, style: LetterStyle | None) -> None:
    """Empty means: nothing was said."""
    assert cells.parse_style(text) is style


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Einladungen", (Topic.INVITATIONS,)),
        ("Netzwerk-Info; Einladung", (Topic.NETWORK_UPDATES, Topic.INVITATIONS)),
        ("einladungen und netzwerkinfo", (Topic.INVITATIONS, Topic.NETWORK_UPDATES)),
        ("Einladungen, Einladungen", (Topic.INVITATIONS,)),
        ("", ()),
    ],
)
def test_topics_stand_in_one_cell(text: str, topics: tuple[Topic, ...]) -> None:
    """Comma, semicolon or "und" between them; twice is once."""
    assert cells.parse_topics(text) == topics


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Papier", ConsentChannel.PAPER),
        ("telefonisch", ConsentChannel.PHONE),
        ("Persönlich", ConsentChannel.IN_PERSON),
        ("perso\u0308nlich", ConsentChannel.IN_PERSON),
        (" ", None),
    ],
)
def test_a_way_of_consent(text: str, channel: ConsentChannel | None) -> None:
    """What a list can prove."""
    assert cells.parse_channel(text) is channel


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("29.01.2026", date(2026, 1, 29)),
        ("3. 2. 2026", date(2026, 2, 3)),
        ("2026-01-29", date(2026, 1, 29)),
        ("", None),
    ],
)
def test_days_as_germans_and_machines_write_them(text: str, day: date | None) -> None:
    """Two ways, no guessing of centuries."""
    assert cells.parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    ["29.01.26", "01/29/2026", "2026-02-30", "30.02.2026", "gestern", "2026-1-2"],
)
def test_other_days_are_refused(text: str) -> None:
    """The text is in the sentence."""
    with pytest.raises(ImportRefused, match=text):
        cells.parse_day(text)


def test_a_choice_forgives_capitals_and_names_the_nearest() -> None:
    """And lists what is possible if nothing is near."""
    known = ("Beratungsstellen", "Schulen und Kitas")

    assert cells.parse_choice(" schulen  und kitas", known, what="Das Feld") == known[1]
    with pytest.raises(ImportRefused, match="vielleicht „Beratungsstellen“"):
        cells.parse_choice("Beratungstelle", known, what="Das Feld")
    with pytest.raises(ImportRefused, match="möglich sind: Beratungsstellen, Schulen"):
        cells.parse_choice("Raumfahrt", known, what="Das Feld")


@pytest.mark.parametrize("sign", list("=+-@\t＝＋－＠"))
def test_no_cell_begins_like_a_formula(sign: str) -> None:
    """A spreadsheet shows the text instead of running it."""
    assert cells.neutralised(f"{sign}1+1") == f"'{sign}1+1"


@given(st.text(st.sampled_from("'=+-@ab\t")))
def test_neutralised_comes_back_as_it_was(text: str) -> None:
    """Whatever stood there, apostrophes included; what is shown is harmless."""
    shown = cells.neutralised(text)

    assert cells.plain(shown) == text
    assert shown[:1] not in tuple(cells.FORMULA_SIGNS)


@given(st.text())
def test_parsers_raise_nothing_but_their_own(text: str) -> None:
    """Foreign text is a value or a refusal."""
    for parse in (
        cells.parse_name,
        cells.parse_evidence,
        cells.parse_style,
        cells.parse_topics,
        cells.parse_channel,
        cells.parse_day,
    ):
        with contextlib.suppress(ImportRefused):
            parse(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("ja", True), (" Nein ", False), ("x", True), ("", None)],
)
def test_an_answer_is_yes_or_no(text: str, answer: bool | None) -> None:
    """An empty cell leaves it open."""
    assert cells.parse_answer(text, what="Die Erinnerung") is answer


def test_another_answer_is_refused() -> None:
    """With what it was about, and what is possible."""
    with pytest.raises(ImportRefused, match="Die Erinnerung „vielleicht“ ist unbek"):
        cells.parse_answer("vielleicht", what="Die Erinnerung")
