"""The null return path: what a program writes is not to come back to it."""

from __future__ import annotations

import pytest

from mailer.errors import SenderRefused
from mailer.rendering.parcel import Verdict
from tests.servers import Script, ScriptedSmtp
from tests.wire import parcel, relay, sent

SILENT = parcel()._replace(wants_no_report=True)


def senders(server: ScriptedSmtp) -> list[str]:
    """Return what MAIL named."""
    return [
        line.partition("FROM:")[2].split()[0]
        for line in server.commands
        if line.startswith("MAIL")
    ]


def test_a_server_hears_the_null_path() -> None:
    """RFC 5321, section 4.5.5: nobody answers such a message."""
    with ScriptedSmtp() as server:
        [outcome] = sent(relay(server), [SILENT])
    assert outcome.verdict is Verdict.ACCEPTED
    assert senders(server) == ["<>"]


def test_a_server_that_refuses_it_hears_our_own() -> None:
    """Some let a logged-in sender use his own address alone; the answer still goes."""
    script = Script(mail=["550 5.7.60 not yours", "250 2.1.0 sender ok"])
    with ScriptedSmtp(script) as server:
        [outcome] = sent(relay(server), [SILENT])
    assert outcome.verdict is Verdict.ACCEPTED
    assert senders(server) == ["<>", "<mia@stadt.example>"]


def test_a_server_that_refuses_both_refuses_us() -> None:
    """Then it is our own address that is wrong."""
    server = ScriptedSmtp(Script(mail="550 5.7.1 no"))
    with server, pytest.raises(SenderRefused):
        sent(relay(server), [SILENT])
    assert len(senders(server)) == 2
