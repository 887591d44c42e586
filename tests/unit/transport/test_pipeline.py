"""Envelopes that travel ahead: what the server hears, and what ends it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from mailer.errors import ContentUnsafe, SenderRefused, TransportBusy
from mailer.rendering.parcel import Content, Outcome, Parcel, Verdict
from mailer.transport.smtp import SmtpTransport
from subscribers import failpoints
from subscribers.address import EmailAddress
from tests.servers import DROP, MUTE, RESET, End, Script, ScriptedSmtp, Turn, say
from tests.wire import CONTENT, Mark, hasty, parcel, relay, sent, then, until

if TYPE_CHECKING:
    from collections.abc import Sequence

V = Verdict

GONE = "weg@ort.example"
THREE = [parcel(f"{name}@ort.example") for name in ("ada", "bea", "cleo")]


def ahead(
    script: Script, parcels: Sequence[Parcel], mark: Mark | None = None
) -> tuple[list[Verdict], ScriptedSmtp]:
    """Send *parcels* to a server with *script*; return verdicts and the server."""
    with ScriptedSmtp(script) as server:
        outcomes = sent(hasty(relay(server, pipelining=True)), parcels, mark)
    return [one.verdict for one in outcomes], server


def verbs(server: ScriptedSmtp) -> list[str]:
    """Return what was said after the login, without arguments."""
    words = [line.split()[0] for line in server.commands]
    return words[words.index("AUTH") + 1 :]


def recipients(server: ScriptedSmtp) -> list[str]:
    """Return to whom the server has taken letters."""
    return [one.recipient for one in server.accepted]


def test_letters_arrive_unchanged_over_one_connection() -> None:
    """Dots and all; each has an envelope of its own."""
    verdicts, server = ahead(Script(), THREE)

    assert verdicts == [V.ACCEPTED] * 3
    assert [one.content for one in server.accepted] == [CONTENT] * 3
    assert recipients(server) == [one.recipient.text for one in THREE]
    assert verbs(server) == ["MAIL", "RCPT", "DATA"] * 3 + ["QUIT"]
    assert server.connections == 1


def test_the_next_envelope_is_there_before_the_answer() -> None:
    """While the server thinks about a letter, it holds the next envelope already."""
    heard: list[int] = []

    async def story(server: ScriptedSmtp) -> None:
        transport = SmtpTransport(relay(server, pipelining=True))
        first, second, _ = THREE

        async def mark_of_second() -> bool:
            heard.append(len(server.accepted))
            return True

        await transport.send(first, Mark(), then(second))
        # The server reads the envelope although nobody has asked for it yet.
        await until(lambda: verbs(server) == ["MAIL", "RCPT", "DATA"] * 2)
        await transport.send(second, mark_of_second)
        await transport.close()

    with ScriptedSmtp() as server:
        asyncio.run(story(server))

    assert heard == [1], "the content waits for the answer to the one before"


@pytest.mark.parametrize("reply", ["503 5.5.1 no valid recipients", "354 go"])
def test_a_refused_recipient_gets_no_content(reply: str) -> None:
    """A server that says 354 all the same is never sent a lone dot."""
    script = Script(rcpt={GONE: "550 5.1.1 unknown"}, data_in_vain=reply)
    verdicts, server = ahead(script, [THREE[0], parcel(GONE), THREE[1]])

    assert verdicts == [V.ACCEPTED, V.REFUSED, V.ACCEPTED]
    assert recipients(server) == ["ada@ort.example", "bea@ort.example"]
    assert len(server.received) == 2
    is_waiting = reply.startswith("354")
    assert server.connections == (2 if is_waiting else 1)
    assert ("RSET" in verbs(server)) != is_waiting


def test_what_may_not_leave_ends_the_connection() -> None:
    """The server has said 354; a lone dot would deliver an empty letter."""
    with ScriptedSmtp() as server:
        mark = Mark(answer=False)
        outcomes = sent(relay(server, pipelining=True), THREE, mark)

    assert outcomes == [Outcome(V.NOT_SENT)] * 3
    assert mark.asked == 3
    assert server.received == []
    assert server.connections == 3


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            Script(mail=["250 ok", say("421 enough", End.DROP), "250 ok"]), id="421"
        ),
        pytest.param(Script(mail=["250 ok", DROP, "250 ok"]), id="dropped at MAIL"),
        pytest.param(Script(rcpt=["250 ok", RESET, "250 ok"]), id="reset at RCPT"),
        pytest.param(
            Script(content=[say("250 ok", End.DROP), "250 ok"]), id="dropped after 250"
        ),
        pytest.param(Script(mail=["250 ok", "503 ?", "250 ok"]), id="503"),
        pytest.param(Script(mail=["250 ok", MUTE, "250 ok"]), id="not heard ahead"),
        pytest.param(
            Script(content=["250 ok\r\n250 and more", "250 ok"]), id="says too much"
        ),
    ],
)
def test_what_ends_between_two_letters_costs_no_letter(script: Script) -> None:
    """The next one is begun anew on another connection, and sent once."""
    verdicts, server = ahead(script, THREE)

    assert verdicts == [V.ACCEPTED] * 3
    assert recipients(server) == [one.recipient.text for one in THREE]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("451 4.3.0 later", V.DEFERRED),
        ("550 5.7.1 spam", V.REFUSED),
        (say("421 bye", End.DROP), V.DEFERRED),
        (DROP, V.UNKNOWN),
        (Turn(end=End.RESET, takes=True), V.UNKNOWN),
        (MUTE, V.UNKNOWN),
    ],
)
def test_an_answer_belongs_to_its_letter(answer: Turn | str, verdict: Verdict) -> None:
    """Whatever becomes of one letter, the one announced behind it is sent once."""
    script = Script(content=["250 ok", answer, "250 ok"])
    verdicts, server = ahead(script, THREE)

    assert verdicts == [V.ACCEPTED, verdict, V.ACCEPTED]
    sent_to = [one.recipient for one in server.accepted if one.recipient[0] in "ac"]
    assert sent_to == ["ada@ort.example", "cleo@ort.example"]


def test_who_cannot_read_ahead_is_spoken_to_step_by_step() -> None:
    """After one answer out of step, for good."""
    script = Script(mail=["250 ok", "503 ?", "250 ok"])
    marked: list[list[str]] = []

    async def story(server: ScriptedSmtp) -> None:
        transport = SmtpTransport(relay(server, pipelining=True))

        async def mark() -> bool:
            marked.append(verbs(server)[-1:])
            return True

        for one in THREE:
            await transport.send(one, mark)
        await transport.close()

    with ScriptedSmtp(script) as server:
        asyncio.run(story(server))

    assert marked == [["DATA"], ["RCPT"], ["RCPT"]]


def test_a_connection_lost_while_the_ledger_writes_is_no_doubt() -> None:
    """The server says 354 and goes away during the mark: no content has left."""

    async def slow() -> bool:
        await until(lambda: server.connections_open == 0)
        return True

    async def story() -> Outcome:
        transport = SmtpTransport(relay(server, pipelining=True))
        return await transport.send(THREE[0], slow)

    with ScriptedSmtp(Script(data=say("354 go", End.DROP))) as server:
        outcome = asyncio.run(story())

    assert outcome.verdict is V.DEFERRED
    assert server.received == []


@pytest.mark.parametrize("reads_ahead", [True, False])
def test_an_answer_that_has_come_counts_however_late_we_look(reads_ahead: bool) -> None:
    """The loop may stand still for longer, as for a commit on a sick disk."""

    def stand_still() -> None:
        time.sleep(0.5)  # longer than *hasty* waits; the server answers meanwhile

    def soon(place: str) -> None:
        if place == "content.after":
            asyncio.get_running_loop().call_soon(stand_still)

    with ScriptedSmtp() as server, failpoints.armed(soon):
        outcomes = sent(hasty(relay(server, pipelining=reads_ahead)), THREE)

    assert [one.verdict for one in outcomes] == [V.ACCEPTED] * 3
    assert len(server.received) == 3
    assert server.connections == 1


@pytest.mark.parametrize("offers", [True, False])
def test_nothing_travels_ahead_unless_it_is_offered_and_wanted(offers: bool) -> None:
    """The switch is for diagnosis; EHLO decides otherwise."""
    quiet = "250-relay\r\n250 AUTH PLAIN"
    script = Script() if offers else Script(ehlo_tls=quiet)
    seen: list[list[str]] = []

    async def mark() -> bool:
        seen.append(verbs(server))
        return True

    async def story() -> None:
        transport = SmtpTransport(relay(server, pipelining=not offers))
        await transport.send(THREE[0], mark, then(THREE[1]))
        await transport.close()

    with ScriptedSmtp(script) as server:
        asyncio.run(story())

    assert seen == [["MAIL", "RCPT"]]


def test_another_letter_than_the_announced_one_is_begun_anew() -> None:
    """The envelope that is open belongs to somebody else: no content follows it."""

    async def story(server: ScriptedSmtp) -> None:
        transport = SmtpTransport(relay(server, pipelining=True))
        ada, bea, cleo = THREE
        await transport.send(ada, Mark(), then(bea))
        await transport.send(cleo, Mark())
        await transport.close()

    with ScriptedSmtp() as server:
        asyncio.run(story(server))

    assert recipients(server) == ["ada@ort.example", "cleo@ort.example"]
    assert len(server.received) == 2
    assert server.connections == 2


def test_a_stop_after_an_announcement_hangs_up() -> None:
    """Nobody says QUIT to a server that waits for a content."""

    async def story(server: ScriptedSmtp) -> None:
        transport = SmtpTransport(relay(server, pipelining=True))
        await transport.send(THREE[0], Mark(), then(THREE[1]))
        await transport.close()
        await until(lambda: server.connections_open == 0)

    with ScriptedSmtp() as server:
        asyncio.run(story(server))

    assert "QUIT" not in verbs(server)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "upcoming",
    [
        parcel(content=b"x" * 70 + b"\r\n" * 200_000),
        Parcel(
            EmailAddress.parse("mia@stadt.example"),
            EmailAddress("rita", "rita@ort.example> NOTIFY=NEVER", "rita"),
            Content.whole(CONTENT),
        ),
    ],
    ids=["too large", "no address"],
)
def test_what_will_be_refused_is_not_announced(upcoming: Parcel) -> None:
    """The gates stand before an envelope that travels ahead, too."""
    small = "250-relay\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250 AUTH PLAIN"
    verdicts, server = ahead(Script(ehlo_tls=small), [THREE[0], upcoming, THREE[1]])

    assert verdicts == [V.ACCEPTED, V.REFUSED, V.ACCEPTED]
    assert sum(line.startswith("MAIL") for line in server.commands) == 2


def test_what_may_not_leave_is_not_announced() -> None:
    """A content that no gate lets through has no envelope, and spoils no line."""
    unsafe = parcel("bea@ort.example", b"Subject: x\r\n\r\nbare\n.\r\n")

    async def story(server: ScriptedSmtp) -> None:
        transport = SmtpTransport(relay(server, pipelining=True))
        await transport.send(THREE[0], Mark(), then(unsafe))
        with pytest.raises(ContentUnsafe):
            await transport.send(unsafe, Mark())
        await transport.send(THREE[2], Mark())
        await transport.close()

    with ScriptedSmtp() as server:
        asyncio.run(story(server))

    assert verbs(server) == ["MAIL", "RCPT", "DATA"] * 2 + ["QUIT"]
    assert recipients(server) == ["ada@ort.example", "cleo@ort.example"]


def test_the_null_path_is_tried_once_a_connection() -> None:
    """Who refuses it hears our own address, and hears it first from then on."""
    script = Script(mail=["550 5.7.60 not yours", "250 ok"])
    silent = [one._replace(wants_no_report=True) for one in THREE]
    verdicts, server = ahead(script, silent)

    assert verdicts == [V.ACCEPTED] * 3
    paths = [line.split()[1] for line in server.commands if line.startswith("MAIL")]
    assert paths == ["FROM:<>", *["FROM:<mia@stadt.example>"] * 3]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (Script(mail="550 5.7.1 not your address"), SenderRefused),
        (Script(mail=say("421 full", End.DROP)), TransportBusy),
    ],
)
def test_a_new_connection_that_refuses_us_ends_the_run(
    script: Script, error: type[Exception]
) -> None:
    """Trying again would hear the same; nobody was marked."""
    mark = Mark()
    with pytest.raises(error):
        ahead(script, THREE, mark)
    assert mark.asked == 0
