"""Facts: everything a letter may mention, from one meeting and the settings."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailer.editions import access, context
from mailer.errors import PlanRefused
from mailer.settings.model import VenueAnswer, VenueFacts
from tests import leichte_sprache
from tests.letters import (
    BASE_URL,
    december,
    example_settings,
    meeting_row,
    settings_for,
    some_facts,
)

YES, NO, ASK = VenueAnswer.YES, VenueAnswer.NO, VenueAnswer.ON_REQUEST


def test_one_moment_makes_every_form() -> None:
    """9 o'clock UTC in December is 10 o'clock in Aschersleben, in all forms."""
    when = some_facts().when

    assert when.weekday == "Donnerstag"
    assert when.day == "3. Dezember 2026"
    assert when.full_day == "Donnerstag, 3. Dezember 2026"
    assert when.hours == "10:00 bis 13:00 Uhr"
    assert (when.start, when.end) == ("10 Uhr", "13 Uhr")
    assert (when.start_easy, when.end_easy) == ("10 Uhr", "13 Uhr")
    assert when.starts_iso == "2026-12-03T10:00:00+01:00"
    assert when.ends_iso == "2026-12-03T13:00:00+01:00"


def test_summer_time_is_kept() -> None:
    """8 o'clock UTC in July is 10 o'clock in Aschersleben."""
    one = meeting_row(datetime(2026, 7, 2, 8, tzinfo=UTC))
    assert context.when(one, ZoneInfo("Europe/Berlin")).start == "10 Uhr"


def test_facts_are_frozen() -> None:
    """Nobody changes a fact between subject and calendar file."""
    with pytest.raises(FrozenInstanceError):
        some_facts().when.day = "4. Dezember 2026"  # type: ignore[misc]


def test_the_coordinator_has_a_telephone_for_everybody() -> None:
    """To read, to hear and to dial."""
    coordinator = some_facts().coordinator
    assert coordinator.phone == "03473 958-111"
    assert coordinator.phone_easy == "03473 95 81 11"
    assert coordinator.phone_uri == "tel:+493473958111"


def test_a_place_has_two_forms() -> None:
    """A label is never glued into a sentence."""
    venue = some_facts().venue
    assert venue.label == "Konferenzraum, Hohe Straße 21, 06449 Aschersleben"
    assert venue.in_sentence == "im Konferenzraum in der Hohen Straße 21"


def test_the_postal_address_begins_with_the_organisation() -> None:
    """Who is responsible stands first."""
    lines = some_facts().network.address_lines
    assert lines == ("Stadt Aschersleben", "Markt 1", "06449 Aschersleben")


@pytest.mark.parametrize(
    ("means", "answers", "links"),
    [
        ("nothing", False, False),
        ("inbox", True, False),
        ("links", False, True),
        ("both", True, True),
    ],
)
def test_facts_know_what_works(means: str, answers: bool, links: bool) -> None:
    """Answering needs a mailbox we read; links need public pages."""
    known = some_facts(means)
    assert known.answers_work is answers
    assert known.links_work is links
    assert bool(known.links.imprint) is links


def test_links_have_one_slash() -> None:
    """A base URL with a slash at the end makes no double slash."""
    settings = replace(settings_for("both"), web_base_url=f"{BASE_URL}/")
    known = context.facts(settings, december())
    assert known.links.imprint == f"{BASE_URL}/impressum"


def test_answers_go_to_the_mailbox_we_read() -> None:
    """With an inbox, the reply address is the inbox unless another is set."""
    assert some_facts("inbox").sender.reply_to == "post@mia.example"
    assert some_facts("nothing").sender.reply_to == some_facts().sender.address


def test_later_meetings_elsewhere_are_noticed() -> None:
    """That all take place in one room is only said if they do."""
    here = meeting_row(datetime(2026, 12, 17, 9, tzinfo=UTC))
    elsewhere = meeting_row(datetime(2027, 1, 7, 9, tzinfo=UTC), venue="rathaus")
    settings = example_settings()

    same = context.facts(settings, december(), later=[here])
    other = context.facts(settings, december(), later=[here, elsewhere])

    assert same.later_share_venue
    assert not other.later_share_venue


@pytest.mark.parametrize(
    ("column", "german"), [("series", "Terminreihe"), ("venue", "Ort")]
)
def test_what_left_the_settings_is_refused(column: str, german: str) -> None:
    """A meeting whose series or venue is gone says which one and what to do."""
    with pytest.raises(PlanRefused, match=f"{german} „früher“ steht nicht mehr"):
        context.facts(example_settings(), december(**{column: "früher"}))


def test_nothing_known_claims_nothing() -> None:
    """The source does not say whether the room is step-free, so neither do we."""
    venue = some_facts().venue
    assert venue.access == ()
    assert venue.access_easy == ()


def test_unknown_facts_offer_the_telephone() -> None:
    """One known fact gets its sentence, all others one sentence with the number."""
    known = access.sentences(VenueFacts(step_free=YES), "03473 958-111")

    assert known[0] == "Der Raum ist stufenlos erreichbar."
    assert known[1].startswith("Ob es einen Aufzug gibt, ob es eine barrierefreie")
    assert known[1].endswith("sagen wir Ihnen gern am Telefon: 03473 958-111.")
    assert len(known) == 2


def test_all_known_facts_have_one_sentence_each() -> None:
    """Seven facts, seven sentences, and the day somebody looked."""
    names = list(access.WORDINGS)
    everything = VenueFacts(**dict.fromkeys(names, YES), checked_on=date(2026, 11, 2))

    known = access.sentences(everything, "03473 958-111")

    assert len(known) == len(names) + 1
    assert known[-1] == "Wir haben das am 2. November 2026 geprüft."


def test_every_fact_of_a_venue_has_its_wording() -> None:
    """A new fact in the settings needs its sentences."""
    names = {field.name for field in fields(VenueFacts)} - {"checked_on"}
    assert set(access.WORDINGS) == names


def test_a_fact_without_sentence_stays_silent() -> None:
    """No letter turns away somebody with a dog."""
    assert access.sentences(VenueFacts(assistance=NO), "03473 958-111") == ()
    assert access.easy_sentences(VenueFacts(assistance=NO)) == ()


@pytest.mark.parametrize("answer", [YES, NO, ASK])
@pytest.mark.parametrize("name", sorted(access.WORDINGS))
def test_easy_sentences_are_easy(name: str, answer: VenueAnswer) -> None:
    """Every sentence about access keeps the rules of Leichte Sprache."""
    known: dict[str, Any] = {name: answer}
    said = "\n".join(access.easy_sentences(VenueFacts(**known)))
    assert leichte_sprache.check(said) == []


def test_half_hours_are_said_in_both_styles() -> None:
    """10:30 is "10:30 Uhr" in a sentence and "10 Uhr 30" in Leichte Sprache."""
    when = context.when(
        meeting_row(
            datetime.combine(date(2026, 12, 3), time(9, 30), tzinfo=UTC),
        ),
        ZoneInfo("Europe/Berlin"),
    )
    assert when.start == "10:30 Uhr"
    assert when.start_easy == "10 Uhr 30"
