"""What a network update knows: gathered from meetings, contributions and partners."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

import pytest

from mailer.editions import drafting
from mailer.editions.due import UpdateTimes, update_on
from mailer.editions.kinds import EditionKind
from mailer.editions.quarter import Quarter
from mailer.editions.states import EditionEvent
from mailer.meetings import planning
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.kinds import ContributionKind
from mailer.outbox import quarterly
from mailer.outbox.quarter_material import Material
from subscribers.states import PartnerState
from tests.factories import a_meeting, a_partner
from tests.planning import BERLIN

if TYPE_CHECKING:
    from mailer.application import Application
    from mailer.editions.update_facts import UpdateFacts
    from subscribers.database import Db

QUARTER: Final = Quarter(date(2026, 10, 1))
NOW: Final = datetime(2026, 12, 17, 8, tzinfo=UTC)
HELD_AT: Final = datetime(2026, 11, 5, 9, tzinfo=UTC)
LONG: Final = f"Es geht um {'sehr ' * 40}viel."


def told(db: Db, application: Application, **settings: object) -> UpdateFacts:
    """Return the facts of the update as they are now."""
    known = replace(application.settings, **settings)  # type: ignore[arg-type]
    material = Material(known, application.closures, QUARTER)
    times = UpdateTimes.of(known, application.closures)
    edition = drafting.find_open(
        db, EditionKind.NETWORK_UPDATE, QUARTER.about
    ) or drafting.draft_due(db, update_on(QUARTER, times), now=NOW)
    return quarterly.update_facts(db, edition, material)


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("", ""),
        ("Es geht um *Busse*. Bitte kommen Sie.", "Es geht um Busse."),
        ("Am 3. Mai reden wir. Und danach mehr.", "Am 3. Mai reden wir."),
        ("ohne Punkt", "ohne Punkt"),
        (LONG, f"Es geht um {'sehr ' * 29}…"),
    ],
)  # fmt: skip
def test_a_meeting_is_told_with_the_first_sentence_of_its_invitation(
    db: Db, application: Application, words: str, topic: str
) -> None:
    """In the words that people know; a long one is cut between words."""
    meeting = a_meeting(db, HELD_AT)
    edition = drafting.new(
        db, EditionKind.INVITATION, "meeting/1", meeting=meeting, now=NOW
    )
    edition.words = words
    drafting.move(edition, EditionEvent.APPROVE, now=NOW)
    drafting.move(edition, EditionEvent.ISSUE, now=NOW)
    (past,) = told(db, application).meetings
    assert (past.topic, past.title) == (topic, "")


def test_results_stand_with_their_meetings(db: Db, application: Application) -> None:
    """Of this quarter, of an earlier one, of none; titles only where they differ."""
    now = a_meeting(db, HELD_AT)
    early = a_meeting(db, datetime(2026, 9, 17, 8, tzinfo=UTC), title="Auftakt")
    for meeting, text in ((now, "Eins."), (early, "Zwei\n- drei"), (None, "Vier.")):
        offered = Offered(
            ContributionKind.RESULT, text, meeting_id=meeting.id if meeting else None
        )
        row = contributing.enter(db, offered, QUARTER.first, now=NOW)
        assert row is not None
        contributing.accept(row, now=NOW)
    known = told(db, application)
    assert [(one.title, one.results) for one in known.meetings] == [
        ("Miteinander reden", ("Eins.",))
    ]
    assert [(one.title, one.results) for one in known.earlier] == [
        ("Auftakt", ("Zwei - drei",))
    ]
    assert known.results == ("Vier.",)


def test_days_to_come_say_what_is_not_as_usual(
    db: Db, application: Application
) -> None:
    """Another place, another hour, another title: then each day says its own."""
    usual = told(db, application)
    assert (usual.usual_hours, usual.usual_title) == (
        "10:00 bis 13:00 Uhr",
        "Miteinander reden",
    )
    assert usual.venue is not None
    assert {(one.hours, one.place, one.title) for one in usual.coming} == {("", "", "")}
    assert not usual.has_calendar  # no rows were made yet

    hall = replace(application.settings.venues["treffpunkt"], key="saal", room="Saal")
    venues = {**application.settings.venues, "saal": hall}
    a_meeting(
        db,
        datetime.combine(date(2027, 2, 11), time(15), BERLIN),
        venue="saal",
        title="Fest",
        reason="zusätzlich",
    )
    known = told(db, application, venues=venues)
    assert (known.usual_hours, known.usual_title, known.venue) == ("", "", None)
    extra = next(one for one in known.coming if one.title == "Fest")
    assert (extra.hours, extra.note) == ("15:00 bis 18:00 Uhr", "zusätzlich")
    assert extra.place.startswith("Saal, ")


def test_an_extra_meeting_that_was_called_off_is_nobodys_news(
    db: Db, application: Application
) -> None:
    """A day of the rule that falls out is told; what nobody expects is not."""
    extra = a_meeting(db, datetime(2027, 2, 11, 9, tzinfo=UTC))
    planning.cancel(db, extra, reason="Regen", zone=BERLIN, now=NOW)
    days = [one.day for one in told(db, application).coming]
    assert "Donnerstag, 11. Februar 2027" not in days
    assert len(days) == 6


def test_newcomers_are_those_who_stayed(db: Db, application: Application) -> None:
    """Joined within the quarter, and not gone again."""
    for name, state, at in (
        ("Neu e. V.", PartnerState.ACTIVE, NOW),
        ("Weg e. V.", PartnerState.LEFT, NOW),
        ("Alt e. V.", PartnerState.ACTIVE, datetime(2026, 9, 1, tzinfo=UTC)),
    ):
        a_partner(db, name, state=state, now=at)
    assert told(db, application).newcomers == ("Neu e. V. (Beratungsstellen)",)
