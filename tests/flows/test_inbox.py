"""``mia inbox``: mail comes in by a pipe, a server or a Maildir, and has its effect."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cli import mia as command
from mailer.commands.front import Front
from mailer.errors import ExitCode
from mailer.inbound.models import Incoming
from mailer.inbound.reading import MAX_BYTES
from mailer.outbox.models import Delivery
from subscribers.models import Mailbox
from tests.conftest import PRESENT
from tests.program import Program
from tests.servers import ScriptedSmtp
from tests.servers_imap import Act, Fault, ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database

INBOX = "mia@netz.example"

MEGABYTE: Final = 1024 * 1024

MOST_KILOBYTES: Final = 130 * 1024
"""The program needs 72 MB, the mail 25; what measures coverage needs some as well."""

MEASURED: Final = """
import os, sys
os.dup2(os.open(sys.argv[1], os.O_RDONLY), 0)
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs the program with a file as its input, and prints what it needed; small itself,
since what a process needed before it became another one counts as well."""


def letter(sender: str, body: str, *, subject: str = "", number: int = 1) -> bytes:
    """Return what a person writes."""
    return (
        f"Return-Path: <{sender}>\r\nFrom: Egon Muster <{sender}>\r\nTo: {INBOX}\r\n"
        f"Message-ID: <{number}.{sender}>\r\nSubject: {subject}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    ).encode()


QUESTION = letter(
    "rita@post.example", "Guten Tag, wo kann ich am Donnerstag parken? Rita"
)


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with a mailbox of its own, and no server yet."""
    _ = database
    environ = {
        "MIA_DATABASE_URL": database_url,
        "MIA_INBOX_ADDRESS": INBOX,
        "MIA_INBOX_MODE": "dedicated",
        "MIA_INBOX_PASSWORD": "geheim",
    }
    return Program(settings_file, environ)


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    """A server with an empty mailbox."""
    with ScriptedImap() as server:
        yield server


def with_mailbox(mia: Program, server: ScriptedImap, **more: str) -> Program:
    """Return the same program, reading from *server*."""
    place = {
        "MIA_INBOX_HOST": "127.0.0.1",
        "MIA_INBOX_PORT": str(server.port),
        "MIA_INBOX_SECURITY": "plain",
    }
    return Program(mia.config, {**mia.environ, **place, **more})


def ingest(mia: Program, content: bytes, *words: str) -> Result:
    """Hand *content* to the program, as a mail server does."""
    front = Front(environ={"MIA_NOW": PRESENT.isoformat(), **mia.environ})
    options = ("--config", str(mia.config), *words, "inbox", "ingest")
    return CliRunner().invoke(command, options, obj=front, input=content)


def owed(database: Database) -> list[tuple[str, str | None]]:
    """Return what is owed to whom."""
    with database.reading() as db:
        rows = db.execute(
            sa.select(Delivery.occasion, Mailbox.address)
            .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
            .order_by(Delivery.id)
        )
        return [(occasion.partition("/")[0], address) for occasion, address in rows]


def test_a_pipe_takes_a_wish(mia: Program, database: Database) -> None:
    """One question to confirm, also when the mail server tries twice."""
    wish = letter("egon@post.example", "anmelden")
    for _ in range(2):
        ended = ingest(mia, wish)
        assert (ended.exit_code, ended.stdout, ended.stderr) == (ExitCode.OK, "", "")
    assert owed(database) == [("confirmation", "egon@post.example")]


def test_a_pipe_keeps_what_nobody_can_read(mia: Program, database: Database) -> None:
    """Exit 0, since it is not the sender's fault; it waits for a person."""
    assert ingest(mia, b"\x00\xff" * 100).exit_code == ExitCode.OK
    (row,) = json.loads(mia.here("inbox", "list", "--json").stdout)
    assert row["is_waiting"] is True
    raw = mia.here("inbox", "show", str(row["number"]), "--raw").stdout_bytes
    assert raw == b"\x00\xff" * 100
    _ = database


def test_an_empty_pipe_is_taken(mia: Program) -> None:
    """A mail server that hands over nothing must not try for ever."""
    assert ingest(mia, b"").exit_code == ExitCode.OK


@pytest.mark.parametrize(
    "broken",
    [
        {"MIA_DATABASE_URL": "sqlite:////nirgends/mia.db"},
        {"MIA_POLICY_NEXT_DATES": "viele"},
        {"MIA_NOW": "gestern"},
    ],
    ids=["no database", "broken settings", "broken clock"],
)
def test_a_pipe_says_later_when_it_is_our_fault(
    mia: Program, broken: dict[str, str]
) -> None:
    """Every other code would send the mail back to the person."""
    wish = letter("egon@post.example", "anmelden")
    ended = ingest(Program(mia.config, {**mia.environ, **broken}), wish)
    assert ended.exit_code == ExitCode.TRY_AGAIN
    assert ended.stderr.startswith("Fehler: ")


def test_a_mailbox_is_read_and_the_answers_go_out(
    mia: Program, server: ScriptedImap, database: Database
) -> None:
    """Wish, question and note, each to its place; a second run finds nothing."""
    server.add(letter("egon@post.example", "Bitte anmelden", subject="anmelden"))
    server.add(QUESTION)
    with ScriptedSmtp() as relay:
        program = with_mailbox(mia, server).with_relay(relay)
        ended = program.here("inbox", "fetch", "--send")
        assert ended.exit_code == ExitCode.OK, ended.stderr
        assert "Neu: 1 Wunsch, 1 Mail für einen Menschen." in ended.stderr
        again = program.here("inbox", "fetch", "--send")
        assert "Nichts Neues." in again.stderr
    recipients = {one.recipient for one in relay.accepted}
    assert recipients == {
        "egon@post.example",
        "rita@post.example",
        "k_sommer@aschersleben.de",
    }
    assert server.contents() == []
    assert server.contents("mia-weitergeleitet") == [QUESTION]
    assert len(owed(database)) == 3


def test_mail_for_a_human_is_listed_until_the_coordinator_has_it(
    mia: Program, server: ScriptedImap
) -> None:
    """Then its content is gone; what remains says that it was forwarded."""
    server.add(QUESTION)
    program = with_mailbox(mia, server)
    program.here("inbox", "fetch")
    listed = program.here("inbox", "list").stdout
    assert "rita@post.example" in listed
    assert "für Menschen" in listed
    shown = program.here("inbox", "show", "1").stdout
    assert "wo kann ich am Donnerstag parken?" in shown
    with ScriptedSmtp() as relay:
        program.with_relay(relay).here("outbox", "send")
    assert "Es wartet nichts auf Sie." in program.here("inbox", "list").stderr
    assert "weitergeleitet" in program.here("inbox", "list", "--all").stdout
    assert "parken" not in program.here("inbox", "show", "1").stdout
    gone = program.here("inbox", "show", "1", "--raw")
    assert gone.exit_code == ExitCode.DATA


def test_a_shared_mailbox_is_only_looked_at(
    mia: Program, server: ScriptedImap, database: Database
) -> None:
    """The coordinator's mail is neither moved nor forwarded, nor answered."""
    wish = letter("egon@post.example", "anmelden")
    server.add(wish)
    server.add(QUESTION)
    program = with_mailbox(mia, server, MIA_INBOX_MODE="shared")
    ended = program.here("inbox", "fetch")
    assert ended.exit_code == ExitCode.OK
    assert "Was vor dem 16.11.2026 kam" in ended.stderr
    assert "Was vor dem" not in program.here("inbox", "fetch").stderr
    assert server.contents() == [wish, QUESTION]
    assert all(not stored.flags for stored in server.inbox.messages)
    assert owed(database) == [("confirmation", "egon@post.example")]


def test_a_maildir_is_read(mia: Program, database: Database, tmp_path: Path) -> None:
    """Where a mail server on the same machine leaves it."""
    for part in ("new", "cur", "tmp"):
        (tmp_path / "post" / part).mkdir(parents=True)
    file = tmp_path / "post" / "new" / "1.M1.host"
    file.write_bytes(letter("egon@post.example", "anmelden"))
    program = Program(mia.config, {**mia.environ, "MIA_INBOX_MAILDIR": "post"})
    assert program.here("inbox", "fetch").exit_code == ExitCode.OK
    assert not file.exists()
    assert owed(database) == [("confirmation", "egon@post.example")]


def test_what_the_server_does_not_give_is_asked_for_again(
    mia: Program, server: ScriptedImap
) -> None:
    """Exit 75: a later run has something to do."""
    server.add(QUESTION)
    server.faults = [Fault(r"UID FETCH 1 \(UID BODY", Act.REPLY, "NO broken")]
    ended = with_mailbox(mia, server).here("inbox", "fetch")
    assert ended.exit_code == ExitCode.TRY_AGAIN
    assert "war nicht zu bekommen („NO broken“" not in ended.stderr
    assert "war nicht zu bekommen" in ended.stderr


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (
            Fault("LOGIN", Act.REPLY, "NO [AUTHENTICATIONFAILED] nein"),
            ExitCode.CONFIGURATION,
            "[inbox] user",
        ),
        (Fault("EXAMINE", Act.REPLY, "NO nein"), ExitCode.CONFIGURATION, "Ordner"),
        (Fault("GREETING", Act.RAW, "* BYE later"), ExitCode.TRY_AGAIN, "Geduld"),
        (Fault("UID SEARCH", Act.DROP), ExitCode.UNAVAILABLE, "nichts verloren"),
    ],
)
def test_trouble_with_the_server_has_its_exit_code(
    mia: Program, server: ScriptedImap, fault: Fault, code: ExitCode, words: str
) -> None:
    """And a German sentence that says what to do."""
    server.faults = [Fault(fault.on, fault.act, fault.words)]
    ended = with_mailbox(mia, server).here("inbox", "fetch")
    assert ended.exit_code == code
    assert words in ended.stderr


@pytest.mark.parametrize("word", ["fetch", "watch"])
def test_without_a_mailbox_nothing_can_be_read(mia: Program, word: str) -> None:
    """The sentence names what to set."""
    ended = mia.here("inbox", word)
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "[inbox]" in ended.stderr


def test_a_person_ticks_off_what_she_has_seen_to(mia: Program) -> None:
    """Asked first, then its content goes; a second time there is nothing to do."""
    ingest(mia, b"\x00\xff" * 100)
    refused = mia.here("inbox", "done", "1", answer="nein\n")
    assert refused.exit_code == ExitCode.INTERRUPTED
    assert "Erledigt." in mia.here("inbox", "done", "1", "--yes").stderr
    assert "nichts mehr" in mia.here("inbox", "done", "1", "--yes").stderr
    assert "Es wartet nichts" in mia.here("inbox", "list").stderr
    assert mia.here("inbox", "done", "2", "--yes").exit_code == ExitCode.DATA


def test_foreign_text_cannot_command_the_terminal(mia: Program) -> None:
    """Escape sequences in a mail stay signs without power."""
    ingest(mia, QUESTION.replace(b"Guten Tag", b"\x1b[2Jweg"))
    assert "\x1b" not in mia.here("inbox", "show", "1").stdout


@pytest.mark.slow
@pytest.mark.parametrize("octets", [MAX_BYTES - 4_096, MAX_BYTES + MEGABYTE])
def test_a_large_mail_is_in_memory_once(
    mia: Program, tmp_path: Path, database: Database, octets: int
) -> None:
    """Read, or too large to be read: every byte is kept, and it is there once."""
    head, end = QUESTION.split(b"\r\n\r\n", 1)
    content = head + b"\r\n\r\n" + end * (octets // len(end))
    path = tmp_path / "mail"
    path.write_bytes(content)

    ended = mia.under(sys.executable, "-S", "-c", MEASURED, str(path)).run(
        "inbox", "ingest"
    )

    assert ended.returncode == ExitCode.OK, ended.stderr
    assert int(ended.stdout) <= MOST_KILOBYTES
    with database.reading() as db:
        assert db.scalars(sa.select(Incoming.raw)).one() == content[: MAX_BYTES + 1]


def test_watching_serves_what_comes_until_it_is_stopped(
    mia: Program, server: ScriptedImap
) -> None:
    """As a process of its own: a mail comes, the answer goes, SIGTERM ends it well."""
    with ScriptedSmtp() as relay:
        program = with_mailbox(mia, server).with_relay(relay)
        process = program.start("inbox", "watch", "--send")
        assert server.idling.acquire(timeout=60)
        server.add(letter("egon@post.example", "anmelden"))
        ends = time.monotonic() + 60
        while not relay.accepted and time.monotonic() < ends:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.OK, errors
    assert [one.recipient for one in relay.accepted] == ["egon@post.example"]
