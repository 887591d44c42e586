"""Every way in which an SMTP server is known to go wrong happens here.

The rows stand in ``tests/faults``, with what must come of each and why. Whatever the
row, and whatever else a server may think of, four things hold (see `_check_promises`):
accepted means the server took it; refused and deferred mean that it did not; an error
means that nothing was marked and nothing sent; and doubt is told only where the content
had left.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import fields, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailer.errors import TransportError
from mailer.rendering.parcel import Outcome, Verdict
from mailer.settings import Security
from mailer.transport.smtp import SmtpTransport
from tests.faults.page import FAULTS
from tests.servers import End, Script, ScriptedSmtp, Turn
from tests.wire import Mark, hasty, parcel, relay, sent, then

if TYPE_CHECKING:
    from mailer.rendering.parcel import Parcel
    from mailer.settings import Smtp
    from tests.faults.fault import Expected, Fault

BOTH_WAYS = pytest.mark.parametrize(
    "reads_ahead", [False, True], ids=["steps", "ahead"]
)

GOOD = Script(during=Turn())
"""A good server, in whose content something can happen."""

STAGES = ("mail", "rcpt", "data", "during", "content")
"""Where a fault can be that meets one letter and spares the next."""


NO_STAGES = {"during_octets", "rcpt_default"}
CODES = st.one_of(st.sampled_from([220, 250, 354, 421, 550]), st.integers(0, 999))
MARKS = st.sampled_from([b" ", b"-", b"", b"\r\n", b"\t"])


def stages(fault: Fault) -> list[str]:
    """Return the stages of a letter in which *fault* happens."""
    said = {stage: getattr(fault.script, stage) for stage in STAGES}
    return [
        stage
        for stage, step in said.items()
        if step is not None and step != getattr(GOOD, stage)
    ]


@BOTH_WAYS
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_misbehaviour_becomes_the_right_word(fault: Fault, reads_ahead: bool) -> None:
    """Each fault has one verdict or one error, and the four promises hold."""
    mark = Mark()
    implicit = fault.security is Security.TLS
    with ScriptedSmtp(
        fault.script, certificate=fault.certificate, implicit_tls=implicit
    ) as server:
        smtp = _smtp(fault, server, reads_ahead=reads_ahead)
        happened: Outcome | TransportError
        try:
            [happened] = sent(smtp, [parcel(fault.recipient, fault.content)], mark)
        except TransportError as error:
            happened = error

    assert _word(happened) in _expected(fault, reads_ahead=reads_ahead)
    _check_promises(happened, server, mark)


@BOTH_WAYS
@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if stages(one)], ids=lambda fault: fault.name
)
def test_a_misbehaviour_amidst_letters_touches_no_other(
    fault: Fault, reads_ahead: bool
) -> None:
    """The letters around it arrive once; its own word is as true as alone."""
    parcels = [parcel(f"{name}@ort.example") for name in ("ada", "bea", "cleo")]
    with ScriptedSmtp(_second_time(fault)) as server:
        smtp = _smtp(fault, server, reads_ahead=reads_ahead)
        first, second, third = asyncio.run(_patiently(smtp, parcels))

    held = Counter(one.recipient for one in server.accepted)
    assert (first.verdict, third.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert held["ada@ort.example"] == held["cleo@ort.example"] == 1
    match second.verdict:
        case Verdict.ACCEPTED:
            assert held["bea@ort.example"] == 1
        case Verdict.UNKNOWN:
            assert held["bea@ort.example"] <= 1
            assert Verdict.UNKNOWN in _expected(fault, reads_ahead=reads_ahead)
        case _:
            assert held["bea@ort.example"] == 0
            assert fault.expected is second.verdict


@given(
    stage=st.sampled_from(sorted({one.name for one in fields(Script)} - NO_STAGES)),
    turn=st.builds(
        Turn,
        reply=st.one_of(
            st.binary(max_size=12),
            st.builds(b"%03d%b%b".__mod__, st.tuples(CODES, MARKS, st.binary())),
        ),
        end=st.sampled_from([End.STAY, End.DROP, End.RESET]),
        raw=st.booleans(),
    ),
    reads_ahead=st.booleans(),
)
def test_whatever_a_server_says_the_promises_hold(
    stage: str, turn: Turn, reads_ahead: bool
) -> None:
    """Any octets, at any moment: a true word, or an error that is one of ours."""
    # Who says yes amidst a content tells a lie that no client sees.
    assume(stage != "during" or not turn.accepts)
    mark = Mark()
    changes: dict[str, Any] = {stage: turn}
    with ScriptedSmtp(replace(Script(), **changes)) as server:
        smtp = hasty(relay(server, pipelining=reads_ahead))
        happened: Outcome | TransportError
        try:
            [happened] = sent(smtp, [parcel()], mark)
        except TransportError as error:
            happened = error

    _check_promises(happened, server, mark)


def _expected(fault: Fault, *, reads_ahead: bool) -> set[Expected]:
    """Return what may come of *fault*, on this way of talking."""
    doubt = {Verdict.UNKNOWN} if fault.or_in_doubt and reads_ahead else set()
    return {fault.expected, *doubt}


def _smtp(fault: Fault, server: ScriptedSmtp, *, reads_ahead: bool) -> Smtp:
    smtp = relay(
        server, security=fault.security, user=fault.user, pipelining=reads_ahead
    )
    return hasty(smtp) if fault.is_hasty else smtp


def _second_time(fault: Fault) -> Script:
    """Return the script of *fault*, which meets the second letter alone."""
    changes: dict[str, Any] = {
        stage: [
            getattr(GOOD, stage),
            getattr(fault.script, stage),
            getattr(GOOD, stage),
        ]
        for stage in stages(fault)
    }
    return replace(fault.script, **changes)


async def _patiently(smtp: Smtp, parcels: list[Parcel]) -> list[Outcome]:
    """Send *parcels*; an error about the server ends one try of a letter, not both."""
    transport = SmtpTransport(smtp)
    outcomes = []
    for each, upcoming in zip_longest(parcels, parcels[1:]):
        mark = Mark()
        try:
            outcome = await transport.send(each, mark, then(upcoming))
        except TransportError:
            assert mark.asked == 0
            outcome = await transport.send(each, mark, then(upcoming))
        outcomes.append(outcome)
    await transport.close()
    return outcomes


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
