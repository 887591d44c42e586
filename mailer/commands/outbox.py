"""``mia outbox``: what stands in the ledger, and what a person may do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailer import settings
from mailer.commands import outbox_rows, sending
from mailer.commands.terminal import (
    agrees,
    count,
    json_option,
    note,
    show_json,
    table,
    yes_option,
)
from mailer.editions import drafting
from mailer.errors import ExitCode, PlanRefused, UsageRefused
from mailer.logs import LogEvent, log
from mailer.outbox import (
    conduct,
    interventions,
    models,
    occasions,
    overview,
    pauses,
    report,
)
from mailer.outbox.states import DeliveryEvent
from subscribers import mailboxes
from subscribers.address import EmailAddress
from subscribers.errors import UnknownPerson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.commands.front import Front
    from mailer.outbox.conduct import PauseScope
    from subscribers.database import Db

BY_HAND = "Von Hand entschieden."
PAUSED = "Von Hand angehalten."
SEND = "mia outbox send"

number_argument = click.argument("number", type=int, metavar="NUMMER")
provider_option = click.option(
    "--provider", metavar="ANBIETER", help="Name (gmx, t-online, gmail …) oder Domain."
)
edition_option = click.option(
    "--edition", type=int, metavar="NUMMER", help="Nummer der Aussendung."
)

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
    """Zeigen, wie es um das Senden steht: was wartet, was angehalten ist und warum."""
    app = front.application()
    with app.database.reading() as db:
        told = report.tallies(db)
        troubles = report.troubles(db)
        seen = overview.overview(db, now=app.clock.now())
    if as_json:
        show_json(
            {
                "occasions": [
                    outbox_rows.tally_json(name, one) for name, one in told.items()
                ],
                **outbox_rows.overview_json(seen),
                "troubles": [outbox_rows.trouble_json(one) for one in troubles],
            }
        )
        return
    if told:
        click.echo(outbox_rows.occasions(told))
    else:
        note("Der Postausgang ist leer: es wurde noch nichts gesendet.")
    for paragraph in outbox_rows.paragraphs(seen, app.settings.series[0].zone):
        click.echo(f"\n{paragraph}")
    if troubles:
        click.echo(f"\n{outbox_rows.troubles(troubles)}")
    resends = app.settings.policy.on_doubt is settings.OnDoubt.RESEND
    for paragraph in outbox_rows.doubts(troubles, resends=resends):
        click.echo(f"\n{paragraph}")


@outbox.command()
@number_argument
@json_option
@click.pass_obj
def show(front: Front, number: int, *, as_json: bool) -> None:
    """Eine Zustellung zeigen, mit jedem Versuch."""
    app = front.application()
    with app.database.reading() as db:
        row, address, tries = report.one(db, number)
    if as_json:
        show_json(outbox_rows.delivery_json(row, address, tries))
    else:
        zone = app.settings.series[0].zone
        click.echo(outbox_rows.delivery(row, address, tries, zone))


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
        held = interventions.hold(db, occasion, reason=PAUSED, now=app.clock.now())
    if not held:
        note(f"Von Aussendung {edition} wartet nichts; es wurde nichts angehalten.")
        return
    log(LogEvent.DELIVERY_HELD, edition=edition, deliveries=held)
    note(
        f"{count(held, 'Zustellung', 'Zustellungen')} angehalten. Weiter mit "
        f"„mia outbox release {edition}“."
    )


@outbox.command()
@click.argument("edition", type=int, metavar="[NUMMER]", required=False)
@yes_option
@click.pass_obj
def release(front: Front, edition: int | None, *, is_agreed: bool) -> None:
    """Weitergehen lassen, was angehalten ist; senden mit „mia outbox send“.

    Mit der Nummer einer Aussendung, was zu ihr gehört; ohne Nummer alles, was
    überfällig war und deshalb angehalten wurde.
    """
    app = front.application()
    with app.database.transaction() as db:
        if edition is None:
            chosen = models.Delivery.reason == interventions.NOBODY_THERE
        else:
            chosen = models.Delivery.occasion == drafting.get(db, edition).occasion
        gone = interventions.let_go(db, chosen, now=app.clock.now())
        if gone and edition is None and not is_agreed:
            late = count(gone, "überfälligen Brief", "überfällige Briefe")
            if not agrees(f"Wirklich {late} noch senden?"):
                raise click.Abort
    if not gone:
        note("Es war nichts angehalten. Was wartet, zeigt „mia outbox status“.")
        return
    many = count(gone, "Zustellung wartet", "Zustellungen warten")
    note(f"{many} wieder; hinaus mit „{SEND}“.")


@outbox.command()
@provider_option
@edition_option
@click.option("--reason", default=PAUSED, help="Warum; steht in „mia outbox status“.")
@click.pass_obj
def pause(front: Front, provider: str | None, edition: int | None, reason: str) -> None:
    """Alles warten lassen, oder nur einen Anbieter oder eine Aussendung.

    Gilt sofort, auch während gesendet wird, und bis „mia outbox resume“.
    """
    app = front.application()
    with app.database.transaction() as db:
        scope, name = _scope(db, provider, edition)
        is_new = pauses.pause(
            db, scope, name, reason=reason, now=app.clock.now(), is_by_hand=True
        )
    if is_new:
        log(LogEvent.PAUSE_BEGUN, scope=scope, name=name)
    note(
        f"{'Angehalten' if is_new else 'Das wartet schon'}. Weiter mit "
        f"„{outbox_rows.resuming(scope, name)}“."
    )


@outbox.command()
@provider_option
@edition_option
@click.pass_obj
def resume(front: Front, provider: str | None, edition: int | None) -> None:
    """Weitermachen: was wartet, geht mit dem nächsten „mia outbox send“ hinaus.

    Ohne Angabe enden alle Pausen, auch die der Mailserver.
    """
    app = front.application()
    now = app.clock.now()
    with app.database.transaction() as db:
        if provider is None and edition is None:
            found = [(one.scope, one.name) for one in pauses.in_force(db, now=now)]
        else:
            found = [_scope(db, provider, edition)]
        ended = [one for one in found if pauses.resume(db, *one, now=now)]
    for scope, name in ended:
        log(LogEvent.PAUSE_ENDED, scope=scope, name=name)
    if ended:
        note(f"Es geht weiter: was wartet, geht mit „{SEND}“ hinaus.")
    else:
        note("Es war nichts angehalten. Was wartet, zeigt „mia outbox status“.")


@outbox.command()
@number_argument
@click.pass_obj
def retry(front: Front, number: int) -> None:
    """Eine Zustellung noch einmal versuchen: aufgeschoben, abgelehnt oder zu spät.

    Wer den Brief hat oder haben könnte, bekommt keinen zweiten.
    """
    app = front.application()
    now = app.clock.now()
    here = models.Delivery.id == number
    with app.database.transaction() as db:
        report.one(db, number)
        again = interventions.hasten(db, here, now=now)
        again = again or interventions.reopen(db, here, now=now)
    if not again:
        raise PlanRefused(
            f"Zustellung {number} kann nicht noch einmal versucht werden; es wurde "
            f"nichts geändert. Warum, zeigt „mia outbox show {number}“."
        )
    note(f"Sie geht mit dem nächsten „{SEND}“ hinaus.")


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

    „accepted“: der Mailserver hat den Brief. „refused“: er hat ihn abgelehnt.
    „resend“ schickt ein zweites, gleiches Exemplar; ein drittes gibt es nie. „skip“:
    Es bleibt, wie es ist, und nichts geht mehr hinaus.
    """
    app = front.application()
    event = VERDICTS[verdict]
    question = "Vielleicht kommt der Brief dann doppelt an. Noch einmal senden?"
    needs_yes = event is DeliveryEvent.RETRY and not is_agreed
    if needs_yes and not agrees(question):
        raise click.Abort
    with app.database.transaction() as db:
        settled = interventions.settle(
            db, models.DeliveryId(delivery), event, reason=reason, now=app.clock.now()
        )
    if not settled:
        raise PlanRefused(
            f"Zustellung {delivery} ist nicht im Zweifel oder hat ihr zweites Exemplar "
            "schon; es wurde nichts geändert. Zweifel zeigt „mia outbox status“."
        )
    log(LogEvent.DELIVERY_RESOLVED, delivery=delivery, outcome=event)
    is_again = event is DeliveryEvent.RETRY
    note(f"Entschieden{f': hinaus mit „{SEND}“' if is_again else ''}.")


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
                outbox_rows.moment(attempt.started_at, zone),
                occasions.named(delivery.occasion),
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


def _scope(db: Db, provider: str | None, edition: int | None) -> tuple[PauseScope, str]:
    """Return what is meant: a provider, an edition, or everything."""
    if provider is not None and edition is not None:
        raise UsageRefused(
            "Bitte nennen Sie einen Anbieter oder eine Aussendung, nicht beides."
        )
    if provider is not None:
        whose = settings.providers.meant(provider)
        if whose is None:
            raise UsageRefused(settings.providers.UNKNOWN.format(provider))
        return conduct.PauseScope.PROVIDER, whose
    if edition is not None:
        return conduct.PauseScope.OCCASION, drafting.get(db, edition).occasion
    return conduct.PauseScope.ALL, ""
