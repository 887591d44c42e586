"""The partners' letter about a quarter: complete, readable, short if need be."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailer.editions.update_facts import News
from mailer.rendering import accessibility, typesetting
from mailer.rendering.document import parse
from mailer.rendering.environment import open_environment
from mailer.rendering.finding import Level
from subscribers.topics import LetterStyle
from tests import leichte_sprache
from tests.letters import MEANS
from tests.update_letters import FACTS, WORDS, full_facts, update_letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailer.rendering.letter import Letter

STANDARD, EASY = LetterStyle.STANDARD, LetterStyle.EASY

every_name = pytest.mark.parametrize("name", FACTS)
every_style = pytest.mark.parametrize("style", LetterStyle)
every_means = pytest.mark.parametrize("means", MEANS)


@every_style
@pytest.mark.parametrize("means", ["nothing", "inbox", "both"])
@every_name
def test_each_is_as_approved(
    name: str,
    means: str,
    style: LetterStyle,
    golden: Callable[[Path | str, str], None],
) -> None:
    """Subject and text for each kind of set-up; the HTML where there is most of it."""
    made = update_letter(name, style, means)
    folder = f"letters/network_update/{name}.{means}.{style}"
    golden(f"{folder}.txt", f"{made.subject}\n\n{made.text}")
    if means == "both":
        golden(f"{folder}.html", made.html)


@every_name
@every_style
@every_means
def test_nobody_is_left_out(name: str, style: LetterStyle, means: str) -> None:
    """Our own checks find nothing: HTML and text say the same, each link leads on."""
    made = update_letter(name, style, means)
    assert accessibility.check(made, FACTS[name](means), style) == ()


@every_name
@every_means
def test_the_easy_one_is_easy(name: str, means: str) -> None:
    """The checker finds no error and no hint but in what is entered about people."""
    made = update_letter(name, EASY, means)
    text = re.sub(
        r"(?m)^(Einrichtung|Ansprechperson|Diese E-Mail geht an):.*$", "", made.text
    )
    assert leichte_sprache.check(f"{made.subject}\n\n{text}") == []


@every_name
@every_means
@every_style
def test_it_promises_only_what_works(name: str, style: LetterStyle, means: str) -> None:
    """Answers need a mailbox, an archive and pages need public pages."""
    made = update_letter(name, style, means)
    inbox, base_url = MEANS[means]
    assert ("auf diese E-Mail" in made.text) == bool(inbox)
    assert ("im Browser" in made.text) == (bool(base_url) and style is STANDARD)


def test_its_contents_lead_to_its_sections() -> None:
    """Every entry of the list has its heading; the text numbers both alike."""
    document = parse(update_letter("full").html)
    listed = [one for one in document.all("a") if one.attributes["href"][0] == "#"]
    ids = {
        one.attributes["id"]: one.name
        for one in document.all("h2")
        if one.attributes.get("id")
    }
    assert {one.attributes["href"][1:]: one.name for one in listed} == ids
    assert len(ids) == 8
    text = update_letter("full").text
    assert all(text.count(f"\n{title}\n") == 2 for title in ids.values())


def test_an_empty_section_disappears() -> None:
    """A quarter with nothing to say: dates, how to contribute, what is entered."""
    headings = [one.name for one in parse(update_letter("short").html).all("h2")]
    assert headings == [
        "Inhalt",
        "1. Was kommt",
        "2. Ihr Beitrag für die nächste Ausgabe",
        "3. Ihre Angaben bei uns",
        "Abmelden oder etwas ändern",
    ]


def test_bars_say_nothing_that_words_do_not() -> None:
    """They have no text and no background; each stands below its number."""
    document = parse(update_letter("full").html)
    bars = [one for one in document.all("div") if "bar" in one.classes]
    assert len(bars) == 8
    for one in bars:
        assert (one.text, one.style.get("background-color")) == ("", None)
        assert one.parent is not None
        assert one.parent.tag == "td"
        assert re.fullmatch(r"[\d.]+", one.parent.name)


def with_words(words: str, news: str) -> Letter:
    """Return the full update with other words of the coordinator and of a partner."""
    known = full_facts()
    field = replace(known.news[0], told=(News("", news),))
    known = replace(known, words=words, news=(field,))
    return typesetting.render(open_environment(None), known, STANDARD, "network_update")


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "[klick](javascript:alert(1))",
        "![Bild](https://spion.example/pixel.png)",
        "<a href='x' onclick='alert(1)'>x</a>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_nothing_harmful_gets_in(bad: str) -> None:
    """Neither her introduction nor a partner's words: she is told what was left out."""
    made = with_words(f"Vorher {bad} nachher", f"{bad}\n\nEnde")
    for never in ("<script", "javascript:", "<img", "onclick", "data:text"):
        assert never not in made.html
    known = replace(full_facts(), words=bad)
    hints = accessibility.check(made, known, STANDARD)
    assert {one.rule for one in hints if one.level is Level.HINT} & {
        "words-dropped",
        "words-link",
    }


def test_her_introduction_stands_first() -> None:
    """Before the contents, as she wrote it."""
    text = update_letter("full").text
    assert text.index("Der Stadtplan ohne Stufen") < text.index("Inhalt")
    assert "*" not in text
    assert "*voller*" in WORDS
