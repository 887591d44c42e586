"""A life by mail alone, through a real Postfix: join, confirm, change, leave, bounce.

Egon has nothing but his mail program. He writes as he speaks; Postfix carries his
mails to the network's box and ours to his; nobody touches the database.
"""

from __future__ import annotations

import email
import smtplib  # noqa: TID251 - Egon's mail program
from email import policy
from typing import TYPE_CHECKING

import pytest

from mailer.errors import ExitCode
from tests import postfix
from tests.conftest import missing
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from subscribers.database import Database
    from tests.postfix import Postfix

MIA = "mia@mia.example"
EGON = "egon.fiedler@briefkasten.example"
EGON_NEW = "egon@neue-post.example"
COORDINATOR = "sommer@mia.example"
DEAD = f"weggezogen@{postfix.RELAYED_DOMAIN}"


@pytest.fixture
def far_away() -> Iterator[ScriptedSmtp]:
    """A server that knows nobody."""
    with ScriptedSmtp(Script(rcpt="550 5.1.1 unknown user")) as server:
        yield server


@pytest.fixture
def mta(far_away: ScriptedSmtp) -> Iterator[Postfix]:
    """Postfix with boxes for everybody in this story."""
    if not postfix.is_possible():
        missing("Postfix, started as root")
    boxes = (MIA, EGON, EGON_NEW, COORDINATOR)
    with postfix.running_postfix(*boxes, next_hop=far_away.port) as server:
        yield server


@pytest.fixture
def mia(
    settings_file: Path, database_url: str, database: Database, mta: Postfix
) -> Program:
    """The program with its own box at Postfix."""
    assert database.revision()
    environ = {
        "MIA_DATABASE_URL": database_url,
        "MIA_SMTP_HOST": "127.0.0.1",
        "MIA_SMTP_PORT": str(mta.port),
        "MIA_SMTP_SECURITY": "plain",
        "MIA_SMTP_RETURN_PATH": MIA,
        "MIA_SENDER_ADDRESS": MIA,
        "MIA_COORDINATOR_EMAIL": COORDINATOR,
        "MIA_INBOX_ADDRESS": MIA,
        "MIA_INBOX_MODE": "dedicated",
        "MIA_INBOX_MAILDIR": str(mta.box(MIA)),
    }
    return Program(settings_file, environ)


class MailProgram:
    """What Egon has: he writes, and he reads the newest mail in his box."""

    def __init__(self, mta: Postfix, mia: Program, address: str) -> None:
        self.mta = mta
        self.mia = mia
        self.address = address
        self.read = 0
        self.written = len(mta.mails(MIA))

    def write(
        self, body: str, *, subject: str = "", answers: EmailMessage | None = None
    ) -> None:
        """Send a mail to the network, and let the program read its box once."""
        lines = [f"From: Egon Fiedler <{self.address}>", f"To: {MIA}"]
        if answers is not None:
            lines += [
                f"Subject: Re: {answers['Subject']}",
                f"In-Reply-To: {answers['Message-ID']}",
            ]
        else:
            lines.append(f"Subject: {subject}")
        lines += ["Content-Type: text/plain; charset=utf-8", "", body, ""]
        with smtplib.SMTP("127.0.0.1", self.mta.port) as wire:
            wire.sendmail(self.address, [MIA], "\r\n".join(lines).encode())
        self.fetch()

    def fetch(self) -> None:
        """Wait until the network's box has mail, then read it and answer."""
        self.mta.wait_for(MIA, 1)
        ended = self.mia.here("inbox", "fetch", "--send")
        assert ended.exit_code == ExitCode.OK, ended.output

    def newest(self) -> EmailMessage:
        """Return the next mail that came."""
        self.read += 1
        file = self.mta.wait_for(self.address, self.read)[self.read - 1]
        return email.message_from_bytes(file.read_bytes(), policy=policy.default)


def text(message: EmailMessage) -> str:
    """Return the plain text of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def quoted(message: EmailMessage) -> str:
    """Return a mail as T-Online quotes it."""
    return (
        "-----Original-Nachricht-----\n"
        f"Betreff: {message['Subject']}\n"
        f"Von: {message['From']}\n\n{text(message)}"
    )


def test_egons_whole_life_needs_only_mail(mia: Program, mta: Postfix) -> None:
    """He joins formally, says yes, wants easy letters, a pause, moves, and leaves."""
    egon = MailProgram(mta, mia, EGON)
    egon.write(
        "Sehr geehrte Damen und Herren,\n\nhiermit bitte ich höflich um Aufnahme in "
        "den Verteiler für Ihre Einladungen.\n\nMit freundlichen Grüßen\nEgon Fiedler",
        subject="Aufnahme in den Verteiler",
    )
    question = egon.newest()
    assert "bestätigen" in question["Subject"]

    egon.write(f"Ja\nMfG Egon Fiedler\n\n{quoted(question)}", answers=question)
    welcome = egon.newest()
    assert "3. Dezember 2026" in text(welcome)

    egon.write(f"Leichte Sprache bitte\n\n{quoted(welcome)}", answers=welcome)
    easy = egon.newest()
    assert "Guten Tag" in text(easy)

    egon.write(f"Pause bis zum 1. März 2027\n\n{quoted(easy)}", answers=easy)
    assert "1. März 2027" in text(egon.newest())
    assert "pausiert" in mia.here("subscribers", "show", EGON).stdout

    egon.write(f"Meine neue Mailadresse ist {EGON_NEW}.", subject="Neue E-Mail-Adresse")
    moved = MailProgram(mta, mia, EGON_NEW)
    asked = moved.newest()
    moved.write(f"Ja\n\n{quoted(asked)}", answers=asked)
    shown = mia.here("subscribers", "show", EGON_NEW)
    assert "pausiert" in shown.stdout, "a pause moves with the person"

    moved.write("Abmelden bitte", subject="Abmelden")
    ended = mia.here("subscribers", "show", EGON_NEW)
    assert "abgemeldet" in ended.stdout
    moved.newest()
    goodbye = moved.newest()
    assert "Anmelden" in text(goodbye), "the way back stands in the goodbye"


def test_a_real_bounce_rests_a_dead_address(
    mia: Program, mta: Postfix, database: Database
) -> None:
    """An invitation to somebody who moved away comes back, and nothing follows it."""
    with database.transaction() as db:
        a_subscriber(db, DEAD)
    sent = mia.here("invite", "--yes")
    assert sent.exit_code == ExitCode.OK, sent.output

    MailProgram(mta, mia, EGON).fetch()

    status = mia.here("outbox", "status")
    assert "zurückgekommen" in status.stdout
    shown = mia.here("subscribers", "show", DEAD)
    assert "Gesperrt: das Postfach gibt es nicht mehr" in shown.stdout
    told = mta.wait_for(COORDINATOR, 1)[0]
    assert DEAD.encode() in told.read_bytes()
