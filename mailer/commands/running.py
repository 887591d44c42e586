"""``mia run``, ``tick`` and ``worker``: the work that nobody has to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailer.commands.terminal import note

if TYPE_CHECKING:
    from mailer.commands.front import Front
    from mailer.errors import ExitCode


@click.command()
@click.pass_obj
def run(front: Front) -> ExitCode:
    """Alles von selbst tun, bis jemand es beendet.

    Planen, senden, das Postfach lesen, aufräumen und Bescheid geben. SIGTERM und
    Strg+C beenden es: Was gerade übertragen wird, wird noch fertig. SIGHUP liest die
    Einstellungen neu. Auf einer Datenbank läuft immer nur ein Dienst.
    """
    from mailer.daemon import running  # noqa: PLC0415 - not for --help

    return running.run(front.application(), reload=front.reloaded, told=note)


@click.command()
@click.pass_obj
def tick(front: Front) -> ExitCode:
    """Einmal tun, was fällig ist; für einen Zeitplan.

    Läuft der Dienst oder eine frühere Runde noch, geschieht nichts. Der Rückgabewert
    sagt, ob alles ging.
    """
    from mailer.daemon import ticking  # noqa: PLC0415 - not for --help

    return ticking.tick(front.application(), told=note)


@click.command()
@click.pass_obj
def serve(front: Front) -> ExitCode:
    """Nur die öffentlichen Seiten anbieten.

    SIGTERM und Strg+C beenden es: Wer gerade etwas abgesendet hat, bekommt noch seine
    Antwort. Wo die Seiten zu erreichen sind, sagt [web] in den Einstellungen.
    """
    from mailer.daemon import serving  # noqa: PLC0415 - not for --help

    return serving.serve(front.application(), told=note)


@click.command()
@click.pass_obj
def worker(front: Front) -> ExitCode:
    """Nur senden; auf PostgreSQL auch mehrfach zugleich.

    Sendet, was fällig ist, bis SIGTERM oder Strg+C es beendet: Was gerade übertragen
    wird, wird noch fertig. Geplant und gelesen wird dabei nichts; dafür braucht es „mia
    run“ oder „mia tick“. Auf SQLite läuft nur ein „mia worker“.
    """
    from mailer.daemon import working  # noqa: PLC0415 - not for --help

    return working.work(front.application(), told=note)
