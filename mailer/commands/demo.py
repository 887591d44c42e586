"""``mia demo``: the main job before your eyes, with invented people and a catcher.

Every step is the real program in a process of its own, as somebody would type it, and
the letters go over real SMTP with STARTTLS; only the server at the other end keeps
them in a folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mailer import settings as known
from mailer.commands.terminal import count, note
from mailer.demo import catcher, people, showcase
from mailer.errors import CannotCreate, ExitCode
from mailer.meetings.localtime import local_day
from subscribers.errors import spoken

if TYPE_CHECKING:
    from datetime import date

    from mailer.commands.front import Front
    from mailer.settings import Settings

MARKER: Final = ".mia-demo"
"""Says that a folder is ours, so that the next demonstration may empty it."""

TITLE: Final = "Was jede und jeder bekommen hat"


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    help="Ordner für alles, was entsteht. Vorgabe: demo.",
)
@click.pass_obj
def demo(front: Front, folder: Path) -> ExitCode:
    """Alles mit erfundenen Personen ausprobieren.

    Legt ein Netzwerk an, lädt etwa 40 erfundene Personen zum nächsten Treffen ein und
    sammelt die Briefe in einem Ordner. Nichts verlässt diesen Rechner.
    """
    folder = folder.absolute()
    _make_folder(folder)
    mails = showcase.MailFolder(folder / "mails")
    with catcher.MailCatcher(mails.keep) as server:
        settings = _write_settings(folder, server.port)
        today = local_day(front.clock().now(), settings.series[0].zone)
        _write_lists(folder, settings, today)
        code = _play(folder)
    if code is not ExitCode.OK:
        return code
    letters = mails.unfold()
    index = showcase.write_index(folder, letters, title=TITLE)
    caught = count(len(letters), "Brief liegt", "Briefe liegen")
    click.echo(f"\n{caught} in {mails.path}.\nAlle auf einer Seite: {index}")
    return ExitCode.OK


def _play(folder: Path) -> ExitCode:
    """Run every step; stop at the first that fails."""
    steps = (
        ("db", "upgrade"),
        ("subscribers", "import", "bewohner.csv"),
        ("partners", "import", "partner.csv"),
        ("meetings", "list"),
        ("invite", "--words", "text.md", "--easy-words", "text-leicht.md", "--yes"),
    )
    for step in steps:
        click.echo(f"\n$ mia {' '.join(step)}")
        ended = subprocess.run(  # noqa: S603 - our own program, words of our own
            [sys.executable, "-m", "cli", *step], cwd=folder, check=False
        )
        if ended.returncode != ExitCode.OK:
            note("Die Vorführung ist hier zu Ende: dieser Schritt ging schief.")
            return ExitCode(ended.returncode)
    return ExitCode.OK


def _make_folder(folder: Path) -> None:
    """Make *folder* empty, if it is ours or does not exist.

    Raises:
        CannotCreate: Somebody else's files are in it, or it cannot be written.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            if not (folder / MARKER).exists():
                raise CannotCreate(folder, "der Ordner enthält schon andere Dateien")
            shutil.rmtree(folder)
        (folder / "mails").mkdir(parents=True)
        (folder / MARKER).touch()
    except OSError as error:
        raise CannotCreate(folder, spoken(error)) from None


def _write_settings(folder: Path, port: int) -> Settings:
    """Write the example network with the catcher as its relay."""
    answers = {
        "smtp.host": catcher.HOST,
        "smtp.port": port,
        "smtp.ca_file": str(catcher.CA_FILE),
    }
    path = folder / "mia.toml"
    path.write_text(known.with_answers(known.example_toml(), answers), encoding="utf-8")
    secret = folder / "mia.secret"
    secret.touch(mode=0o600)
    # Only for invented people, so it need not be a secret: every run is the same.
    secret.write_text(f"{'0123456789abcdef' * 4}\n", encoding="utf-8")
    return known.load(path, {}, flags={}).settings


def _write_lists(folder: Path, settings: Settings, today: date) -> None:
    """Write the lists and texts that a coordinator would bring along."""
    partners = people.partners_csv(today, settings.network.fields_of_work)
    # With a byte order mark, as German Excel saves "CSV UTF-8".
    for name, text in (
        ("bewohner.csv", people.residents_csv(today)),
        ("partner.csv", partners),
    ):
        (folder / name).write_text(text, encoding="utf-8-sig", newline="")
    (folder / "text.md").write_text(people.WORDS, encoding="utf-8")
    (folder / "text-leicht.md").write_text(people.EASY_WORDS, encoding="utf-8")
