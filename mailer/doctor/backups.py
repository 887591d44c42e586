"""Backups: is there one, is it young, and does it still lie where it was put?"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mailer import german
from mailer.backup.models import latest
from mailer.doctor.diagnosis import Diagnosis, fine, hint, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient

YOUNG: Final = timedelta(days=8)
"""A weekly backup, and a day in which it may be late."""

WHY: Final = (
    "Ohne junge Sicherung weiß nach einem Schaden niemand, wer angemeldet war und wer "
    "welchen Brief bekommen hat."
)

TODO: Final = (
    "Bitte rufen Sie „mia db backup“ auf, am besten jede Nacht aus einem Zeitplan."
)


def backup_is_young(patient: Patient) -> Iterator[Diagnosis]:
    """Somebody makes backups, and the last one is not old."""
    database = patient.database
    if database is None:
        return
    with database.reading() as db:
        last = latest(db)
    if last is None:
        what = "Von dieser Datenbank ist keine Sicherung bekannt."
        yield warning("backup-age", what, WHY, TODO)
        return
    zone = patient.settings.series[0].zone
    yield age(last.made_at.astimezone(zone), now=patient.now)
    if not Path(last.place).exists():
        yield hint(
            "backup-place",
            f"Die letzte Sicherung liegt nicht mehr unter {last.place}.",
            "Vielleicht hat sie jemand an einen sicheren Ort gebracht, vielleicht ist "
            "sie gelöscht.",
            "Bitte sehen Sie nach, ob es sie noch gibt.",
        )


def age(made_at: datetime, *, now: datetime) -> Diagnosis:
    """Return what a last backup at *made_at* means."""
    day = german.short_day(made_at)
    if now - made_at <= YOUNG:
        return fine("backup-age", f"Zuletzt gesichert am {day}.")
    days = (now - made_at).days
    return warning(
        "backup-age", f"Zuletzt gesichert am {day}, vor {days} Tagen.", WHY, TODO
    )


CHECKS: Final = (backup_is_young,)
