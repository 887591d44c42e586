"""``mia outbox``: what stands in the ledger, and what a person may do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailer.commands import sending
from mailer.commands.terminal import (
    agrees,
    count,
    json_option,
    note,
    number,
    show_json,
    table,
    yes_option,
)
from mailer.editions import drafting
from mailer.errors import ExitCode, PlanRefused
from mailer.logs import LogEvent, log
from mailer.outbox import interventions, report
from mailer.outbox.models import DeliveryId
from mailer.outbox.states import DeliveryEvent
from subscribers import mailboxes
from subscribers.address import EmailAddress
from subscribers.errors import UnknownPerson

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.commands.front import Front
    from mailer.outbox.report import Tally, Trouble

HELD = "Von Hand angehalten."
BY_HAND = "Von Hand entschieden."

VERDICTS: Mapping[str, DeliveryEvent] = {
    "accepted": DeliveryEvent.ACCEPT,
    "refused": DeliveryEvent.REFUSE,
    "resend": DeliveryEvent.RETRY,
    "skip": DeliveryEvent.SKIP,
}
"""What a person may decide about a delivery in doubt."""


@click.group()
def outbox() -> None:
    """Postausgang: was gesendet ist, was wartet und was im Zweifel ist."""


@outbox.command()
@json_option
@click.pass_obj
def status(front: Front, *, as_json: bool) -> None:
    """Zeigen, wie es um jede Aussendung steht, und was zu erklären ist."""
    app = front.application()
    with app.database.reading() as db:
        told = report.tallies(db)
        troubles = report.troubles(db)
    if as_json:
        show_json(
            {
                "occasions": [_tally_row(name, one) for name, one in told.items()],
                "troubles": [_trouble_row(one) for one in troubles],
            }
        )
        return
    if not told:
        note("Der Postausgang ist leer: es wurde noch nichts gesendet.")
        return
    headers = ["Anlass", "angenommen", "offen", "zusammen"]
    rows = [_short(name, one) for name, one in told.items()]
    click.echo(table(rows, headers))
    if troubles:
        click.echo()
        columns = ["Nummer", "Anlass", "Adresse", "Stand", "Versuche", "Grund"]
        click.echo(table([_told(one) for one in troubles], columns))


@outbox.command()
@click.pass_obj
def send(front: Front) -> ExitCode:
    """Alles senden, was jetzt fällig ist; nichts geht doppelt hinaus."""
    return sending.send(front.application(), None)


@outbox.command()
@click.argument("edition", type=int, metavar="NUMMER")
@click.pass_obj
def hold(front: Front, edition: int) -> None:
    """Anhalten, was von einer Aussendung noch nicht gesendet ist."""
    app = front.application()
    with app.database.transaction() as db:
        occasion = drafting.get(db, edition).occasion
        held = interventions.hold(db, occasion, reason=HELD, now=app.clock.now())
    log(LogEvent.DELIVERY_HELD, edition=edition, deliveries=held)
    note(f"{count(held, 'Zustellung', 'Zustellungen')} angehalten.")


@outbox.command()
@click.argument("edition", type=int, metavar="NUMMER")
@click.pass_obj
def release(front: Front, edition: int) -> None:
    """Weitergehen lassen, was angehalten ist; senden mit „mia outbox send“."""
    app = front.application()
    with app.database.transaction() as db:
        occasion = drafting.get(db, edition).occasion
        gone = interventions.let_go(db, occasion, now=app.clock.now())
    note(f"{count(gone, 'Zustellung wartet', 'Zustellungen warten')} wieder.")


@outbox.command()
@click.argument("delivery", type=int, metavar="NUMMER")
@click.argument("verdict", type=click.Choice(list(VERDICTS)), metavar="URTEIL")
@click.option("--reason", default=BY_HAND, help="Beleg oder Grund, für das Protokoll.")
@yes_option
@click.pass_obj
def resolve(
    front: Front, delivery: int, verdict: str, reason: str, *, is_agreed: bool
) -> None:
    """Einen Zweifel entscheiden: accepted, refused, resend oder skip.

    „resend“ schickt ein zweites, gleiches Exemplar; ein drittes gibt es nie.
    """
    app = front.application()
    event = VERDICTS[verdict]
    question = "Vielleicht kommt der Brief dann doppelt an. Noch einmal senden?"
    needs_yes = event is DeliveryEvent.RETRY and not is_agreed
    if needs_yes and not agrees(question):
        raise click.Abort
    with app.database.transaction() as db:
        settled = interventions.settle(
            db, DeliveryId(delivery), event, reason=reason, now=app.clock.now()
        )
    if not settled:
        raise PlanRefused(
            f"Zustellung {delivery} ist nicht im Zweifel oder hat ihr zweites Exemplar "
            "schon; es wurde nichts geändert. Zweifel zeigt „mia outbox status“."
        )
    log(LogEvent.DELIVERY_RESOLVED, delivery=delivery, outcome=event)
    note("Entschieden.")


@outbox.command()
@click.argument("address", metavar="ADRESSE")
@click.pass_obj
def history(front: Front, address: str) -> None:
    """Zeigen, was an eine Adresse ging, mit jedem Versuch."""
    app = front.application()
    zone = app.settings.series[0].zone
    with app.database.reading() as db:
        mailbox = mailboxes.find(db, EmailAddress.parse(address))
        if mailbox is None:
            raise UnknownPerson(address)
        rows = [
            (
                _clock(attempt.started_at, zone),
                delivery.occasion,
                attempt.number,
                report.GERMAN[delivery.state],
                attempt.reply_text or delivery.reason,
            )
            for delivery, attempts in report.history(db, mailbox.id)
            for attempt in attempts
        ]
    if rows:
        click.echo(table(rows, ["Wann", "Anlass", "Versuch", "Stand", "Antwort"]))
    else:
        note("An diese Adresse ging noch nichts.")


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")


def _short(occasion: str, told: Tally) -> tuple[str, ...]:
    accepted = sum(
        one
        for state, one in told.states.items()
        if report.GERMAN[state] == "angenommen"
    )
    return (occasion, number(accepted), number(told.open), number(told.total))


def _told(one: Trouble) -> tuple[object, ...]:
    state = report.GERMAN[one.state]
    shown = f"{state}, zweites Exemplar" if one.copies > 1 else state
    return one.delivery_id, one.occasion, one.address, shown, one.tries, one.why


def _tally_row(occasion: str, told: Tally) -> dict[str, object]:
    return {
        "occasion": occasion,
        "states": {str(state): one for state, one in told.states.items()},
        "second_copies": told.second_copies,
        "open": told.open,
        "total": told.total,
    }


def _trouble_row(one: Trouble) -> dict[str, object]:
    return {
        "delivery": one.delivery_id,
        "occasion": one.occasion,
        "address": one.address,
        "state": str(one.state),
        "copies": one.copies,
        "tries": one.tries,
        "why": one.why,
    }
