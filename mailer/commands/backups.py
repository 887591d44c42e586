"""``mia db backup``, ``restore`` and ``check``: copies that can be relied on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mailer.commands.terminal import note, number
from mailer.errors import ExitCode

if TYPE_CHECKING:
    from mailer.commands.front import Front

KILOBYTE: Final = 1000


@click.command()
@click.argument(
    "place", type=click.Path(path_type=Path), metavar="[DATEI|ORDNER]", required=False
)
@click.pass_obj
def backup(front: Front, place: Path | None) -> None:
    """Die Datenbank sichern, auch während gesendet wird.

    Ohne Angabe entsteht eine neue Datei im Ordner „backups“ neben der Datenbank. Ein
    Name ohne Endung ist ein Ordner; fehlt er, wird er angelegt. Die Kopie wird geprüft;
    Vorhandenes wird nie überschrieben. PostgreSQL wird mit pg_dump gesichert.

    \b
    Beispiele:
      mia db backup
      mia db backup /var/backups/mia
    """  # noqa: D301 - Click wants the backspace itself: keep these lines
    from mailer.backup.making import make  # noqa: PLC0415 - not for --help
    from mailer.logs import LogEvent, log  # noqa: PLC0415 - as above

    app = front.application()
    made = make(app.unchecked_database, place, now=app.clock.now())
    log(LogEvent.DATABASE_BACKED_UP, octets=made.octets)
    size = number(-(-made.octets // KILOBYTE))
    click.echo(f"Gesichert und geprüft: {made.path} ({size} Kilobyte).")
    note(
        "Zur Sicherung gehören auch die Einstellungen und der geheime Schlüssel; "
        "bewahren Sie den Schlüssel bitte getrennt auf."
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="DATEI")
@click.pass_obj
def restore(front: Front, file: Path) -> None:
    """Eine Sicherung zurückspielen, nur in eine leere Datenbank.

    Eine Datenbank, die schon Personen kennt, wird nicht angerührt. Danach wird nichts
    gesendet, bis Sie es mit „mia db adopt“ erlauben: Was nach der Sicherung gesendet
    wurde, weiß die zurückgespielte Datenbank nicht.
    """
    from mailer import migrations  # noqa: PLC0415 - not for --help
    from mailer.backup.restoring import restore as put_back  # noqa: PLC0415 - as above
    from mailer.logs import LogEvent, log  # noqa: PLC0415 - as above

    app = front.application()
    restored = put_back(
        app.unchecked_database,
        file,
        migrations.KNOWN,
        upgrade=migrations.apply,
        now=app.clock.now(),
    )
    rows = sum(restored.rows.values())
    log(LogEvent.DATABASE_RESTORED, revision=restored.revision, rows=rows)
    click.echo(
        f"Zurückgespielt: {number(rows)} Zeilen in {len(restored.rows)} Tabellen."
    )
    if restored.revision != migrations.KNOWN[-1]:
        click.echo(
            f"Die Sicherung war auf dem Stand {restored.revision}, die Datenbank ist "
            f"jetzt auf dem Stand {migrations.KNOWN[-1]}."
        )
    click.echo(
        "Gesendet wird noch nichts: Was nach der Sicherung hinausging, weiß die "
        "Datenbank nicht. Bitte sehen Sie im Protokoll des Mailservers nach. Was jetzt "
        "hinausginge, zeigt „mia db adopt“, und danach wird wieder gesendet."
    )


@click.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Prüfen, ob die Datenbank unbeschädigt ist; geändert wird nichts."""
    from mailer.backup import sqlite  # noqa: PLC0415 - not for --help

    front: Front = ctx.obj
    database = front.application().database
    if database.file is None:
        click.echo("PostgreSQL ist erreichbar; seine Dateien prüft der Server selbst.")
        return
    found = sqlite.faults(database.file)
    for fault in found:
        click.echo(f"Beschädigt: {fault}")
    if found:
        note("Bitte halten Sie alles an und spielen Sie die letzte Sicherung zurück.")
        ctx.exit(ExitCode.FAILURE)
    click.echo("Die Datenbank ist unbeschädigt.")
