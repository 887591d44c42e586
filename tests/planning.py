"""The year for tests: rounds at given moments, letters that really leave, the books."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.meetings.models import Meeting
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.rounds.planning import Planned, plan_round
from mailer.rounds.sweeping import settle
from subscribers.models import Mailbox
from tests.outgoing import drain

if TYPE_CHECKING:
    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Db
    from tests.servers import ScriptedSmtp

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Town:
    """A program, its clock and its mail server."""

    application: Application
    clock: FixedClock
    server: ScriptedSmtp

    def at(self, moment: str) -> Planned:
        """Set the clocks of the town to *moment*, "2026-11-26 10:00", and plan."""
        self.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
        return self.plan()

    def plan(self) -> Planned:
        """Do one round of planning now."""
        app = self.application
        return plan_round(app.database, app.press, app.clock)

    def send(self) -> None:
        """Send all that is due."""
        smtp = replace(self.application.settings.smtp, port=self.server.port)
        drain(self.application, smtp, lanes=1)

    def day(self, moment: str) -> None:
        """Plan at *moment*, send what follows from it and close what is done."""
        self.at(moment)
        self.send()
        app = self.application
        settle(app.database, zone=BERLIN, now=app.clock.now())

    def meeting(self, db: Db, day: str) -> Meeting:
        """Return the meeting that the settings made for a day."""
        return db.scalars(
            sa.select(Meeting).where(
                Meeting.ruled_on == datetime.fromisoformat(day).date()
            )
        ).one()

    def got(self, address: str) -> list[str]:
        """Return the kinds of letters a server holds for *address*, in order."""
        with self.application.database.reading() as db:
            occasions = db.scalars(
                sa.select(Delivery.occasion)
                .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
                .where(Mailbox.address == address, Delivery.state == "accepted")
                .order_by(Delivery.id)
            ).all()
            kinds = {
                one.occasion: one.kind.value for one in db.scalars(sa.select(Edition))
            }
            return [kinds[occasion] for occasion in occasions if occasion in kinds]

    def subjects(self, address: str) -> list[str]:
        """Return the subjects a server holds for *address*, in order."""
        with self.application.database.reading() as db:
            return list(
                db.scalars(
                    sa.select(FrozenLetter.subject)
                    .join(
                        Delivery,
                        sa.and_(
                            Delivery.occasion == FrozenLetter.occasion,
                            Delivery.style == FrozenLetter.style,
                        ),
                    )
                    .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
                    .where(Mailbox.address == address, Delivery.state == "accepted")
                    .order_by(Delivery.id)
                )
            )
