"""Outgoing mail for tests: an invitation in the ledger, and a worker that drains it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.application import Application
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionEvent
from mailer.outbox import issuing
from mailer.outbox.lanes import Watch
from mailer.outbox.models import Delivery
from mailer.transport.smtp import SmtpTransport
from tests.factories import a_meeting, a_subscriber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.outbox.states import DeliveryState
    from mailer.settings import Smtp
    from subscribers.database import Database


def issued(application: Application, *, people: int) -> None:
    """Issue an invitation to *people*, "person0@netz.example" and so on."""
    invited(application, [f"person{number}@netz.example" for number in range(people)])


def invited(application: Application, addresses: Sequence[str]) -> None:
    """Issue an invitation to people at these *addresses*, in this order."""
    now = application.clock.now()
    with application.database.transaction() as db:
        for address in addresses:
            a_subscriber(db, address)
        meeting = a_meeting(db, venue="treffpunkt")
        edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=now)
        drafting.move(edition, EditionEvent.APPROVE, now=now)
        issuing.issue(db, edition, application.press, now=now)


def drain(
    application: Application, smtp: Smtp, *, lanes: int = 3, watch: Watch | None = None
) -> None:
    """Send all that is due once, over *lanes* connections."""

    async def story() -> None:
        transports = [SmtpTransport(smtp) for _ in range(lanes)]
        try:
            await application.worker(*transports).drain(watch or Watch())
        finally:
            await asyncio.gather(*(one.close() for one in transports))

    asyncio.run(story())


def send_out(
    application: Application, *relays: Smtp, watch: Watch | None = None
) -> Watch:
    """Send all that may leave now over *relays*, the first of them first."""
    first, *others = relays
    settings = replace(application.settings, smtp=first, relays=tuple(others))
    program = Application(settings, application.clock)
    program.unchecked_database = application.database
    watch = watch or Watch()
    asyncio.run(program.send_out(watch))
    return watch


def states(database: Database) -> Counter[DeliveryState]:
    """Count the deliveries in each state."""
    with database.reading() as db:
        return Counter(db.scalars(sa.select(Delivery.state)))
