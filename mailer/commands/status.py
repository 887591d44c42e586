"""``mia status``: does it run, what waits for whom, what comes, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from mailer.commands.terminal import json_option, show_json

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.errors import ExitCode
    from mailer.watching.status import Status

DAEMON: Final = {
    "runs": "Der Dienst läuft.",
    "off": "Der Dienst läuft nicht: Es geschieht nichts von selbst.",
    "silent": "Der Dienst läuft, gibt aber kein Lebenszeichen.",
    "cut_off": "Der Dienst wurde unterbrochen und läuft nicht mehr.",
}
"""How the daemon is, by the value of its state."""


@click.command()
@json_option
@click.pass_obj
def status(front: Front, *, as_json: bool) -> ExitCode:
    """Zeigen, ob alles läuft, was kommt und was auf wen wartet.

    Für eine Überwachung sagt es der Rückgabewert: 0 alles gut, 1 etwas stimmt nicht,
    69 es läuft nichts.
    """
    app = front.application()
    found = _found(app)
    if as_json:
        show_json(_values(found))
    else:
        for line in _lines(found, app):
            click.echo(line)
    return found.exit_code


def _found(app: Application) -> Status:
    from mailer.daemon.alone import alone  # noqa: PLC0415 - not for --help
    from mailer.watching.observing import Sight  # noqa: PLC0415 - as above
    from mailer.watching.status import status as look  # noqa: PLC0415 - as above

    with alone(app.database) as hold:
        is_locked = not hold.is_ours
    now = app.clock.now()
    sight = Sight.on(app.settings, app.database, is_locked=is_locked, now=now)
    with app.database.reading() as db:
        return look(db, sight, app.closures)


def _lines(found: Status, app: Application) -> list[str]:
    """Return the status as people read it, from top to bottom."""
    from mailer.watching.kinds import KINDS  # noqa: PLC0415 - as in _found
    from mailer.watching.observing import LOOPS, moment  # noqa: PLC0415 - as there
    from mailer.watching.wording import lines, waiting  # noqa: PLC0415 - as there

    settings = app.settings
    told = [DAEMON[found.daemon]]
    if found.last_sign_at is not None:
        told.append(f"Letztes Lebenszeichen: {moment(found.last_sign_at, settings)}")
    told += [
        f"{LOOPS[one.name]}: zuletzt gut am {moment(one.done_at, settings)}"
        for one in found.pulses
        if one.name in LOOPS and one.done_at is not None
    ]
    told += ["", "Was nicht in Ordnung ist:"]
    for one in found.troubles:
        at = found.told_at.get((one.kind, one.subject))
        when = f"gemeldet am {moment(at, settings)}" if at else "noch nicht gemeldet"
        told.append(f"* {KINDS[one.kind].german} ({when})")
        told += [f"  {line}" for line in one.sentence.splitlines()]
        advice = KINDS[one.kind].advice_for(one.subject, answers_work=False)
        told.append(f"  {advice}")
    told += [] if found.troubles else ["Nichts."]
    told += ["", "Was auf jemanden wartet:"]
    told += [f"* {one}" for one in waiting(found.figures)] or ["Nichts."]
    told += ["", "Was in den nächsten sieben Tagen kommt:"]
    told += [f"* {one}" for one in found.coming] or ["Nichts."]
    return [*told, "", "Die letzten sieben Tage:", *lines(found.figures)]


def _values(found: Status) -> dict[str, object]:
    """Return the status for other programs; names of this level stay as they are."""
    from dataclasses import asdict  # noqa: PLC0415 - as in _found

    return {
        "exit_code": int(found.exit_code),
        "daemon": found.daemon,
        "last_sign_at": _iso(found.last_sign_at),
        "loops": [
            {
                "name": one.name,
                "begun_at": _iso(one.begun_at),
                "done_at": _iso(one.done_at),
                "failing_since": _iso(one.failing_since),
                "failures": one.failures,
                "trouble": one.trouble or None,
            }
            for one in found.pulses
        ],
        "troubles": [
            {
                "kind": one.kind,
                "subject": one.subject,
                "since_at": _iso(one.since_at),
                "told_at": _iso(found.told_at.get((one.kind, one.subject))),
                "sentence": one.sentence,
            }
            for one in found.troubles
        ],
        "figures": asdict(found.figures),
        "coming": list(found.coming),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
