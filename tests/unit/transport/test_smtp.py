"""The warm connection, the mark and the gates, against a real server."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.errors import (
    CertificateRefused,
    ConnectionFailed,
    ContentUnsafe,
    ExitCode,
    LoginRefused,
    SenderRefused,
    TransportBusy,
    TransportError,
)
from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from mailer.settings import Security
from mailer.transport.server_facts import ServerFacts
from mailer.transport.smtp import SmtpTransport
from subscribers.address import EmailAddress
from tests.servers import DROP, RESET, End, Script, ScriptedSmtp, Turn, say
from tests.wire import CONTENT, Mark, hasty, parcel, relay, sent, until

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Smtp

V = Verdict


def verdicts(outcomes: list[Outcome]) -> list[Verdict]:
    """Return the facts without the words."""
    return [outcome.verdict for outcome in outcomes]


def verbs(server: ScriptedSmtp) -> list[str]:
    """Return what was said to *server*, without arguments."""
    return [line.split()[0] for line in server.commands]


@pytest.mark.parametrize("security", Security)
def test_a_parcel_arrives_unchanged(security: Security) -> None:
    """The server takes what the parcel holds, dots included, over every protection."""
    with ScriptedSmtp(implicit_tls=security is Security.TLS) as server:
        [outcome] = sent(relay(server, security=security), [parcel()])

    [received] = server.accepted
    assert outcome == Outcome(
        V.ACCEPTED, SmtpReply(250, "2.0.0 taken", enhanced="2.0.0")
    )
    assert received.content == CONTENT
    assert received.return_path == "mia@stadt.example"
    assert received.recipient == "rita@ort.example"
    assert received.is_protected == (security is not Security.PLAIN)
    assert received.login == "mia"


def test_the_dialogue_is_what_the_standard_says() -> None:
    """Hello twice around TLS, one login, the size, one recipient, good-bye."""
    with ScriptedSmtp() as server:
        sent(relay(server), [parcel()])

    assert server.commands == [
        "EHLO mia.stadt.example",
        "STARTTLS",
        "EHLO mia.stadt.example",
        "AUTH PLAIN",
        f"MAIL FROM:<mia@stadt.example> SIZE={len(CONTENT)}",
        "RCPT TO:<rita@ort.example>",
        "DATA",
        "QUIT",
    ]


def test_many_parcels_share_one_connection() -> None:
    """TLS and login are paid once for a run."""
    with ScriptedSmtp() as server:
        outcomes = sent(relay(server), [parcel()] * 5)

    assert verdicts(outcomes) == [V.ACCEPTED] * 5
    assert server.connections == 1
    assert server.logins == [("mia", "geheim")]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            Script(content=[say("250 ok", End.DROP), "250 ok"]), id="48 dropped"
        ),
        pytest.param(
            Script(content=[say("250 ok", End.RESET), "250 ok"]), id="48 reset"
        ),
        pytest.param(
            Script(mail=["250 ok", say("421 enough", End.DROP), "250 ok"]),
            id="53 as many as a connection may carry",
        ),
        pytest.param(
            Script(mail=["250 ok", "451 reconnect", "250 ok"]), id="451 when warm"
        ),
        pytest.param(Script(mail=["250 ok", DROP, "250 ok"]), id="dropped at MAIL"),
        pytest.param(Script(mail=["250 ok", RESET, "250 ok"]), id="reset at MAIL"),
        pytest.param(
            Script(rset=DROP, rcpt={"weg@ort.example": "550 5.1.1 unknown"}),
            id="RSET dropped",
        ),
        pytest.param(
            Script(rset="502 no", rcpt={"weg@ort.example": "550 5.1.1 unknown"}),
            id="RSET refused",
        ),
    ],
)
def test_a_connection_that_died_while_idle_is_replaced(script: Script) -> None:
    """What ends between two parcels costs a new connection, never a parcel."""
    first = "weg@ort.example" if isinstance(script.rcpt, dict) else "ada@ort.example"
    with ScriptedSmtp(script) as server:
        outcomes = sent(relay(server), [parcel(first), parcel()])

    assert outcomes[1].verdict is V.ACCEPTED
    assert server.accepted[-1].recipient == "rita@ort.example"
    assert server.connections == 2


def test_a_refused_recipient_spares_the_connection() -> None:
    """After 550 the transaction is reset and the next parcel goes the same way."""
    script = Script(rcpt={"weg@ort.example": "550 5.1.1 <weg@ort.example>: unknown"})
    with ScriptedSmtp(script) as server:
        mark = Mark()
        outcomes = sent(relay(server), [parcel("weg@ort.example"), parcel()], mark)

    assert outcomes[0] == Outcome(
        V.REFUSED, SmtpReply(550, "5.1.1 <w…@ort.example>: unknown", "5.1.1")
    )
    assert outcomes[1].verdict is V.ACCEPTED
    assert mark.asked == 1
    assert verbs(server)[4:] == ["MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]
    assert server.connections == 1


def test_a_mark_that_says_no_stops_before_the_content() -> None:
    """Whoever left a second ago gets nothing, and the connection stays usable."""
    with ScriptedSmtp() as server:
        outcomes = sent(relay(server), [parcel()] * 2, Mark(answer=False))

    assert outcomes == [Outcome(V.NOT_SENT)] * 2
    assert verbs(server)[4:] == ["MAIL", "RCPT", "RSET"] * 2 + ["QUIT"]
    assert server.received == []


def test_a_mark_that_fails_stops_before_the_content() -> None:
    """If the ledger cannot write, its error comes out and nothing is sent."""

    async def failing() -> bool:
        raise LookupError

    async def story(smtp: Smtp) -> Verdict:
        transport = SmtpTransport(smtp)
        with pytest.raises(LookupError):
            await transport.send(parcel(), failing)
        outcome = await transport.send(parcel(), Mark())
        await transport.close()
        return outcome.verdict

    with ScriptedSmtp() as server:
        assert asyncio.run(story(relay(server))) is V.ACCEPTED

    assert len(server.received) == 1
    assert server.connections == 2


def test_the_mark_comes_after_the_recipient_and_before_data() -> None:
    """When the ledger is asked, the server has taken the recipient and no more."""
    heard: list[list[str]] = []

    async def looking() -> bool:
        heard.append(verbs(server)[4:])
        return True

    async def story() -> None:
        transport = SmtpTransport(relay(server))
        await transport.send(parcel(), looking)
        await transport.close()

    with ScriptedSmtp() as server:
        asyncio.run(story())

    assert heard == [["MAIL", "RCPT"]]


def test_a_connection_lost_while_the_ledger_writes_is_no_doubt() -> None:
    """The server goes away during the mark: no content left, the parcel is deferred."""

    async def slow() -> bool:
        await until(lambda: server.connections_open == 0)
        return True

    async def story() -> Outcome:
        return await SmtpTransport(relay(server)).send(parcel(), slow)

    with ScriptedSmtp(Script(rcpt=say("250 ok", End.DROP))) as server:
        outcome = asyncio.run(story())

    assert outcome.verdict is V.DEFERRED
    assert server.received == []


def test_stopping_in_the_middle_cuts_the_line() -> None:
    """A cancelled send leaves no half-open transaction to the next parcel."""

    async def story(smtp: Smtp) -> Outcome:
        transport = SmtpTransport(smtp)
        sending = asyncio.create_task(transport.send(parcel(), Mark()))
        await until(lambda: bool(server.received))
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        outcome = await transport.send(parcel("ada@ort.example"), Mark())
        await transport.close()
        return outcome

    script = Script(content=[Turn(end=End.MUTE, takes=True), "250 ok"])
    with ScriptedSmtp(script) as server:
        outcome = asyncio.run(story(relay(server)))

    assert outcome.verdict is V.ACCEPTED
    assert server.connections == 2


def test_no_recipient_is_to_blame_when_the_reconnect_fails() -> None:
    """A server that hangs up on every MAIL ends the run, not the parcel."""
    script = Script(mail=["250 ok", DROP])
    with ScriptedSmtp(script) as server, pytest.raises(ConnectionFailed):
        sent(relay(server), [parcel()] * 2)

    assert len(server.accepted) == 1
    assert server.connections == 2


@pytest.mark.parametrize("reads_ahead", [False, True], ids=["steps", "ahead"])
@pytest.mark.parametrize("fault", [say("421 bye", End.DROP), DROP, "999 ?"], ids=str)
def test_breaking_down_at_one_name_is_about_that_name(
    fault: Turn | str, reads_ahead: bool
) -> None:
    """Two in a row wait, the others arrive; only the third is about the server."""
    broken = [f"{name}@dort.example" for name in ("ida", "jan", "kai")]
    others = [parcel(f"{name}@ort.example") for name in ("ada", "bea")]
    first, second, third = map(parcel, broken)
    script = Script(rcpt=dict.fromkeys(broken, fault))
    with ScriptedSmtp(script) as server:
        smtp = relay(server, pipelining=reads_ahead)
        mark = Mark()
        outcomes = sent(smtp, [first, second, others[0], third, others[1]], mark)
        with pytest.raises((TransportBusy, ConnectionFailed)):
            sent(smtp, [first, second, third], mark)

    assert verdicts(outcomes) == [
        V.DEFERRED, V.DEFERRED, V.ACCEPTED, V.DEFERRED, V.ACCEPTED,
    ]  # fmt: skip
    assert mark.asked == len(server.accepted) == 2


def test_a_limit_that_shows_at_a_name_costs_a_connection() -> None:
    """53: a warm connection that ends at RCPT has carried as much as it may."""
    script = Script(rcpt=["250 ok", say("421 enough", End.DROP), "250 ok"])
    with ScriptedSmtp(script) as server:
        outcomes = sent(relay(server), [parcel()] * 3)

    assert verdicts(outcomes) == [V.ACCEPTED] * 3
    assert server.connections == 2


@pytest.mark.parametrize(
    "wire",
    [
        "b@exa mple.org",
        "b@example.org\r\nRCPT TO:<c@example.org>",
        "<b@example.org> NOTIFY=NEVER",
        '"a\r\nb"@x.example',
        "rita@straße.example",
        "rita",
        "",
    ],
    ids=repr,
)
def test_an_address_that_is_none_never_reaches_the_wire(wire: str) -> None:
    """56: an address that bypassed the gate before the database stops here."""
    forged = EmailAddress(text=wire, wire=wire, canonical=wire)
    with ScriptedSmtp() as server:
        [outcome] = sent(relay(server), [parcel()._replace(recipient=forged)])
        with pytest.raises(SenderRefused):
            sent(relay(server), [parcel()._replace(return_path=forged)])

    assert outcome.verdict is V.REFUSED
    assert server.commands == []


def test_the_wire_address_is_the_ledger_address() -> None:
    """The server hears exactly the A-labels of the address, and nobody else."""
    with ScriptedSmtp() as server:
        sent(relay(server), [parcel("Rita.O'Neil+x@Straße.example")])

    assert server.accepted[0].recipient == "Rita.O'Neil+x@xn--strae-oqa.example"


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: x\r\n\r\nHallo\n.\nMAIL FROM:<evil@example.org>\r\n",
        b"Subject: x\r\n\r\nHallo\n.\r\nQUIT\r\n",
        b"Subject: x\r\n\r\nHallo\r.\r\r\n",
        b"Subject: x\r\n\r\nno end",
        b"Subject: x\r\n\r\nM\xc3\xbcll\r\n",
        b"Subject: x\r\n\r\nNUL \0\r\n",
        b"Subject: " + b"x" * 990 + b"\r\n",
        b"",
    ],
    ids=lambda content: repr(content[:30]),
)
def test_ambiguous_content_is_not_sent(content: bytes) -> None:
    """55: what two servers could read differently does not leave the house."""
    with ScriptedSmtp() as server, pytest.raises(ContentUnsafe) as refused:
        sent(relay(server), [parcel(content=content)])

    assert refused.value.exit_code is ExitCode.DATA
    assert server.commands == []


def test_the_longest_allowed_line_is_sent() -> None:
    """998 octets and their CRLF are fine (RFC 5322, section 2.1.1)."""
    content = b"Subject: " + b"x" * 989 + b"\r\n"
    with ScriptedSmtp() as server:
        [outcome] = sent(relay(server), [parcel(content=content)])

    assert outcome.verdict is V.ACCEPTED
    assert server.accepted[0].content == content


def test_what_the_server_says_fits_the_database() -> None:
    """38, 46: Latin-1, NUL and newlines become one clean line."""
    script = Script(
        content=say("250-grüße\r\n250 \0an <rita@ort.example>".encode("latin-1"))
    )
    with ScriptedSmtp(script) as server:
        [outcome] = sent(relay(server), [parcel()])

    assert outcome.reply == SmtpReply(250, "grüße an <r…@ort.example>")


def test_a_parcel_too_large_for_the_server_is_refused_here() -> None:
    """18: where SIZE says no, MAIL is not even tried, and the connection stays."""
    ehlo = "250-relay.example\r\n250-SIZE 40\r\n250 AUTH PLAIN"
    small = b"Subject: x\r\n"
    with ScriptedSmtp(Script(ehlo_tls=ehlo)) as server:
        large, fine = sent(relay(server), [parcel(), parcel(content=small)])

    assert large.verdict is V.REFUSED
    assert large.reply is not None
    assert large.reply.text == (
        f"die Nachricht hat {len(CONTENT)} Byte, der Server nimmt höchstens 40"
    )
    assert fine.verdict is V.ACCEPTED
    assert server.connections == 1


def test_login_tries_one_mechanism_once() -> None:
    """A wrong password is one failed login, not three: accounts get locked."""
    ehlo = "250-relay\r\n250 AUTH CRAM-MD5 LOGIN PLAIN"
    script = Script(ehlo_tls=ehlo, auth="535 5.7.8 wrong")
    with ScriptedSmtp(script) as server, pytest.raises(LoginRefused) as refused:
        sent(relay(server), [parcel()])

    assert server.logins == [("mia", "geheim")]
    assert refused.value.exit_code is ExitCode.CONFIGURATION
    assert "535 5.7.8 wrong" in refused.value.sentence


def test_login_takes_the_next_mechanism_when_one_is_not_there() -> None:
    """504 means that the server offers what it does not have."""
    script = Script(auth=["504 no PLAIN after all", "235 welcome"])
    with ScriptedSmtp(script) as server:
        [outcome] = sent(relay(server), [parcel()])

    assert outcome.verdict is V.ACCEPTED
    assert [line for line in server.commands if line.startswith("AUTH")] == [
        "AUTH PLAIN",
        "AUTH LOGIN",
    ]


def test_nothing_is_said_in_clear_when_tls_is_missing() -> None:
    """08: without STARTTLS there is a greeting, a hello and nothing else."""
    script = Script(ehlo="250-relay.example\r\n250 AUTH PLAIN")
    with ScriptedSmtp(script) as server, pytest.raises(TransportError) as refused:
        sent(relay(server), [parcel()])

    assert verbs(server) == ["EHLO"]
    assert server.logins == []
    assert "STARTTLS" in refused.value.sentence


def test_plain_is_only_for_this_machine() -> None:
    """Settings that bypassed their check still send nothing in clear elsewhere."""
    with ScriptedSmtp() as server:
        smtp = replace(relay(server, security=Security.PLAIN), host="mail.ort.example")
        with pytest.raises(TransportError) as refused:
            sent(smtp, [parcel()])

    assert "eigenen Rechner" in refused.value.sentence
    assert server.connections == 0


def test_a_server_that_is_not_there_is_named() -> None:
    """A closed port is an error with host, port and exit code 69."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with ScriptedSmtp() as server:
            smtp = replace(relay(server), port=free.getsockname()[1])
            with pytest.raises(ConnectionFailed) as refused:
                asyncio.run(SmtpTransport(smtp).open())

    assert refused.value.exit_code is ExitCode.UNAVAILABLE
    assert f"localhost:{smtp.port} ist nicht erreichbar" in refused.value.sentence
    assert "nimmt kein Programm Verbindungen an" in refused.value.sentence


@pytest.mark.parametrize(
    "host", ["gibt-es-nicht.invalid", "a..b", "x" * 64 + ".example"]
)
def test_a_name_that_does_not_exist_is_named(host: str) -> None:
    """A name without an address is an error, whatever the resolver calls it."""
    with ScriptedSmtp() as server:
        smtp = replace(relay(server), host=host)
    with pytest.raises(ConnectionFailed) as refused:
        asyncio.run(SmtpTransport(smtp).open())

    assert "Rechnernamen gibt es nicht" in refused.value.sentence


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Missing and broken certificate files stop before the connection."""
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with ScriptedSmtp() as server:
        for ca_file in (tmp_path / "missing.pem", broken):
            with pytest.raises(CertificateRefused) as refused:
                sent(replace(relay(server), ca_file=ca_file), [parcel()])
            assert str(ca_file) in refused.value.sentence

    assert server.connections == 0


def test_a_certificate_error_says_why() -> None:
    """Wrong name, end of validity and unknown issuer have words of their own."""
    with ScriptedSmtp() as server:
        smtp = replace(relay(server), ca_file=None)
        with pytest.raises(CertificateRefused) as refused:
            sent(smtp, [parcel()])

    assert "Zertifizierungsstellen" in refused.value.sentence


def test_check_tells_what_the_server_can_do() -> None:
    """The check before a run connects, logs in, asks and sends nothing."""
    with ScriptedSmtp() as server:
        facts = asyncio.run(SmtpTransport(relay(server)).check())

    assert facts == ServerFacts(
        size_limit=10_485_760,
        tls_version="TLSv1.3",
        extensions=("8BITMIME", "AUTH", "ENHANCEDSTATUSCODES", "PIPELINING", "SIZE"),
        logged_in=True,
        certificate_until=datetime(2090, 1, 1, tzinfo=UTC),
        greeting="relay.example ESMTP",
    )
    assert verbs(server)[-2:] == ["NOOP", "QUIT"]


def test_check_without_protection_or_login_says_so() -> None:
    """On loopback, in clear and without a user there is neither TLS nor login."""
    script = Script(ehlo="250 relay")
    with ScriptedSmtp(script) as server:
        smtp = relay(server, security=Security.PLAIN, user="")
        facts = asyncio.run(SmtpTransport(smtp).check())

    assert facts == ServerFacts(
        size_limit=None,
        tls_version=None,
        extensions=(),
        logged_in=False,
        certificate_until=None,
        greeting="relay.example ESMTP",
    )


@pytest.mark.parametrize("noop", ["502 no", DROP], ids=["refused", "dropped"])
def test_check_fails_when_the_server_does(noop: str | Turn) -> None:
    """A server that cannot answer NOOP will not take mail either."""
    script = Script(noop=noop)
    with ScriptedSmtp(script) as server, pytest.raises(TransportError):
        asyncio.run(SmtpTransport(relay(server)).check())


def test_closing_twice_or_unopened_is_fine() -> None:
    """Whoever ends a run need not know how far it came."""

    async def story(smtp: Smtp) -> None:
        transport = SmtpTransport(smtp)
        await transport.close()
        await transport.open()
        await transport.close()
        await transport.close()

    with ScriptedSmtp() as server:
        asyncio.run(story(hasty(relay(server))))

    assert server.connections == 1


def test_opening_again_cuts_the_old_connection() -> None:
    """A second open leaves one connection, not two."""

    async def story(smtp: Smtp) -> None:
        transport = SmtpTransport(smtp)
        await transport.open()
        await transport.open()
        await transport.close()

    with ScriptedSmtp() as server:
        asyncio.run(story(relay(server)))

    assert server.connections == 2
    assert verbs(server).count("QUIT") == 1


def test_a_mute_network_ends_after_the_wait() -> None:
    """A host that swallows packets is given up after connect_timeout."""
    with socket.socket() as full:
        # A full backlog leaves further SYNs unanswered, as a firewall does.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        with ScriptedSmtp() as server:
            smtp = replace(
                relay(server),
                host="127.0.0.1",
                port=full.getsockname()[1],
                connect_timeout=timedelta(seconds=0.3),
            )
        with pytest.raises(ConnectionFailed) as refused:
            asyncio.run(SmtpTransport(smtp).open())
        for caller in callers:
            caller.close()

    assert "Wartezeit" in refused.value.sentence
