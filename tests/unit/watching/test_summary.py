"""The weekly letter: due once, while it is news, and word for word."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionEvent
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.rendering import looks
from mailer.rendering.accessibility import RULES
from mailer.rendering.document import parse
from mailer.rendering.environment import open_environment
from mailer.settings.model import Summary as SummarySettings
from mailer.watching.figures import Figures, Week
from mailer.watching.summary import Summary, coming, due_week
from mailer.watching.wording import summary_letter
from subscribers.topics import LetterStyle
from tests.factories import a_mailbox, a_meeting, a_partner_contact
from tests.letters import example_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Database, Db

BERLIN: Final = ZoneInfo("Europe/Berlin")
MONDAY: Final = datetime(2026, 11, 23, 7, 0, tzinfo=BERLIN)
LAST_WEEK: Final = Week(date(2026, 11, 16), BERLIN)
SECOND: Final = timedelta(seconds=1)

QUIET: Final = Figures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
BUSY: Final = Figures(
    sent=1234, not_delivered=1, joined=2, left=1, readers=1250, in_doubt=2, held=1,
    drafts=1, mails=3, contributions=4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("now", "week"),
    [
        (MONDAY, LAST_WEEK),
        (MONDAY + timedelta(days=2) - SECOND, LAST_WEEK),
        (MONDAY + timedelta(days=2), None),
        (MONDAY - SECOND, None),
        (MONDAY + timedelta(days=7), Week(date(2026, 11, 23), BERLIN)),
    ],
    ids=["on time", "late", "too late", "too early", "a week later"],
)
def test_it_is_due_on_monday_and_news_for_two_days(
    now: datetime, week: Week | None
) -> None:
    """A program that slept from Monday to Wednesday sends no old news."""
    assert due_week(example_settings(), now=now) == week


def test_the_day_is_a_setting_and_can_be_never() -> None:
    """Friday reports on Friday to Thursday; "nie" reports on nothing."""
    known = example_settings()
    friday = replace(known, summary=SummarySettings(4, time(16)))
    never = replace(known, summary=SummarySettings(None, time(16)))
    now = datetime(2026, 11, 27, 16, 0, tzinfo=BERLIN)
    assert due_week(friday, now=now) == Week(date(2026, 11, 20), BERLIN)
    assert due_week(never, now=now) is None


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_two_programs_write_one(
    application: Application, database: Database, clock: FixedClock
) -> None:
    """The name of the occasion can be used once: whoever comes second writes none."""
    clock.moment = MONDAY
    week = due_week(application.settings, now=MONDAY)
    assert week is not None
    with database.transaction() as db:
        a_mailbox(db)
    first = application.watchman(is_locked=True)
    assert asyncio.run(first.look())
    assert not asyncio.run(first.look())
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        first._write_summary(db, week)  # as if it had not seen the first
    with database.reading() as db:
        occasions = db.scalars(sa.select(Delivery.occasion)).all()
        letter = db.scalars(sa.select(FrozenLetter.subject)).one()
    assert occasions == ["summary/2026-W47"]
    assert letter == "Wochenbericht MIA: 16. bis 22. November 2026"


def test_a_house_without_people_had_no_week(
    application: Application, database: Database, clock: FixedClock
) -> None:
    """Nobody gets a row of zeros on the day of the installation."""
    clock.moment = MONDAY
    assert not asyncio.run(application.watchman(is_locked=True).look())
    with database.transaction() as db:
        a_mailbox(db, now=MONDAY)
    assert not asyncio.run(application.watchman(is_locked=True).look())


def test_what_comes_is_told_in_the_order_of_time(
    db: Db, application: Application
) -> None:
    """Drafts, letters and meetings of seven days; what lies behind them is not."""
    a_meeting(db, ruled_on=date(2026, 12, 3))
    told = coming(db, application.settings, application.closures, now=MONDAY)
    assert told == [
        (
            "Montag, 23. November 2026, 10 Uhr: Sie bekommen den Entwurf: Einladung "
            "zum 3. Dezember 2026"
        ),
        (
            "Donnerstag, 26. November 2026, 10 Uhr: An alle: Einladung zum "
            "3. Dezember 2026"
        ),
    ]


@pytest.mark.parametrize("is_called_back", [False, True])
def test_what_has_left_or_was_called_back_does_not_come(
    db: Db, application: Application, is_called_back: bool
) -> None:
    """Who invites before it is due, or stops it, is not told that it will go out."""
    meeting = a_meeting(db, ruled_on=date(2026, 12, 3))
    edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=MONDAY)
    drafting.move(edition, EditionEvent.APPROVE, now=MONDAY)
    settings, closures = application.settings, application.closures
    assert len(coming(db, settings, closures, now=MONDAY)) == 2
    event = EditionEvent.WITHDRAW if is_called_back else EditionEvent.ISSUE
    drafting.move(edition, event, now=MONDAY)
    assert coming(db, settings, closures, now=MONDAY) == []


def test_the_letter_about_a_quarter_is_announced(
    db: Db, application: Application
) -> None:
    """Its draft and its day, if there are partners to write to."""
    now = datetime(2026, 12, 14, 7, 0, tzinfo=BERLIN)
    settings, closures = application.settings, application.closures
    draft = (
        "Donnerstag, 17. Dezember 2026, 9 Uhr: Sie bekommen den Entwurf: "
        "Netzwerk-Info Oktober bis Dezember 2026"
    )
    assert draft not in coming(db, settings, closures, now=now)
    a_partner_contact(db)
    assert draft in coming(db, settings, closures, now=now)
    later = datetime(2026, 12, 28, 9, 0, tzinfo=BERLIN)
    assert (
        "Montag, 4. Januar 2027, 9 Uhr: An die Partner: Netzwerk-Info Oktober bis "
        "Dezember 2026"
    ) in coming(db, settings, closures, now=later + timedelta(hours=1))


def test_a_holiday_says_that_there_is_no_meeting(
    db: Db, application: Application
) -> None:
    """6 May 2027 is Ascension Day."""
    now = datetime(2027, 5, 3, 7, 0, tzinfo=BERLIN)
    told = coming(db, application.settings, application.closures, now=now)
    assert told[-1] == (
        "Donnerstag, 6. Mai 2027, 10 Uhr: kein Treffen „Miteinander reden“ "
        "(Christi Himmelfahrt)"
    )


COMING: Final = (
    (
        "Montag, 16. November 2026, 10 Uhr: Sie bekommen den Entwurf: Einladung zum "
        "26. November 2026"
    ),
    "Donnerstag, 19. November 2026, 10 Uhr: Treffen „Miteinander reden“",
)
TROUBLES: Final = ("Das Postfach kann nicht gelesen werden",)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("quiet", Summary(LAST_WEEK, QUIET, (), ())),
        ("busy", Summary(LAST_WEEK, BUSY, COMING, TROUBLES)),
    ],
)
def test_the_letter_is_approved_and_can_be_read_by_everybody(
    name: str, told: Summary, golden: Callable[[str, str], None]
) -> None:
    """Plain German, each number with its noun; the accessibility rules find nothing."""
    letter = summary_letter(open_environment(None), example_settings(), told)
    document = parse(letter.html)
    found = [finding for rule in RULES for finding in rule(document, letter)]
    assert [*found, *looks.check(document, LetterStyle.STANDARD)] == []
    golden(f"letters/summary/{name}.txt", f"{letter.subject}\n\n{letter.text}")
    golden(f"letters/summary/{name}.html", letter.html)
