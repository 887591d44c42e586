"""More than one place, more than one series: what she means must be clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mailer.editions.states import EditionState
from mailer.inbound.desk import Effect
from mailer.meetings.states import MeetingState
from tests.drafting_by_mail import TownHall, a_town_hall, plain
from tests.factories import a_meeting

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """A town hall that knows three places; two of them have rooms of one name."""
    (usual,) = settings.venues.values()
    hall = replace(usual, key="bestehornhaus", room="Saal", street="Hecknerstraße 6")
    library = replace(usual, key="bibliothek", room="Saal", street="Markt 28")
    venues = {one.key: one for one in (usual, hall, library)}
    return a_town_hall(replace(settings, venues=venues), clock, database)


@pytest.fixture
def two(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """A town hall with two series of meetings."""
    (usual,) = settings.series
    other = replace(usual, key="schreiben", title="Schreibwerkstatt", weekday=1)
    return a_town_hall(replace(settings, series=(usual, other)), clock, database)


@pytest.mark.parametrize(
    "words",
    [
        "Ort: bestehornhaus",
        "Ort: Hecknerstraße 6",
        "neuer Ort: HECKNERSTRASSE 6",
        "Ort: Saal, Hecknerstraße 6",
        "Ort: Saal, Hecknerstraße 6, 06449 Aschersleben",
    ],
)
def test_a_place_is_known_by_its_names(hall: TownHall, words: str) -> None:
    """Key, street, room with street, the whole line; the draft follows."""
    draft = hall.draft()
    hall.say("Freigeben", draft)
    hall.send()
    assert hall.say(words, draft) == Effect.INSTRUCTED
    result = hall.result()
    assert "ist jetzt hier: Saal, Hecknerstraße 6, 06449 Aschersleben." in plain(result)
    assert result["Subject"].startswith("Neuer Entwurf:")
    assert hall.meeting().venue == "bestehornhaus"
    assert hall.edition().state is EditionState.DRAFT


def test_two_rooms_of_one_name_are_asked_about(hall: TownHall) -> None:
    """With what to write instead."""
    draft = hall.draft()
    assert hall.say("Ort: Saal", draft) == Effect.ASKED_BACK
    text = plain(hall.result())
    assert "„Saal“ gibt es mehrmals" in text
    assert "„Ort: Saal, Markt 28“" in text


def test_the_place_it_has_is_no_change(hall: TownHall) -> None:
    """Calendars are not told anything."""
    draft = hall.draft()
    hall.say("Ort: Konferenzraum", draft)
    assert "ist schon dort: Konferenzraum" in plain(hall.result())
    assert hall.meeting().sequence == 0


def test_the_time_it_has_is_no_change(hall: TownHall) -> None:
    """The same."""
    draft = hall.draft()
    hall.say("neuer Termin: 3. Dezember 10 bis 13 Uhr", draft)
    assert "hat schon diese Zeit." in plain(hall.result())
    assert hall.meeting().sequence == 0


def test_a_meeting_that_is_off_is_moved_only_if_it_is_on_again(hall: TownHall) -> None:
    """Both in one mail go together."""
    draft = hall.draft()
    hall.say("fällt aus: Der Raum ist nicht geheizt.", draft)
    off = hall.result()
    assert hall.say("neuer Termin: 10. Dezember", off) == Effect.ASKED_BACK
    assert "ist abgesagt. Schreiben Sie „findet doch statt“ dazu" in plain(
        hall.result()
    )
    words = "neuer Termin: 10. Dezember\n\nfindet doch statt"
    assert hall.say(words, off) == Effect.INSTRUCTED
    assert hall.meeting().state is MeetingState.PLANNED
    assert hall.meeting().starts_at == datetime(2026, 12, 10, 9, tzinfo=UTC)


def test_what_is_on_need_not_be_on_again(hall: TownHall) -> None:
    """It is said, and nothing is changed."""
    draft = hall.draft()
    hall.say("findet doch statt", draft)
    assert "es war nicht abgesagt" in plain(hall.result())
    assert hall.meeting().sequence == 0


def test_a_meeting_that_is_over_stays_as_it_was(hall: TownHall) -> None:
    """Whoever answers a draft after the meeting is told so."""
    draft = hall.draft()
    hall.clock.moment = datetime(2026, 12, 3, 10, tzinfo=UTC)
    for words in ("fällt aus: zu spät", "Freigeben", "neuer Termin: 10. Dezember"):
        assert hall.say(words, draft) == Effect.ASKED_BACK
    texts = [plain(one) for one in hall.send()]
    assert "hat schon begonnen" in texts[0]
    assert "Dieses Treffen hat schon begonnen." in texts[1]
    assert hall.meeting().sequence == 0


def test_the_series_of_the_draft_is_meant(two: TownHall) -> None:
    """A meeting more belongs to it; without a draft it is asked which."""
    draft = two.draft()
    two.say("zusätzlicher Termin: 10. Dezember", draft)
    two.send()
    assert two.meeting(2).series == "miteinander-reden"
    assert two.say("zusätzlicher Termin: 11. Dezember") == Effect.ASKED_BACK
    assert "„Miteinander reden“ und „Schreibwerkstatt“" in plain(two.result())


def test_two_meetings_on_a_day_are_told_apart_by_their_drafts(two: TownHall) -> None:
    """A day alone does not say which."""
    draft = two.draft()
    with two.database.transaction() as db:
        a_meeting(db, datetime(2026, 12, 3, 15, tzinfo=UTC), series="schreiben")
    words = "fällt aus: 3. Dezember: Das Haus ist zu."
    assert two.say(words, draft) == Effect.ASKED_BACK
    assert "mehrere Treffen" in plain(two.result())
    assert two.say("fällt aus: Das Haus ist zu.", draft) == Effect.INSTRUCTED
    assert two.meeting(1).state is MeetingState.CANCELLED
    assert two.meeting(2).state is MeetingState.PLANNED
