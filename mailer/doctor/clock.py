"""The clock and the time zones: a wrong hour sends people to a locked door."""

from __future__ import annotations

import calendar
import re
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.outbox.models import Delivery
from subscribers.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailer.doctor.patient import Patient

TOLERANCE: Final = timedelta(minutes=2)
"""Clocks that ask a time server differ by milliseconds; a human's watch by this."""

BERLIN: Final = "Europe/Berlin"

YEARS: Final = 3
"""This year and the two that meetings are planned for."""

_DATE: Final = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT)"
)
"""A date as RFC 5322, section 3.3, writes it, somewhere in a line."""

WHY: Final = (
    "Nach der Uhr richtet sich, was wann hinausgeht, und ob ein Zertifikat noch gilt."
)
TODO: Final = (
    "Bitte stellen Sie die Uhr über das Netz (NTP): „timedatectl set-ntp true“."
)


def clock_agrees_with_others(patient: Patient) -> Iterator[Diagnosis]:
    """The machine, its disk and the database server have the same time."""
    now = patient.now
    if not isinstance(patient.app.clock, SystemClock):
        yield warning(
            "clock",
            "Die Uhr steht: MIA_NOW ist gesetzt.",
            "So lassen sich Vorführungen und Tests anhalten, aber kein Betrieb.",
            "Bitte löschen Sie die Umgebungsvariable MIA_NOW.",
        )
        return
    for name, there in _other_clocks(patient):
        yield compared(name, there, now=now)


def compared(name: str, there: datetime, *, now: datetime) -> Diagnosis:
    """Return what it means that a clock called *name* shows *there*."""
    apart = abs(now - there)
    if apart <= TOLERANCE:
        return fine("clock", f"Die Uhr geht wie die {name}.")
    minutes = apart // timedelta(minutes=1)
    side = "vor" if now > there else "nach"
    return warning(
        "clock",
        f"Die Uhr geht gegenüber der {name} {minutes} Minuten {side}.",
        WHY,
        TODO,
    )


def told_in(line: str) -> datetime | None:
    """Return the time that a server tells in *line*; None if it tells none."""
    found = _DATE.search(line)
    if found is None:
        return None
    # A leap second (RFC 5322, section 3.3) is one that Python does not know.
    shown = found[0].replace(":60 ", ":59 ")
    try:
        return parsedate_to_datetime(shown).astimezone(UTC)
    except ValueError:
        return None


def nothing_is_from_tomorrow(patient: Patient) -> Iterator[Diagnosis]:
    """What the ledger wrote down lies behind us; else the clock was turned back."""
    database = patient.database
    if database is None:
        return
    with database.reading() as db:
        found = db.scalar(sa.select(sa.func.max(Delivery.changed_at)))
    if found is not None and found > patient.now + TOLERANCE:
        yield error(
            "clock-back",
            f"Im Hauptbuch steht etwas aus der Zukunft ({found:%Y-%m-%d %H:%M} UTC).",
            "Die Uhr wurde zurückgestellt; was warten soll, wartet darum zu lange.",
            TODO,
        )


def zones_are_right(patient: Patient) -> Iterator[Diagnosis]:
    """Each zone is known, and Berlin changes its clocks as the law says."""
    year = patient.now.year
    try:
        wrong = [
            day
            for one in range(year, year + YEARS)
            for day in changes(one)
            if not _changes_at(ZoneInfo(BERLIN), day)
        ]
    except ZoneInfoNotFoundError:
        wrong = [datetime(year, 1, 1, tzinfo=UTC)]
    if wrong:
        yield error(
            "zones",
            f"Die Zeitzone {BERLIN} ist falsch oder fehlt: am {wrong[0]:%Y-%m-%d} "
            "stimmt die Umstellung nicht.",
            "Uhrzeiten in Briefen und Kalendern wären um eine Stunde falsch.",
            "Bitte bringen Sie das Paket „tzdata“ auf den neuesten Stand.",
        )
        return
    yield fine("zones", f"Sommer- und Winterzeit stimmen bis {year + YEARS - 1}.")


def zones_of_the_series(patient: Patient) -> Iterator[Diagnosis]:
    """This machine and the package agree about the zones that meetings have."""
    for zone in dict.fromkeys(series.zone for series in patient.settings.series):
        packed = _packed(zone.key)
        if packed is None:
            continue
        moments = [
            datetime(year, month, 15, tzinfo=UTC)
            for year in range(patient.now.year, patient.now.year + YEARS)
            for month in range(1, 13)
        ]
        if all(
            one.astimezone(zone).utcoffset() == one.astimezone(packed).utcoffset()
            for one in moments
        ):
            continue
        yield hint(
            "zone-data",
            f"Dieser Rechner und das Paket „tzdata“ sind sich über {zone.key} uneins.",
            "Eines von beiden kennt eine geänderte Zeitumstellung noch nicht.",
            "Bitte bringen Sie das System und das Programm auf den neuesten Stand.",
        )


def changes(year: int) -> Sequence[datetime]:
    """Return when clocks change in *year*: the last Sundays of March and October.

    Source: Directive 2000/84/EC, articles 2 and 3: at 1:00 UTC.
    """
    return [
        datetime(year, month, _last_sunday(year, month), 1, tzinfo=UTC)
        for month in (3, 10)
    ]


def _last_sunday(year: int, month: int) -> int:
    return max(week[calendar.SUNDAY] for week in calendar.monthcalendar(year, month))


def _changes_at(zone: ZoneInfo, moment: datetime) -> bool:
    """Tell whether *zone* is an hour apart right before and after *moment*."""
    before = (moment - timedelta(seconds=1)).astimezone(zone).utcoffset()
    after = moment.astimezone(zone).utcoffset()
    summer, winter = timedelta(hours=2), timedelta(hours=1)
    is_spring = moment.month < 6  # noqa: PLR2004 - of March and October
    return (before, after) == ((winter, summer) if is_spring else (summer, winter))


def _packed(key: str) -> ZoneInfo | None:
    """Return a zone as the package ``tzdata`` knows it; None if it does not."""
    try:
        place = files("tzdata").joinpath("zoneinfo", *key.split("/"))
        with place.open("rb") as file:
            return ZoneInfo.from_file(file, key)
    except (ModuleNotFoundError, OSError):
        return None


def _other_clocks(patient: Patient) -> Iterator[tuple[str, datetime]]:
    """Yield the clocks that can be asked without a network of others."""
    database = patient.app.unchecked_database
    folder = database.file.parent if database.file else Path(tempfile.gettempdir())
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".mia-") as file:
            written = Path(file.name).stat().st_mtime
    except OSError:
        pass  # that nothing can be written there, the database's group tells
    else:
        yield "Uhr des Datenträgers", datetime.fromtimestamp(written, tz=UTC)
    if not database.is_sqlite and patient.database is not None:
        with database.reading() as db:
            yield "Uhr der Datenbank", db.execute(sa.select(sa.func.now())).scalar_one()


CHECKS: Final = (
    clock_agrees_with_others,
    nothing_is_from_tomorrow,
    zones_are_right,
    zones_of_the_series,
)
