"""RFC 5321, sections 3.2, 3.8, 4.2 and 4.5.3: the dialogue and its replies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.parcel import Verdict
from mailer.settings import Security
from mailer.transport.replies import Meaning, Stage, meaning
from tests.servers import DROP, End, Script, ScriptedSmtp, say
from tests.wire import Mark, parcel, relay, sent

UNKNOWN_CODES: Final = st.integers(200, 599).filter(lambda code: code % 100 >= 60)
"""Codes that the document does not list."""


@given(UNKNOWN_CODES)
def test_unknown_codes_go_by_their_first_digit(code: int) -> None:
    """Section 4.2: a sender must handle codes it does not know by the first digit."""
    by_digit = {
        2: Meaning.GO_ON,
        3: Meaning.OUT_OF_STEP,
        4: Meaning.LATER,
        5: Meaning.NEVER,
    }
    assert meaning(code, Stage.CONTENT) is by_digit[code // 100]
    assert meaning(code, Stage.RECIPIENT) is by_digit[code // 100]


@given(st.integers(0, 999).filter(lambda code: not 200 <= code <= 599))
def test_codes_out_of_range_end_the_transaction(code: int) -> None:
    """Section 4.2: a first digit other than 2 to 5 is a fatal error."""
    assert all(meaning(code, stage) is Meaning.OUT_OF_STEP for stage in Stage)


@pytest.mark.parametrize("text", ["", " ", " 5.1.1 refused", " 550 no", " \u2603"])
def test_the_text_decides_nothing(text: str) -> None:
    """Section 4.2: actions follow the code alone; any text will do, even none."""
    with ScriptedSmtp(Script(content=f"250{text}")) as server:
        [outcome] = sent(relay(server), [parcel()])

    assert outcome.verdict is Verdict.ACCEPTED


def test_a_reply_of_many_lines_is_one_reply() -> None:
    """Section 4.2.1: a hyphen after the code means that more lines follow."""
    script = Script(content="250-one\r\n250-two\r\n250 three")
    with ScriptedSmtp(script) as server:
        first, second = sent(relay(server), [parcel()] * 2)

    assert first == second
    assert first.reply is not None
    assert first.reply.text == "one two three"


def test_552_to_a_recipient_is_not_for_ever() -> None:
    """Section 4.5.3.1.10: clients should take it for temporary there."""
    assert meaning(552, Stage.RECIPIENT) is Meaning.LATER
    assert meaning(552, Stage.CONTENT) is Meaning.NEVER


@pytest.mark.parametrize("refusal", ["500 what?", "502 not here"])
def test_helo_is_said_to_who_does_not_know_ehlo(refusal: str) -> None:
    """Section 3.2: after "command not recognised" the client falls back."""
    with ScriptedSmtp(Script(ehlo=refusal)) as server:
        smtp = relay(server, security=Security.PLAIN, user="")
        [outcome] = sent(smtp, [parcel()])

    assert outcome.verdict is Verdict.ACCEPTED
    assert server.commands[:3] == [
        "EHLO mia.stadt.example",
        "HELO mia.stadt.example",
        "MAIL FROM:<mia@stadt.example>",
    ]


def test_every_dialogue_ends_with_quit() -> None:
    """Section 4.1.1.10: the client says QUIT before it closes."""
    with ScriptedSmtp() as server:
        sent(relay(server), [parcel()])

    assert server.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(data=DROP), id="before the content"),
        pytest.param(Script(data=say("421 stopping", End.DROP)), id="with 421"),
    ],
)
def test_a_lost_connection_counts_as_451(script: Script) -> None:
    """Section 3.8: a close out of turn is treated as "try again later"."""
    with ScriptedSmtp(script) as server:
        [outcome] = sent(relay(server), [parcel()])

    assert outcome.verdict is Verdict.DEFERRED


def test_whoever_says_250_owns_the_message() -> None:
    """Sections 4.2.5 and 6.1: 2yz takes responsibility, 4yz and 5yz leave it here."""
    script = Script(content=["250 mine", "451 yours for now", "554 yours"])
    with ScriptedSmtp(script) as server:
        outcomes = sent(relay(server), [parcel()] * 3)

    assert [outcome.verdict for outcome in outcomes] == [
        Verdict.ACCEPTED,
        Verdict.DEFERRED,
        Verdict.REFUSED,
    ]
    assert len(server.accepted) == 1


def test_each_step_has_its_own_wait() -> None:
    """Section 4.5.3.2: a short wait for commands does not shorten the last one."""
    script = Script(content=replace(say("250 done"), wait=0.6))
    with ScriptedSmtp(script) as server:
        smtp = replace(relay(server), command_timeout=timedelta(seconds=0.3))
        mark = Mark()
        [outcome] = sent(smtp, [parcel()], mark)

    assert outcome.verdict is Verdict.ACCEPTED
    assert mark.asked == 1
