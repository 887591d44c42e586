"""RFC 3207: STARTTLS, and that nothing from before it is believed."""

from __future__ import annotations

import asyncio

import pytest

from mailer.errors import CertificateRefused, TransportBusy, TransportError
from mailer.rendering.parcel import Verdict
from mailer.transport.smtp import SmtpTransport
from tests.certificates import Certificate
from tests.servers import End, Script, ScriptedSmtp, say
from tests.wire import CONTENT, parcel, relay, sent

CLEAR_EHLO = "250-relay\r\n250-SIZE 10\r\n250-DSN\r\n250-STARTTLS\r\n250 AUTH PLAIN"
TLS_EHLO = "250-relay\r\n250-SIZE 9999\r\n250 AUTH PLAIN"


def test_what_was_said_in_clear_is_forgotten() -> None:
    """Section 4.2: extensions heard before TLS do not count after it."""
    script = Script(ehlo=CLEAR_EHLO, ehlo_tls=TLS_EHLO)
    with ScriptedSmtp(script) as server:
        facts = asyncio.run(SmtpTransport(relay(server)).check())
        [outcome] = sent(relay(server), [parcel()])

    assert facts.size_limit == 9999
    assert facts.extensions == ("AUTH", "SIZE")
    assert outcome.verdict is Verdict.ACCEPTED  # 10 octets would not have been enough


def test_words_smuggled_in_before_tls_are_thrown_away() -> None:
    """Section 4.2: what follows the 220 in clear is nobody's reply."""
    injected = "220 go ahead\r\n250-evil\r\n250-SIZE 1\r\n250 AUTH PLAIN"
    with ScriptedSmtp(Script(starttls=injected, ehlo_tls=TLS_EHLO)) as server:
        facts = asyncio.run(SmtpTransport(relay(server)).check())
        [outcome] = sent(relay(server), [parcel()])

    assert facts.size_limit == 9999
    assert outcome.verdict is Verdict.ACCEPTED


def test_the_client_introduces_itself_again() -> None:
    """Section 4.2: EHLO is the first command inside TLS."""
    with ScriptedSmtp() as server:
        sent(relay(server), [parcel()])

    assert server.commands[:3] == [
        "EHLO mia.stadt.example",
        "STARTTLS",
        "EHLO mia.stadt.example",
    ]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Script(ehlo="250 relay"), TransportError),
        (Script(starttls="454 TLS not available"), TransportBusy),
        (Script(starttls="501 no parameters"), TransportError),
        (Script(starttls=say("220 go", End.DROP)), TransportError),
    ],
    ids=["not offered", "454", "501", "dropped"],
)
def test_without_tls_nothing_is_sent(
    script: Script, kind: type[TransportError]
) -> None:
    """Section 4.1 leaves the choice; ours is never to go on in clear."""
    with ScriptedSmtp(script) as server, pytest.raises(kind):
        sent(relay(server), [parcel()])

    assert server.logins == []
    assert server.received == []
    assert not any(line.startswith(("MAIL", "AUTH")) for line in server.commands)


@pytest.mark.parametrize(
    "certificate", [kind for kind in Certificate if kind is not Certificate.GOOD]
)
def test_a_server_that_cannot_prove_its_name_gets_nothing(
    certificate: Certificate,
) -> None:
    """Section 4.1: the name checked is the one that we meant to call."""
    with (
        ScriptedSmtp(certificate=certificate) as server,
        pytest.raises(CertificateRefused),
    ):
        sent(relay(server), [parcel()])

    assert server.logins == []
    assert "STARTTLS" in server.commands
    assert len(server.commands) == 2


def test_what_is_sent_is_sent_inside_tls() -> None:
    """The message and the password travel protected."""
    with ScriptedSmtp() as server:
        sent(relay(server), [parcel()])

    assert [received.is_protected for received in server.accepted] == [True]
    assert server.accepted[0].content == CONTENT
