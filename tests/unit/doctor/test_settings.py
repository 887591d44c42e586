"""The doctor looks at the settings: rights of files, and what does not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.doctor import settings
from mailer.doctor.diagnosis import Severity
from mailer.errors import ExitCode
from tests.patients import a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

SENDING = {"smtp.user": "mia", "smtp.host": "relay.town.example"}

READ = {
    "inbox.address": "post@mia.example",
    "inbox.host": "localhost",
}


@pytest.mark.parametrize(
    ("mode", "level"), [(0o600, "ok"), (0o644, "ok"), (0o664, "error")]
)
def test_settings_that_others_can_change_are_an_error(
    settings_file: Path, database: Database, mode: int, level: str
) -> None:
    """The file names commands; reading it is no harm, changing it is."""
    settings_file.chmod(mode)
    patient = a_patient(settings_file, database)
    assert told(settings.settings_are_ours, patient) == {"settings-mode": level}


@pytest.mark.parametrize(
    ("mode", "level"), [(0o600, "ok"), (0o400, "ok"), (0o640, "hint"), (0o604, "error")]
)
def test_a_secret_that_others_can_read_is_an_error(
    settings_file: Path, database: Database, mode: int, level: str
) -> None:
    """0600 is right; a group may be the service itself; all others are too many."""
    settings_file.with_suffix(".secret").chmod(mode)
    patient = a_patient(settings_file, database)
    assert told(settings.secrets_are_private, patient) == {"secret-mode": level}


def test_a_secret_in_the_environment_has_no_rights_to_look_at(
    settings_file: Path, database: Database
) -> None:
    """Nothing is said about a file that does not exist."""
    patient = a_patient(settings_file, database, SENDING)
    assert len(list(settings.secrets_are_private(patient))) == 1


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, {"smtp-host": "warning"}),
        (
            {"smtp.host": "relay.aschersleben.de"},
            {"sender-login": "ok"},
        ),
        (
            {"smtp.host": "relay.aschersleben.de", "sender.address": "k@mia.example"},
            {"sender-domain": "warning"},
        ),
        (
            {
                "smtp.host": "relay.aschersleben.de",
                "smtp.user": "konto@anbieter.example",
            },
            {"sender-login": "hint"},
        ),
        (
            {"smtp.host": "relay.aschersleben.de", "smtp.user": "mia"},
            {"sender-login": "ok"},
        ),
    ],
)
def test_the_login_has_to_fit_the_sender(
    settings_file: Path,
    database: Database,
    flags: dict[str, str],
    expected: dict[str, str],
) -> None:
    """No relay, an address nobody has, an account of another domain: each is told."""
    patient = a_patient(settings_file, database, flags)
    assert told(settings.mail_can_leave, patient) == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, {"inbox-address": "hint"}),
        (
            {"inbox.address": "post@mia.example"},
            {"inbox-pipe": "hint", "return-path": "warning"},
        ),
        (READ, {"return-path": "warning"}),
        (READ | {"smtp.return_path": "Post@mia.example"}, {"return-path": "ok"}),
        (
            READ
            | {
                "smtp.return_path": "post@mia.example",
                "smtp.return_paths": "signed",
                "inbox.mode": "dedicated",
                "coordinator.email": "post@mia.example",
            },
            {"return-path": "ok", "inbox-coordinator": "error"},
        ),
    ],
)
def test_reports_and_answers_must_come_back(
    settings_file: Path,
    database: Database,
    flags: dict[str, str],
    expected: dict[str, str],
) -> None:
    """What goes to a mailbox that nobody reads is told before it is missed."""
    patient = a_patient(settings_file, database, flags)
    assert told(settings.mail_can_return, patient) == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, {}),
        ({"smtp.host": "relay.town.example"}, {"alarm": "hint"}),
        (
            {"smtp.host": "relay.town.example", "alarm.sendmail": "/usr/sbin/sendmail"},
            {"alarm": "ok"},
        ),
        (
            {"smtp.host": "relay.town.example", "alarm.command": "/usr/bin/sms"},
            {"alarm": "ok"},
        ),
    ],
)
def test_alarms_need_a_second_way(
    settings_file: Path,
    database: Database,
    flags: dict[str, str],
    expected: dict[str, str],
) -> None:
    """A dead mail server cannot tell by mail that it is dead."""
    patient = a_patient(settings_file, database, flags)
    assert told(settings.alarms_have_a_way, patient) == expected


def test_speed_has_its_price_beside_it(settings_file: Path, database: Database) -> None:
    """It is allowed; whoever chose it reads what it may cost."""
    fast = a_patient(settings_file, database, {"database.durability": "fast"})
    assert told(settings.power_cut_is_survived, fast) == {"durability": "hint"}
    full = a_patient(settings_file, database)
    assert told(settings.power_cut_is_survived, full) == {}


def test_a_wrong_mode_names_the_command_that_mends_it(
    settings_file: Path, database: Database
) -> None:
    """Jan can copy the line; the exit code says that it is his to mend."""
    settings_file.chmod(0o666)
    (found,) = spoken(settings.settings_are_ours(a_patient(settings_file, database)))
    assert found.severity is Severity.ERROR
    assert found.exit_code is ExitCode.CONFIGURATION
    assert f"chmod 644 {settings_file}" in found.todo
