"""Letters: what is rendered once, what is filled for each reader, what is approved."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from mailer.errors import MessageUnsafe, PlanRefused, TemplateBroken
from mailer.meetings.icalendar import CalendarEntry
from mailer.rendering import letter as letters
from mailer.rendering import typesetting
from mailer.rendering.calendar_file import calendar_entry, with_calendar
from mailer.rendering.environment import open_environment
from mailer.rendering.person import greeting, reason
from mailer.rendering.places import SIGNS, has_private_sign
from mailer.settings.model import VenueAnswer, VenueFacts
from subscribers.topics import LetterStyle
from tests import leichte_sprache
from tests.letters import (
    BASE_URL,
    MEANS,
    WORDS,
    a_reader,
    invitation,
    open_invitation,
    some_facts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STANDARD, EASY = LetterStyle.STANDARD, LetterStyle.EASY

ACCESS = VenueFacts(
    step_free=VenueAnswer.YES,
    lift=VenueAnswer.NO,
    toilet=VenueAnswer.UNKNOWN,
    hearing_loop=VenueAnswer.YES,
    sign_language=VenueAnswer.ON_REQUEST,
    assistance=VenueAnswer.YES,
    checked_on=date(2026, 11, 2),
)
"""A place of which most is known."""


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("means", ["nothing", "inbox", "both"])
def test_invitation_is_as_approved(
    means: str, style: LetterStyle, golden: Callable[[Path | str, str], None]
) -> None:
    """Subject, text and HTML of the example's invitation, for each kind of set-up."""
    letter = invitation(means, style)
    golden(f"letters/{means}.{style}.txt", f"{letter.subject}\n\n{letter.text}")
    golden(f"letters/{means}.{style}.html", letter.html)


@pytest.mark.parametrize("style", LetterStyle)
def test_invitation_to_a_known_place_is_as_approved(
    style: LetterStyle, golden: Callable[[Path | str, str], None]
) -> None:
    """What is known about access is said, and nothing more."""
    golden(f"letters/access.{style}.txt", invitation("both", style, access=ACCESS).text)


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("means", MEANS)
def test_letters_promise_only_what_works(means: str, style: LetterStyle) -> None:
    """Links need public pages, answering needs a mailbox; else phone and e-mail."""
    letter = invitation(means, style)
    inbox, base_url = MEANS[means]

    for part in (letter.text, letter.html):
        assert ("antworten Sie auf diese" in part.replace("\u00a0", " ")
                or "Antworten Sie auf diese" in part
                or "auf diese E-Mail antworten" in re.sub(r"<[^>]+>", "", part)
                ) == (inbox is not None)  # fmt: skip
        assert ("/abmelden/7Kq2" in part) == bool(base_url)
        assert ("/impressum" in part) == bool(base_url)
        assert "k_sommer@aschersleben.de" in part


@pytest.mark.parametrize("style", LetterStyle)
def test_the_subject_is_short_and_plain(style: LetterStyle) -> None:
    """At most 65 characters, all ASCII, with the year."""
    subject = open_invitation("both", style).subject
    assert len(subject) <= 65
    assert subject.isascii()
    assert "3. Dezember 2026" in subject
    assert subject.startswith("Einladung")


@pytest.mark.parametrize("style", LetterStyle)
def test_what_matters_comes_first(style: LetterStyle) -> None:
    """Day, time, place and "no registration" stand in the first 500 characters."""
    first = invitation("both", style).text[:500]
    for said in (
        "Donnerstag",
        "3. Dezember 2026",
        "10",
        "13",
        "Hohe Straße 21",
        "nmeld",
    ):
        assert said in first
    assert "https://" not in first


@pytest.mark.parametrize("style", LetterStyle)
def test_open_letters_hold_each_place(style: LetterStyle) -> None:
    """Greeting, reason and both links wait for their reader, in text and HTML."""
    letter = open_invitation("both", style)
    wanted = set(SIGNS.values()) - {SIGNS["confirm_token"], SIGNS["entry"]}
    if style is EASY:
        # One thing per mail: an easy letter has one link before the signature.
        wanted.discard(SIGNS["preferences_url"])
    for part in (letter.text, letter.html):
        assert {sign for sign in part if has_private_sign(sign)} == wanted
    assert not has_private_sign(letter.subject)


@pytest.mark.parametrize("style", LetterStyle)
def test_filled_letters_hold_none(style: LetterStyle) -> None:
    """After filling nothing of ours is left open."""
    letter = invitation("both", style)
    assert not has_private_sign(letter.text + letter.html)


def test_a_name_cannot_bring_markup() -> None:
    """A name is escaped in HTML and stays as it is in text."""
    person = replace(a_reader(), greeting="Guten Tag, <b>Rita</b> & Söhne,")
    letter = letters.fill(open_invitation(), person)
    assert "Guten Tag, &lt;b&gt;Rita&lt;/b&gt; &amp; Söhne," in letter.html
    assert "Guten Tag, <b>Rita</b> & Söhne," in letter.text


def test_a_link_cannot_leave_its_attribute() -> None:
    """A quotation mark in an address ends nothing."""
    person = replace(a_reader(), unsubscribe_url='https://x.example/"onload="x')
    html = letters.fill(open_invitation(), person).html
    assert 'href="https://x.example/&quot;onload=&quot;x"' in html


@pytest.mark.parametrize("place", list(SIGNS))
def test_a_person_cannot_bring_a_place(place: str) -> None:
    """Words with a reserved character are refused, whatever place they fill."""
    person = replace(a_reader(), **{place: f"x{SIGNS['reason']}"})
    with pytest.raises(MessageUnsafe):
        letters.fill(open_invitation(), person)


def test_facts_cannot_bring_a_place() -> None:
    """A reserved character in the coordinator's words is told by its place."""
    known = some_facts(words=f"Hallo {SIGNS['greeting']}")
    with pytest.raises(PlanRefused, match="In „words“ steht ein Zeichen"):
        typesetting.render(open_environment(None), known, STANDARD, "invitation")


def test_facts_below_are_named_with_their_path() -> None:
    """Also a fact inside a fact is found, and named with dots."""
    known = some_facts()
    known = replace(
        known, network=replace(known.network, address_lines=("a", "\ue000"))
    )
    with pytest.raises(PlanRefused, match=r"network\.address_lines"):
        typesetting.render(open_environment(None), known, STANDARD, "invitation")


def test_only_html_is_escaped() -> None:
    """A title with an ampersand is written plainly in text and subject."""
    known = some_facts()
    known = replace(known, meeting=replace(known.meeting, title="Kaffee & <Kuchen>"))
    letter = typesetting.render(open_environment(None), known, STANDARD, "invitation")
    assert "„Kaffee & <Kuchen>“" in letter.text
    assert "Kaffee & <Kuchen>" in letter.subject
    assert "„Kaffee &amp; &lt;Kuchen&gt;“" in letter.html


def test_an_unknown_letter_is_told() -> None:
    """A folder without templates is a broken template, not a crash."""
    with pytest.raises(
        TemplateBroken, match=r"die Datei „mail/nichts/subject\.txt“ fehlt"
    ):
        typesetting.render(open_environment(None), some_facts(), STANDARD, "nichts")


@pytest.mark.parametrize(
    ("name", "style", "said"),
    [
        (None, STANDARD, "Guten Tag,"),
        (None, EASY, "Guten Tag!"),
        ("", STANDARD, "Guten Tag,"),
        ("Rita  Beispiel", STANDARD, "Guten Tag, Rita Beispiel,"),
        ("Rita Beispiel", EASY, "Guten Tag, Rita Beispiel!"),
        ("Rita\u202eBeispiel", STANDARD, "Guten Tag,"),
        (f"Rita{SIGNS['reason']}", EASY, "Guten Tag!"),
        ("Rita\x1b[31m", STANDARD, "Guten Tag,"),
    ],
)
def test_greetings(name: str | None, style: LetterStyle, said: str) -> None:
    """By name where one is known; a name with invisible signs is left out."""
    assert greeting(name, style) == said


def test_everybody_is_told_why() -> None:
    """Subscribers and partners have different reasons, in both styles."""
    said = {
        (style, is_partner): reason("MIA", style, is_partner=is_partner)
        for style in LetterStyle
        for is_partner in (False, True)
    }
    assert len(set(said.values())) == 4
    assert "nur für diese Adresse" in said[STANDARD, True]
    assert "angemeldet haben" in said[STANDARD, False]


@pytest.mark.parametrize("is_partner", [False, True])
def test_easy_reasons_have_one_sentence_a_line(is_partner: bool) -> None:
    """In HTML each sentence keeps its line too."""
    person = a_reader(EASY, is_partner=is_partner)
    letter = letters.fill(open_invitation("both", EASY), person)

    lines = person.reason.splitlines()
    assert leichte_sprache.errors(person.reason) == []
    assert "\n".join(lines) in letter.text
    assert (
        letter.html.count("<br>")
        == open_invitation("both", EASY).html.count("<br>") + len(lines) - 1
    )


@pytest.mark.parametrize("access", [None, ACCESS])
@pytest.mark.parametrize("name", [None, "Rita Beispiel"])
@pytest.mark.parametrize("means", MEANS)
def test_easy_letters_are_easy(
    means: str, name: str | None, access: VenueFacts | None
) -> None:
    """The checker finds no error and no hint in any easy invitation."""
    person = a_reader(EASY, name=name, base_url=MEANS[means][1])
    letter = letters.fill(open_invitation(means, EASY, access=access), person)
    assert leichte_sprache.check(f"{letter.subject}\n\n{letter.text}") == []


def test_easy_letters_are_not_long() -> None:
    """One thing per mail: at most 75 lines with words, one link before the sender."""
    text = invitation("both", EASY).text
    assert len([line for line in text.splitlines() if line]) <= 75
    assert text.partition("Wer schickt diese E-Mail?")[0].count("https://") == 1


def test_without_easy_words_there_are_none() -> None:
    """The coordinator's standard words never slip into Leichte Sprache."""
    assert WORDS not in invitation("both", EASY).text


def test_easy_words_keep_their_lines() -> None:
    """One sentence a line, in text and HTML."""
    known = some_facts(easy_words="Wir reden über Busse.\nBitte kommen Sie.")
    letter = typesetting.render(open_environment(None), known, EASY, "invitation")
    assert "Wir reden über Busse.\nBitte kommen Sie." in letter.text
    assert "Wir reden über Busse.<br>\nBitte kommen Sie." in letter.html


def test_an_unread_text_says_so() -> None:
    """Nobody has read our easy text yet, and no program calls it checked."""
    text = invitation("both", EASY).text
    assert text.endswith("Eine Prüf-Gruppe hat diesen Text noch nicht geprüft.\n")


@pytest.mark.parametrize(
    ("easy_words", "last"),
    [
        ("", "Das war am 5. Januar 2027."),
        ("Neu.", "Die Sätze nur für dieses Treffen sind noch nicht geprüft."),
    ],
)
def test_a_read_text_names_its_readers(
    tmp_path: Path, easy_words: str, last: str
) -> None:
    """Who and when, from the second line of the template; new words are excepted."""
    ours = open_environment(None)
    for name in ("mail/invitation/easy.txt", "mail/invitation/easy.html"):
        loader = ours.loader
        assert loader is not None
        text = loader.get_source(ours, name)[0]
        own = tmp_path / name
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(
            text.replace(
                'reviewed_by="" reviewed_on=""',
                'reviewed_by="die Lese-Gruppe Beispielstadt" reviewed_on="2027-01-05"',
            ),
            encoding="utf-8",
        )

    letter = typesetting.render(
        open_environment(tmp_path),
        some_facts(easy_words=easy_words),
        EASY,
        "invitation",
    )

    assert "Diesen Text hat geprüft: die Lese-Gruppe Beispielstadt." in letter.text
    assert letter.text.strip().endswith(last)
    assert last.split(maxsplit=1)[0] in letter.html


@pytest.mark.parametrize("style", LetterStyle)
def test_html_stays_small(style: LetterStyle) -> None:
    """Far below what Gmail cuts off."""
    assert len(invitation("both", style).html.encode()) < 10_000


@pytest.mark.parametrize("style", LetterStyle)
def test_html_holds_dates_together(style: LetterStyle) -> None:
    """No-break spaces in HTML only; "E-Mail" never breaks at its hyphen."""
    letter = invitation("both", style)
    body = letter.html.partition("</head>")[2]
    assert "3.\u00a0Dezember\u00a02026" in body
    assert "3. Dezember 2026" not in body
    assert "\u00a0" not in letter.text + letter.subject
    assert len(re.findall(r"(?<!nowrap;\">)E-Mail", body)) == 0


def test_text_has_even_gaps() -> None:
    """Two blank lines before a heading, never three, no blanks at line ends."""
    text = invitation().text
    assert "\n\n\nAuf einen Blick\n\n" in text
    assert "\n\n\n\n" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == ["-- "]


def test_a_meeting_without_later_ones_is_silent_about_them() -> None:
    """No heading stands over an empty list."""
    known = replace(some_facts(), later=())
    letter = typesetting.render(open_environment(None), known, STANDARD, "invitation")
    assert "Die nächsten Termine" not in letter.text + letter.html


def test_meetings_in_other_places_are_not_claimed() -> None:
    """That all take place in one room is only said if they do."""
    known = replace(some_facts(), later_share_venue=False)
    letter = typesetting.render(open_environment(None), known, STANDARD, "invitation")
    assert "Alle Termine" not in letter.text
    assert "Der Ort steht jeweils in der Einladung." in letter.text


@pytest.mark.parametrize("style", LetterStyle)
def test_the_calendar_file_has_the_same_facts(style: LetterStyle) -> None:
    """Start, end, place and telephone of the letter, read by the icalendar library."""
    known = some_facts()
    stamped_at = datetime(2026, 11, 26, 8, tzinfo=UTC)
    letter = with_calendar(
        invitation("both", style), known, style, method="PUBLISH", stamped_at=stamped_at
    )

    assert letter.method == "PUBLISH"
    assert letter.calendar is not None
    (event,) = Calendar.from_ical(letter.calendar).walk("VEVENT")
    assert event.decoded("DTSTART") == known.when.starts_at
    assert event.decoded("DTEND") == known.when.ends_at
    assert str(event["UID"]) == known.meeting.uid
    assert str(event["LOCATION"]) == known.venue.label
    assert "03473 95" in str(event["DESCRIPTION"])
    assert str(event["SUMMARY"]) == "Miteinander reden"


def test_the_easy_calendar_text_is_easy() -> None:
    """A calendar shows its description to the same reader."""
    entry = calendar_entry(some_facts(), EASY)
    assert isinstance(entry, CalendarEntry)
    assert leichte_sprache.errors(entry.description) == []


def test_links_in_letters_are_ours() -> None:
    """Nothing is tracked or rewritten: every address is plain."""
    html = invitation().html
    targets = set(re.findall(r'href="([^"]+)"', html))
    assert {t for t in targets if t.startswith("http")} == {
        f"{BASE_URL}/abmelden/7Kq2",
        f"{BASE_URL}/einstellungen/7Kq2",
        f"{BASE_URL}/impressum",
        f"{BASE_URL}/datenschutz",
        f"{BASE_URL}/barrierefreiheit",
    }
