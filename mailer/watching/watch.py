"""The watch: looks what is wrong, writes it down, and tells people once.

The ordinary way is a letter in the ledger: owed and noted in one transaction. While
our own relay is the trouble, a message goes on the second way first and is noted
afterwards, so a crash between the two may repeat an alarm once and never loses one. Is
there no second way, people learn of it when it is over; until then the log, ``mia
status`` and the operator's command know.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mailer.logs import LogEvent, log
from mailer.outbox import pauses
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.rendering.parcel import Content, Parcel
from mailer.watching import alarms, ways
from mailer.watching.models import LoopName, Pulse
from mailer.watching.observing import Sight, observe
from mailer.watching.summary import due_week, is_wanted, occasion, summary
from subscribers import mailboxes
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from mailer.outbox.press import Press
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Settings
    from mailer.watching.figures import Week
    from mailer.watching.models import Alarm
    from subscribers.address import EmailAddress
    from subscribers.clock import Clock
    from subscribers.database import Database, Db
    from subscribers.tokens import TokenKeys

OUTBOX: Final = "outbox"
"""The ordinary way."""


@dataclass(frozen=True, slots=True)
class News:
    """What one letter is about.

    Attributes:
        folder: "alarm" for what has begun, "all_clear" for what has ended.
    """

    folder: str
    alarms: Sequence[Alarm]

    def note(self, db: Db, way: str, *, now: datetime) -> None:
        """Write down that people are told."""
        numbers = [one.id for one in self.alarms]
        if self.folder == "alarm":
            alarms.note(db, numbers, told_at=now, told_by=way)
        else:
            alarms.note(db, numbers, cleared_at=now)
        log(LogEvent.ALARM_TOLD, alarms=len(numbers), letter=self.folder, way=way)


@dataclass(frozen=True, slots=True)
class Watchman:
    """Who looks, and what is needed to tell people.

    Attributes:
        press: Makes what letters are made with; only asked when one is.
        is_locked: A daemon holds the lock, maybe we ourselves.
    """

    settings: Settings
    database: Database
    clock: Clock
    keys: TokenKeys
    press: Callable[[], Press]
    is_locked: bool

    async def look(self) -> bool:
        """Look once; True if letters wait in the outbox now."""
        await self.database.run(self._reconcile)
        has_news = await self._tell()
        return await self._summarise() or has_news

    async def _summarise(self) -> bool:
        """Owe the weekly summary, if one is due and nobody has written it."""
        week = due_week(self.settings, now=self.clock.now())
        if week is None:
            return False
        with self.database.reading() as db:
            if not is_wanted(db, week):
                return False
        try:
            await self.database.run(self._write_summary, week)
        except IntegrityError:
            return False  # another program was faster
        log(LogEvent.SUMMARY_WRITTEN, week=week.name)
        return True

    def _write_summary(self, db: Db, week: Week) -> None:
        from mailer.watching.wording import summary_letter  # noqa: PLC0415 - see press

        now, press = self.clock.now(), self.press()
        told = summary(db, week, self.settings, press.closures, now=now)
        letter = summary_letter(press.environment, self.settings, told)
        self._post(db, self.settings.coordinator.email, occasion(week), letter)

    async def _tell(self) -> bool:
        """Tell people what they do not know yet; True if it waits in the outbox."""
        with self.database.reading() as db:
            unhooked = alarms.unhooked(db) if self.settings.alarm.command else []
            trusts_relay = _trusts_relay(db, now=self.clock.now())
            news = _news(db)
        if unhooked:
            await self._hook(unhooked)
        if trusts_relay:
            return bool(news) and await self.database.run(self._owe)
        if ways.has_second_way(self.settings):
            await self._send_past(news)
        return False

    def _reconcile(self, db: Db) -> None:
        now = self.clock.now()
        sight = Sight.on(
            self.settings, self.database, is_locked=self.is_locked, now=now
        )
        changed = alarms.reconcile(db, observe(db, sight), now=now)
        for one in changed.raised:
            fields = {"alarm": one.id, "kind": one.kind, "subject": one.subject}
            log(LogEvent.ALARM_RAISED, level=logging.WARNING, **fields)
        for one in changed.ended:
            log(LogEvent.ALARM_ENDED, alarm=one.id, kind=one.kind)

    def _owe(self, db: Db) -> bool:
        """Owe the letters, and note in the same transaction that people are told."""
        now = self.clock.now()
        news = _news(db)
        for one in news:
            letter = self._letter(one)
            for place, reader in enumerate(readers(self.settings), start=1):
                name = f"{one.folder}/{one.alarms[0].id}/{place}"
                self._post(db, reader, name, letter)
            one.note(db, OUTBOX, now=now)
        return bool(news)

    def _post(self, db: Db, reader: EmailAddress, name: str, letter: Letter) -> None:
        """Owe *letter* to *reader*."""
        now, key = self.clock.now(), self.keys.fingerprint_key
        mailbox = mailboxes.get_or_add(db, reader, key=key, now=now)
        posting = Posting(
            occasion=name,
            origin=LetterOrigin.GENERATED,
            message_id=self.press().new_message_id(),
            style=LetterStyle.STANDARD,
        )
        post(db, mailbox, letter, posting, now=now)

    async def _send_past(self, news: Sequence[News]) -> None:
        """Send on the second way, then note which it was."""
        for one in news:
            letter = self._letter(one)
            way = await ways.send_past(self.settings, self._parcels(letter))
            if way:
                now = self.clock.now()
                await self.database.run(one.note, way, now=now)

    async def _hook(self, found: Sequence[Alarm]) -> None:
        """Give the operator's command the text of a letter about all of *found*."""
        letter = self._letter(News("alarm", found))
        content = f"{letter.subject}\n\n{letter.text}".encode()
        command = self.settings.alarm.command
        if await ways.run_command(self.settings, ways.COMMAND, command, content):
            numbers = [one.id for one in found]
            now = self.clock.now()
            await self.database.run(alarms.note, numbers, hooked_at=now)

    def _letter(self, news: News) -> Letter:
        from mailer.watching.wording import alarm_letter  # noqa: PLC0415 - see press

        environment = self.press().environment
        return alarm_letter(environment, self.settings, news.folder, news.alarms)

    def _parcels(self, letter: Letter) -> list[Parcel]:
        """Return *letter* as messages that need no ledger."""
        from mailer.rendering.message import MessageHead, build  # noqa: PLC0415 - too

        sender = self.settings.sender
        date = self.clock.now().astimezone(self.settings.series[0].zone)
        found = []
        for reader in readers(self.settings):
            number = self.press().new_message_id()
            head = MessageHead(
                sender_name=sender.name,
                sender=sender.address,
                to=reader,
                date=date,
                message_id=number,
                boundary_seed=number,
                auto_generated=True,
            )
            return_path = self.settings.alarm.smtp.return_path
            found.append(
                Parcel(return_path, reader, Content.whole(build(letter, head)))
            )
        return found


def readers(settings: Settings) -> list[EmailAddress]:
    """Return who is told: the coordinator, and who looks after the machine."""
    told = [settings.coordinator.email, settings.alarm.address]
    return list({one.canonical: one for one in told if one is not None}.values())


def _news(db: Db) -> list[News]:
    """Return what people do not know yet."""
    found = [
        News("alarm", alarms.untold(db)),
        News("all_clear", alarms.uncleared(db)),
    ]
    return [one for one in found if one.alarms]


def _trusts_relay(db: Db, *, now: datetime) -> bool:
    """Tell whether a letter in the ledger will leave soon."""
    failing = sa.select(Pulse.name).where(
        Pulse.name == LoopName.SEND, Pulse.failing_since.is_not(None)
    )
    return (
        db.scalars(failing).first() is None
        and not pauses.paused(db, now=now).everything
    )
