"""The doctor looks at the database: there, whole, writable, private, with room."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.doctor import database as checks
from mailer.doctor.examination import examine
from mailer.errors import ExitCode
from mailer.outbox import places
from subscribers import mailboxes
from subscribers.address import EmailAddress
from subscribers.database import Database
from tests.conftest import PRESENT
from tests.patients import a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@both
def test_a_good_database_is_fine(settings_file: Path, database: Database) -> None:
    """Both kinds pass; on PostgreSQL there is no file to look at."""
    if database.file:
        database.file.chmod(0o600)
    patient = a_patient(settings_file, database)
    levels = {
        level for check in checks.CHECKS for level in told(check, patient).values()
    }
    assert levels <= {"ok", "warning"}  # the machine of the tests may be full
    assert told(checks.secret_fits, patient) == {"secret": "ok"}


def test_an_empty_database_is_a_matter_of_settings(
    settings_file: Path, tmp_path: Path
) -> None:
    """Nothing was set up yet: what to call is told, and nothing is created."""
    empty = Database(f"sqlite:///{tmp_path / 'none.db'}")
    patient = a_patient(settings_file, empty)
    (found,) = spoken(checks.database_answers(patient))
    assert found.exit_code is ExitCode.CONFIGURATION
    assert "„mia db upgrade“" in found.todo
    assert [told(check, patient) for check in checks.CHECKS[1:4]] == [{}, {}, {}]
    assert not (tmp_path / "none.db").exists()


def test_an_unreachable_database_is_unavailable(
    settings_file: Path, tmp_path: Path
) -> None:
    """A folder where a file should be: nobody can open it."""
    (tmp_path / "folder.db").mkdir()
    patient = a_patient(settings_file, Database(f"sqlite:///{tmp_path / 'folder.db'}"))
    (found,) = spoken(checks.database_answers(patient))
    assert found.exit_code is ExitCode.UNAVAILABLE


def test_a_dead_database_is_not_tried_by_every_check(
    settings_file: Path, tmp_path: Path
) -> None:
    """Once by its own group and once for all others, whatever is looked at."""
    (tmp_path / "folder.db").mkdir()
    dead = Database(f"sqlite:///{tmp_path / 'folder.db'}")
    tries: list[object] = []
    sa.event.listen(dead.engine, "do_connect", lambda *given: tries.append(given))
    patient = a_patient(settings_file, dead)
    for report in examine(patient, (), is_offline=True):
        spoken(report.diagnoses)
    assert len(tries) == 2


def test_damage_is_found(settings_file: Path, database: Database) -> None:
    """A row that points to nothing, written behind our back."""
    assert database.file is not None
    with sqlite3.connect(database.file) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute(
            "INSERT INTO subscription (mailbox_id, topic, state, changed_at)"
            " VALUES (77, 'invitations', 'active', '2026-01-29 09:00:00')"
        )
    raw.close()
    patient = a_patient(settings_file, database)
    (found,) = spoken(checks.database_is_whole(patient))
    assert "subscription" in found.what
    assert told(checks.database_is_whole, patient) == {"integrity": "error"}


def test_a_database_that_cannot_be_written_is_an_error(
    settings_file: Path, database: Database
) -> None:
    """Whoever runs the doctor may read, and the service could not write."""
    readonly = "PRAGMA query_only = ON"
    sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute(readonly))
    patient = a_patient(settings_file, database)
    (found,) = spoken(checks.database_can_be_written(patient))
    assert found.exit_code is ExitCode.UNAVAILABLE
    assert "schreibgeschützt" in found.what


def test_a_look_at_the_rights_changes_nothing(
    settings_file: Path, database: Database
) -> None:
    """The write that is tried is taken back."""
    patient = a_patient(settings_file, database)
    assert told(checks.database_can_be_written, patient) == {"writable": "ok"}
    assert database.revision() is not None


@pytest.mark.parametrize(("mode", "level"), [(0o600, "ok"), (0o640, "error")])
def test_addresses_are_not_for_others(
    settings_file: Path, database: Database, mode: int, level: str
) -> None:
    """The file is read by its owner alone."""
    assert database.file is not None
    database.file.chmod(mode)
    patient = a_patient(settings_file, database)
    assert told(checks.database_is_private, patient) == {"database-mode": level}


@pytest.mark.parametrize(
    ("free", "level"), [(10**9, "ok"), (10**8, "warning"), (10**6, "error")]
)
def test_a_full_disk_is_told_in_time(tmp_path: Path, free: int, level: str) -> None:
    """First a warning, then an error: what is sent must also be written down."""
    (found,) = spoken([checks.room(tmp_path, free)])
    assert found.severity == level


def test_a_foreign_secret_is_found(settings_file: Path, database: Database) -> None:
    """A restored database with another mia.secret protects nobody."""
    with database.transaction() as db:
        address = EmailAddress.parse("rita@bewohner.example")
        mailboxes.get_or_add(db, address, key=bytes(32), now=PRESENT)
    patient = a_patient(settings_file, database)
    assert told(checks.secret_fits, patient) == {"secret": "error"}


def test_a_copy_may_not_send(settings_file: Path, database: Database) -> None:
    """A restored or cloned database says so before anybody waits for a letter."""
    patient = a_patient(settings_file, database)
    assert told(checks.sending_is_allowed, patient) == {"place": "ok"}
    with database.transaction() as db:
        places.disown(db, now=PRESENT)
    (found,) = spoken(checks.sending_is_allowed(patient))
    assert found.exit_code is ExitCode.PERMISSION
    assert "mia db adopt" in found.todo
