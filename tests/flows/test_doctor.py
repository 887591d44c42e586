"""Jan asks whether everything is in order: the command as he meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mailer.doctor.groups import GROUPS
from tests.in_process import Run, runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from subscribers.database import Database


@pytest.fixture
def mia(settings_file: Path, database: Database) -> Run:
    """Runs ``mia`` on the example network."""
    if database.file:
        database.file.chmod(0o600)
    return runner(settings_file, database)


def findings(output: str) -> list[dict[str, Any]]:
    """Return what ``--json`` tells."""
    told: list[dict[str, Any]] = json.loads(output)["findings"]
    return told


def test_a_new_installation_is_told_line_by_line(
    mia: Run, settings_file: Path, golden: Callable[[str, str], None]
) -> None:
    """Headings, levels, reasons and advice as plain lines, no drawing, no colour."""
    done = mia("doctor", "--offline")
    assert done.exit_code == 0, done.output
    folder = str(settings_file.parent)
    lines = [line for line in done.stdout.splitlines() if "Megabyte" not in line]
    golden("doctor/new.txt", "\n".join(lines).replace(folder, "/srv/mia") + "\n")


def test_json_has_one_shape_for_everything(mia: Run) -> None:
    """Every finding has the same keys; a program can rely on them."""
    done = mia("doctor", "--offline", "--json")
    told = json.loads(done.stdout)
    assert set(told) == {"exit_code", "findings"}
    assert told["exit_code"] == done.exit_code == 0
    for one in told["findings"]:
        assert set(one) == {"group", "name", "level", "what", "why", "todo"}
        assert one["group"] in GROUPS
        assert one["level"] in {"ok", "hint", "warning", "error"}
        assert (one["todo"] is None) == (one["level"] == "ok")


def test_broken_settings_are_the_first_finding(mia: Run, settings_file: Path) -> None:
    """Every mistake is told at once, and the exit code says where to look."""
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(f"{text}\nunbekannt = 1\n", encoding="utf-8")
    done = mia("doctor", "--json")
    assert done.exit_code == 78
    (found,) = findings(done.stdout)
    assert found["level"] == "error"
    assert "unbekannt" in found["what"]


def test_missing_settings_are_told_too(mia: Run, settings_file: Path) -> None:
    """Before anything was set up, the doctor says how to begin."""
    settings_file.unlink()
    done = mia("doctor")
    assert done.exit_code == 78
    assert "„mia init“" in done.stdout


def test_one_group_alone(mia: Run) -> None:
    """``--only`` looks at what it names; a wrong name is a mistake of typing."""
    done = mia("doctor", "--only", "database", "--json")
    assert {one["group"] for one in findings(done.stdout)} == {"database"}
    assert mia("doctor", "--only", "weather").exit_code == 2
