"""The doctor asks for backups: none, an old one, one that has gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mailer.backup.making import make
from mailer.doctor import backups
from tests.conftest import PRESENT
from tests.patients import a_patient, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database


def test_no_backup_is_a_warning(settings_file: Path, database: Database) -> None:
    """Nobody thinks of it until it is needed."""
    patient = a_patient(settings_file, database)
    assert told(backups.backup_is_young, patient) == {"backup-age": "warning"}


def test_a_young_backup_is_fine(settings_file: Path, database: Database) -> None:
    """A week and a day: the weekly timer may be late."""
    make(database, None, now=PRESENT - timedelta(days=8))
    patient = a_patient(settings_file, database)
    assert told(backups.backup_is_young, patient) == {"backup-age": "ok"}


def test_an_old_backup_is_a_warning(settings_file: Path, database: Database) -> None:
    """The days are counted; only the last one matters."""
    for days in (20, 9):
        make(database, None, now=PRESENT - timedelta(days=days))
    patient = a_patient(settings_file, database)
    (found,) = backups.backup_is_young(patient)
    assert found.severity == "warning"
    assert "vor 9 Tagen" in found.what


def test_a_backup_that_is_gone_is_told(settings_file: Path, database: Database) -> None:
    """It may have been moved to a safe place, or lost: somebody should know."""
    make(database, None, now=PRESENT).path.unlink()
    patient = a_patient(settings_file, database)
    assert told(backups.backup_is_young, patient) == {
        "backup-age": "ok",
        "backup-place": "hint",
    }
