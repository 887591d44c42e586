"""Letting a database send from another place, after a look at what would leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailer.commands import outbox_rows
from mailer.commands.terminal import agrees, count, note
from mailer.logs import LogEvent, log
from mailer.outbox import places, report
from mailer.outbox.overview import overview

if TYPE_CHECKING:
    from mailer.application import Application


def adopt(app: Application, *, is_agreed: bool) -> None:
    """Show what would leave, ask, and let this place send."""
    now = app.clock.now()
    with app.database.reading() as db:
        here = places.this_place(db, named=app.settings.database.instance)
        is_known = places.is_known(db, here)
        told = {name: one for name, one in report.tallies(db).items() if one.open}
        waiting = overview(db, now=now).waiting
    if is_known:
        note("Von hier aus darf diese Datenbank schon senden.")
        return
    if told:
        click.echo(outbox_rows.occasions(told))
    letters = count(waiting, "Brief ginge", "Briefe gingen")
    note(f"{letters} mit dem nächsten Lauf hinaus.")
    note("Sendet die Datenbank noch von anderswo, bekommen Leute Briefe doppelt.")
    if not is_agreed and not agrees("Ab jetzt von hier aus senden?"):
        raise click.Abort
    with app.database.transaction() as db:
        places.adopt(db, here, now=now)
    log(LogEvent.PLACE_ADOPTED, machine=here.machine)
    note("Ab jetzt sendet diese Datenbank von hier aus.")
