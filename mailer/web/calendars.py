"""The calendar that people subscribe to, and the file of one meeting.

An entry is made from the same facts as the one in a letter: same UID, same SEQUENCE,
same words. So whoever has both has one entry, and a change reaches her on either way.
Nothing in it is about a reader.

Source: RFC 5545 and 5546; RFC 7986, section 5 (what a calendar says about itself).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa

from mailer.editions import context
from mailer.meetings.icalendar import (
    CalendarEntry,
    CalendarHead,
    EntryStatus,
    Method,
    Subscribed,
    build,
)
from mailer.meetings.localtime import local_day, moment_at
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.rendering.calendar_file import calendar_entry
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.meetings.models import MeetingId
    from mailer.settings.model import Settings
    from subscribers.database import Db

PATH: Final = "/termine.ics"
"""Below the base URL; calendars in the world know it, so it stays."""

REFRESH: Final = timedelta(hours=1)
"""How often it is worth asking: a meeting may be called off in the morning, and an
answer "nothing new" costs next to nothing."""

FILES_KEPT: Final = 64
"""In memory: the feed, and the files of two years; building is most of the work."""

COLOUR: Final = "navy"
"""A name of CSS3, as RFC 7986 wants; the blue of our letters is no such name."""

OFF: Final = "Abgesagt"
"""Before the title: not every calendar shows the status of an entry."""


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A calendar file, and since when it says what it says.

    Attributes:
        content: UTF-8 with CRLF.
        changed_at: Of the entry that changed last.
        first_on: The day of its first entry.
    """

    content: bytes
    changed_at: datetime
    first_on: date


def feed(db: Db, settings: Settings, *, now: datetime) -> CalendarFile:
    """Return all meetings from the beginning of last year on.

    Older ones leave it once a year: a calendar that forgets the past week by week
    would be another one at every look.
    """
    zone = settings.series[0].zone
    first_on = date(local_day(now, zone).year - 1, 1, 1)
    since = moment_at(first_on, time.min, zone)
    rows = _rows(db, settings, Meeting.starts_at >= since)
    changed_at = max([since, *(row.changed_at for row in rows)])
    head = replace(_head(settings, changed_at), feed=_about(settings))
    entries = [_entry(settings, row) for row in rows]
    return CalendarFile(_built(tuple(entries), head), changed_at, first_on)


def file_of(db: Db, settings: Settings, number: MeetingId) -> CalendarFile | None:
    """Return the file of one meeting; None if there is none."""
    for row in _rows(db, settings, Meeting.id == number):
        entry = _entry(settings, row)
        content = _built((entry,), _head(settings, row.changed_at))
        return CalendarFile(
            content, row.changed_at, local_day(row.starts_at, entry.zone)
        )
    return None


@lru_cache(maxsize=FILES_KEPT)
def _built(entries: tuple[CalendarEntry, ...], head: CalendarHead) -> bytes:
    """Return what is built from these entries; most calendars ask for the same."""
    return build(entries, head)


def identifier(settings: Settings) -> str:
    """Return the name of the feed for ever; nothing in it tells who or where."""
    return str(uuid5(NAMESPACE_URL, f"mia-mailer:termine:{settings.network.list_id}"))


def _rows(db: Db, settings: Settings, *which: sa.ColumnElement[bool]) -> list[Meeting]:
    """Return the meetings that the settings can still describe, sorted by time."""
    known = [series.key for series in settings.series]
    found = db.scalars(
        sa.select(Meeting)
        .where(
            Meeting.series.in_(known), Meeting.venue.in_(list(settings.venues)), *which
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return list(found)


def _head(settings: Settings, stamped_at: datetime) -> CalendarHead:
    sender = context.sender_facts(settings)
    return CalendarHead(Method.PUBLISH, sender.name, sender.wire, stamped_at)


def _about(settings: Settings) -> Subscribed:
    titles = dict.fromkeys(series.title for series in settings.series)
    network, base = settings.network, settings.web_base_url
    return Subscribed(
        uid=identifier(settings),
        name=f"{network.name}: {', '.join(titles)}",
        description=f"Alle Treffen des Netzwerks {network.full_name}, mit Änderungen "
        "und Absagen.",
        url=f"{base}/termine",
        source=f"{base}{PATH}",
        refresh=REFRESH,
        colour=COLOUR,
    )


def _entry(settings: Settings, row: Meeting) -> CalendarEntry:
    entry = calendar_entry(context.facts(settings, row), LetterStyle.STANDARD)
    entry = replace(
        entry, changed_at=row.changed_at, url=f"{settings.web_base_url}/termine"
    )
    if row.state is not MeetingState.CANCELLED:
        return entry
    return replace(entry, status=EntryStatus.CANCELLED, title=f"{OFF}: {entry.title}")
