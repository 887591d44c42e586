"""Faults before the first letter: greeting, EHLO, TLS, login."""

from __future__ import annotations

from typing import Final

from mailer.errors import (
    CertificateRefused,
    ConnectionFailed,
    LoginRefused,
    TransportBusy,
    TransportError,
)
from mailer.rendering.parcel import Verdict
from mailer.settings import Security
from tests.certificates import Certificate
from tests.faults.fault import Fault
from tests.servers import DROP, MUTE, RESET, End, Script, say

V = Verdict

GREETING: Final = (
    Fault(
        "01 greets with 554",
        Script(greeting="554 go away"),
        TransportError,
        "it refuses us, whoever the letter is for: the run ends, nobody is to blame",
    ),
    Fault(
        "02 greets with 421",
        Script(greeting=say("421 full", End.DROP)),
        TransportBusy,
        "it has no room now: try again later, nothing was marked",
    ),
    Fault(
        "03 does not greet",
        Script(greeting=MUTE),
        ConnectionFailed,
        "after the wait there is no server, and no letter has left",
        is_hasty=True,
    ),
    Fault(
        "04 closes at once",
        Script(greeting=DROP),
        ConnectionFailed,
        "no letter has left",
    ),
    Fault(
        "04 resets at once",
        Script(greeting=RESET),
        ConnectionFailed,
        "no letter has left",
    ),
    Fault(
        "greets with 3 kB",
        Script(greeting="220-" + "x" * 3000 + "\r\n220 x"),
        V.ACCEPTED,
        "a long greeting is rude, but a greeting",
    ),
)

EHLO: Final = (
    Fault(
        "05 answers EHLO with 500, and knows HELO",
        Script(ehlo="500 what?"),
        V.ACCEPTED,
        "RFC 5321, section 3.2, asks for HELO then; on this machine that is enough",
        security=Security.PLAIN,
        user="",
    ),
    Fault(
        "05 answers EHLO with 502 where TLS is asked for",
        Script(ehlo="502 no"),
        TransportError,
        "without EHLO there is no STARTTLS, and clear text is no way out",
    ),
    Fault(
        "answers EHLO with 550",
        Script(ehlo="550 not you"),
        TransportError,
        "it refuses us, not a recipient",
    ),
    Fault(
        "06 answers EHLO with 421",
        Script(ehlo=say("421 bye", End.DROP)),
        TransportBusy,
        "it hangs up for now: try again later",
    ),
    Fault(
        "07 answers EHLO with lines of different codes",
        Script(ehlo="250-relay\r\n550 no"),
        TransportError,
        "the last line counts, and it is a no",
    ),
)

TLS: Final = (
    Fault(
        "08 offers no STARTTLS any more",
        Script(ehlo="250-r\r\n250 AUTH PLAIN"),
        TransportError,
        "somebody may have cut it out: nothing is said in clear text",
    ),
    Fault(
        "09 answers STARTTLS with 454",
        Script(starttls="454 no TLS now"),
        TransportBusy,
        "later it may work; until then nothing is said in clear text",
    ),
    Fault(
        "10 says words before TLS that belong behind it",
        Script(starttls="220 go\r\n250-evil.example\r\n250 SIZE 1"),
        V.ACCEPTED,
        "what was said in clear text is thrown away: the forged limit did not count",
    ),
    Fault(
        "resets during the handshake",
        Script(starttls=say("220 go", End.RESET)),
        ConnectionFailed,
        "no letter has left",
    ),
    Fault(
        "hangs up during the handshake",
        Script(starttls=say("220 go", End.DROP)),
        ConnectionFailed,
        "no letter has left",
    ),
    *(
        Fault(
            f"{number} shows {what} ({security})",
            Script(),
            CertificateRefused,
            "it may be somebody else: neither password nor letter is given away",
            kind,
            security,
        )
        for number, what, kind in (
            (11, "another host's certificate", Certificate.WRONG_HOST),
            (12, "an expired certificate", Certificate.EXPIRED),
            (13, "a certificate of an unknown authority", Certificate.UNKNOWN_CA),
        )
        for security in (Security.STARTTLS, Security.TLS)
    ),
)

LOGIN: Final = (
    Fault(
        "14 answers the login with 535",
        Script(auth="535 5.7.8 wrong"),
        LoginRefused,
        "only a person can mend a password; trying again could lock the account",
    ),
    Fault(
        "answers the login with 534",
        Script(auth="534 5.7.9 too weak"),
        LoginRefused,
        "only a person can change how we log in",
    ),
    Fault(
        "15 answers the login with 454",
        Script(auth="454 4.7.0 later"),
        TransportBusy,
        "the password is not to blame: try again later (RFC 4954, section 6)",
    ),
    Fault(
        "hangs up at the login",
        Script(auth=DROP),
        ConnectionFailed,
        "no letter has left",
    ),
    Fault(
        "answers the login without a code",
        Script(auth="welcome"),
        ConnectionFailed,
        "that is no SMTP; a welcome would need 235",
    ),
    Fault(
        "offers no login",
        Script(ehlo_tls="250 relay"),
        LoginRefused,
        "we were told to log in, and cannot",
    ),
)
