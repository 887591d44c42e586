"""``mia inbox``: what came back, and what it means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailer.commands.terminal import (
    Between,
    agrees,
    json_option,
    note,
    show_json,
    table,
    yes_option,
)
from mailer.errors import ExitCode, MailerError, PlanRefused

if TYPE_CHECKING:
    from mailer.commands.front import Front


@click.group()
def inbox() -> None:
    """Posteingang: was zurückkommt und was es bedeutet."""


@inbox.command(epilog="Beispiel: mia inbox explain antwort.eml")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="DATEI…",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@json_option
@click.option(
    "--jsonl",
    "is_collection",
    is_flag=True,
    help="Jede Zeile einer Datei ist eine Mail als JSON; eine Zeile Antwort für jede.",
)
@click.pass_obj
def explain(
    front: Front, files: tuple[Path, ...], *, as_json: bool, is_collection: bool
) -> None:
    """Zeigen, was eine Mail bedeutet, ohne etwas zu tun.

    DATEI ist eine Mail, wie sie das Mailprogramm speichert („.eml“); „-“ liest von der
    Standardeingabe.
    """
    from mailer.commands import explaining  # noqa: PLC0415 - the others need it not

    world = explaining.known_world(front)
    if is_collection:
        for file in files:
            for line in explaining.lines_told(str(file), content_of(file), world):
                click.echo(line)
        return
    told = [(str(file), explaining.told(content_of(file), world)) for file in files]
    if as_json:
        show_json([explaining.row(name, one) for name, one in told])
        return
    today = front.clock().now().date()
    for number, (name, one) in enumerate(told):
        if number:
            click.echo()
        for label, value in explaining.spoken(name, one, today):
            click.echo(f"{label}: {value}")


send_option = click.option(
    "--send", "sends", is_flag=True, help="Danach senden, was fällig ist."
)


@inbox.command(epilog="Beispiel: mia inbox fetch --send")
@send_option
@click.pass_obj
def fetch(front: Front, *, sends: bool) -> ExitCode:
    """Das Postfach lesen und tun, was darin steht.

    Wünsche werden erfüllt, Berichte ausgewertet, Mails für Menschen weitergeleitet.
    Nichts davon geschieht zweimal, auch nicht nach einem Absturz.
    """
    from mailer.commands import receiving  # noqa: PLC0415 - the others need it not

    return receiving.fetch(front.application(), sends=sends)


@inbox.command()
@send_option
@click.pass_obj
def watch(front: Front, *, sends: bool) -> ExitCode:
    """Das Postfach lesen, sobald etwas kommt, bis Strg+C.

    Der Server sagt von sich aus, wenn etwas kommt (IMAP IDLE).
    """
    from mailer.commands import receiving  # noqa: PLC0415 - the others need it not

    return receiving.watch(front.application(), sends=sends)


@inbox.command()
@click.pass_obj
def ingest(front: Front) -> ExitCode:
    """Eine Mail von der Standardeingabe annehmen, für einen Mailserver.

    Der Rückgabewert 0 heißt: angenommen, auch wenn sie nicht lesbar ist. 75 heißt:
    bitte später noch einmal. Nie geht eine Mail verloren oder als unzustellbar zurück.
    """
    from subscribers.errors import SubscribersError  # noqa: PLC0415 - as above

    try:
        from mailer.commands import receiving  # noqa: PLC0415 - as above

        receiving.ingest(front.application())
    except (MailerError, SubscribersError) as error:
        # Every other code would make the mail server return the mail to its sender.
        note(f"Fehler: {error.sentence}")
        return ExitCode.TRY_AGAIN
    except Exception as error:  # noqa: BLE001 - as above
        note(f"Fehler: {front.mishap(error)}")
        return ExitCode.TRY_AGAIN
    return ExitCode.OK


@inbox.command(name="list")
@click.option("--all", "shows_all", is_flag=True, help="Auch, was erledigt ist.")
@click.option(
    "--limit",
    type=Between(1, 100_000),
    default=100,
    show_default=True,
    metavar="ANZAHL",
    help="So viele höchstens, die neuesten zuerst.",
)
@json_option
@click.pass_obj
def list_(front: Front, *, shows_all: bool, limit: int, as_json: bool) -> None:
    """Zeigen, was ein Mensch noch ansehen soll."""
    from mailer.commands import incoming_rows  # noqa: PLC0415 - as in fetch
    from mailer.inbound import listing  # noqa: PLC0415 - as in fetch

    app = front.application()
    with app.database.reading() as db:
        found = listing.arrivals(db, only_waiting=not shows_all, limit=limit)
    if as_json:
        show_json([incoming_rows.values(one) for one in found])
    elif found:
        zone = app.settings.series[0].zone
        rows = [incoming_rows.row(one, zone) for one in found]
        click.echo(table(rows, incoming_rows.HEADERS))
    else:
        note("Es kam noch nichts." if shows_all else "Es wartet nichts auf Sie.")


@inbox.command()
@click.argument("number", type=int, metavar="NUMMER")
@click.option("--raw", is_flag=True, help="Die Mail selbst ausgeben, Byte für Byte.")
@click.pass_obj
def show(front: Front, number: int, *, raw: bool) -> None:
    """Eine Mail zeigen, solange sie aufgehoben ist."""
    from mailer.commands import incoming_rows  # noqa: PLC0415 - as in fetch
    from mailer.inbound import listing  # noqa: PLC0415 - as in fetch

    app = front.application()
    with app.database.reading() as db:
        found = listing.get(db, number)
    if raw:
        if found.incoming.raw is None:
            raise PlanRefused(f"Die Mail {number} ist nicht mehr aufgehoben.")
        click.echo(found.incoming.raw, nl=False)
        return
    for label, value in incoming_rows.lines(found, app.settings.series[0].zone):
        click.echo(f"{label}: {value}")
    if found.message is not None:
        click.echo(f"\n{incoming_rows.printable(found.message.text)}")


@inbox.command()
@click.argument("number", type=int, metavar="NUMMER")
@yes_option
@click.pass_obj
def done(front: Front, number: int, *, is_agreed: bool) -> None:
    """Eine Mail abhaken, um die sich ein Mensch gekümmert hat; ihr Inhalt geht."""
    from mailer.inbound import listing  # noqa: PLC0415 - as in fetch

    app = front.application()
    with app.database.reading() as db:
        listing.get(db, number)
    if not is_agreed and not agrees("Der Inhalt wird gelöscht. Weiter?"):
        raise click.Abort
    with app.database.transaction() as db:
        settled = listing.settle(db, number, now=app.clock.now())
    note("Erledigt." if settled else "Da war nichts mehr zu erledigen.")


def content_of(file: Path) -> bytes:
    """Return what is in a file, or on standard input for "-"."""
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
