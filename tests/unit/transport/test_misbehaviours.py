"""Every way in which one SMTP connection is known to go wrong, one row each.

A name begins with the number of its fault, where it has one. A row says what the
transport must make of it: a verdict about the parcel, or an error about the server.
Whatever the row, four things hold (see `_check_promises`): accepted means the server
took it; refused and deferred mean that it did not; an error means that nothing was
marked and nothing sent; and doubt is told only where the content had left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import pytest

from mailer.errors import (
    CertificateRefused,
    ConnectionFailed,
    LoginRefused,
    SenderRefused,
    TransportBusy,
    TransportError,
)
from mailer.rendering.parcel import Outcome, Verdict
from mailer.settings import Security
from tests.certificates import Certificate
from tests.servers import DROP, MUTE, RESET, End, Script, ScriptedSmtp, Turn, say
from tests.wire import CONTENT, Mark, hasty, parcel, relay, sent

V = Verdict
Expected: TypeAlias = Verdict | type[TransportError]

ENDLESS_LINE = Turn(b"250 " + b"x" * 70_000, raw=True)
ENDLESS_LINES = Turn(b"250-noch eine Zeile\r\n" * 3_000, raw=True)
BARE_EHLO = "250-relay.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"
SMALL_EHLO = "250-relay.example\r\n250-SIZE 20\r\n250 AUTH PLAIN"
LARGE_CONTENT = b"".join(b"%076d\r\n" % line for line in range(250_000))
"""About 20 MB, more than the buffers of two sockets."""


@dataclass(frozen=True)
class Fault:
    """One misbehaviour and what must come of it."""

    name: str
    script: Script
    expected: Expected
    certificate: Certificate = Certificate.GOOD
    security: Security = Security.STARTTLS
    user: str = "mia"
    is_hasty: bool = False
    content: bytes = CONTENT
    recipient: str = "rita@ort.example"


FAULTS = [
    # Connecting
    Fault("01 banner 554", Script(greeting="554 go away"), TransportError),
    Fault("02 banner 421", Script(greeting=say("421 full", End.DROP)), TransportBusy),
    Fault("03 mute", Script(greeting=MUTE), ConnectionFailed, is_hasty=True),
    Fault("04 close", Script(greeting=DROP), ConnectionFailed),
    Fault("04 reset", Script(greeting=RESET), ConnectionFailed),
    Fault(
        "banner of 3 kB", Script(greeting="220-" + "x" * 3000 + "\r\n220 x"), V.ACCEPTED
    ),
    # Introducing ourselves
    Fault(
        "05 EHLO 500, HELO goes",
        Script(ehlo="500 what?"),
        V.ACCEPTED,
        security=Security.PLAIN,
        user="",
    ),
    Fault("05 EHLO 500, but TLS is asked for", Script(ehlo="502 no"), TransportError),
    Fault("EHLO 550", Script(ehlo="550 not you"), TransportError),
    Fault("06 EHLO 421", Script(ehlo=say("421 bye", End.DROP)), TransportBusy),
    Fault("07 mixed codes", Script(ehlo="250-relay\r\n550 no"), TransportError),
    # TLS and login
    Fault("08 no STARTTLS", Script(ehlo="250-r\r\n250 AUTH PLAIN"), TransportError),
    Fault("09 STARTTLS 454", Script(starttls="454 no TLS now"), TransportBusy),
    Fault(
        "10 words smuggled in before TLS",
        Script(starttls="220 go\r\n250-evil.example\r\n250 SIZE 1"),
        V.ACCEPTED,
    ),
    Fault("reset in TLS", Script(starttls=say("220 go", End.RESET)), ConnectionFailed),
    Fault("drop in TLS", Script(starttls=say("220 go", End.DROP)), ConnectionFailed),
    *(
        Fault(
            f"{number} {kind} {security}", Script(), CertificateRefused, kind, security
        )
        for number, kind in (
            (11, Certificate.WRONG_HOST),
            (12, Certificate.EXPIRED),
            (13, Certificate.UNKNOWN_CA),
        )
        for security in (Security.STARTTLS, Security.TLS)
    ),
    Fault("14 login 535", Script(auth="535 5.7.8 wrong"), LoginRefused),
    Fault("login 534", Script(auth="534 5.7.9 too weak"), LoginRefused),
    Fault("15 login 454", Script(auth="454 4.7.0 later"), TransportBusy),
    Fault("login dropped", Script(auth=DROP), ConnectionFailed),
    Fault("login without code", Script(auth="welcome"), ConnectionFailed),
    Fault("login not offered", Script(ehlo_tls="250 relay"), LoginRefused),
    # The envelope
    Fault("16 MAIL 421", Script(mail=say("421 bye", End.DROP)), TransportBusy),
    Fault("MAIL 451", Script(mail="451 later"), TransportBusy),
    Fault("MAIL 550", Script(mail="550 5.7.1 not your address"), SenderRefused),
    Fault("MAIL 530", Script(mail="530 5.7.0 log in first"), LoginRefused),
    Fault("MAIL dropped", Script(mail=DROP), ConnectionFailed),
    Fault("MAIL answered with 354", Script(mail="354 go"), ConnectionFailed),
    Fault("MAIL 503", Script(mail="503 bad sequence"), ConnectionFailed),
    Fault("17 MAIL 552", Script(mail="552 5.3.4 too big"), V.REFUSED),
    Fault(
        "17 MAIL 552 where no size was said",
        Script(ehlo_tls="250-relay\r\n250 AUTH PLAIN", mail="552 5.2.2 full"),
        SenderRefused,
    ),
    Fault("18 SIZE too small", Script(ehlo_tls=SMALL_EHLO), V.REFUSED),
    Fault("19 greylist", Script(rcpt="450 4.2.0 greylisted"), V.DEFERRED),
    Fault("20 unknown", Script(rcpt="550 5.1.1 unknown"), V.REFUSED),
    Fault("21 RCPT 421", Script(rcpt=say("421 bye", End.DROP)), TransportBusy),
    Fault("22 RCPT 251", Script(rcpt="251 will forward"), V.ACCEPTED),
    Fault("54 RCPT 452", Script(rcpt="452 4.5.3 too many"), V.DEFERRED),
    Fault("RCPT 552", Script(rcpt="552 5.2.2 mailbox full"), V.DEFERRED),
    Fault("RCPT 530", Script(rcpt="530 5.7.0 log in first"), LoginRefused),
    Fault("RCPT 503", Script(rcpt="503 need MAIL"), ConnectionFailed),
    Fault("RCPT dropped", Script(rcpt=DROP), ConnectionFailed),
    Fault("RCPT mute", Script(rcpt=MUTE), ConnectionFailed, is_hasty=True),
    # DATA, before the content
    Fault("23 DATA 451", Script(data="451 4.3.0 later"), V.DEFERRED),
    Fault("DATA 554", Script(data="554 5.5.1 no valid recipients"), V.DEFERRED),
    Fault("DATA 421", Script(data=say("421 bye", End.DROP)), V.DEFERRED),
    Fault("24 DATA 250", Script(data="250 ok"), V.DEFERRED),
    Fault("DATA dropped", Script(data=DROP), V.DEFERRED),
    Fault("DATA reset", Script(data=RESET), V.DEFERRED),
    Fault("DATA mute", Script(data=MUTE), V.DEFERRED, is_hasty=True),
    Fault("DATA 999", Script(data="999 ?"), V.DEFERRED),
    Fault("DATA endless", Script(data=ENDLESS_LINE), V.DEFERRED),
    # The content
    Fault("25 drop in the middle", Script(during=DROP), V.UNKNOWN),
    Fault("25 reset in the middle", Script(during=RESET), V.UNKNOWN),
    Fault(
        "26 zero window",
        Script(during=MUTE, ehlo_tls="250-relay\r\n250 AUTH PLAIN"),
        V.UNKNOWN,
        is_hasty=True,
        content=LARGE_CONTENT,
    ),
    Fault("27 drop after the dot", Script(content=DROP), V.UNKNOWN),
    Fault(
        "27 drop after the dot, taken",
        Script(content=Turn(end=End.DROP, takes=True)),
        V.UNKNOWN,
    ),
    Fault(
        "28 reset after the dot, taken",
        Script(content=Turn(end=End.RESET, takes=True)),
        V.UNKNOWN,
    ),
    Fault("29 mute after the dot", Script(content=MUTE), V.UNKNOWN, is_hasty=True),
    Fault(
        "30 late 250", Script(content=Turn(b"250", wait=1)), V.UNKNOWN, is_hasty=True
    ),
    Fault("31 content 451", Script(content="451 4.3.0 later"), V.DEFERRED),
    Fault("32 content 421", Script(content=say("421 bye", End.DROP)), V.DEFERRED),
    Fault("33 content 550", Script(content="550 5.7.1 spam"), V.REFUSED),
    Fault("34 250, then drop", Script(content=say("250 ok", End.DROP)), V.ACCEPTED),
    Fault(
        "content 250 cut short",
        Script(content=Turn(b"25", End.DROP, raw=True)),
        V.UNKNOWN,
    ),
    Fault("content 354", Script(content="354 go"), V.UNKNOWN),
    Fault("content 221", Script(content=say("221 bye", End.DROP)), V.UNKNOWN),
    # The end
    Fault("35 QUIT mute", Script(quit=MUTE), V.ACCEPTED, is_hasty=True),
    Fault("36 QUIT dropped", Script(quit=DROP), V.ACCEPTED),
    Fault("QUIT reset", Script(quit=RESET), V.ACCEPTED),
    # Syntax
    Fault("37 LF alone", Script(content=Turn(b"250 ok\n", raw=True)), V.ACCEPTED),
    Fault("38 Latin-1", Script(content=say("250 grüße".encode("latin-1"))), V.ACCEPTED),
    Fault("39 code alone", Script(content="250"), V.ACCEPTED),
    Fault("40 twenty lines", Script(content="250-ok\r\n" * 19 + "250 ok"), V.ACCEPTED),
    Fault("41 line of 5 kB", Script(content="250 " + "x" * 5000), V.ACCEPTED),
    Fault("42 endless line, content", Script(content=ENDLESS_LINE), V.UNKNOWN),
    Fault("42 endless line, RCPT", Script(rcpt=ENDLESS_LINE), ConnectionFailed),
    Fault("43 endless lines, content", Script(content=ENDLESS_LINES), V.UNKNOWN),
    Fault("43 endless lines, MAIL", Script(mail=ENDLESS_LINES), ConnectionFailed),
    Fault("44 999, content", Script(content="999 ?"), V.UNKNOWN),
    Fault("44 999, RCPT", Script(rcpt="999 ?"), ConnectionFailed),
    Fault("45 no code, content", Script(content="fine"), V.UNKNOWN),
    Fault("45 no code, RCPT", Script(rcpt="fine"), ConnectionFailed),
    Fault("46 NUL", Script(content=say(b"250 o\0k")), V.ACCEPTED),
    Fault("47 slow octets", Script(content=Turn(b"250 ok", drip=0.01)), V.ACCEPTED),
    Fault(
        "47 octets too slow",
        Script(content=Turn(b"250 ok" * 9, drip=0.1)),
        V.UNKNOWN,
        is_hasty=True,
    ),
    Fault("49 RCPT says too much", Script(rcpt="250 ok\r\n354 go"), ConnectionFailed),
    Fault("49 DATA says too much", Script(data="354 go\r\n250 ok"), V.DEFERRED),
    Fault("50 content says too much", Script(content="250 ok\r\n550 no"), V.ACCEPTED),
    # Capabilities
    Fault("51 no 8BITMIME, no SIZE", Script(ehlo_tls=BARE_EHLO), V.ACCEPTED),
    Fault("52 no SMTPUTF8", Script(), V.ACCEPTED, recipient="rita@straße.example"),
    Fault(
        "SIZE without a number",
        Script(ehlo_tls="250-relay\r\n250-SIZE\r\n250 AUTH PLAIN"),
        V.ACCEPTED,
    ),
    Fault(
        "SIZE 0, no limit",
        Script(ehlo_tls="250-relay\r\n250-SIZE 0\r\n250 AUTH PLAIN"),
        V.ACCEPTED,
    ),
]


@pytest.mark.parametrize("reads_ahead", [False, True], ids=["steps", "ahead"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_misbehaviour_becomes_the_right_word(fault: Fault, reads_ahead: bool) -> None:
    """Each fault has one verdict or one error, and the four promises hold."""
    mark = Mark()
    implicit = fault.security is Security.TLS
    with ScriptedSmtp(
        fault.script, certificate=fault.certificate, implicit_tls=implicit
    ) as server:
        smtp = relay(
            server,
            security=fault.security,
            user=fault.user,
            pipelining=reads_ahead,
        )
        smtp = hasty(smtp) if fault.is_hasty else smtp
        happened: Outcome | TransportError
        try:
            [happened] = sent(smtp, [parcel(fault.recipient, fault.content)], mark)
        except TransportError as error:
            happened = error

    assert _word(happened) == fault.expected
    _check_promises(happened, server, mark)


def _word(happened: Outcome | TransportError) -> Expected:
    return happened.verdict if isinstance(happened, Outcome) else type(happened)


def _check_promises(
    happened: Outcome | TransportError, server: ScriptedSmtp, mark: Mark
) -> None:
    """Assert what holds for every fault."""
    if isinstance(happened, TransportError):
        assert mark.asked == 0
        assert server.received == []
        assert happened.sentence.endswith(".")
        assert "geheim" not in happened.sentence
        return
    match happened.verdict:
        case Verdict.ACCEPTED:
            assert len(server.accepted) == 1
        case Verdict.DEFERRED | Verdict.REFUSED | Verdict.NOT_SENT:
            assert server.accepted == []
        case Verdict.UNKNOWN:
            assert mark.asked == 1
            assert any(line == "DATA" for line in server.commands)
    assert happened.reply is not None
    assert happened.reply.text.isprintable()
    assert len(happened.reply.text) <= 500
