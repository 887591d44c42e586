"""The bell: it rings for new mail, for lost connections, and for too long a silence."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.inbound import doorbell
from mailer.inbound.doorbell import Doorbell
from mailer.settings import InboxMode, Security
from tests.certificates import ca_file
from tests.receiving import a_mail, an_inbox
from tests.servers_imap import Act, Fault, ScriptedImap

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Inbox, Settings

LONG = 60
"""Seconds that a test waits at most; no test waits them."""


class Bell:
    """Counts its rings."""

    def __init__(self) -> None:
        self.rung = threading.Semaphore(0)

    def ring(self) -> None:
        """Ring once."""
        self.rung.release()

    def hear(self) -> None:
        """Wait for a ring."""
        assert self.rung.acquire(timeout=LONG)


@pytest.fixture
def inbox(settings: Settings) -> Inbox:
    """A mailbox on loopback; the port is the test's."""
    found = an_inbox(settings, 9, InboxMode.SHARED, security=Security.PLAIN)
    return replace(found, timeout=timedelta(seconds=5))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "WAITS", (0.01,))


@pytest.mark.parametrize("is_tls", [True, False])
def test_it_rings_when_mail_comes(
    inbox: Inbox, tmp_path: Path, *, is_tls: bool
) -> None:
    """Once for what came before it listened, and once for each arrival."""
    bell = Bell()
    with ScriptedImap(implicit_tls=is_tls) as server:
        security = Security.TLS if is_tls else Security.PLAIN
        inbox = replace(inbox, port=server.port, security=security, ca_file=ca_file())
        with Doorbell(inbox, tmp_path, bell.ring, seconds=LONG):
            bell.hear()
            for number in range(3):
                assert server.idling.acquire(timeout=LONG)
                server.add(a_mail(number))
                bell.hear()
        verbs = {command.split()[0] for command in server.commands}
        assert "SELECT" not in verbs
        assert "UID" not in verbs


def test_what_comes_with_the_yes_to_idle_is_heard(inbox: Inbox, tmp_path: Path) -> None:
    """It was read together with the yes, and the line stays silent then."""
    bell = Bell()
    with ScriptedImap() as server:
        server.tells_at_once = True
        inbox = replace(inbox, port=server.port)
        with Doorbell(inbox, tmp_path, bell.ring, seconds=LONG):
            for _ in range(3):
                bell.hear()


def test_a_lost_connection_is_made_again(inbox: Inbox, tmp_path: Path) -> None:
    """And rings, for something may have come in between."""
    bell = Bell()
    with ScriptedImap() as server:
        server.faults = [Fault("IDLE", Act.DROP, times=2)]
        with Doorbell(
            replace(inbox, port=server.port), tmp_path, bell.ring, seconds=LONG
        ):
            for _ in range(5):
                bell.hear()
        assert server.connections == 3


def test_a_server_that_stalls_is_left(inbox: Inbox, tmp_path: Path) -> None:
    """The thread waits for an answer no longer than the settings say."""
    bell = Bell()
    with ScriptedImap() as server:
        server.faults = [Fault("IDLE", Act.STALL)]
        impatient = replace(inbox, port=server.port, timeout=timedelta(seconds=0.2))
        with Doorbell(impatient, tmp_path, bell.ring, seconds=LONG):
            for _ in range(3):
                bell.hear()
        assert server.connections == 2


def test_silence_rings_too(inbox: Inbox, tmp_path: Path) -> None:
    """A server may forget to say that something came."""
    bell = Bell()
    with (
        ScriptedImap() as server,
        Doorbell(replace(inbox, port=server.port), tmp_path, bell.ring, seconds=0.05),
    ):
        for _ in range(3):
            bell.hear()


def test_without_idle_time_rings(inbox: Inbox, tmp_path: Path) -> None:
    """Looking every two minutes is what is left."""
    bell = Bell()
    with ScriptedImap(capabilities="IMAP4rev1") as server:
        with Doorbell(
            replace(inbox, port=server.port), tmp_path, bell.ring, seconds=0.05
        ):
            for _ in range(3):
                bell.hear()
        assert "IDLE" not in server.commands


def test_nobody_there_rings_as_well(inbox: Inbox, tmp_path: Path) -> None:
    """Whoever hears it meets the same trouble and can tell."""
    bell = Bell()
    with Doorbell(inbox, tmp_path, bell.ring, seconds=LONG):
        bell.hear()
        bell.hear()
