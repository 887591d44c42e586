"""``mia init``: a settings file, a secret key and an empty database.

Nothing that exists is overwritten, and what a failed call has made is taken away
again.
"""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from mailer import application, migrations, settings
from mailer.commands import questions
from mailer.commands.terminal import note
from mailer.errors import CannotCreate
from subscribers.errors import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.commands.front import Front
    from mailer.settings import Loaded

SECRET_FILE: Final = "mia.secret"  # noqa: S105 - the name of a file
PASSWORD_FILE: Final = "smtp.password"  # noqa: S105 - the name of a file

PRIVATE: Final = 0o600
READABLE: Final = 0o644

KEY_BYTES: Final = 32
"""As long as the hash behind the tokens."""


@click.command()
@click.option(
    "--defaults",
    is_flag=True,
    help="Nichts fragen: das Beispiel MIA Aschersleben anlegen.",
)
@click.pass_obj
def init(front: Front, *, defaults: bool) -> None:
    """Einstellungen, Schlüssel und Datenbank anlegen.

    Fragt nach dem Nötigsten und schreibt eine kommentierte Einstellungsdatei,
    mia.toml oder die Datei hinter „mia --config“. Vorhandenes bleibt, wie es ist.

    \b
    Beispiele:
      mia init
      mia init --defaults
      mia --config /etc/mia/mia.toml init
    """  # noqa: D301 - Click wants the backspace itself: keep these lines
    path = (front.config or Path("mia.toml")).absolute()
    _require_free(path)
    text, password = settings.example_toml(), ""
    if not defaults:
        text, password = _asked(front, text)
    secret = path.parent / SECRET_FILE
    kept = secret.exists()
    with ExitStack() as undo:
        _make_folder(path.parent, undo)
        if not kept:
            _write(secret, f"{secrets.token_hex(KEY_BYTES)}\n", PRIVATE, undo)
        if password:
            _write(path.parent / PASSWORD_FILE, f"{password}\n", PRIVATE, undo)
        _write(path, text, READABLE, undo)
        loaded = settings.load(path, front.environ, flags=front.flags)
        _make_database(front, loaded, undo)
        undo.pop_all()
    _tell(path, loaded, has_old_secret=kept, has_password=bool(password))


def _require_free(path: Path) -> None:
    if path.exists():
        raise CannotCreate(
            path,
            "die Datei gibt es schon, und sie bleibt, wie sie ist. Eine andere nennt "
            "„mia --config DATEI init“",
        )


def _asked(front: Front, text: str) -> tuple[str, str]:
    """Return the settings file with a person's answers, and the password."""
    note("Bitte beantworten Sie einige Fragen. Enter übernimmt den Vorschlag in [ ].\n")
    example = _proposals()
    answers = questions.ask_network(example)
    is_other_town = answers["network.town"] != example["network.town"]
    note("\nDas Treffen")
    answers |= questions.ask_meetings(example, is_other_town=is_other_town)
    note("\nDer Versand")
    relay, password = questions.ask_relay()
    today = front.clock().now().astimezone(ZoneInfo("Europe/Berlin")).date()
    found = questions.completed(answers | relay, example, today)
    return settings.with_answers(text, found), password


def _proposals() -> Mapping[str, str]:
    """Return what the example network answers to each question."""
    values = settings.plain_values(settings.example_toml())
    street, place = str(values["network.postal_address"]).split(", ", 1)
    return {**values, "street": street, "place": place}


def _make_folder(folder: Path, undo: ExitStack) -> None:
    for missing in reversed([folder, *folder.parents]):
        if missing.is_dir():
            continue
        try:
            missing.mkdir()
        except OSError as error:
            raise CannotCreate(missing, spoken(error)) from None
        undo.callback(_forget_folder, missing)


def _forget_folder(folder: Path) -> None:
    with suppress(OSError):  # somebody else has put something into it
        folder.rmdir()


def _forget(path: Path) -> None:
    with suppress(OSError):  # what was never made need not be taken away
        path.unlink()


def _write(path: Path, text: str, mode: int, undo: ExitStack) -> None:
    """Write a new file; take it away again if something later fails."""
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    except OSError as error:
        raise CannotCreate(path, spoken(error)) from None
    undo.callback(_forget, path)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _make_database(front: Front, loaded: Loaded, undo: ExitStack) -> None:
    app = application.Application(loaded.settings, front.clock())
    undo.callback(app.close)
    database = app.unchecked_database
    if database.file is not None and not database.file.exists():
        for end in ("", "-wal", "-shm"):
            undo.callback(_forget, Path(f"{database.file}{end}"))
    migrations.upgrade(database)
    app.close()


def _tell(
    path: Path, loaded: Loaded, *, has_old_secret: bool, has_password: bool
) -> None:
    """Say what was made and how to go on."""
    folder = path.parent
    click.echo(f"Angelegt in {folder}:")
    click.echo(f"  {path.name}: Einstellungen, mit Erklärungen")
    what = "war schon da und gilt weiter" if has_old_secret else "nur für Sie lesbar"
    click.echo(f"  {SECRET_FILE}: geheimer Schlüssel, {what}; bitte gut sichern")
    if has_password:
        click.echo(
            f"  {PASSWORD_FILE}: Passwort für den Mailserver, nur für Sie lesbar"
        )
    click.echo(f"  Datenbank: {loaded.entries['database.url'].value}")
    click.echo("\nWie es weitergeht:")
    steps = [
        f"{path.name} durchlesen und anpassen, dann prüfen: mia doctor",
        "Termine ansehen: mia meetings list",
        "Personen eintragen: mia subscribers import DATEI --dry-run",
        "Einladung ansehen: mia invite --dry-run",
    ]
    if not loaded.settings.smtp.host:
        steps.insert(1, "Mailserver eintragen: [smtp] host")
    for number, step in enumerate(steps, start=1):
        click.echo(f"  {number}. {step}")
    if path.name != "mia.toml" or folder != Path.cwd():
        click.echo(f"\nDabei immer: mia --config {path} …")
