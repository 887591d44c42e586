"""Holidays of the next two years: are they known, and does no meeting lie on one?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from mailer import german
from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.meetings import agenda
from mailer.meetings.calendar_day import DayState
from mailer.meetings.closures import closure_on
from mailer.meetings.localtime import local_day
from mailer.meetings.slots import slots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient

SPAN: Final = timedelta(days=731)
"""Two years, one of them a leap year."""

NEW_YEAR: Final = "Neujahr"
"""A holiday in every German state, whose name shows the library's language."""


def holidays_are_known(patient: Patient) -> Iterator[Diagnosis]:
    """The library knows the years to come, and their names in German."""
    first = local_day(patient.now, patient.settings.series[0].zone)
    for year in range(first.year, first.year + 3):
        found = closure_on(date(year, 1, 1), patient.app.closures)
        if found is None or found.reason != NEW_YEAR:
            yield error(
                "holidays",
                f"Die Feiertage {year} sind nicht bekannt oder heißen nicht deutsch.",
                "Sonst wird zu einem Treffen eingeladen, das nicht stattfindet.",
                "Bitte bringen Sie das Paket „holidays“ auf den neuesten Stand.",
            )
            return
    yield fine(
        "holidays",
        f"Die Feiertage bis {first.year + 2} sind bekannt "
        f"(Bundesland {patient.settings.state}).",
    )


def what_falls_out(patient: Patient) -> Iterator[Diagnosis]:
    """Say which days of the rule are closed, so that somebody can look at them."""
    for series in patient.settings.series:
        first = local_day(patient.now, series.zone)
        found = slots(series, patient.app.closures, first, first + SPAN)
        days = [
            f"am {german.short_day(slot.on)} ({slot.closure.reason})"
            for slot in found
            if slot.closure is not None
        ]
        told = german.and_list(days) if days else "kein Treffen"
        yield fine(
            "closures",
            f"„{series.title}“: In den nächsten zwei Jahren fällt aus: {told}.",
        )


def no_meeting_on_a_closed_day(patient: Patient) -> Iterator[Diagnosis]:
    """What is stored agrees with what the settings say today."""
    database, series = patient.database, patient.settings.series
    if database is None:
        return
    first = local_day(patient.now, series[0].zone)
    with database.reading() as db:
        days = agenda.calendar(
            db, series, patient.app.closures, first=first, last=first + SPAN
        )
    for day in days:
        closure = closure_on(day.on, patient.app.closures)
        if closure is None or day.state is not DayState.PLANNED:
            continue
        on = german.full_day(day.on)
        say = warning if day.announced else hint
        yield say(
            "meeting-on-closed-day",
            f"„{day.title}“ ist für {on} geplant: {closure.reason}.",
            "Wer kommt, steht vielleicht vor verschlossener Tür.",
            "Wenn das Treffen nicht stattfindet, sagen Sie es bitte ab: „mia meetings "
            f"cancel {day.on}“.",
        )


CHECKS: Final = (holidays_are_known, what_falls_out, no_meeting_on_a_closed_day)
