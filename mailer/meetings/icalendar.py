"""Pure: meetings become the bytes of a calendar file.

The same entries make the same bytes on every day and every machine, because what was
issued is frozen. What a mail program shows as "add to calendar" depends on details:
CRLF, folding at 75 octets, a VTIMEZONE for every TZID (without it the time floats),
one ORGANIZER, and no ATTENDEE where nobody is asked to answer.

Source: RFC 5545 (the object), RFC 5546 (the methods), RFC 7986 (identifiers, and what a
calendar says about itself).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from icalendar import (
    Calendar,
    Event,
    Timezone,
    vCalAddress,
    vDuration,
    vText,
    vUri,
)

from mailer.meetings.timezone import vtimezone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from icalendar import Component

PRODID: Final = "-//mia-mailer//Meetings//DE"
"""Without a version: an upgrade must not change bytes that were frozen."""

CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""What TEXT must not hold (RFC 5545, section 3.3.11); line feeds are escaped."""

MAILTO_SAFE: Final = "@!$'*+-/=^_`{|}~."
"""What a local part may hold and a mailto address may show (RFC 6068, section 2)."""


class Method(StrEnum):
    """What a calendar file asks its reader to do (RFC 5546, section 1.4)."""

    PUBLISH = "PUBLISH"
    """Take note; no answer is expected."""
    REQUEST = "REQUEST"
    """Answer, please; it names the one person asked."""
    CANCEL = "CANCEL"
    """It is off: remove it."""


class EntryStatus(StrEnum):
    """Whether an entry takes place (RFC 5545, section 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One meeting as a calendar needs it.

    Attributes:
        uid: Stable for ever; nothing in it tells who or where.
        sequence: How often the meeting changed; the higher one wins.
        starts_at: Aware, any zone.
        ends_at: Aware, later than *starts_at*.
        zone: In which zone a calendar shows it.
        title: One line.
        location: One line, the address in label form.
        description: Plain text, may have several lines.
        url: A page about it; empty without public pages.
        changed_at: When it last changed, aware; None in a file that only tells how
            it is now.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    title: str
    location: str
    description: str
    status: EntryStatus = EntryStatus.CONFIRMED
    url: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a calendar that people subscribe to says about itself.

    Attributes:
        uid: Its name for ever; the feed keeps it wherever it lies.
        name: "Miteinander reden (MIA)".
        description: One sentence.
        url: The page that shows the same for people.
        source: Where the feed is fetched.
        refresh: How often it is worth asking.
        colour: A name of CSS3, "navy".
    """

    uid: str
    name: str
    description: str
    url: str
    source: str
    refresh: timedelta
    colour: str


@dataclass(frozen=True, slots=True)
class CalendarHead:
    """What all entries of one file have in common.

    Attributes:
        method: "PUBLISH", "REQUEST" or "CANCEL"; the MIME part repeats it.
        organiser_name: "Kathrin Sommer".
        organiser_address: As SMTP writes it, all ASCII.
        stamped_at: When this file was made; aware.
        attendee_address: Who is asked, with REQUEST only: never more than the
            addressee, because everybody can read a calendar file.
        feed: What the calendar says about itself; None for a file in a letter.
    """

    method: str
    organiser_name: str
    organiser_address: str
    stamped_at: datetime
    attendee_address: str = ""
    feed: Subscribed | None = None


def build(entries: Sequence[CalendarEntry], head: CalendarHead) -> bytes:
    """Return one calendar object, UTF-8 with CRLF.

    Raises:
        ValueError: The method is unknown, REQUEST names nobody to ask, another method
            names somebody, or an entry ends before it starts.

    Source:
        RFC 5545, sections 3.1, 3.4 and 3.6; RFC 5546, section 3.2.
    """
    method = Method(head.method)
    if (method is Method.REQUEST) != bool(head.attendee_address):
        raise ValueError(f"{method} with attendee {head.attendee_address!r}")
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method.value)
    if head.feed is not None:
        _describe(calendar, head.feed, head.stamped_at)
    for zone in sorted({entry.zone for entry in entries}, key=str):
        calendar.add_component(_timezone(zone, entries))
    for entry in entries:
        calendar.add_component(_event(entry, head, method))
    written: bytes = calendar.to_ical()
    return written


def _describe(calendar: Calendar, feed: Subscribed, changed_at: datetime) -> None:
    """Let the calendar say what it is (RFC 7986, section 5).

    The two X- names say the same to programs older than that: Outlook and Google know
    no other name of a calendar, and Outlook no other interval.
    """
    interval = vDuration(feed.refresh)
    interval.params["VALUE"] = "DURATION"
    source = vUri(feed.source)
    source.params["VALUE"] = "URI"
    calendar.add("UID", _line(feed.uid))
    calendar.add("NAME", _line(feed.name))
    calendar.add("X-WR-CALNAME", _line(feed.name))
    calendar.add("DESCRIPTION", _line(feed.description))
    calendar.add("URL", _line(feed.url))
    calendar.add("LAST-MODIFIED", _utc(changed_at))
    calendar.add("REFRESH-INTERVAL", interval)
    calendar.add("X-PUBLISHED-TTL", vDuration(feed.refresh))
    calendar.add("SOURCE", source)
    calendar.add("COLOR", feed.colour)


def _timezone(zone: ZoneInfo, entries: Sequence[CalendarEntry]) -> Component:
    used = [entry for entry in entries if entry.zone == zone]
    first = min(entry.starts_at for entry in used)
    last = max(entry.ends_at for entry in used)
    lines = vtimezone(zone, first, last)
    return Timezone.from_ical("\r\n".join([*lines, ""]))


def _event(entry: CalendarEntry, head: CalendarHead, method: Method) -> Event:
    if entry.ends_at <= entry.starts_at:
        raise ValueError(f"{entry.uid} ends before it starts")
    event = Event()
    event.add("UID", _line(entry.uid))
    event.add("DTSTAMP", _utc(head.stamped_at))
    if entry.changed_at is not None:
        event.add("LAST-MODIFIED", _utc(entry.changed_at))
    event.add("DTSTART", _moment(entry.starts_at, entry.zone))
    event.add("DTEND", _moment(entry.ends_at, entry.zone))
    event.add("SEQUENCE", entry.sequence)
    status = EntryStatus.CANCELLED if method is Method.CANCEL else entry.status
    is_off = status is EntryStatus.CANCELLED
    event.add("STATUS", status.value)
    event.add("SUMMARY", _line(entry.title))
    event.add("LOCATION", _line(entry.location))
    event.add("DESCRIPTION", _text(entry.description))
    # What is off blocks no time, even where somebody adds the file by hand.
    event.add("TRANSP", "TRANSPARENT" if is_off else "OPAQUE")
    event.add("ORGANIZER", _organiser(head))
    if head.attendee_address:
        event.add("ATTENDEE", _attendee(head.attendee_address))
    if entry.url:
        event.add("URL", _line(entry.url))
    return event


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _moment(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return *moment* as it is written: local, or UTC where local is ambiguous.

    In an autumn night 02:30 comes twice. RFC 5545 means the first one, but parsers
    differ (ical.js takes the second), so neither is left to them.
    """
    local = moment.astimezone(zone).replace(microsecond=0)
    other = local.replace(fold=1 - local.fold)
    is_ambiguous = local.utcoffset() != other.utcoffset()
    return local.astimezone(UTC) if is_ambiguous else local


def _organiser(head: CalendarHead) -> vCalAddress:
    address = _mailto(head.organiser_address)
    address.params["CN"] = vText(_line(head.organiser_name))
    return address


def _attendee(written: str) -> vCalAddress:
    address = _mailto(written)
    address.params["RSVP"] = vText("FALSE")
    return address


def _mailto(address: str) -> vCalAddress:
    return vCalAddress(f"mailto:{quote(_line(address), safe=MAILTO_SAFE)}")


def _text(text: str) -> str:
    """Return *text* with plain line feeds and without control characters."""
    # splitlines knows every line end that some parser takes for one.
    return CONTROL.sub("", "\n".join(text.splitlines()))


def _line(text: str) -> str:
    """Return *text* as one line, without control characters."""
    return " ".join(_text(text).split())
