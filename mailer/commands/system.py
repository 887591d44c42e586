"""``mia config``, ``mia db``, ``mia completion``: the machine room for the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from mailer.commands import backups
from mailer.commands.terminal import json_option, show_json, yes_option

if TYPE_CHECKING:
    from mailer.commands.front import Front
    from mailer.settings.origins import Plain

SHELLS: Final = ("bash", "zsh", "fish")


@click.group()
def config() -> None:
    """Einstellungen zeigen und prüfen."""


@config.command()
@json_option
@click.pass_obj
def show(front: Front, *, as_json: bool) -> None:
    """Jede Einstellung zeigen, mit ihrer Herkunft.

    Geheimnisse erscheinen nur als „gesetzt“ oder „nicht gesetzt“.
    """
    entries = front.loaded().entries
    if as_json:
        show_json(
            [
                {
                    "key": key,
                    "value": entry.value,
                    "origin": entry.origin.kind.value,
                    "detail": entry.origin.detail or None,
                    "line": entry.origin.line or None,
                }
                for key, entry in entries.items()
            ]
        )
        return
    click.echo(f"Datei: {front.path.absolute()}")
    table = ""
    for key, entry in entries.items():
        inside, _, name = key.rpartition(".")
        if inside != table:
            click.echo(f"\n[{inside}]")
            table = inside
        click.echo(f"  {name} = {_shown(entry.value)}  ({entry.origin.german})")


@config.command()
@click.pass_obj
def check(front: Front) -> None:
    """Einstellungen prüfen; alle Fehler auf einmal nennen."""
    loaded = front.loaded()
    _ = front.application().signing_keys  # raises if one is missing or wrong
    click.echo(f"{front.path}: Alles in Ordnung.")
    if not loaded.settings.smtp.host:
        click.echo(
            "Noch fehlt [smtp] host: Ohne Mailserver kann nichts gesendet werden."
        )


@click.group()
def db() -> None:
    """Datenbank einrichten, aktualisieren, sichern und zurückspielen."""


for one in (backups.backup, backups.restore, backups.check):
    db.add_command(one)


@db.command()
@click.pass_obj
def upgrade(front: Front) -> None:
    """Die Datenbank auf den Stand dieser Version bringen.

    Zweimal aufrufen schadet nicht. Eine Datenbank einer neueren Version wird nicht
    angerührt.
    """
    from mailer import migrations  # noqa: PLC0415 - not for --help
    from mailer.logs import LogEvent, log  # noqa: PLC0415 - as above

    database = front.application().unchecked_database
    found = database.revision()
    newest = migrations.KNOWN[-1]
    if found == newest:
        click.echo(f"Die Datenbank ist schon auf dem Stand {newest}.")
        return
    migrations.upgrade(database)
    log(LogEvent.DATABASE_UPGRADED, found=found, revision=newest)
    if found is None:
        click.echo(f"Die Datenbank ist eingerichtet, Stand {newest}.")
    else:
        click.echo(f"Die Datenbank ist aktualisiert, von Stand {found} auf {newest}.")


@db.command()
@click.pass_obj
def status(front: Front) -> None:
    """Sagen, welchen Stand die Datenbank hat."""
    from mailer import migrations  # noqa: PLC0415 - not for --help

    application = front.application()
    database = application.unchecked_database
    entry = front.loaded().entries["database.url"]
    click.echo(f"Datenbank: {entry.value}")
    database.require_schema(migrations.KNOWN)
    revision = migrations.KNOWN[-1]
    click.echo(f"Stand {revision}; alles ist auf dem Stand dieser Version.")


@db.command()
@yes_option
@click.pass_obj
def adopt(front: Front, *, is_agreed: bool) -> None:
    """Von hier aus senden, obwohl die Datenbank von anderswo kommt.

    Eine wiederhergestellte oder kopierte Datenbank sendet nicht von selbst. Vorher
    wird gezeigt, was hinausginge.
    """
    from mailer.commands.adopting import adopt as take_over  # noqa: PLC0415 - as above

    take_over(front.application(), is_agreed=is_agreed)


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Ergänzung mit der Tabulatortaste.

    Gibt ein Skript aus, das Ihre Shell beim Start liest, zum Beispiel:

    \b
      mia completion bash > ~/.mia-complete.bash
      echo '. ~/.mia-complete.bash' >> ~/.bashrc
    """  # noqa: D301 - Click wants the backspace itself: keep these lines
    from click.shell_completion import (  # noqa: PLC0415 - not for --help
        ShellComplete,
        get_completion_class,
    )

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - Click knows all of SHELLS
    maker = kind(ctx.find_root().command, {}, "mia", "_MIA_COMPLETE")
    # Not maker.source(): the one for Bash starts a Bash to ask for its version.
    click.echo(ShellComplete.source(maker))


def _shown(value: Plain) -> str:
    """Return a value on one line; a dash where there is none."""
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return "–" if value is None or value == "" else str(value)
