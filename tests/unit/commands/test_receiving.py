"""What is said about a reading of the mailbox, and how watching it bears trouble."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailer.commands import receiving
from mailer.errors import InboxLoginRefused
from mailer.inbound.drain import Drained
from mailer.inbound.kinds import Kind
from mailer.settings import InboxMode, Security
from subscribers.address import EmailAddress
from tests.receiving import a_mail, an_inbox
from tests.servers_imap import Act, Fault, ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailer.application import Application

FAILED = (
    "1 Mail ist aufgehoben, aber nicht erledigt: ein Fehler im Programm. Der nächste "
    "Lauf versucht es wieder; mehr zeigt „mia inbox list“."
)
REFUSED = (
    "Eine Mail war nicht zu bekommen („NO broken“); der nächste Lauf versucht es "
    "wieder."
)

SECONDS = 20
"""What a thread of a test waits at most."""


def stop_when(settled: Callable[[], bool]) -> threading.Thread:
    """Send SIGTERM as soon as it is *settled*, from a thread."""

    def wait() -> None:
        ends = time.monotonic() + SECONDS
        while not settled() and time.monotonic() < ends:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Give the signals back to pytest."""
    kept = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in kept.items():
        signal.signal(name, handler)


def test_everything_that_happened_is_said() -> None:
    """In the order in which it matters, with German plurals."""
    drained = Drained(
        taken=Counter({Kind.AUTO: 1, Kind.COMMAND: 2}),
        known=1,
        failed=1,
        recovered=2,
        refusals=["„NO broken“"],
    )
    assert receiving.told(drained) == [
        "Neu: 2 Wünsche, 1 automatische Mail.",
        "Schon bekannt: 1 Mail.",
        "Nachgeholt: 2 Mails, die früher nicht zu erledigen waren.",
        FAILED,
        REFUSED,
    ]


def test_nothing_new_is_said_too() -> None:
    """Silence would leave the reader in doubt."""
    assert receiving.told(Drained()) == ["Nichts Neues."]


def test_every_kind_has_its_words() -> None:
    """A new kind is not forgotten in the sum."""
    assert set(receiving.KINDS) == set(Kind)


def watched(application: Application, server: ScriptedImap) -> Application:
    """Return the program with a mailbox on *server*."""
    settings = application.settings
    application.settings = replace(
        settings,
        inbox_address=EmailAddress.parse("mia@netz.example"),
        inbox=an_inbox(
            settings, server.port, InboxMode.DEDICATED, security=Security.PLAIN
        ),
    )
    return application


def test_watching_bears_a_server_that_is_away(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told, and the next bell tries again; the relay may be away as well."""
    with ScriptedImap() as server:
        app = watched(application, server)
        server.faults = [Fault("UID SEARCH", Act.DROP)]
        server.add(a_mail(99))

        def is_settled() -> bool:
            if server.idling.acquire(blocking=False):
                server.add(a_mail(1))  # one more bell, since the first look failed
            return bool(server.contents("mia-weitergeleitet"))

        stopper = stop_when(is_settled)
        receiving.watch(app, sends=True)
        stopper.join(SECONDS)
    said = capsys.readouterr().err
    assert "nicht erreichbar" in said
    assert "Neu: " in said


def test_watching_ends_when_the_settings_are_wrong(application: Application) -> None:
    """Waiting would not help."""
    with ScriptedImap() as server:
        app = watched(application, server)
        server.faults = [
            Fault("LOGIN", Act.REPLY, "NO [AUTHENTICATIONFAILED] nein", times=99)
        ]
        with pytest.raises(InboxLoginRefused):
            receiving.watch(app, sends=False)


def test_a_maildir_is_looked_into_at_once(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no bell; time rings."""
    monkeypatch.setattr(receiving, "MAILDIR_SECONDS", 0.05)
    for part in ("new", "cur", "tmp"):
        (tmp_path / "post" / part).mkdir(parents=True)
    inbox = replace(
        an_inbox(application.settings, 9, InboxMode.DEDICATED),
        maildir=tmp_path / "post",
    )
    application.settings = replace(application.settings, inbox=inbox)
    filed = tmp_path / "post" / ".mia-weitergeleitet" / "cur"
    (tmp_path / "post" / "new" / "1.M1.host").write_bytes(a_mail(1))
    stopper = stop_when(filed.is_dir)
    receiving.watch(application, sends=False)
    stopper.join(SECONDS)
    assert not list((tmp_path / "post" / "new").iterdir())
