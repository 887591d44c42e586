"""An archive for tests: an invitation, and an update about a quarter with a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from mailer.editions import drafting
from mailer.editions.due import UpdateTimes, update_on
from mailer.editions.quarter import Quarter
from mailer.editions.states import EditionEvent
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.files import Checked
from mailer.network.kinds import ContributionKind
from mailer.outbox import issuing
from mailer.rounds import calendar
from subscribers.topics import Topic
from tests.factories import a_partner, a_partner_contact
from tests.outgoing import issued

if TYPE_CHECKING:
    from mailer.application import Application

OFFICE: Final = "info@haus.example"

HOSTILE: Final = b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>"
"""What a browser would run if it were allowed to."""


def fill(application: Application) -> None:
    """Issue an invitation, and an hour later an update with a picture."""
    issued(application, people=2)
    now = application.clock.now()
    quarter = Quarter(date(2026, 10, 1))
    times = UpdateTimes.of(application.settings, application.closures)
    offered = Offered(
        ContributionKind.NEWS,
        "Der Saal ist fertig.",
        "Neuer Saal",
        partner_id=None,
        files=[Checked("Bühne & Saal.svg", "image/svg+xml", HOSTILE)],
        description="Ein Saal mit Bühne",
    )
    with application.database.transaction() as db:
        calendar.prepare(db, application.press, now=now)
        a_partner(db)
        a_partner_contact(db, None, OFFICE, topics=(Topic.NETWORK_UPDATES,))
        row = contributing.enter(db, offered, quarter.first, now=now)
        if row is None:
            raise AssertionError(offered)
        contributing.accept(row, now=now)
        edition = drafting.draft_due(db, update_on(quarter, times), now=now)
        drafting.move(edition, EditionEvent.APPROVE, now=now)
        later = now + timedelta(hours=1)
        issuing.issue(db, edition, application.press, now=later)
