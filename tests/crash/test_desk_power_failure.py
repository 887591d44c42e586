"""Power fails at every commit while the coordinator's answers are taken; then count.

She gives her draft a text, releases it, moves the meeting, and takes it off. At the
n-th commit the power fails, before it or after it; the mail lies there still, and the
next start takes it again. Each of her mails has then been carried out once, and she
has one result for each.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.coordination import drafts, seals
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.errors import ExitCode
from mailer.inbound.models import Incoming
from mailer.inbound.taking import Handed
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.outbox.models import Delivery
from tests.conftest import PRESENT
from tests.drafting_by_mail import KATHRIN, a_town_hall
from tests.incoming import a_mail
from tests.mains import Mains, PowerFailure
from tests.program import PATIENCE_SECONDS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

ANSWERS: Final = (
    "Thema: Wir reden über Busse.",
    "Freigeben",
    "neuer Termin: 10. Dezember 10 bis 13 Uhr, der Raum ist belegt",
    "Freigeben",
    "fällt aus: Der Raum ist nicht geheizt.",
)
"""One after the other, each in answer to the draft as it is then."""


def answer(app: Application, words: str) -> Handed:
    """Return her answer to the present draft."""
    with app.database.reading() as db:
        seal = drafts.seal_of(db.scalars(sa.select(Edition)).one())
    reference = f"<{seals.written(seal, app.keys)}.00@stadt.example>"
    content = a_mail(KATHRIN, words, subject="AW: Entwurf", In_Reply_To=reference)
    return Handed(content, len(content), "stdin")


@pytest.mark.slow
@pytest.mark.parametrize("keeps_commit", [False, True], ids=["before", "after"])
def test_power_failure_at_any_commit_of_an_answer_does_nothing_twice(
    settings: Settings,
    clock: FixedClock,
    database: Database,
    tmp_path: Path,
    *,
    keeps_commit: bool,
) -> None:
    """For every n: restart, take the same mail, and each has had its one effect."""
    hall = a_town_hall(settings, clock, database)
    hall.draft()
    known = hall.application.settings
    database.close()  # so that one file holds everything

    for number in count(1):
        file = shutil.copyfile(tmp_path / "mia.db", tmp_path / f"fails-{number}.db")
        here = replace(known.database, url=f"sqlite:///{file}")
        app = Application(replace(known, database=here), clock)
        mains = Mains(app.database, fails_at=number, keeps_commit=keeps_commit)
        for words in ANSWERS:
            handed = answer(app, words)
            try:
                app.taker().take(handed)
            except PowerFailure:
                app.close()
                app = Application(replace(known, database=here), clock)
                app.taker().take(handed)
        _judge(app, number)
        app.close()
        if not mains.is_off:
            break
    assert number > len(ANSWERS)


def _judge(app: Application, number: int) -> None:
    with app.database.reading() as db:
        edition = db.scalars(sa.select(Edition)).one()
        meeting = db.scalars(sa.select(Meeting)).one()
        effects = db.scalars(sa.select(Incoming.effect)).all()
        results = db.scalars(
            sa.select(Delivery.occasion).where(Delivery.occasion.like("result/%"))
        ).all()
    assert effects == ["instructed"] * len(ANSWERS), number
    assert len(results) == len(set(results)) == len(ANSWERS), number
    assert edition.state is EditionState.APPROVED, number
    assert (edition.words, edition.draft_version) == ("Wir reden über Busse.", 3)
    assert (meeting.state, meeting.sequence) == (MeetingState.CANCELLED, 2), number


@pytest.mark.slow
@pytest.mark.parametrize("place", ["before", "after"])
def test_killed_at_the_commit_of_her_word_it_is_done_once(
    settings: Settings,
    clock: FixedClock,
    database: Database,
    settings_file: Path,
    database_url: str,
    place: str,
) -> None:
    """The real program gets kill -9; her server hands the mail over once more."""
    hall = a_town_hall(settings, clock, database)
    hall.draft()
    environ = {
        "MIA_DATABASE_URL": database_url,
        "MIA_COORDINATOR_EMAIL": KATHRIN,
        "MIA_INBOX_ADDRESS": "mia@stadt.example",
        "MIA_SENDER_ADDRESS": "mia@stadt.example",
    }
    content = answer(hall.application, "Freigeben").content
    killed = _ingest(settings_file, environ, content, f"commit.{place}:kill")
    assert killed == -signal.SIGKILL
    assert _ingest(settings_file, environ, content) == ExitCode.OK
    with database.reading() as db:
        assert db.scalars(sa.select(Incoming.effect)).all() == ["instructed"]
        results = sa.select(Delivery.occasion).where(Delivery.occasion.like("result/%"))
        assert len(db.scalars(results).all()) == 1
    assert hall.edition().state is EditionState.APPROVED


def _ingest(
    config: Path, environ: dict[str, str], content: bytes, failpoint: str = ""
) -> int:
    """Hand a mail to the program as a mail server does; return how it ended."""
    kept = ("PATH", "HOME", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    base = {name: os.environ[name] for name in kept if name in os.environ}
    ended = subprocess.run(
        [sys.executable, ROOT / "cli.py", "--config", config, "inbox", "ingest"],
        env={
            **base,
            **environ,
            "MIA_NOW": PRESENT.isoformat(),
            "MIA_FAILPOINT": failpoint,
        },
        input=content,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return ended.returncode
