"""An examination goes through all groups, whatever one of them meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mailer.doctor import examination, groups
from mailer.doctor.diagnosis import Diagnosis, error, exit_code, fine, warning
from mailer.errors import ExitCode, InboxUnreachable
from tests.patients import a_patient, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailer.doctor.patient import Check, Patient
    from subscribers.database import Database


@dataclass(frozen=True, slots=True)
class Trial:
    """Stands for a module of checks."""

    CHECKS: tuple[Check, ...]


def _stumble(_patient: Patient) -> Iterator[Diagnosis]:
    yield fine("first", "Das ging.")
    raise KeyError("nobody foresaw this")


def _refuse(_patient: Patient) -> Iterator[Diagnosis]:
    yield from _unreachable()


def _unreachable() -> list[Diagnosis]:
    raise InboxUnreachable("imap.example:993", "er antwortet nicht")


def _shine(_patient: Patient) -> Iterator[Diagnosis]:
    yield fine("third", "Das ging auch.")


@pytest.fixture
def patient(settings_file: Path, database: Database) -> Patient:
    """The example network."""
    return a_patient(settings_file, database)


def test_a_check_that_fails_hides_no_other(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said before counts, and so does everything after it."""
    group = groups.Group("Probe", (Trial((_stumble, _refuse, _shine)),))
    monkeypatch.setattr(examination, "GROUPS", {"trial": group})
    (report,) = examination.examine(patient, (), is_offline=False)
    found = spoken(report.diagnoses)
    assert [one.name for one in found] == ["first", "stumble", "refuse", "third"]
    assert "KeyError" in found[1].what
    assert found[2].exit_code is ExitCode.UNAVAILABLE


def test_offline_asks_nobody(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that needs others is left out and says so."""
    group = groups.Group("Probe", (Trial((_stumble,)),), is_online=True)
    monkeypatch.setattr(examination, "GROUPS", {"trial": group})
    (report,) = examination.examine(patient, (), is_offline=True)
    (found,) = spoken(report.diagnoses)
    assert (found.name, found.severity) == ("trial-skipped", "hint")


def test_only_what_was_asked_for_is_looked_at(patient: Patient) -> None:
    """The order is that of the table."""
    named = ("database", "settings")
    reports = examination.examine(patient, named, is_offline=True)
    assert [report.group for report in reports] == ["settings", "database"]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((), ExitCode.OK),
        ((warning("a", "b", "c", "d"),), ExitCode.OK),
        ((error("a", "b", "c", "d"),), ExitCode.FAILURE),
        (
            (
                error("a", "b", "c", "d"),
                error("a", "b", "c", "d", ExitCode.UNAVAILABLE),
            ),
            ExitCode.UNAVAILABLE,
        ),
        (
            (
                error("a", "b", "c", "d", ExitCode.UNAVAILABLE),
                error("a", "b", "c", "d", ExitCode.CONFIGURATION),
            ),
            ExitCode.CONFIGURATION,
        ),
        ((error("a", "b", "c", "d", ExitCode.TRY_AGAIN),), ExitCode.FAILURE),
    ],
)
def test_the_exit_code_is_that_of_the_gravest_error(
    found: tuple[Diagnosis, ...], code: ExitCode
) -> None:
    """What can be mended here wins over what others must; no error is no failure."""
    assert exit_code(found) == code
