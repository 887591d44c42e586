"""Two years by a clock that runs fast: November 2026 to December 2028.

A real mail server, a real mailbox, the daemon's own tick, and a coordinator who has
nothing but her mail program: mostly she lets drafts go out, sometimes she releases one,
stops one, gives one words, moves a meeting, takes one off, lets it take place after
all. Then the plan, the mail that arrived and the calendars of the readers must agree.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.daemon.ticking import tick
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.outbox.models import Delivery
from mailer.rounds.outlook import LineState, outlook
from mailer.settings.model import InboxMode, Security
from subscribers import subscription
from subscribers.address import EmailAddress
from subscribers.topics import LetterStyle, Topic
from tests.calendars import BERLIN, read_calendar, saxony_anhalt, thursdays
from tests.factories import a_partner_contact, a_subscriber
from tests.servers import ScriptedSmtp
from tests.servers_imap import ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from mailer.rounds.outlook import PlanLine
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

FIRST, LAST = date(2026, 11, 6), date(2028, 12, 31)
MIA = EmailAddress.parse("mia@stadt.example")
KATHRIN = EmailAddress.parse("kathrin.sommer@stadt.example")
RITA, MARCO, OFFICE = "rita@netz.example", "marco@netz.example", "buero@haus.example"

CHANGES = {EditionKind.UPDATE, EditionKind.CANCELLATION, EditionKind.REINSTATEMENT}

ANSWERS = {
    # The day on which she writes: the meeting whose draft she answers, and her words.
    date(2026, 11, 24): ("3. Dezember 2026", "Freigeben"),
    date(2027, 1, 26): ("4. Februar 2027", "neuer Termin: 11. Februar 10 bis 13 Uhr"),
    date(2027, 3, 15): ("18. März 2027", "fällt aus: Der Raum wird gestrichen."),
    date(2027, 3, 16): ("18. März 2027", "findet doch statt"),
    date(2027, 5, 25): ("3. Juni 2027", "Stopp"),
    date(2027, 8, 24): ("2. September 2027", "Thema: Wir sprechen über Busse."),
    date(2027, 8, 25): ("2. September 2027", "OK\n\nMit freundlichen Grüßen"),
    date(2027, 10, 4): ("7. Oktober 2027", "neuer Termin: 8. Oktober 14 bis 16 Uhr"),
    date(2028, 2, 7): ("17. Februar 2028", "Freigeben"),
    date(2028, 2, 8): ("17. Februar 2028", "Freigeben"),
    date(2028, 4, 10): (
        "20. April 2028",
        "zusätzlicher Termin: 27. April 2028, 10 bis 13 Uhr",
    ),
    date(2028, 9, 20): ("21. September 2028", "fällt aus: Krankheit"),
}


@dataclass
class Kathrin:
    """The coordinator and her mail program."""

    server: ScriptedSmtp
    mailbox: ScriptedImap
    read: int = 0
    drafts: dict[str, EmailMessage] = field(default_factory=dict)
    results: list[EmailMessage] = field(default_factory=list)

    def look(self) -> None:
        """Read what came since the last look."""
        for one in self.server.accepted[self.read :]:
            if one.recipient != KATHRIN.wire:
                continue
            message = message_from_bytes(one.content, policy=policy.default)
            day = re.search(r"\d+\. \w+ \d{4}", message["Subject"])
            if day is not None and "Entwurf" in message["Subject"]:
                self.drafts[day.group()] = message
            else:
                self.results.append(message)
        self.read = len(self.server.accepted)

    def answer(self, day: str, words: str, moment: datetime) -> None:
        """Answer the last draft about *day* as Outlook does."""
        draft = self.drafts[day]
        self.mailbox.add(
            (
                f"From: Kathrin Sommer <{KATHRIN.text}>\r\nTo: {MIA.text}\r\n"
                f"Message-ID: <{moment:%Y%m%d%H%M}@stadt.example>\r\n"
                f"Subject: AW: {draft['Subject']}\r\n"
                f"In-Reply-To: {draft['Message-ID']}\r\n"
                f"References: {draft['Message-ID']}\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n\r\n"
                f"{words}\r\n\r\nVon: {MIA.text}\r\nGesendet: gestern\r\n"
                f"Betreff: {draft['Subject']}\r\n\r\nFreigeben, Stopp, Hilfe\r\n"
            ).encode()
        )


@dataclass
class TwoYears:
    """The story so far."""

    application: Application
    clock: FixedClock
    kathrin: Kathrin
    troubles: list[str] = field(default_factory=list)

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """Let the daemon do one round of everything."""
        self.clock.moment = datetime.combine(day, time(hour, minute), tzinfo=BERLIN)
        tick(self.application, told=self.troubles.append)
        self.kathrin.look()

    def lines(self, first: date, last: date) -> list[PlanLine]:
        """Return what the plan says of some days."""
        app = self.application
        with app.database.reading() as db:
            return outlook(db, app.press, first, last, now=app.clock.now())


@pytest.fixture
def story(
    settings: Settings, clock: FixedClock, database: Database
) -> Iterator[TwoYears]:
    """The town in November 2026: a resident, a reader of Leichte Sprache, an office."""
    with ScriptedSmtp() as server, ScriptedImap() as mailbox:
        sender = replace(settings.sender, address=MIA)
        smtp = replace(settings.smtp, port=server.port, return_path=MIA)
        inbox = replace(
            settings.inbox,
            mode=InboxMode.DEDICATED,
            host="127.0.0.1",
            port=mailbox.port,
            security=Security.PLAIN,
            user="mia",
            password="geheim",
        )
        ours = replace(
            settings,
            sender=sender,
            smtp=replace(smtp, connections=1),
            inbox=inbox,
            inbox_address=MIA,
            coordinator=replace(settings.coordinator, email=KATHRIN),
        )
        application = Application(ours, clock)
        application.unchecked_database = database
        with database.transaction() as db:
            a_subscriber(db, RITA)
            marco = a_subscriber(db, MARCO, style=LetterStyle.EASY)
            # The letter about a quarter has years of its own.
            a_partner_contact(db, address=OFFICE, topics=(Topic.INVITATIONS,))
            for row in subscription.of(db, marco.mailbox):
                row.reminds = False
        yield TwoYears(application, clock, Kathrin(server, mailbox))


@pytest.mark.slow
def test_the_plan_the_mail_and_the_calendars_agree(story: TwoYears) -> None:
    """What was planned was sent, what was sent is true, and nobody got it twice."""
    days = _days()
    said: Counter[tuple[datetime, EditionKind, date]] = Counter()
    story.clock.moment = datetime.combine(FIRST, time(9), tzinfo=BERLIN)
    assert {line.at.date() for line in story.lines(FIRST, LAST)} <= set(days)

    for day in days:
        _one_day(story, day, said)

    assert story.troubles == []
    _check_sent(story, said)
    _check_once(story)
    _check_holidays(story)
    _check_calendars(story)
    _check_answers(story)


MOVED = {date(2027, 2, 10), date(2027, 10, 7)}
"""Days of the reminders of what was moved."""


def _days() -> list[date]:
    """Return the days on which something can happen, and the day after each answer."""
    every = [one for year in (2026, 2027, 2028, 2029) for one in thursdays(year)]
    leads = [timedelta(days=days) for days in (10, 7, 1, 0)]
    found = {one - lead for one in [*every, date(2028, 4, 27)] for lead in leads}
    found |= MOVED | set(ANSWERS) | {one + timedelta(days=1) for one in ANSWERS}
    return sorted(one for one in found if FIRST <= one <= LAST)


def _one_day(
    story: TwoYears, day: date, said: Counter[tuple[datetime, EditionKind, date]]
) -> None:
    """Ask the plan in the morning, let the day happen, and count what it promised."""
    story.clock.moment = datetime.combine(day, time(9), tzinfo=BERLIN)
    for line in story.lines(day, day):
        if line.state is not LineState.HELD:
            said[line.at, line.kind, line.day] += 1
    story.at(day, 10)
    if day in MOVED:
        story.at(day, 14)
    if day in ANSWERS:
        moment = datetime.combine(day, time(12), tzinfo=BERLIN)
        story.kathrin.answer(*ANSWERS[day], moment)
        story.at(day, 12)


def _check_sent(
    story: TwoYears, said: Counter[tuple[datetime, EditionKind, date]]
) -> None:
    """Everything but changes went out at the minute that the plan had said."""
    lines = story.lines(FIRST, LAST)
    sent = Counter(
        (line.at, line.kind, line.day)
        for line in lines
        if line.state in {LineState.ISSUED, LineState.WITHDRAWN}
        and line.kind not in CHANGES
    )
    assert sent == said
    assert all(line.accepted == line.audience for line in lines)
    assert {line.at.hour for line in lines if line.kind not in CHANGES} <= {10, 14}


def _check_once(story: TwoYears) -> None:
    """One copy of one letter to one mailbox; no reminder to whom wants none."""
    wire = Counter(
        (one.recipient, message_from_bytes(one.content)["Message-ID"])
        for one in story.kathrin.server.accepted
    )
    assert set(wire.values()) == {1}
    with story.application.database.reading() as db:
        pairs = db.execute(sa.select(Delivery.occasion, Delivery.mailbox_id)).all()
        assert len(pairs) == len(set(pairs))
        reminders = db.scalars(
            sa.select(Edition).where(Edition.kind == EditionKind.REMINDER)
        ).all()
        assert reminders
        for edition in reminders:
            assert _readers(db, edition) == 2, "Marco wants no reminders"


def _readers(db: Any, edition: Edition) -> int:
    counted = sa.select(sa.func.count()).where(Delivery.occasion == edition.occasion)
    return int(db.scalar(counted))


def _check_holidays(story: TwoYears) -> None:
    """Two days fall out, and both are told a week before, to everybody, once."""
    with story.application.database.reading() as db:
        found = db.scalars(
            sa.select(Edition).where(Edition.kind == EditionKind.HOLIDAY)
        ).all()
        told = {
            (one.day, one.issued_at.astimezone(BERLIN).date(), _readers(db, one))
            for one in found
            if one.issued_at is not None
        }
    assert told == {
        (date(2027, 5, 6), date(2027, 4, 29), 3),
        (date(2028, 1, 6), date(2027, 12, 30), 3),
    }


def _check_calendars(story: TwoYears) -> None:
    """Who puts every file into her calendar has there what took place, and no more."""
    with story.application.database.reading() as db:
        rows = db.scalars(
            sa.select(Meeting).where(
                Meeting.starts_at < datetime.combine(LAST, time(), tzinfo=UTC),
                Meeting.starts_at > datetime.combine(FIRST, time(), tzinfo=UTC),
            )
        ).all()
        planned = {
            row.uid: row.starts_at for row in rows if row.state is MeetingState.PLANNED
        }
        stopped = db.scalars(
            sa.select(Edition.meeting_id).where(
                Edition.issued_at.is_(None), Edition.kind == EditionKind.INVITATION
            )
        ).all()
        silent = {row.uid for row in rows if row.id in stopped}
    days = {at.astimezone(BERLIN).date() for at in planned.values()}
    moved = {date(2027, 2, 4): date(2027, 2, 11), date(2027, 10, 7): date(2027, 10, 8)}
    ruled = {
        moved.get(one, one)
        for year in range(FIRST.year, LAST.year + 1)
        for one in thursdays(year)
        if FIRST <= one <= LAST and one not in saxony_anhalt(year)
    }
    assert days == (ruled | {date(2028, 4, 27)}) - {date(2028, 9, 21)}
    for reader in (RITA, MARCO, OFFICE):
        calendar = _calendar_of(story, reader)
        assert calendar == {
            uid: at for uid, at in planned.items() if uid not in silent
        }, reader


def _calendar_of(story: TwoYears, reader: str) -> dict[str, datetime]:
    """Apply every calendar file in the order in which it came, as RFC 5546 says."""
    known: dict[str, tuple[int, datetime | None]] = {}
    for one in story.kathrin.server.accepted:
        if one.recipient != reader:
            continue
        message = message_from_bytes(one.content, policy=policy.default)
        for part in message.walk():
            if part.get_content_type() != "text/calendar":
                continue
            content = part.get_content()
            raw = content.encode() if isinstance(content, str) else content
            calendar, (event,) = read_calendar(raw)
            sequence = int(event["SEQUENCE"])
            if sequence < known.get(str(event["UID"]), (-1, None))[0]:
                continue
            is_off = calendar["METHOD"] == "CANCEL"
            starts_at = None if is_off else event["DTSTART"].dt.astimezone(UTC)
            known[str(event["UID"])] = (sequence, starts_at)
    end = datetime.combine(LAST, time(), tzinfo=UTC)
    return {uid: at for uid, (_, at) in known.items() if at is not None and at < end}


def _check_answers(story: TwoYears) -> None:
    """Each of her answers had one result; her second yes is told from the first."""
    subjects = [message["Subject"] for message in story.kathrin.results]
    parts = [message.get_body(("plain",)) for message in story.kathrin.results]
    bodies = [part.get_content() for part in parts if part is not None]
    assert sum("schon freigegeben" in one for one in bodies) == 1, subjects
    assert any("gestoppt" in one for one in bodies)
