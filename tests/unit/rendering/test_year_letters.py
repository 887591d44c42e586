"""Letters of the year: what changed comes first, in both styles, and is true."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest

from mailer.editions import context
from mailer.editions.facts import Facts
from mailer.editions.kinds import KINDS, EditionKind
from mailer.rendering import accessibility
from mailer.rendering.environment import open_environment, source
from mailer.rendering.typesetting import BODIES
from subscribers.topics import LetterStyle
from tests import leichte_sprache
from tests.letters import MEANS, WORDS, december, meeting_row
from tests.year_letters import (
    CASES,
    FIRST,
    HALL,
    NAMES,
    USUAL,
    kind_of,
    rendered,
    two_places,
    year_facts,
    year_letter,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STANDARD, EASY = LetterStyle.STANDARD, LetterStyle.EASY

every_letter = pytest.mark.parametrize("name", NAMES)
every_style = pytest.mark.parametrize("style", LetterStyle)

STAY_AWAY = "Bitte kommen Sie"
"""What a letter says about a day, an hour or a place that no longer holds."""


def opening(text: str, sentences: int = 2) -> str:
    """Return the first sentences after the greeting; "3." ends none."""
    lines = [line for line in text.splitlines() if line][1:]
    said = re.split(r"(?:(?<=\D\.)|(?<=\d{4}\.)) ", " ".join(lines))
    return " ".join(said[:sentences])


@every_style
@pytest.mark.parametrize("means", ["nothing", "inbox", "both"])
@pytest.mark.parametrize("name", FIRST)
def test_each_kind_is_as_approved(
    name: str,
    means: str,
    style: LetterStyle,
    golden: Callable[[Path | str, str], None],
) -> None:
    """Subject and text for each kind of set-up; the HTML where there is most of it."""
    letter = year_letter(name, style, means)
    golden(f"letters/{name}/{means}.{style}.txt", f"{letter.subject}\n\n{letter.text}")
    if means == "both":
        golden(f"letters/{name}/{means}.{style}.html", letter.html)


@every_style
@pytest.mark.parametrize("name", [name for name in NAMES if name not in FIRST])
def test_each_shade_is_as_approved(
    name: str, style: LetterStyle, golden: Callable[[Path | str, str], None]
) -> None:
    """Moved in time, in place, in both; untold; early; on a closed day of our own."""
    letter = year_letter(name, style)
    folder = KINDS[kind_of(name)].folder
    golden(f"letters/{folder}/{name}.{style}.txt", f"{letter.subject}\n\n{letter.text}")


@pytest.mark.parametrize("kind", EditionKind)
def test_each_kind_has_its_five_texts(kind: EditionKind) -> None:
    """Whoever reads Leichte Sprache gets no kind of letter without it."""
    environment = open_environment(None)
    folder = f"mail/{KINDS[kind].folder}"
    for name in ("subject.txt", *(f"{b}.{e}" for b in BODIES.values() for e in _ENDS)):
        assert source(environment, f"{folder}/{name}")


_ENDS = ("html", "txt")


@every_letter
@every_style
def test_nobody_is_left_out(name: str, style: LetterStyle) -> None:
    """Our own checks find nothing: HTML and text say the same, what matters first."""
    known = year_facts(name)
    assert accessibility.check(year_letter(name, style), known, style) == ()


@every_letter
@pytest.mark.parametrize("means", MEANS)
def test_easy_letters_are_easy(name: str, means: str) -> None:
    """The checker finds no error and no hint."""
    letter = year_letter(name, EASY, means)
    assert leichte_sprache.check(f"{letter.subject}\n\n{letter.text}") == []


@every_letter
@every_style
@pytest.mark.parametrize("means", MEANS)
def test_letters_promise_only_what_works(
    name: str, style: LetterStyle, means: str
) -> None:
    """Links need public pages, answering with a word needs a mailbox."""
    letter = year_letter(name, style, means)
    inbox, base_url = MEANS[means]
    for part in (letter.text, re.sub(r"<[^>]+>", "", letter.html)):
        plain = part.replace("\u00a0", " ")
        assert bool(re.search("auf diese E-Mail", plain)) == bool(inbox)
        assert ("Leichte Sprache“" in plain) <= bool(inbox)
        assert ("https://" in letter.text) == bool(base_url)
        assert ("03473 958-111" in plain) or ("03473 95 81 11" in plain)


@pytest.mark.parametrize(
    ("name", "style", "said"),
    [
        ("cancellation", STANDARD, "an diesem Tag nicht."),
        ("cancellation", EASY, "an diesem Tag nicht."),
        ("cancellation-untold", STANDARD, "an diesem Tag nicht."),
        ("holiday", STANDARD, "an diesem Tag nicht."),
        ("holiday", EASY, "an diesem Tag nicht."),
        ("update", STANDARD, "am 3. Dezember 2026 nicht."),
        ("update", EASY, "am 3. Dezember 2026 nicht."),
        ("update-all", STANDARD, "am 3. Dezember 2026 nicht."),
        ("update-begin", STANDARD, "an diesem Tag nicht um 10 Uhr."),
        ("update-begin", EASY, "nicht um 10 Uhr."),
        ("update-place", STANDARD, "nicht an den bisherigen Ort."),
        ("update-place", EASY, "nicht zum alten Ort."),
        ("reinstatement-day", STANDARD, "am 3. Dezember 2026 nicht."),
        ("reinstatement-day", EASY, "am 3. Dezember 2026 nicht."),
        ("reinstatement-begin", STANDARD, "an diesem Tag nicht um 10 Uhr."),
        ("reinstatement-place", EASY, "nicht zum alten Ort."),
    ],
)
def test_whoever_must_not_come_reads_it_first(
    name: str, style: LetterStyle, said: str
) -> None:
    """That nobody shall come is the second sentence, before any reason."""
    assert opening(year_letter(name, style).text).endswith(f"{STAY_AWAY} {said}")


def test_the_old_date_is_named_as_such() -> None:
    """Struck through in words, because strokes are not heard."""
    text = year_letter("update").text
    assert "Neuer Termin: Donnerstag, 10. Dezember 2026, 10:00 bis 13:00 Uhr" in text
    assert "Nicht mehr: Donnerstag, 3. Dezember 2026, 10:00 bis 13:00 Uhr" in text
    assert "statt und nicht am Donnerstag, 3. Dezember 2026." in text


@pytest.mark.parametrize("name", ["update-place", "update-all", "reinstatement-place"])
def test_both_places_are_named_in_words(name: str) -> None:
    """The new one and the old one, in a sentence and as addresses."""
    text, easy = year_letter(name).text, year_letter(name, EASY).text
    usual = "im Konferenzraum in der Hohen Straße 21"
    assert f"findet {HALL.in_sentence} statt und nicht {usual}." in text
    assert "Neuer Ort: Ratssaal, Markt 1, 06449 Aschersleben" in text
    assert "Barrierefreiheit und Unterstützung" in text
    assert "Das ist die neue Adresse:\n\nRats-Saal\nMarkt 1\n06449" in easy
    assert "Das ist die alte Adresse:\n\nKonferenz-Raum\nHohe Straße 21" in easy


def test_what_stays_is_said_to_stay() -> None:
    """Another day in the same room: nobody looks for a new one."""
    assert "Wo: unverändert Konferenzraum" in year_letter("update").text
    assert "Der Ort ist gleich." in year_letter("update", EASY).text
    assert "endet um 12 Uhr und nicht um 13 Uhr." in year_letter("update-end").text
    assert "Es beginnt weiter um 10 Uhr." in year_letter("update-end").text


@pytest.mark.parametrize("style", LetterStyle)
def test_a_cancellation_speaks_of_the_day_that_readers_know(
    style: LetterStyle,
) -> None:
    """Moved and called off before anybody heard of the move: the old day is off."""
    known = year_facts("cancellation")
    moved = year_facts("update")
    assert isinstance(known, Facts)
    assert isinstance(moved, Facts)
    known = replace(known, when=moved.when, before=known.when)
    letter = rendered("cancellation", style, known)
    assert "3. Dezember 2026" in letter.subject
    assert "10. Dezember 2026" not in letter.subject + letter.text + letter.html


def test_the_reason_is_told_as_it_was_given() -> None:
    """With a full stop; in Leichte Sprache only in words written for it."""
    assert "Der Grund: Der Raum ist an diesem Tag belegt.\n" in (
        year_letter("cancellation").text
    )
    assert "belegt" not in year_letter("cancellation", EASY).text
    known = year_facts("cancellation", easy_words="Der Raum ist zu.")
    text = rendered("cancellation", EASY, known).text
    assert "Warum gibt es kein Treffen?\n\nDer Raum ist zu.\n" in text


@pytest.mark.parametrize("name", FIRST)
def test_the_coordinators_words_have_their_place(name: str) -> None:
    """Her words in each style, and only there."""
    known = year_facts(name, words=WORDS, easy_words="Wir freuen uns auf Sie.")
    standard, easy = rendered(name, STANDARD, known), rendered(name, EASY, known)
    for part in (standard.text, standard.html):
        assert "Internationale Tag der Menschen" in part
        assert "Wir freuen uns auf Sie" not in part
    for part in (easy.text, easy.html):
        assert "Wir freuen uns auf Sie." in part
        assert "Internationale" not in part


@pytest.mark.parametrize(
    ("now", "soon"),
    [
        (datetime(2026, 12, 2, 9, tzinfo=UTC), "morgen"),
        (datetime(2026, 12, 1, 23, 30, tzinfo=UTC), "morgen"),
        (datetime(2026, 12, 2, 23, 30, tzinfo=UTC), "heute"),
        (datetime(2026, 12, 1, 22, 30, tzinfo=UTC), ""),
        (datetime(2026, 11, 30, 9, tzinfo=UTC), ""),
        (None, ""),
    ],
)
def test_tomorrow_is_the_next_day(now: datetime | None, soon: str) -> None:
    """By the town's clocks, where midnight is 23 o'clock UTC in winter."""
    known = year_facts("reminder", now=now)
    assert isinstance(known, Facts)
    assert known.soon == soon
    texts = [rendered("reminder", style, known) for style in LetterStyle]
    for letter in texts:
        said = f"{letter.subject} {letter.text}".lower()
        for word in ("heute", "morgen"):
            assert (word in said) == (word == soon)
        assert "Donnerstag" in letter.text
        assert "3. Dezember 2026" in letter.subject


def test_the_reminder_offers_its_own_end() -> None:
    """By a word where one can be answered with, else by telephone."""
    assert "schreiben Sie „Keine Erinnerung“" in year_letter("reminder").text
    easy = year_letter("reminder", EASY).text
    assert "Schreiben Sie nur diese Wörter: Keine Erinnerung" in easy
    without = year_letter("reminder", STANDARD, "nothing").text
    assert "Keine Erinnerungen mehr, aber weiter Einladungen: Rufen Sie" in without


@pytest.mark.parametrize("name", ["cancellation-untold", "cancellation"])
def test_a_calendar_file_is_only_promised_where_there_is_one(name: str) -> None:
    """Who was never told has nothing in her calendar that could be removed."""
    promised = "Kalenderdatei" in year_letter(name).text
    assert promised == CASES[name].known.get("has_calendar", True)


def test_without_a_next_meeting_none_is_named() -> None:
    """No heading over an empty list."""
    for style in LetterStyle:
        letter = year_letter("cancellation-last", style)
        assert "nächste Treffen" not in letter.text + letter.html


USUAL_VENUE = december().venue


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("invitation")])
def test_easy_letters_say_one_thing(name: str) -> None:
    """At most 60 lines with words, one link before the sender, each line a sentence."""
    text = year_letter(name, EASY).text
    assert len([line for line in text.splitlines() if line]) <= 60
    assert text.partition("Wer schickt diese E-Mail?")[0].count("https://") == 1


LONG_TITLE = "Miteinander reden und gemeinsam etwas für unsere Stadt erreichen"


@every_letter
@every_style
@pytest.mark.parametrize("title", ["Miteinander reden", LONG_TITLE])
def test_subjects_fit(name: str, style: LetterStyle, title: str) -> None:
    """At most 65 characters, with the year, also with a long title and late dates."""
    known = year_facts(name)
    if isinstance(known, Facts):
        known = replace(known, meeting=replace(known.meeting, title=title))
    subject = rendered(name, style, known).subject
    assert len(subject) <= 65, subject
    assert re.search(r"\d{1,2}\. [A-ZÄÖÜ]\w+ 20\d\d", subject)


@pytest.mark.parametrize("days", [1, 7, 14, 42, 91])
def test_subjects_fit_on_any_day(days: int) -> None:
    """The longest month, another month, another year, with and without a place."""
    autumn = USUAL.replace(month=9, day=10)
    for start, venue in product(
        (autumn, autumn.replace(day=30), USUAL), (USUAL_VENUE, HALL.key)
    ):
        for name in ("update", "reinstatement-day"):
            changed = {"starts_at": start + timedelta(days=days)}
            known = context.facts(
                two_places(),
                meeting_row(**changed, venue=venue, title=LONG_TITLE),
                before=meeting_row(start),
            )
            subject = rendered(name, STANDARD, known).subject
            assert len(subject) <= 65, subject
            assert known.when.day in subject or known.change.instead in subject
