"""The partners' letter about a quarter, from its draft to their mailboxes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.inbound.desk import Effect
from mailer.meetings import planning
from mailer.meetings.models import Meeting
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.files import Checked
from mailer.network.kinds import ContributionKind
from mailer.outbox.composing import MAX_FILES
from mailer.rounds import issues
from mailer.rounds.planning import plan_round
from subscribers.topics import Topic
from tests.drafting_by_mail import DEPUTY, KATHRIN, TownHall, a_town_hall, plain
from tests.factories import a_partner, a_partner_contact, a_subscriber
from tests.planning import BERLIN

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

OFFICE: Final = "info@haus.example"
UPDATES: Final = (Topic.NETWORK_UPDATES,)


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """A town hall and one partner, whose office has a mailbox of its own."""
    hall = a_town_hall(settings, clock, database)
    with database.transaction() as db:
        partner = a_partner(db)
        a_partner_contact(db, partner, OFFICE, topics=UPDATES)
        a_partner_contact(db, partner, OFFICE, name="Rita Beispiel", topics=UPDATES)
    return hall


def the_update(hall: TownHall) -> Edition:
    """Return the one network update there is."""
    with hall.database.reading() as db:
        return db.scalars(
            sa.select(Edition).where(Edition.kind == EditionKind.NETWORK_UPDATE)
        ).one()


def updates_to(hall: TownHall, address: str) -> list[EmailMessage]:
    """Send all that is owed; return what goes to *address* about a quarter."""
    return [one for one in hall.to(address) if "Netzwerk-Info" in str(one["Subject"])]


def at(hall: TownHall, moment: str) -> None:
    """Set the clocks of the town and do one round of planning."""
    hall.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    plan_round(hall.database, hall.application.press, hall.clock)


def test_a_quarter_is_drafted_released_and_sent_once(hall: TownHall) -> None:
    """Two weeks before its end she gets it; on the first working day it leaves."""
    at(hall, "2026-12-17 08:59")
    assert updates_to(hall, KATHRIN) == []
    at(hall, "2026-12-17 09:00")
    (draft,) = updates_to(hall, KATHRIN)
    assert draft["Subject"] == (
        "Entwurf: Netzwerk-Info Oktober bis Dezember 2026 – bitte ansehen"
    )
    assert "Sie wird erst gesendet, wenn Sie sie freigeben." in plain(draft)
    hall.say("Freigeben", draft)
    assert "am Montag, 4. Januar 2027, um 9 Uhr an 1 Person" in plain(hall.result())
    at(hall, "2027-01-01 12:00")
    assert hall.to(OFFICE) == []
    at(hall, "2027-01-04 09:00")
    (letter,) = hall.to(OFFICE)
    assert letter["Subject"] == "Netzwerk-Info MIA, Oktober bis Dezember 2026"
    assert "Einrichtung: Beispielhaus e. V., Beratungsstellen" in plain(letter)
    assert the_update(hall).state is EditionState.ISSUED


def edition_state(hall: TownHall) -> EditionState:
    """Return where the update stands."""
    return the_update(hall).state


def a_contribution(hall: TownHall, text: str) -> None:
    """Let the coordinator accept something for the quarter, without a mail."""
    now = hall.clock.now()
    with hall.database.transaction() as db:
        row = contributing.enter(
            db, Offered(ContributionKind.NEWS, text), date(2026, 10, 1), now=now
        )
        assert row is not None
        contributing.accept(row, now=now)


def released(hall: TownHall) -> None:
    """Draft the update of the last quarter of 2026, and let her release it."""
    at(hall, "2026-12-17 09:00")
    (draft,) = updates_to(hall, KATHRIN)
    hall.say("Freigeben", draft)
    hall.send()
    assert edition_state(hall) is EditionState.APPROVED


def test_nobody_is_drafted_an_update_for_nobody(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """A network without partners needs none."""
    hall = a_town_hall(settings, clock, database)
    at(hall, "2026-12-17 09:00")
    assert updates_to(hall, KATHRIN) == []


def test_an_old_quarter_is_not_caught_up_with(hall: TownHall) -> None:
    """Set up in November: the quarter that ended in September is history."""
    at(hall, "2026-11-24 09:00")
    assert [
        one["Subject"] for one in updates_to(hall, KATHRIN) if "Info" in one["Subject"]
    ] == []


def test_without_her_word_it_never_leaves(hall: TownHall) -> None:
    """Two reminders, then one every working day; after a month it is history."""
    at(hall, "2026-12-17 09:00")
    hall.send()
    days: list[str] = []
    day = datetime(2026, 12, 27, 9, tzinfo=BERLIN)
    while day.date() < date(2027, 1, 8):
        at(hall, f"{day:%Y-%m-%d %H:%M}")
        for sent in updates_to(hall, KATHRIN):
            assert str(sent["Subject"]).startswith("Erinnerung: Entwurf: Netzwerk-Info")
            assert "Ein Wort genügt" in plain(sent)
            days.append(f"{day:%d.%m.}")
        assert updates_to(hall, OFFICE) == []
        day += timedelta(days=1)
    assert days == ["28.12.", "30.12.", "31.12.", "04.01.", "05.01.", "07.01."]
    at(hall, "2027-01-07 15:00")
    assert updates_to(hall, KATHRIN) == []
    at(hall, "2027-02-03 09:01")
    assert edition_state(hall) is EditionState.LAPSED


def test_a_deputy_is_asked_once_she_was_reminded_twice(hall: TownHall) -> None:
    """Every working day, until somebody answers; then it leaves on time."""
    at(hall, "2026-12-17 09:00")
    (draft,) = updates_to(hall, KATHRIN)
    hall.say(f"Vertretung: {DEPUTY}", draft)
    hall.send()
    at(hall, "2026-12-28 09:00")
    assert updates_to(hall, DEPUTY) == []
    at(hall, "2026-12-31 08:59")  # the second one is late, and only hers
    assert updates_to(hall, DEPUTY) == []
    at(hall, "2026-12-31 09:00")
    (asked,) = updates_to(hall, DEPUTY)
    assert "keine Antwort von Kathrin Sommer" in plain(asked)
    assert hall.say("Freigeben", asked, sender=DEPUTY) == Effect.INSTRUCTED
    hall.send()
    at(hall, "2027-01-04 09:00")
    assert len(updates_to(hall, OFFICE)) == 1


def test_what_changes_after_her_yes_needs_another(hall: TownHall) -> None:
    """A meeting falls out, a contribution is accepted late: she is told, and asked."""
    released(hall)
    a_contribution(hall, "Der Aufzug fährt wieder.")
    at(hall, "2026-12-18 10:00")
    assert edition_state(hall) is EditionState.DRAFT
    (draft,) = updates_to(hall, KATHRIN)
    assert draft["Subject"].startswith("Neuer Entwurf: Netzwerk-Info")
    assert "seit der Freigabe hat sich etwas geändert" in plain(draft)
    assert "Der Aufzug fährt wieder." in plain(draft)
    hall.say("Freigeben", draft)
    hall.send()
    with hall.database.transaction() as db:
        meeting = db.scalars(
            sa.select(Meeting).where(Meeting.ruled_on == date(2027, 1, 21))
        ).one()
        planning.cancel(
            db, meeting, reason="Der Raum ist belegt", zone=BERLIN, now=hall.clock.now()
        )
    at(hall, "2026-12-19 10:00")
    (again,) = updates_to(hall, KATHRIN)
    assert "Donnerstag, 21. Januar 2027: kein Treffen (Der Raum ist belegt)" in plain(
        again
    )
    at(hall, "2027-01-04 09:00")
    assert updates_to(hall, OFFICE) == []


def test_numbers_that_go_on_counting_change_nothing(hall: TownHall) -> None:
    """People join and letters leave until the last day; her yes holds."""
    released(hall)
    with hall.database.transaction() as db:
        a_subscriber(db, "neu@post.example", now=hall.clock.now())
    at(hall, "2026-12-30 12:00")
    assert updates_to(hall, KATHRIN) == []
    at(hall, "2027-01-04 09:00")
    (letter,) = updates_to(hall, OFFICE)
    assert "Angemeldet: 1" in plain(letter)


def test_the_last_moment_counts_too(hall: TownHall) -> None:
    """What is accepted between the last look and the letter stops it as well."""
    released(hall)
    hall.clock.moment = datetime(2027, 1, 4, 9, tzinfo=BERLIN)
    a_contribution(hall, "Der Aufzug fährt wieder.")
    with hall.database.transaction() as db:
        number = the_update(hall).id
        found = issues.issue_due(
            db, number, hall.application.press, now=hall.clock.now()
        )
    assert found == {}
    assert edition_state(hall) is EditionState.DRAFT


def test_a_stopped_update_can_be_had_again(hall: TownHall) -> None:
    """After "Stopp", "Freigeben" brings it back, with the words she had given it."""
    at(hall, "2026-12-17 09:00")
    (draft,) = updates_to(hall, KATHRIN)
    hall.say("Einleitung: Danke für alles.", draft)
    draft = hall.result()
    hall.say("Stopp", draft)
    hall.send()
    at(hall, "2026-12-18 09:00")
    assert updates_to(hall, KATHRIN) == []
    hall.say("Freigeben", draft)
    again = hall.result()
    assert "Danke für alles." in plain(again)
    hall.say("Freigeben", again)
    hall.send()
    at(hall, "2027-01-04 09:00")
    assert len(updates_to(hall, OFFICE)) == 1


def test_a_partner_without_anybody_gets_nothing(hall: TownHall) -> None:
    """An organisation that nobody speaks for is named as new, but not written to."""
    with hall.database.transaction() as db:
        a_partner(db, "Leeres Haus e. V.", now=hall.clock.now())
    released(hall)
    at(hall, "2027-01-04 09:00")
    (letter,) = updates_to(hall, OFFICE)
    assert "- Leeres Haus e. V. (Beratungsstellen)" in plain(letter)


def test_files_go_along_only_if_she_says_so(hall: TownHall) -> None:
    """Attached on her word, frozen with the letter; too much together is refused."""
    at(hall, "2026-12-17 08:00")
    now = hall.clock.now()
    with hall.database.transaction() as db:
        files = [
            Checked("Programm.pdf", "application/pdf", b"%PDF-1"),
            Checked("Karte.pdf", "application/pdf", b"%PDF-2"),
        ]
        row = contributing.enter(
            db,
            Offered(ContributionKind.NEWS, "Das Programm.", files=files),
            date(2026, 10, 1),
            now=now,
        )
        assert row is not None
        contributing.accept(row, now=now)
        row.files[0].is_attached = True
    released(hall)
    at(hall, "2027-01-04 09:00")
    (letter,) = updates_to(hall, OFFICE)
    names = [one.get_filename() for one in letter.iter_attachments()]
    assert names == ["termin.ics", "Programm.pdf"]
    assert "- Dokument: Programm.pdf (liegt dieser E-Mail bei)" in plain(letter)
    assert "- Dokument: Karte.pdf (auf Anfrage)" in plain(letter)


def test_too_many_files_are_refused_before_they_leave(hall: TownHall) -> None:
    """She is told which limit, and what to do."""
    at(hall, "2026-12-17 08:00")
    now = hall.clock.now()
    with hall.database.transaction() as db:
        large = Checked("Karte.pdf", "application/pdf", b"%PDF" + b"x" * MAX_FILES)
        row = contributing.enter(
            db,
            Offered(ContributionKind.NEWS, "Die Karte.", files=[large]),
            date(2026, 10, 1),
            now=now,
        )
        assert row is not None
        contributing.accept(row, now=now)
        row.files[0].is_attached = True
    at(hall, "2026-12-17 09:00")
    (draft,) = updates_to(hall, KATHRIN)
    assert "Die Anhänge sind zusammen größer als 5 MB" in plain(draft)
    assert hall.say("Freigeben", draft) == Effect.ASKED_BACK
