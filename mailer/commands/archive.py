"""``mia archive``: what was issued, as it was, and without anybody's data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailer.archive import exporting, shelf
from mailer.commands.days import Period
from mailer.commands.terminal import count, json_option, note, show_json, table
from mailer.editions.kinds import KINDS
from mailer.german import full_day
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.application import Application
    from mailer.archive.shelf import Published
    from mailer.commands.front import Front


@click.group()
def archive() -> None:
    """Archiv: was ausgesandt wurde, ohne Angaben über Personen.

    Statt Namen, Adressen und eigenen Links stehen darin neutrale Worte. Nichts daran
    ändert sich mehr.
    """


@archive.command("list")
@json_option
@click.pass_obj
def list_(front: Front, *, as_json: bool) -> None:
    """Alles zeigen, was ausgesandt wurde, das Neueste zuerst."""
    app = front.application()
    with app.database.reading() as db:
        found = shelf.published(db, app.settings)
    if as_json:
        show_json([_json(app, one) for one in found])
    elif found:
        headers = ["Nummer", "Ausgesandt", "Art", "Betreff", "Zu finden"]
        click.echo(table([_row(app, one) for one in found], headers))
    else:
        note("Es wurde noch nichts ausgesandt.")


@archive.command()
@click.argument("edition_id", type=int, metavar="NUMMER")
@click.option(
    "--style",
    type=click.Choice([style.value for style in LetterStyle]),
    default=LetterStyle.STANDARD.value,
    help="Fassung: standard oder easy (Leichte Sprache).",
)
@click.pass_obj
def show(front: Front, edition_id: int, style: str) -> None:
    """Zeigen, was eine Aussendung sagte."""
    app = front.application()
    with app.database.reading() as db:
        copy = shelf.copy(db, edition_id, LetterStyle(style))
        files = [file.description or file.name for file in shelf.files(db, edition_id)]
    click.echo(copy.subject)
    click.echo()
    click.echo(copy.text, nl=False)
    if files:
        note(f"Dazu gehören: {', '.join(files)}.")


@archive.command(
    epilog="\b\nBeispiele:\n  mia archive export archiv\n"
    "  mia archive export --period 2026-Q4 archiv-2026-4"
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="ORDNER")
@click.option(
    "--period",
    type=Period(),
    metavar="ZEITRAUM",
    help="Nur ein Jahr (2026) oder ein Quartal (2026-Q4).",
)
@click.pass_obj
def export(front: Front, folder: Path, period: tuple[date, date] | None) -> None:
    """Das Archiv in einen neuen Ordner schreiben, für das Archiv der Stadt.

    Jede Aussendung bekommt einen Ordner: HTML, Text, Nachricht (.eml), Kalenderdatei
    und die Dateien der Partner. Ob alles noch so ist, prüft dort „sha256sum -c
    SHA256SUMS“. Der Ordner entsteht ganz oder gar nicht.
    """
    app = front.application()
    first, last = period or (date.min, date.max)
    with app.database.reading() as db:
        found = exporting.tree(db, app.settings, first, last)
    exporting.write(folder, found)
    number = len({name.partition("/")[0] for name in found if "/" in name})
    told = count(number, "Aussendung", "Aussendungen")
    note(f"In {folder} liegen {told} und das Verzeichnis {exporting.MANIFEST}.")


def _row(app: Application, one: Published) -> tuple[object, ...]:
    issued_at = one.issued_at.astimezone(app.settings.series[0].zone)
    return (
        one.edition_id,
        full_day(issued_at),
        KINDS[one.kind].german,
        one.subject,
        "für alle" if one.is_listed else "nur mit Adresse",
    )


def _json(app: Application, one: Published) -> dict[str, object]:
    return {
        "id": one.edition_id,
        "kind": one.kind.value,
        "subject": one.subject,
        "issued_at": one.issued_at.isoformat(),
        "listed": one.is_listed,
        "address": shelf.page_address(app.settings, one.code) or None,
    }
