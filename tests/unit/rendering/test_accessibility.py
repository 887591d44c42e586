"""Findings: our letters have none, and every rule can fire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailer.rendering import accessibility, contrast, document, looks
from mailer.rendering.finding import Finding, Level
from subscribers.topics import LetterStyle
from tests.letters import (
    MEANS,
    invitation,
    open_invitation,
    some_facts,
)

if TYPE_CHECKING:
    from mailer.rendering.letter import Letter

STANDARD, EASY = LetterStyle.STANDARD, LetterStyle.EASY


def check(letter: Letter, style: LetterStyle = STANDARD) -> tuple[Finding, ...]:
    """Return the findings on an invitation of the example."""
    return accessibility.check(letter, some_facts(), style)


def rules(letter: Letter, style: LetterStyle = STANDARD) -> set[str]:
    """Return which rules found something."""
    return {one.rule for one in check(letter, style)}


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("means", MEANS)
def test_our_letters_have_no_findings(means: str, style: LetterStyle) -> None:
    """Open or filled, in every set-up."""
    known = some_facts(means, words="")
    assert accessibility.check(open_invitation(means, style, ""), known, style) == ()
    assert accessibility.check(invitation(means, style, ""), known, style) == ()


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("language", '<div class="page column" lang="de"', "<div"),
        ("language", '<html lang="de"', '<html lang="en"'),
        ("language", '<body class="page" lang="de" dir="ltr"', "<body"),
        ("title", "<title>", "<title>Ein anderer "),
        ("one-h1", "<h1", "<h2"),
        ("one-h1", "</h1>", "</h1><h1>Noch eine</h1>"),
        ("heading-order", "</h1>", "</h1><h3>Zu klein</h3>"),
        ("empty-heading", "</h1>", "</h1><h2> </h2>"),
        ("link-text", ">Von den Einladungen abmelden<", ">hier<"),
        ("link-text", ">Von den Einladungen abmelden<", "><"),
        ("link-address", ">Impressum<", ">https://mia.aschersleben.example<"),
        ("link-target", 'href="tel:+493473958111"', 'href="#"'),
        ("link-target", 'href="tel:+493473958111"', 'href="javascript:x"'),
        ("link-names", ">Hinweise zum Datenschutz<", ">Impressum<"),
        ("image-alt", "</h1>", '</h1><img src="cid:a">'),
        ("element", "</h1>", "</h1><form></form>"),
        ("element", "</h1>", "</h1><script></script>"),
        ("remote", "</h1>", '</h1><img alt="" src="https://x.example/a.png">'),
        ("remote", "</style>", "@import url(x.css);</style>"),
        ("size", "</h1>", "</h1>" + "<p>Wort</p>" * 6000),
        ("table", "</h1>", "</h1><table><tr><td>Wort</td></tr></table>"),
        ("css", "max-width: 640px", "max-width: 40rem"),
        ("css", "max-width: 640px", "display: flex"),
        ("background", "background-color: white", "background-color: #ffffff"),
        ("underline", "text-decoration: underline", "text-decoration: none"),
        ("font-size", "font-size: 18px", "font-size: 14px"),
        ("font-size", "font-size: 18px", "font-size: 1.2em"),
        ("font-size", "font-size: 18px;", ""),
        ("line-height", "line-height: 1.5", "line-height: 1.2"),
        ("line-height", "line-height: 1.5", "line-height: normal"),
        ("contrast", "color: #1a1a1a", "color: #777777"),
        ("contrast", "color: #f2f2f2", "color: #444444"),
        ("contrast", "color: #9ec5ff", "color: #0b3d91"),
        ("colour", "color: #1a1a1a", "color: rebeccapurple"),
        ("same-facts", "17.\u00a0Dezember", "18.\u00a0Dezember"),
        ("same-facts", ">03473 958-111<", ">03473 958-112<"),
    ],
)  # fmt: skip
def test_a_damaged_letter_is_found(rule: str, old: str, new: str) -> None:
    """Each rule fires on a letter that breaks it."""
    whole = invitation()
    assert old in whole.html
    assert rule in rules(replace(whole, html=whole.html.replace(old, new)))


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("same-facts", "10:00 bis 13:00", "10:00 bis 14:00"),
        ("same-facts", "03473 958-111", "03473 958-110"),
        ("same-facts", "k_sommer@aschersleben.de", "k_sommer@aschersleben.example"),
        ("same-facts", "/abmelden/7Kq2", "/abmelden/xxxx"),
        ("first-things", "Hohe Straße 21", "unserem Haus"),
        ("first-things", "Guten Tag", "https://mia.aschersleben.example/abmelden/7Kq2"),
        ("text-ruler", "Worum geht es?", "=========\nWorum geht es?"),
        ("text-ruler", "Worum geht es?", "**Worum geht es?**"),
        ("text-link", "diese Seite:\n", "diese Seite: "),
    ],
)
def test_a_damaged_text_is_found(rule: str, old: str, new: str) -> None:
    """The text part is looked at as closely as the HTML."""
    whole = invitation()
    assert old in whole.text
    assert rule in rules(replace(whole, text=whole.text.replace(old, new)))


def test_easy_letters_need_larger_print() -> None:
    """18 px are enough in the standard style and too small for Leichte Sprache."""
    whole = invitation("both", EASY)
    smaller = replace(whole, html=whole.html.replace("20px", "18px"))
    assert "font-size" not in rules(smaller, STANDARD)
    assert "font-size" in rules(smaller, EASY)


def test_what_markdown_left_out_is_told_here_too() -> None:
    """The coordinator's words are part of the letter."""
    known = some_facts(words="# Neu", easy_words="![x](https://x.example/a.png)")
    found = accessibility.check(open_invitation(), known, STANDARD)
    assert {one.rule for one in found} >= {"words-heading", "words-dropped"}


def test_missing_words_in_easy_language_are_a_hint() -> None:
    """Whoever reads Leichte Sprache must not miss a text by accident."""
    found = accessibility.check(open_invitation(), some_facts(words="Neu."), STANDARD)
    hints = [one for one in found if one.rule == "easy-words"]
    assert [one.level for one in hints] == [Level.HINT]


def test_errors_come_first() -> None:
    """Who reads only the first line reads the worst."""
    whole = invitation()
    damaged = replace(
        whole,
        html=whole.html.replace(">Impressum<", ">https://x.example<"),
        text=f"***\n{whole.text}",
    )
    levels = [one.level for one in check(damaged)]
    assert levels[0] is Level.ERROR
    assert levels[-1] is Level.HINT
    assert levels == sorted(levels, key=lambda level: level is Level.HINT)


def test_every_finding_is_a_german_sentence() -> None:
    """It says what was found and ends like a sentence."""
    whole = invitation()
    for old, new in [("<h1", "<h2"), ("color: #1a1a1a", "color: #777777")]:
        for one in check(replace(whole, html=whole.html.replace(old, new))):
            assert one.sentence.endswith(".")
            assert one.sentence[0].isupper() or one.sentence[0] == "„"


def test_a_number_in_a_finding_is_german() -> None:
    """A comma, and only in the number."""
    whole = invitation()
    html = whole.html.replace("color: #1a1a1a", "color: #777777")
    found = check(replace(whole, html=html))
    first = next(one.sentence for one in found if one.rule == "contrast")
    assert "(4,5 statt 7 zu 1)." in first


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("white", "#fff", 1.0),
        ("#1a1a1a", "white", 17.4),
        ("#0b3d91", "white", 10.0),
        ("#f2f2f2", "#121212", 16.7),
        ("#9ec5ff", "#121212", 10.6),
        ("#777777", "white", 4.5),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    """Values that other programs also give, to a tenth; the order does not matter."""
    assert round(contrast.ratio(one, other), 1) == expected
    assert contrast.ratio(one, other) == contrast.ratio(other, one)


@pytest.mark.parametrize("colour", ["", "red", "rgb(0, 0, 0)", "#12345", "inherit"])
def test_other_colours_are_not_guessed(colour: str) -> None:
    """What cannot be computed is said, not passed."""
    with pytest.raises(ValueError, match="no colour"):
        contrast.ratio(colour, "white")


def test_dark_rules_are_read() -> None:
    """Several selectors, several rules, without their !important."""
    sheet = (
        "@media (prefers-color-scheme: dark) { .a, .b { color: #fff !important; } "
        ".a p { background-color: black } }"
    )
    assert looks.dark_rules(sheet) == [
        (".a", {"color": "#fff"}),
        (".b", {"color": "#fff"}),
        (".a p", {"background-color": "black"}),
    ]


def test_a_document_is_read_in_order() -> None:
    """Comments are left out, blocks begin lines, unknown end tags hurt nobody."""
    read = document.parse(
        "<body><!--[if mso]><table><![endif]--><h1>Eins</h1></i>"
        "<p>zwei<br>drei\nvier</p><style>p{}</style></body>nachher"
    )
    assert read.text == "Eins\nzwei\ndrei vier"
    assert read.sheet == "p{}"
    assert [one.tag for one in read.elements] == ["body", "h1", "p", "br", "style"]
