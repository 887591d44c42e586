"""Faults around the content: before it, within it, after the final dot, at the end."""

from __future__ import annotations

from typing import Final

from mailer.rendering.parcel import Verdict
from tests.faults.fault import Fault
from tests.servers import DROP, MUTE, RESET, End, Script, Turn, say

V = Verdict

LARGE_CONTENT: Final = b"".join(b"%076d\r\n" % line for line in range(250_000))
"""About 20 MB, more than the buffers of two sockets."""

ENDLESS_LINE: Final = Turn(b"250 " + b"x" * 70_000, raw=True)

NOT_LEFT: Final = (
    "the mark was set, the content has not left: one more try costs nothing"
)
NOBODY_KNOWS: Final = (
    "part of the content or all of it had left, and nobody knows: doubt"
)

BEFORE: Final = (
    Fault(
        "23 answers DATA with 451", Script(data="451 4.3.0 later"), V.DEFERRED, NOT_LEFT
    ),
    Fault(
        "answers DATA with 554",
        Script(data="554 5.5.1 no valid recipients"),
        V.DEFERRED,
        "the recipient was taken, so it minds something else; " + NOT_LEFT,
    ),
    Fault(
        "answers DATA with 421",
        Script(data=say("421 bye", End.DROP)),
        V.DEFERRED,
        NOT_LEFT,
    ),
    Fault(
        "24 answers DATA with 250",
        Script(data="250 ok"),
        V.DEFERRED,
        "only 354 asks for a content; a 2yz in the wrong place is no success",
    ),
    Fault("hangs up at DATA", Script(data=DROP), V.DEFERRED, NOT_LEFT),
    Fault("resets at DATA", Script(data=RESET), V.DEFERRED, NOT_LEFT),
    Fault(
        "does not answer DATA", Script(data=MUTE), V.DEFERRED, NOT_LEFT, is_hasty=True
    ),
    Fault("answers DATA with 999", Script(data="999 ?"), V.DEFERRED, NOT_LEFT),
    Fault(
        "answers DATA with an endless line",
        Script(data=ENDLESS_LINE),
        V.DEFERRED,
        NOT_LEFT,
    ),
)

WITHIN: Final = (
    Fault(
        "25 hangs up in the midst of the content",
        Script(during=DROP),
        V.UNKNOWN,
        "it should have thrown the piece away, but nobody has said so: doubt",
    ),
    Fault(
        "25 resets in the midst of the content",
        Script(during=RESET),
        V.UNKNOWN,
        "what it had read is not known: doubt",
    ),
    Fault(
        "26 reads no more",
        Script(during=MUTE, ehlo_tls="250-relay\r\n250-PIPELINING\r\n250 AUTH PLAIN"),
        V.UNKNOWN,
        "the final dot may lie in its buffer: doubt",
        is_hasty=True,
        content=LARGE_CONTENT,
    ),
)

AFTER: Final = (
    Fault("27 hangs up after the dot", Script(content=DROP), V.UNKNOWN, NOBODY_KNOWS),
    Fault(
        "27 hangs up after the dot, and has taken the letter",
        Script(content=Turn(end=End.DROP, takes=True)),
        V.UNKNOWN,
        NOBODY_KNOWS,
    ),
    Fault(
        "28 resets after the dot, and has taken the letter",
        Script(content=Turn(end=End.RESET, takes=True)),
        V.UNKNOWN,
        NOBODY_KNOWS,
    ),
    Fault(
        "29 is silent after the dot",
        Script(content=MUTE),
        V.UNKNOWN,
        "the wait is ten minutes (RFC 5321, section 4.5.3.2.6); then it is a doubt",
        is_hasty=True,
    ),
    Fault(
        "30 says 250 too late",
        Script(content=Turn(b"250", wait=1)),
        V.UNKNOWN,
        "we had hung up and did not hear it: doubt, settled by one more copy",
        is_hasty=True,
    ),
    Fault(
        "31 answers the content with 451",
        Script(content="451 4.3.0 later"),
        V.DEFERRED,
        "a clear no for now: it holds nothing",
    ),
    Fault(
        "32 answers the content with 421",
        Script(content=say("421 bye", End.DROP)),
        V.DEFERRED,
        "a clear no for now, and it hangs up",
    ),
    Fault(
        "33 answers the content with 550",
        Script(content="550 5.7.1 spam"),
        V.REFUSED,
        "a clear no: it holds nothing; whether we are to blame, the ledger asks",
    ),
    Fault(
        "34 says 250 and hangs up",
        Script(content=say("250 ok", End.DROP)),
        V.ACCEPTED,
        "250 is its word (RFC 5321, section 6.1); how it leaves does not matter",
    ),
    Fault(
        "34 says 250 and resets",
        Script(content=say("250 ok", End.RESET)),
        V.ACCEPTED,
        "250 is its word, and it came before the line was cut",
    ),
    Fault(
        "hangs up within its 250",
        Script(content=Turn(b"25", End.DROP, raw=True)),
        V.UNKNOWN,
        "half a code is none: doubt",
    ),
    Fault(
        "answers the content with 354",
        Script(content="354 go"),
        V.UNKNOWN,
        "354 answers DATA: we talk past each other, after the content: doubt",
    ),
    Fault(
        "answers the content with 221",
        Script(content=say("221 bye", End.DROP)),
        V.UNKNOWN,
        "a good-bye is no answer to the content, though it begins with a 2: doubt",
    ),
)

GOOD_BYE: Final = (
    Fault(
        "35 does not answer QUIT",
        Script(quit=MUTE),
        V.ACCEPTED,
        "everything was settled before",
        is_hasty=True,
    ),
    Fault(
        "36 hangs up at QUIT",
        Script(quit=DROP),
        V.ACCEPTED,
        "everything was settled before",
    ),
    Fault(
        "resets at QUIT",
        Script(quit=RESET),
        V.ACCEPTED,
        "everything was settled before",
    ),
)
