"""Faults of the envelope: MAIL, RCPT, and what a server cannot do."""

from __future__ import annotations

from typing import Final

from mailer.errors import (
    ConnectionFailed,
    LoginRefused,
    SenderRefused,
    TransportBusy,
)
from mailer.rendering.parcel import Verdict
from tests.faults.fault import Fault
from tests.servers import DROP, MUTE, End, Script, say

V = Verdict

AHEAD: Final = "250-relay\r\n250-PIPELINING"
"""What a server says at least to those who read ahead."""

HERS: Final = "it may be for this name alone, so she waits; three in a row end the run"

SENDER: Final = (
    Fault(
        "16 answers MAIL with 421",
        Script(mail=say("421 bye", End.DROP)),
        TransportBusy,
        "it hangs up for now; no letter is to blame",
    ),
    Fault(
        "answers MAIL with 451",
        Script(mail="451 later"),
        TransportBusy,
        "no recipient was named yet, so it is about us: later",
    ),
    Fault(
        "answers MAIL with 550",
        Script(mail="550 5.7.1 not your address"),
        SenderRefused,
        "it minds our address: every letter would meet the same, the run ends",
    ),
    Fault(
        "answers MAIL with 530",
        Script(mail="530 5.7.0 log in first"),
        LoginRefused,
        "it wants a login (RFC 4954, section 6)",
    ),
    Fault(
        "hangs up at MAIL", Script(mail=DROP), ConnectionFailed, "no letter has left"
    ),
    Fault(
        "answers MAIL with 354",
        Script(mail="354 go"),
        ConnectionFailed,
        "354 answers DATA: we talk past each other",
    ),
    Fault(
        "answers MAIL with 503",
        Script(mail="503 bad sequence"),
        ConnectionFailed,
        "it thinks that we are somewhere else: a new connection may help",
    ),
    Fault(
        "17 answers MAIL with its SIZE with 552",
        Script(mail="552 5.3.4 too big"),
        V.REFUSED,
        "this letter is too large for it (RFC 1870, section 6.1), others may not be",
    ),
    Fault(
        "17 answers MAIL with 552 where no size was said",
        Script(ehlo_tls=AHEAD + "\r\n250 AUTH PLAIN", mail="552 5.2.2 full"),
        SenderRefused,
        "without a size it cannot mean the letter, so it means us",
    ),
    Fault(
        "18 offers a SIZE smaller than the letter",
        Script(ehlo_tls=AHEAD + "\r\n250-SIZE 20\r\n250 AUTH PLAIN"),
        V.REFUSED,
        "it is known before a word is said (RFC 1870, section 6.2)",
    ),
)

RECIPIENT: Final = (
    Fault(
        "19 answers RCPT with 450, greylisting",
        Script(rcpt="450 4.2.0 greylisted"),
        V.DEFERRED,
        "it asks us to come back",
    ),
    Fault(
        "20 answers RCPT with 550 5.1.1",
        Script(rcpt="550 5.1.1 unknown"),
        V.REFUSED,
        "the mailbox does not exist; the server's words are kept",
    ),
    Fault(
        "21 answers RCPT with 421",
        Script(rcpt=say("421 bye", End.DROP)),
        V.DEFERRED,
        HERS,
    ),
    Fault(
        "22 answers RCPT with 251",
        Script(rcpt="251 will forward"),
        V.ACCEPTED,
        "it takes the letter and will forward it (RFC 5321, section 3.4)",
    ),
    Fault(
        "54 answers RCPT with 452",
        Script(rcpt="452 4.5.3 too many"),
        V.DEFERRED,
        "too many for now",
    ),
    Fault(
        "answers RCPT with 552",
        Script(rcpt="552 5.2.2 mailbox full"),
        V.DEFERRED,
        "RFC 5321, section 4.5.3.1.10, wants it taken for 452; mailboxes get emptied",
    ),
    Fault(
        "answers RCPT with 530",
        Script(rcpt="530 5.7.0 log in first"),
        LoginRefused,
        "it wants a login; the recipient is not to blame",
    ),
    Fault(
        "answers RCPT with 503",
        Script(rcpt="503 need MAIL"),
        V.DEFERRED,
        HERS,
    ),
    Fault("hangs up at RCPT", Script(rcpt=DROP), V.DEFERRED, HERS),
    Fault("does not answer RCPT", Script(rcpt=MUTE), V.DEFERRED, HERS, is_hasty=True),
)

CAPABILITY: Final = (
    Fault(
        "51 offers neither 8BITMIME nor SIZE",
        Script(ehlo_tls=AHEAD + "\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
        V.ACCEPTED,
        "all our letters are 7-bit, and neither word is said to it",
    ),
    Fault(
        "52 offers no SMTPUTF8",
        Script(),
        V.ACCEPTED,
        "a domain with umlauts travels in ASCII (RFC 5890); local parts have none",
        recipient="rita@straße.example",
    ),
    Fault(
        "offers SIZE without a number",
        Script(ehlo_tls=AHEAD + "\r\n250-SIZE\r\n250 AUTH PLAIN"),
        V.ACCEPTED,
        "no limit is named (RFC 1870, section 4)",
    ),
    Fault(
        "offers SIZE 0",
        Script(ehlo_tls=AHEAD + "\r\n250-SIZE 0\r\n250 AUTH PLAIN"),
        V.ACCEPTED,
        "zero means no fixed limit (RFC 1870, section 4)",
    ),
)
