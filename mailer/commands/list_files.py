"""Lists on the way in and out: files, the report on each row, exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mailer.commands import people_options
from mailer.commands.terminal import count, note, show_json, table
from mailer.errors import CannotCreate, ExitCode
from mailer.logs import LogEvent, log
from subscribers import importing, lists
from subscribers.errors import spoken
from subscribers.sheets import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application
    from subscribers.database import Db
    from subscribers.importing import ImportReport
    from subscribers.lists import Terms

PRIVATE: Final = 0o600
"""A list of people is nobody else's business."""

STANDARD_INPUT: Final = Path("-")

WAITING_NOTE: Final = (
    "Wer wartet, bekommt noch nichts. Die Bitte um Bestätigung schickt "
    "„mia subscribers ask ADRESSE“; liegt eine Einwilligung auf Papier, am Telefon "
    "oder persönlich vor, tragen Sie den Nachweis nach."
)

source_argument = click.argument(
    "source",
    metavar="DATEI",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)

out_option = click.option(
    "--out",
    metavar="DATEI",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Wohin; nur Sie dürfen die Datei lesen. Vorgabe: Standardausgabe.",
)


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of both imports."""
    for option in (
        click.option(
            "--all-or-nothing",
            is_flag=True,
            help="Nichts eintragen, wenn eine Zeile abgelehnt wird.",
        ),
        click.option(
            "--dry-run", "-n", is_flag=True, help="Nur berichten, nichts ändern."
        ),
    ):
        command = option(command)
    return command


def terms(app: Application, source: Path) -> Terms:
    """Return what reading *source* needs to know of this network."""
    is_stdin = source == STANDARD_INPUT
    return lists.Terms(
        source="Eingabe" if is_stdin else source.name,
        zone=people_options.zone(app),
        key=app.keys.fingerprint_key,
        now=app.clock.now(),
        fields_of_work=app.settings.network.fields_of_work,
    )


def read(source: Path) -> bytes:
    """Return the content of a list; a huge one only as far as it can be refused.

    Raises:
        FileError: The file cannot be read.
    """
    if source == STANDARD_INPUT:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with source.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise click.FileError(str(source), spoken(error)) from None


def run(
    app: Application,
    enter: Callable[[Db], ImportReport],
    *,
    dry_run: bool,
    all_or_nothing: bool,
    as_json: bool,
) -> ExitCode:
    """Import in one transaction, report, and return the exit code.

    Args:
        app: Whose database.
        enter: Reads the list into an open transaction.
        dry_run: Report the same, and take everything back.
        all_or_nothing: Take everything back if a row was refused.
        as_json: Report for other programs.
    """
    with app.database.transaction() as db:
        report = enter(db)
        is_kept = not dry_run and not (all_or_nothing and report.has_refused)
        if not is_kept:
            db.rollback()
    if is_kept:
        log(
            LogEvent.PEOPLE_IMPORTED,
            added=sum(report.counts[one] for one in importing.ADDED),
            refused=report.counts[importing.ImportOutcome.REFUSED],
        )
    if as_json:
        show_json(_as_json(report, is_kept=is_kept))
    else:
        _show(report, is_kept=is_kept, dry_run=dry_run)
    return ExitCode.DATA if report.has_refused else ExitCode.OK


def write(content: bytes, out: Path | None) -> None:
    """Write an exported list, into a file that only its owner may read.

    Raises:
        CannotCreate: The file cannot be written.
    """
    if out is None:
        click.echo(content, nl=False)
        return
    draft = out.with_name(f".{out.name}.neu")
    try:
        draft.unlink(missing_ok=True)
        number = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE)
        with os.fdopen(number, "wb") as file:
            file.write(content)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotCreate(out, spoken(error)) from None
    note(f"Geschrieben: {out}. Die Liste enthält Adressen; bitte gut aufbewahren.")


def _as_json(report: ImportReport, *, is_kept: bool) -> dict[str, object]:
    return {
        "kept": is_kept,
        "counts": {one.value: report.counts[one] for one in importing.ImportOutcome},
        "lines": [
            {
                "line": line.line,
                "outcome": line.outcome.value,
                "address": line.address_masked,
                "reason": line.reason,
            }
            for line in report.lines
        ],
    }


def _show(report: ImportReport, *, is_kept: bool, dry_run: bool) -> None:
    """Print a line per row, then the sums, then what was kept."""
    if report.lines:
        rows = [
            [
                line.line,
                line.address_masked,
                importing.GERMAN[line.outcome],
                line.reason,
            ]
            for line in report.lines
        ]
        click.echo(table(rows, ["Zeile", "Adresse", "Ergebnis", "Grund"]))
    sums = ", ".join(
        f"{report.counts[one]} {importing.GERMAN[one]}"
        for one in importing.ImportOutcome
        if report.counts[one]
    )
    total = count(len(report.lines), "Zeile", "Zeilen")
    click.echo(f"{total}: {sums}." if sums else "Die Liste hat keine Zeilen.")
    if report.counts[importing.ImportOutcome.WAITING]:
        note(WAITING_NOTE)
    if dry_run:
        note("Das war eine Probe; es wurde nichts geändert.")
    elif not is_kept:
        note("Weil Zeilen abgelehnt wurden, wurde nichts eingetragen.")
