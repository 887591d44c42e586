"""Lists as an operator imports and exports them: reports, trials, private files."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from mailer.errors import ExitCode
from subscribers import audience
from subscribers.topics import Topic
from tests import in_process
from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database
    from tests.in_process import Run

LIST = (
    "E-Mail;Name;Fassung;Einwilligung am;Einwilligung Weg;Nachweis\r\n"
    "eva@post.example;Eva Jäger;Leichte Sprache;29.01.2026;Papier;Blatt 1\r\n"
    "max@post.example;Max Groß;;;;\r\n"
    "kaputt;Ohne Klammeraffe;;;;\r\n"
    "EVA@post.example;Eva Jäger;;;;\r\n"
)


@pytest.fixture
def run(settings_file: Path, database: Database) -> Run:
    """Run ``mia WORDS…`` on the example network, in this process."""
    return in_process.runner(settings_file, database)


def told(result: Result) -> Any:
    """Return what ``--json`` printed."""
    assert result.exit_code == ExitCode.OK, result.output
    return json.loads(result.stdout)


def invited(database: Database) -> list[str]:
    """Return who gets the next invitation."""
    with database.reading() as db:
        found = audience.recipients(db, Topic.INVITATIONS)
        return [who.address.text for who in found]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_list_comes_in_with_a_line_per_row(
    run: Run, database: Database, tmp_path: Path, encoding: str
) -> None:
    """Good rows are in, the bad one is named, the exit code says so."""
    path = tmp_path / "liste.csv"
    path.write_bytes(LIST.encode(encoding))

    result = run("subscribers", "import", str(path))

    assert result.exit_code == ExitCode.DATA
    report = result.stdout.splitlines()
    assert report[1].startswith("2      e…@post.example  aktiv      Einladungen: aktiv")
    assert report[2].startswith(
        "3      m…@post.example  wartet     Einladungen: wartet"
    )
    assert "abgelehnt  „kaputt“ ist keine gültige E-Mail-Adresse" in report[3]
    assert report[4].endswith("Steht in dieser Datei schon in Zeile 2")
    assert report[5] == "4 Zeilen: 1 aktiv, 1 wartet, 1 doppelt, 1 abgelehnt."
    assert invited(database) == ["eva@post.example"]
    names = [one["name"] for one in told(run("subscribers", "list", "--json"))]
    assert names == ["Eva Jäger", "Max Groß"]


@pytest.mark.parametrize("option", ["--dry-run", "--all-or-nothing"])
def test_a_trial_says_the_same_and_changes_nothing(
    run: Run, tmp_path: Path, option: str
) -> None:
    """A dry run always; all or nothing if a row was refused."""
    path = tmp_path / "liste.csv"
    path.write_text(LIST, encoding="utf-8")

    tried = run("subscribers", "import", str(path), option)
    assert told(run("subscribers", "list", "--json")) == []
    done = run("subscribers", "import", str(path))

    assert tried.stdout == done.stdout
    assert tried.exit_code == done.exit_code == ExitCode.DATA
    assert "wurde nichts" in tried.stderr


def test_all_or_nothing_takes_a_good_list(
    run: Run, database: Database, tmp_path: Path
) -> None:
    """Everything then."""
    path = tmp_path / "liste.csv"
    path.write_text("".join(LIST.splitlines(keepends=True)[:2]), encoding="utf-8")

    result = run("subscribers", "import", str(path), "--all-or-nothing")

    assert result.exit_code == ExitCode.OK
    assert invited(database) == ["eva@post.example"]


def test_a_report_for_programs(run: Run, tmp_path: Path) -> None:
    """Lines, counts, and whether anything was kept; addresses masked."""
    path = tmp_path / "liste.csv"
    path.write_text(LIST, encoding="utf-8")

    result = run("subscribers", "import", str(path), "--json", "--dry-run")

    report = json.loads(result.stdout)
    assert report["kept"] is False
    assert report["counts"]["refused"] == 1
    assert report["lines"][0] == {
        "line": 2,
        "outcome": "active",
        "address": "e…@post.example",
        "reason": "Einladungen: aktiv",
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Die Datei ist leer."),
        (b"PK\x03\x04", "Bitte in Excel als CSV speichern"),
        (b"E-Mail;Nahme\n", "gemeint ist vielleicht „Name“."),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    run: Run, tmp_path: Path, content: bytes, sentence: str
) -> None:
    """With a sentence that says what to do."""
    path = tmp_path / "liste.csv"
    path.write_bytes(content)

    result = run("subscribers", "import", str(path))

    assert result.exit_code == ExitCode.DATA
    assert sentence in result.stderr


def test_a_file_that_cannot_be_read_is_a_sentence(run: Run) -> None:
    """The memory of a process can be opened, but not read from its beginning."""
    result = run("subscribers", "import", "/proc/self/mem")

    assert result.exit_code == ExitCode.FAILURE
    assert "/proc/self/mem" in result.stderr


def test_an_empty_list_is_no_mistake(run: Run) -> None:
    """A heading without rows, from standard input."""
    result = run("subscribers", "import", "-", typed="E-Mail\n")

    assert result.exit_code == ExitCode.OK
    assert result.stdout == "Die Liste hat keine Zeilen.\n"


def test_the_real_program_reads_and_writes_private_files(
    settings_file: Path, database_url: str, database: Database, tmp_path: Path
) -> None:
    """As processes: import, export to a file only its owner reads, import again."""
    assert database.is_sqlite
    program = Program(settings_file, {"MIA_DATABASE_URL": database_url})
    source, target = tmp_path / "liste.csv", tmp_path / "neu.csv"
    source.write_bytes(LIST.encode("cp1252"))

    imported = program.run("-v", "subscribers", "import", str(source))
    exported = program.run("subscribers", "export", "--out", str(target))
    again = program.run("subscribers", "import", str(target))

    assert imported.returncode == ExitCode.DATA, imported.stderr
    assert "people.imported" in imported.stderr
    assert "post.example" not in imported.stderr
    assert exported.returncode == ExitCode.OK, exported.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_bytes().startswith(b"\xef\xbb\xbfE-Mail;Name;")
    assert again.returncode == ExitCode.OK, again.stdout
    assert "2 Zeilen: 2 unverändert." in again.stdout


def test_an_export_without_a_place_to_go_is_refused(run: Run, tmp_path: Path) -> None:
    """The folder does not exist; nothing is left behind."""
    result = run("subscribers", "export", "--out", str(tmp_path / "nein" / "a.csv"))

    assert result.exit_code == ExitCode.CANNOT_CREATE
    assert "kann nicht geschrieben werden" in result.stderr
