"""``mia plan``: every mailing of a period, past and future."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from mailer.commands.days import Day
from mailer.commands.terminal import json_option, note, number, show_json, table
from mailer.editions.kinds import KINDS, EditionKind
from mailer.errors import UsageRefused
from mailer.german import full_day, short_day
from mailer.meetings.localtime import local_day
from mailer.rounds import outlook

if TYPE_CHECKING:
    from datetime import date

    from mailer.commands.front import Front
    from mailer.rounds.outlook import PlanLine

SHOWN: Final = timedelta(days=90)
"""How far the plan looks ahead if nobody says: about three months, six meetings."""


@click.command(epilog="\b\nBeispiele:\n  mia plan\n  mia plan --from 2027-01-01 --json")
@click.option("--from", "first", type=Day(), metavar="TAG", help="Vorgabe: heute.")
@click.option(
    "--until", "last", type=Day(), metavar="TAG", help="Vorgabe: 90 Tage danach."
)
@json_option
@click.pass_obj
def plan(front: Front, first: date | None, last: date | None, *, as_json: bool) -> None:
    """Zeigen, was wann an wie viele hinausging und hinausgehen wird.

    Was war, steht im Hauptbuch; was kommt, folgt aus den Terminen. Die Zahlen der
    Zukunft gelten für alle, die heute angemeldet sind.
    """
    app = front.application()
    now = app.clock.now()
    first = first or local_day(now, app.settings.series[0].zone)
    last = last or first + SHOWN
    if last < first:
        raise UsageRefused(
            f"Der letzte Tag ({short_day(last)}) liegt vor dem ersten "
            f"({short_day(first)})."
        )
    with app.database.reading() as db:
        lines = outlook.outlook(db, app.press, first, last, now=now)
    if as_json:
        show_json([_json(line) for line in lines])
    elif lines:
        headers = ["Wann", "Art", "Worüber", "Stand", "Personen", "Nr."]
        click.echo(table([_row(line) for line in lines], headers))
    else:
        note(f"Von {short_day(first)} bis {short_day(last)} geht nichts hinaus.")


def _row(line: PlanLine) -> list[object]:
    state = outlook.GERMAN[line.state]
    if line.accepted is not None:
        state += f", {number(line.accepted)} angenommen"
    return [
        f"{full_day(line.at)}, {line.at:%H:%M} Uhr",
        KINDS[line.kind].german,
        line.title if line.kind is EditionKind.NETWORK_UPDATE else full_day(line.day),
        state,
        number(line.audience),
        line.edition_id,
    ]


def _json(line: PlanLine) -> dict[str, object]:
    return {
        "at": line.at.isoformat(),
        "date": line.at.date().isoformat(),
        "time": f"{line.at:%H:%M}",
        "kind": line.kind.value,
        "state": line.state.value,
        "meeting": line.day.isoformat(),
        "title": line.title,
        "audience": line.audience,
        "accepted": line.accepted,
        "edition": line.edition_id,
    }
