"""The coordinator's work by mail alone, through a real Postfix and the real program.

She has Outlook: she gets a draft, gives it her words, releases it, and on the morning
of the meeting she cancels. What the others hear is the letters themselves.
"""

from __future__ import annotations

import email
import smtplib  # noqa: TID251 - her mail program
from datetime import datetime
from email import policy
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from mailer.errors import ExitCode
from tests import postfix
from tests.conftest import missing
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from subscribers.database import Database
    from tests.postfix import Postfix

BERLIN = ZoneInfo("Europe/Berlin")
MIA = "mia@mia.example"
KATHRIN = "sommer@mia.example"
EGON = "egon@briefkasten.example"


@pytest.fixture
def mta() -> Iterator[Postfix]:
    """Postfix with boxes for the three."""
    if not postfix.is_possible():
        missing("Postfix, started as root")
    with postfix.running_postfix(MIA, KATHRIN, EGON) as server:
        yield server


class Town:
    """The program, what the clock shows it, and the mail programs of the people."""

    def __init__(self, mia: Program, mta: Postfix) -> None:
        self.mia = mia
        self.mta = mta
        self.read = {KATHRIN: 0, EGON: 0}

    def tick(self, now: datetime) -> None:
        """Do what cron does, at a moment."""
        program = Program(
            self.mia.config, {**self.mia.environ, "MIA_NOW": now.isoformat()}
        )
        ended = program.here("tick")
        assert ended.exit_code == ExitCode.OK, ended.output

    def newest(self, address: str) -> EmailMessage:
        """Return the next mail that came to *address*, past the report of the week."""
        while True:
            self.read[address] += 1
            number = self.read[address]
            file = self.mta.wait_for(address, number)[number - 1]
            found = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            if not found["Subject"].startswith("Wochenbericht"):
                return found

    def answer(self, letter: EmailMessage, words: str) -> None:
        """Let her answer as Outlook does; wait until it lies in the program's box."""
        lines = [
            f"From: Kathrin Sommer <{KATHRIN}>",
            f"To: {MIA}",
            f"Subject: AW: {letter['Subject']}",
            f"In-Reply-To: {letter['Message-ID']}",
            f"References: {letter['Message-ID']}",
            "Content-Type: text/plain; charset=utf-8",
            "",
            words,
            "",
            "Mit freundlichen Grüßen",
            "",
            "Kathrin Sommer",
            "Gleichstellungsbeauftragte",
            "",
            f"Von: {letter['From']}",
            "Gesendet: Montag, 23. November 2026 11:00",
            f"An: {KATHRIN}",
            f"Betreff: {letter['Subject']}",
            "",
            text(letter),
        ]
        with smtplib.SMTP("127.0.0.1", self.mta.port) as wire:
            wire.sendmail(KATHRIN, [MIA], "\r\n".join(lines).encode())
        self.mta.wait_for(MIA, 1)


@pytest.fixture
def town(
    settings_file: Path, database_url: str, database: Database, mta: Postfix
) -> Town:
    """The program with its own box at Postfix, and one reader."""
    with database.transaction() as db:
        a_subscriber(db, EGON)
    environ = {
        "MIA_DATABASE_URL": database_url,
        "MIA_SMTP_HOST": "127.0.0.1",
        "MIA_SMTP_PORT": str(mta.port),
        "MIA_SMTP_SECURITY": "plain",
        "MIA_SMTP_RETURN_PATH": MIA,
        "MIA_SENDER_ADDRESS": MIA,
        "MIA_COORDINATOR_EMAIL": KATHRIN,
        "MIA_INBOX_ADDRESS": MIA,
        "MIA_INBOX_MODE": "dedicated",
        "MIA_INBOX_MAILDIR": str(mta.box(MIA)),
    }
    return Town(Program(settings_file, environ), mta)


def text(message: EmailMessage) -> str:
    """Return the plain text of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.slow
def test_a_meeting_from_draft_to_cancellation(town: Town) -> None:
    """Draft, her words, release, invitation; then off at eight, in one mail."""
    monday = datetime(2026, 11, 23, 11, tzinfo=BERLIN)
    town.tick(monday)
    draft = town.newest(KATHRIN)
    assert draft["Subject"] == (
        "Entwurf: Einladung zum 3. Dezember 2026 – bitte ansehen"
    )
    assert "an 1 Person." in text(draft)

    town.answer(draft, "Thema: Wir reden über die neuen Busse.")
    town.tick(monday)
    second = town.newest(KATHRIN)
    assert "Wir reden über die neuen Busse." in text(second)

    town.answer(second, "Freigeben")
    town.tick(monday)
    released = town.newest(KATHRIN)
    assert (
        "Die Einladung geht am Donnerstag, 26. November 2026, um 10 Uhr an 1 Person."
    ) in text(released)

    town.tick(datetime(2026, 11, 26, 10, 1, tzinfo=BERLIN))
    invitation = town.newest(EGON)
    assert "Wir reden über die neuen Busse." in text(invitation)

    morning = datetime(2026, 12, 3, 8, tzinfo=BERLIN)
    town.answer(released, "fällt aus: Der Raum ist nicht geheizt.")
    town.tick(morning)
    told = town.newest(KATHRIN)
    assert told["Subject"] == "Abgesagt: Treffen am 3. Dezember 2026"
    assert "Alle, die schon eingeladen sind, bekommen" in text(told)
    cancelled = town.newest(EGON)
    assert cancelled["Subject"].startswith("Absage:")
    assert "Der Raum ist nicht geheizt." in text(cancelled)
