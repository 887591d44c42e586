"""Faults in the form of replies, and replies that nobody asked for."""

from __future__ import annotations

from typing import Final

from mailer.errors import ConnectionFailed
from mailer.rendering.parcel import Verdict
from tests.faults.content import ENDLESS_LINE
from tests.faults.envelope import HERS
from tests.faults.fault import Fault
from tests.servers import Script, Turn, say

V = Verdict

ENDLESS_LINES: Final = Turn(b"250-noch eine Zeile\r\n" * 3_000, raw=True)

FORM: Final = (
    Fault(
        "37 ends its line with LF alone",
        Script(content=Turn(b"250 ok\n", raw=True)),
        V.ACCEPTED,
        "the code is clear",
    ),
    Fault(
        "38 answers in Latin-1",
        Script(content=say("250 grüße".encode("latin-1"))),
        V.ACCEPTED,
        "the code counts; the text is made printable before it reaches a database",
    ),
    Fault(
        "39 answers with a code alone",
        Script(content="250"),
        V.ACCEPTED,
        "RFC 5321, section 4.2, wants clients to take it",
    ),
    Fault(
        "40 answers in twenty lines",
        Script(content="250-ok\r\n" * 19 + "250 ok"),
        V.ACCEPTED,
        "a reply may have many lines",
    ),
    Fault(
        "41 answers with a line of 5 kB",
        Script(content="250 " + "x" * 5000),
        V.ACCEPTED,
        "longer than allowed, and clear; 500 characters of it are kept",
    ),
    Fault(
        "42 answers the content with an endless line",
        Script(content=ENDLESS_LINE),
        V.UNKNOWN,
        "we stop reading, and its word is not known: doubt",
    ),
    Fault(
        "42 answers RCPT with an endless line",
        Script(rcpt=ENDLESS_LINE),
        V.DEFERRED,
        HERS,
    ),
    Fault(
        "43 answers the content with endless lines",
        Script(content=ENDLESS_LINES),
        V.UNKNOWN,
        "we stop reading, and its word is not known: doubt",
    ),
    Fault(
        "43 answers MAIL with endless lines",
        Script(mail=ENDLESS_LINES),
        ConnectionFailed,
        "we stop reading; no letter has left",
    ),
    Fault(
        "44 answers the content with 999",
        Script(content="999 ?"),
        V.UNKNOWN,
        "there is no such code, and the content had left: doubt",
    ),
    Fault(
        "44 answers RCPT with 999",
        Script(rcpt="999 ?"),
        V.DEFERRED,
        HERS,
    ),
    Fault(
        "45 answers the content without a code",
        Script(content="fine"),
        V.UNKNOWN,
        "that is no SMTP, and the content had left: doubt",
    ),
    Fault(
        "45 answers RCPT without a code",
        Script(rcpt="fine"),
        V.DEFERRED,
        HERS,
    ),
    Fault(
        "46 answers with a NUL",
        Script(content=say(b"250 o\0k")),
        V.ACCEPTED,
        "the code counts; PostgreSQL would refuse the text, so it is cleaned first",
    ),
    Fault(
        "47 answers octet by octet",
        Script(content=Turn(b"250 ok", drip=0.01)),
        V.ACCEPTED,
        "slow is not wrong",
    ),
    Fault(
        "47 answers octet by octet, and too slowly",
        Script(content=Turn(b"250 ok" * 9, drip=0.1)),
        V.UNKNOWN,
        "the wait is for the whole answer, so it ends: doubt",
        is_hasty=True,
    ),
)

UNASKED: Final = (
    Fault(
        "49 says more than was asked at RCPT",
        Script(rcpt="250 ok\r\n354 go"),
        V.DEFERRED,
        "the rest would be taken for the answer to DATA: hang up before",
        or_in_doubt=True,
    ),
    Fault(
        "49 says more than was asked at DATA",
        Script(data="354 go\r\n250 ok"),
        V.DEFERRED,
        "that 250 would be taken for the answer to the content: it has not left",
    ),
    Fault(
        "50 says more than was asked after the content",
        Script(content="250 ok\r\n550 no"),
        V.ACCEPTED,
        "the first answer is the one to the content; the line is cut after it",
    ),
)
