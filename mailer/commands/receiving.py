"""Reading the mailbox before a person's eyes, once or for as long as it runs."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mailer.commands import sending
from mailer.commands.terminal import count, note
from mailer.errors import ExitCode, InboxBusy, InboxUnreachable, TransportError
from mailer.inbound.kinds import Kind
from mailer.inbound.sources import standard_input
from mailer.inbound.taking import Fate, Handed
from mailer.inbound.upkeep import keep_up
from mailer.rounds.fetching import fetch_round
from mailer.rounds.sending import is_due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from mailer.inbound.drain import Drained

KINDS: Final = {
    Kind.INSTRUCTION: ("Anweisung", "Anweisungen"),
    Kind.COMMAND: ("Wunsch", "Wünsche"),
    Kind.HUMAN: ("Mail für einen Menschen", "Mails für einen Menschen"),
    Kind.REPORT: ("Bericht eines Mailservers", "Berichte von Mailservern"),
    Kind.COMPLAINT: ("Beschwerde", "Beschwerden"),
    Kind.AUTO: ("automatische Mail", "automatische Mails"),
    Kind.CHALLENGE: ("Spamschutz-Abfrage", "Spamschutz-Abfragen"),
    Kind.UNREADABLE: ("Mail, die nicht lesbar ist", "Mails, die nicht lesbar sind"),
}
"""Kinds in the order in which they are told, one and many."""

LOOK_SECONDS: Final = 600
"""The bell may be broken: the mailbox is read so often at least."""

MAILDIR_SECONDS: Final = 30
"""A Maildir has no bell; looking into a folder costs nothing."""


def fetch(app: Application, *, sends: bool) -> ExitCode:
    """Read the mailbox once, and say what was in it.

    Args:
        sends: Send afterwards what is due.

    Raises:
        SettingsInvalid: No mailbox is set.
        InboxError: It cannot be read; what was taken is done.
    """
    drained = _drained(app)
    if drained.begins_at is not None:
        zone = app.settings.series[0].zone
        first = drained.begins_at.astimezone(zone).strftime("%d.%m.%Y")
        note(
            "Dieses Postfach liest auch ein Mensch: Was vor dem "
            f"{first} kam, bleibt für immer unbeachtet."
        )
    for line in told(drained):
        note(line)
    code = ExitCode.TRY_AGAIN if drained.failed or drained.refusals else ExitCode.OK
    return (sending.send(app, None) or code) if sends else code


def ingest(app: Application) -> None:
    """Take one message from standard input.

    Raises:
        SubscribersError, MailerError: It is not taken; whoever sent it must keep it.
    """
    content, octets = standard_input.read_all(sys.stdin.buffer)
    taken = app.taker().take(Handed(content, octets, standard_input.NAME))
    _keep_up(app)
    if taken.fate is Fate.FAILED:
        note(f"Eingang {taken.incoming_id} ist aufgehoben, aber nicht erledigt.")


def watch(app: Application, *, sends: bool) -> ExitCode:
    """Read the mailbox whenever something may have come, until somebody stops it.

    Args:
        sends: Send each time what is due.

    Raises:
        SettingsInvalid: No mailbox on a server is set.
        InboxError: The settings do not fit the server. A lost connection is no
            reason to end.
    """
    app.mail_source().close()  # says whether one is set
    bell, stopping = threading.Event(), threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        bell.set()

    for name in sending.STOPS:
        signal.signal(name, stop)
    note("Das Postfach wird gelesen, sobald etwas kommt; Strg+C beendet das.")
    with _doorbell(app, bell) as seconds:
        while not stopping.is_set():
            bell.wait(seconds)
            bell.clear()
            if not stopping.is_set() and _look(app, sends=sends):
                break
    return ExitCode.OK


def told(drained: Drained) -> list[str]:
    """Return what a run did, as German sentences."""
    found = [
        count(drained.taken[kind], *words)
        for kind, words in KINDS.items()
        if drained.taken[kind]
    ]
    lines = [f"Neu: {', '.join(found)}." if found else "Nichts Neues."]
    if drained.known:
        lines.append(f"Schon bekannt: {count(drained.known, 'Mail', 'Mails')}.")
    if drained.recovered:
        lines.append(
            f"Nachgeholt: {count(drained.recovered, 'Mail', 'Mails')}, "
            "die früher nicht zu erledigen waren."
        )
    if drained.failed:
        lines.append(
            f"{count(drained.failed, 'Mail ist', 'Mails sind')} aufgehoben, aber nicht "
            "erledigt: ein Fehler im Programm. Der nächste Lauf versucht es wieder; "
            "mehr zeigt „mia inbox list“."
        )
    lines += [
        f"Eine Mail war nicht zu bekommen ({reason}); der nächste Lauf versucht es "
        "wieder."
        for reason in drained.refusals
    ]
    return lines


@contextmanager
def _doorbell(app: Application, bell: threading.Event) -> Iterator[float]:
    """Let *bell* ring; yield after how many seconds to look without it."""
    from mailer.inbound.doorbell import Doorbell  # noqa: PLC0415 - only here

    if app.settings.inbox.maildir is not None:
        bell.set()
        yield MAILDIR_SECONDS
        return
    with Doorbell(app.settings.inbox, app.settings.path.parent, bell.set):
        yield LOOK_SECONDS


def _look(app: Application, *, sends: bool) -> bool:
    """Read once; a server that is away for a while is only told.

    Returns:
        Whether somebody wants to stop.
    """
    try:
        drained = _drained(app)
    except (InboxUnreachable, InboxBusy) as error:
        note(error.sentence)
        return False
    if drained.taken or drained.failed or drained.refusals:
        for line in told(drained):
            note(line)
    with app.database.reading() as db:
        is_waiting = is_due(db, now=app.clock.now())
    if sends and is_waiting:
        try:
            return sending.send(app, None) is ExitCode.INTERRUPTED
        except TransportError as error:
            note(error.sentence)
    return False


def _drained(app: Application) -> Drained:
    try:
        return fetch_round(app.mail_source(), app.taker())
    finally:
        _keep_up(app)


def _keep_up(app: Application) -> None:
    with app.database.transaction() as db:
        keep_up(db, zone=app.settings.series[0].zone, now=app.clock.now())
