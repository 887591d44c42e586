"""Pages to read: German, in two styles one step apart, without a gap and a claim."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from mailer.application import Application
from mailer.meetings import changes
from mailer.rendering.document import parse
from mailer.settings.model import Conformance, VenueAnswer, VenueFacts
from subscribers.address import EmailAddress
from tests import leichte_sprache
from tests.town_calendar import closures, meeting, plan
from tests.web_server import BASE_URL, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.settings.model import Settings
    from tests.web_server import Visitor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

PATHS: Final = ("/", "/termine", "/barrierefreiheit", "/datenschutz", "/impressum")
EASY: Final = tuple(f"/leicht{path}".rstrip("/") for path in PATHS)


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody who reads the pages of a town with meetings."""
    with application.database.transaction() as db:
        plan(db, application.settings, now=NOW)
    with serving(application) as visitor:
        yield visitor


def words(page: str) -> str:
    """Return what a page says between head and foot, one line per block."""
    main = page[page.index("<main") : page.index("</main>")]
    main = re.sub(r"</?(?:address|section)[^>]*>", "<br>", main)
    return parse(f"<body>{main}</main></body>").text


def read(application: Application, path: str, **changed: Any) -> str:
    """Return what a page says under other settings."""
    other = Application(replace(application.settings, **changed), application.clock)
    other.unchecked_database = application.database
    with serving(other) as visitor:
        return words(visitor.get(path).text)


def test_every_page_leads_to_its_other_style(visitor: Visitor) -> None:
    """One link, at the same place on all of them; the other page leads back."""
    for path, other in zip(PATHS, EASY, strict=True):
        for here, there in ((path, other), (other, path)):
            page = visitor.get(here)
            found = re.findall(r'class="switch" href="([^"]*)"', page.text)
            assert (page.status, found) == (200, [there])


def test_easy_pages_are_easy_as_far_as_a_program_can_tell(visitor: Visitor) -> None:
    """No certain error; and they say that no group has read them yet."""
    for path in EASY:
        said = words(visitor.get(path).text)
        assert leichte_sprache.errors(said) == []
        assert said.endswith("Eine Prüf-Gruppe hat diesen Text noch nicht geprüft.")


def test_no_page_has_a_gap(visitor: Visitor) -> None:
    """What is not set is left out: no bracket, no empty line, no heading twice."""
    for path in (*PATHS, *EASY):
        page = visitor.get(path).text
        assert not re.search(r"[\[\]{}]|None|  |\bvom \.|: *\Z", words(page)), path
        headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
        assert len(headings) == len(set(headings))
        assert "03473" in page


def test_date_time_and_place_come_first(visitor: Visitor) -> None:
    """Renate hears them within the first sixty words of the front page."""
    first = " ".join(words(visitor.get("/").text).split()[:60])
    assert "Donnerstag, 3. Dezember 2026" in first
    assert "10:00 bis 13:00 Uhr" in first
    assert "Hohe Straße 21" in first
    assert "Eine Anmeldung ist nicht notwendig." in first


def test_a_calendar_can_be_subscribed_to(visitor: Visitor) -> None:
    """By a button for programs that know webcal, by an address for all others."""
    page = visitor.get("/termine").text
    feed = f"{BASE_URL}/termine.ics"
    assert f'href="{feed.replace("https", "webcal")}"' in page
    assert f">{feed}</p>" in page
    answer = visitor.get("/termine.ics")
    assert answer.headers["content-type"].startswith("text/calendar; charset=utf-8")
    assert answer.text.count("BEGIN:VEVENT") == 25


def test_each_meeting_has_a_file_of_its_own(visitor: Visitor) -> None:
    """Every link of the list leads to the meeting of its line."""
    found = re.findall(
        r'href="(/termine/\d+\.ics)">(\d+)\.\u00a0(\w+)\u00a0(\d+) in den Kalender',
        visitor.get("/termine").text,
    )
    assert len(found) == 25
    assert len({path for path, *_ in found}) == 25
    path, day, month, year = found[0]
    assert (day, month, year) == ("3", "Dezember", "2026")
    answer = visitor.get(path)
    assert "DTSTART;TZID=Europe/Berlin:20261203T100000" in answer.text
    named = answer.headers["content-disposition"]
    assert named == 'inline; filename="termin-2026-12-03.ics"'


def test_a_meeting_that_is_none_is_not_found(visitor: Visitor) -> None:
    """Whatever somebody types."""
    for number in ("0", "999999999", "1" * 40, "-1", "x", "٣", "1.5", "%00"):
        assert visitor.get(f"/termine/{quote(number)}.ics").status == 404


def test_changes_are_seen_on_both_pages(
    application: Application, visitor: Visitor
) -> None:
    """A cancellation and a move, each with its reason and what to do."""
    settings = application.settings
    series = settings.series[0]
    with application.database.transaction() as db:
        off, moved = (meeting(db, date(2026, 12, day)) for day in (3, 17))
        changes.cancel(db, off, reason="Krankheit", zone=series.zone, now=NOW)
        to = replace(
            changes.as_it_is(moved, series.zone), on=date(2026, 12, 15), reason="Umbau"
        )
        changes.move(db, moved, series, closures(settings), to, now=NOW)
    said = words(visitor.get("/termine").text)
    assert "Abgesagt: Donnerstag, 3. Dezember 2026\n10:00 bis 13:00 Uhr" in said
    assert "Neuer Termin: Dienstag, 15. Dezember 2026" in said
    assert "Statt am Donnerstag, 17. Dezember 2026. Umbau." in said
    assert (
        "Verlegt: Donnerstag, 17. Dezember 2026\n"
        "Das Treffen ist am Dienstag, 15. Dezember 2026, 10:00 bis 13:00 Uhr. Umbau."
    ) in said
    easy = words(visitor.get("/leicht/termine").text)
    assert leichte_sprache.errors(easy) == []
    assert "Der neue Tag ist: Dienstag, 15. Dezember 2026" in easy
    assert easy.count("Bitte kommen Sie an diesem Tag nicht.") == 2
    front = words(visitor.get("/").text)
    assert "Neuer Termin: Dienstag, 15. Dezember 2026" in front
    assert "Abgesagt: Donnerstag, 3. Dezember 2026, 10:00 bis 13:00 Uhr" in front
    assert "Abgesagt: Miteinander reden" in visitor.get("/termine.ics").text


def test_without_a_meeting_the_pages_say_so(application: Application) -> None:
    """A rule that has not begun yet, and nothing added."""
    series = application.settings.series[0]
    later = replace(series, first_on=date(2036, 1, 1))
    for path, sentence in (
        ("/", "Zurzeit ist kein Termin geplant"),
        ("/termine", "Zurzeit ist kein Termin geplant."),
        ("/leicht", "Das wissen wir noch nicht."),
        ("/leicht/termine", "Wir wissen noch keinen Tag für das nächste Treffen."),
    ):
        assert sentence in read(application, path, series=(later,))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (VenueAnswer.YES, "Der Raum ist stufenlos erreichbar."),
        (VenueAnswer.NO, "Zum Raum führen Stufen. Bitte rufen Sie uns vorher an."),
        (VenueAnswer.ON_REQUEST, "Ein stufenloser Zugang ist auf Anfrage möglich."),
        (VenueAnswer.UNKNOWN, "Das sagen wir Ihnen gern am Telefon: 03473 958-111."),
    ],
)
def test_access_is_said_only_as_it_is_known(
    application: Application, answer: VenueAnswer, sentence: str
) -> None:
    """Four states, and no claim without somebody who has looked."""
    venue = replace(
        application.settings.venues["treffpunkt"], facts=VenueFacts(step_free=answer)
    )
    said = read(application, "/termine", venues={"treffpunkt": venue})
    assert sentence in said
    assert "barrierefrei erreichbar" not in said


def test_the_ways_to_join_fit_what_is_set_up(application: Application) -> None:
    """With a mailbox that we read one word is enough; without, she reads it."""
    assert "Schreiben Sie das Wort" not in read(application, "/")
    inbox = EmailAddress.parse("post@mia.example")
    said = read(application, "/", inbox_address=inbox)
    assert "Schreiben Sie das Wort „Anmelden“ an post@mia.example." in said


def test_the_imprint_says_what_is_set(application: Application) -> None:
    """Every fact has its line; without a setting there is no line."""
    short = read(application, "/impressum")
    assert "Vertreten" not in short
    assert "Umsatzsteuer" not in short
    known = replace(
        application.settings.imprint,
        represented_by="die Bürgermeisterin, Maria Muster",
        vat_id="DE999999999",
        supervisor="Musterkreis, Kommunalaufsicht",
    )
    full = read(application, "/impressum", imprint=known)
    assert "Vertreten durch die Bürgermeisterin, Maria Muster" in full
    assert "Umsatzsteuer-Identifikationsnummer: DE999999999" in full
    assert "Zuständige Aufsichtsbehörde: Musterkreis, Kommunalaufsicht" in full


def test_privacy_names_who_and_how_long(application: Application) -> None:
    """What Art. 13 DSGVO wants; periods come from the settings."""
    known = replace(
        application.settings.privacy,
        officer=("Datenschutzbeauftragte", "ds@stadt.example"),
        processor="Rechenzentrum Beispiel, Musterstadt",
        proof_kept="drei Jahre",
        questions_kept="ein Jahr",
    )
    said = read(application, "/datenschutz", privacy=known)
    for line in (
        "ds@stadt.example",
        "Rechenzentrum Beispiel, Musterstadt",
        "Nachweis der Einwilligung: drei Jahre nach der Abmeldung.",
        "Anmeldung ohne Bestätigung: 7 Tage.",
        "Landesbeauftragte für den Datenschutz Sachsen-Anhalt",
    ):
        assert line in said


def test_the_statement_claims_what_was_assessed(application: Application) -> None:
    """Before an assessment nothing is claimed; after it the day is named."""
    assert "vereinbar" not in read(application, "/barrierefreiheit")
    known = replace(
        application.settings.accessibility,
        conformance=Conformance.PARTIAL,
        assessed_on=date(2026, 11, 2),
        stated_on=date(2026, 11, 2),
    )
    said = read(application, "/barrierefreiheit", accessibility=known)
    assert (
        "Das Angebot ist mit diesen Anforderungen teilweise vereinbar. Diese Aussage "
        "beruht auf einer Selbstbewertung vom 2. November 2026."
    ) in said
    assert "Stand: 2. November 2026." in said
    assert "Ombudsstelle nach § 16d BGG LSA" in said


def test_several_series_are_told_apart(application: Application) -> None:
    """Each line says which meeting it is, and where."""
    settings: Settings = application.settings
    choir = replace(
        settings.series[0], key="chor", title="Chor für alle", venue="kirche", nth=(2,)
    )
    church = replace(settings.venues["treffpunkt"], key="kirche", room="Gemeindesaal")
    said = read(
        application,
        "/termine",
        series=(settings.series[0], choir),
        venues={**settings.venues, "kirche": church},
    )
    assert "10:00 bis 13:00 Uhr, „Chor für alle“, Gemeindesaal, Hohe Straße 21" in said
    assert "10:00 bis 13:00 Uhr, „Miteinander reden“, Konferenzraum" in said
