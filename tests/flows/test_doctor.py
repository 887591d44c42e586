"""Jan asks whether everything is in order: the command as he meets it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from mailer.doctor.groups import GROUPS
from tests.in_process import Run, runner
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

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
    text = done.stdout.replace(str(settings_file.parent), "/srv/mia")
    text = re.sub(r"\d+(?= Megabyte| von| Texten| Briefe)|(?<=Stand )\d+", "N", text)
    golden("doctor/new.txt", re.sub(r"gelesen: .*", "gelesen: …", text))


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


def relayed(mia: Run, server: ScriptedSmtp, *words: str) -> Result:
    """Run ``mia`` with *server* as its relay."""
    relay = {
        "smtp.host": "127.0.0.1",
        "smtp.port": server.port,
        "smtp.security": "plain",
    }
    flags = [
        word for key, value in relay.items() for word in ("--set", f"{key}={value}")
    ]
    return mia(*flags, *words)


def test_a_test_letter_goes_to_the_coordinator_alone(
    mia: Run, smtp_server: ScriptedSmtp
) -> None:
    """One letter, on the way that invitations take: ledger, envelope, list header."""
    done = relayed(mia, smtp_server, "doctor", "--only", "smtp", "--test-mail")
    assert done.exit_code == 0, done.output
    (letter,) = smtp_server.accepted
    assert letter.recipient == letter.return_path == "k_sommer@aschersleben.de"
    assert b"Subject: Testbrief von MIA" in letter.content
    assert b"List-Unsubscribe: " in letter.content
    assert "auch im Spam" in done.stdout
    ledger = relayed(mia, smtp_server, "outbox", "status", "--json").stdout
    assert '"test/' in ledger


def test_a_test_letter_that_is_refused_is_told(
    mia: Run, smtp_server: ScriptedSmtp
) -> None:
    """The server's words, and the exit code of a failure."""
    smtp_server.script = Script(content="554 5.7.1 smells of spam")
    done = relayed(
        mia, smtp_server, "doctor", "--only", "smtp", "--test-mail", "--json"
    )
    assert done.exit_code == 1
    (found,) = [one for one in findings(done.stdout) if one["name"] == "test-mail"]
    assert "smells of spam" in found["what"]


def test_a_test_letter_to_a_relay_that_is_gone_is_told(mia: Run) -> None:
    """69 for a monitor; the letter waits in the ledger, but not for long."""
    with ScriptedSmtp() as gone:
        pass
    done = relayed(mia, gone, "doctor", "--only", "settings", "--test-mail", "--json")
    assert done.exit_code == 69
    assert [one["level"] for one in findings(done.stdout)][-1] == "error"


def test_a_test_letter_without_a_relay_is_no_letter(mia: Run) -> None:
    """What is missing is told once; --offline and --test-mail exclude each other."""
    assert mia("doctor", "--test-mail", "--only", "settings").exit_code == 0
    assert mia("doctor", "--test-mail", "--offline").exit_code == 2


def test_a_letter_that_arrived_is_looked_at(mia: Run, tmp_path: Path) -> None:
    """What the receiving server wrote on it; no nameserver is needed for that."""
    path = tmp_path / "letter.eml"
    path.write_text(
        "Authentication-Results: mx.example; dmarc=fail\r\n"
        "From: k_sommer@aschersleben.de\r\n\r\nGuten Tag!\r\n",
        encoding="utf-8",
    )
    done = mia("doctor", "--only", "dns", "--letter", str(path), "--json")
    found = [one for one in findings(done.stdout) if one["name"] == "arrived"]
    assert [one["level"] for one in found] == ["error"]
