"""Power fails at every commit while the coordinator's answers are taken; then count.

She gives her draft a text, releases it, moves the meeting, and takes it off. At the
n-th commit the power fails, before it or after it; the mail lies there still, and the
next start takes it again. Each of her mails has then been carried out once, and she
has one result for each.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.coordination import drafts, seals
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.inbound.models import Incoming
from mailer.inbound.taking import Handed
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.outbox.models import Delivery
from tests.drafting_by_mail import KATHRIN, a_town_hall
from tests.incoming import a_mail
from tests.mains import Mains, PowerFailure

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
