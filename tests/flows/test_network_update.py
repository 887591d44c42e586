"""The partners' letter about a quarter, from its draft to their mailboxes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.rounds.planning import plan_round
from subscribers.topics import Topic
from tests.drafting_by_mail import KATHRIN, TownHall, a_town_hall, plain
from tests.factories import a_partner, a_partner_contact
from tests.planning import BERLIN

if TYPE_CHECKING:
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


def at(hall: TownHall, moment: str) -> None:
    """Set the clocks of the town and do one round of planning."""
    hall.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    plan_round(hall.database, hall.application.press, hall.clock)


def test_a_quarter_is_drafted_released_and_sent_once(hall: TownHall) -> None:
    """Two weeks before its end she gets it; on the first working day it leaves."""
    at(hall, "2026-12-17 08:59")
    assert [one for one in hall.to(KATHRIN) if "Netzwerk-Info" in one["Subject"]] == []
    at(hall, "2026-12-17 09:00")
    (draft,) = hall.to(KATHRIN)
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
