"""An administrator sets up a network: ``mia init``, then the first looks at it."""

from __future__ import annotations

import sqlite3
import stat
import tomllib
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import cli
from mailer.migrations import KNOWN
from mailer.settings import load
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from click.testing import Result

KOETHEN: Final = (
    "GTK",  # short name
    "",  # full name: as proposed
    "Gemeinsam Tätig Köthen",
    "Köthen",
    "",  # who is responsible: Stadt Köthen
    "Marktstraße 1",
    "06366 Köthen",
    "Jana Muster",
    "Inklusionsbeauftragte",
    "jana",  # no address: asked again
    "jana@koethen.example",
    "03496 12-34",
    "Preußen",  # no state: asked again
    "sachsen-anhalt",
    "Kaffee & Reden",
    "do",
    "6",  # no month has six: asked again
    "2 und -1",
    "9.30",
    "8:00",  # before the beginning: asked again
    "11:00",
    "Saal",
    "Hauptstraße 2",
    "06366",
    "Köthen",
    "im Saal in der Hauptstraße 2",
)
NO_RELAY: Final = ("",)
RELAY: Final = (
    "mail.koethen.example",
    "plain",  # only to this machine: asked again
    "tls",
    "",  # the usual port
    "mia",
    "geheim",
)


def init(folder: Path, *words: str, answers: Sequence[str] = ()) -> Result:
    """Run ``mia init`` with typed answers."""
    runner = CliRunner(env={"MIA_NOW": "2026-11-23T09:00:00+01:00", "MIA_CONFIG": ""})
    typed = "".join(f"{answer}\n" for answer in answers)
    before = ["--config", str(folder / "mia.toml")]
    return runner.invoke(cli.mia, [*before, "init", *words], input=typed)


def written(folder: Path) -> dict[str, Any]:
    """Return the settings file as TOML."""
    return tomllib.loads((folder / "mia.toml").read_text(encoding="utf-8"))


def test_defaults_make_the_example_network(tmp_path: Path) -> None:
    """No question; afterwards everything works but sending."""
    program = Program(tmp_path / "mia.toml")
    done = program.run("init", "--defaults")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Mailserver eintragen: [smtp] host" in done.stdout
    assert "mia doctor" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {
        "mia.toml",
        "mia.secret",
        "mia.db",
    }
    secret = tmp_path / "mia.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(bytes.fromhex(secret.read_text(encoding="utf-8"))) == 32
    assert stat.S_IMODE((tmp_path / "mia.db").stat().st_mode) == 0o600

    check = program.run("config", "check")
    assert check.returncode == 0
    assert "Alles in Ordnung" in check.stdout
    status = program.run("db", "status")
    assert status.returncode == 0
    assert KNOWN[-1] in status.stdout


def test_two_networks_have_two_secrets(tmp_path: Path) -> None:
    """Nobody's links work at somebody else's."""
    for name in ("a", "b"):
        assert init(tmp_path / name, "--defaults").exit_code == 0
    first, second = (tmp_path / name / "mia.secret" for name in ("a", "b"))
    assert first.read_bytes() != second.read_bytes()


def test_enter_to_every_question_is_the_example(tmp_path: Path) -> None:
    """Twelve facts, the meeting as it is, no relay yet."""
    asked = init(tmp_path / "asked", answers=[""] * 14)
    assert asked.exit_code == 0, asked.stderr
    assert init(tmp_path / "silent", "--defaults").exit_code == 0
    assert written(tmp_path / "asked") == written(tmp_path / "silent")


def test_another_town_gets_nothing_of_aschersleben(tmp_path: Path) -> None:
    """Impossible answers are asked again; whatever belonged to the example is gone."""
    result = init(tmp_path, answers=[*KOETHEN, *NO_RELAY])
    assert result.exit_code == 0, result.stderr
    for sentence in (
        "das Zeichen @ fehlt",
        "Das Bundesland „Preußen“ gibt es nicht",
        "Möglich ist 1 bis 5, und -1 für den letzten.",
        "Das Ende muss nach dem Beginn liegen.",
    ):
        assert f"Fehler: {sentence}" in result.stderr.replace(
            "„jana“ ist keine gültige E-Mail-Adresse: ", ""
        )
    values = written(tmp_path)
    assert "schersleben" not in repr(values)
    assert "Sommer" not in repr(values)
    assert "3473" not in repr(values)
    (series,) = values["series"]
    assert series["key"] == "kaffee-reden"
    assert series["weekday"] == "Donnerstag"
    assert series["nth"] == [2, -1]
    assert (series["start"], series["end"]) == ("09:30", "11:00")
    assert series["added"] == []
    assert series["first_on"].isoformat() == "2026-11-23"
    assert series["about"].startswith("„Kaffee & Reden“ ist das regelmäßige")
    assert values["network"]["organisation"] == "Stadt Köthen"
    assert values["network"]["list_id"] == "gtk.koethen.example"
    assert values["holidays"]["state"] == "ST"
    assert values["venues"]["treffpunkt"]["facts"]["step_free"] == "nicht bekannt"
    loaded = load(tmp_path / "mia.toml", {}, flags={})
    assert loaded.settings.network.town == "Köthen"


def test_a_password_goes_into_its_own_file(tmp_path: Path) -> None:
    """It is typed unseen and stands in no file but its own, and in no output."""
    result = init(tmp_path, answers=[*KOETHEN, *RELAY])
    assert result.exit_code == 0, result.stderr
    path = tmp_path / "smtp.password"
    assert path.read_text(encoding="utf-8") == "geheim\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "geheim\n" not in result.output.replace("geheimer", "")
    assert '"geheim"' not in (tmp_path / "mia.toml").read_text(encoding="utf-8")
    smtp = load(tmp_path / "mia.toml", {}, flags={}).settings.smtp
    assert (smtp.host, smtp.port, smtp.user) == ("mail.koethen.example", 465, "mia")
    assert smtp.password == "geheim"


def test_the_same_town_may_meet_elsewhere(tmp_path: Path) -> None:
    """Who keeps Aschersleben is asked whether the place is right."""
    meeting = ["nein", "Offene Runde", "Mo", "1", "", "", "Saal", "", "", "", "im Saal"]
    result = init(tmp_path, answers=[""] * 12 + meeting + [""])
    assert result.exit_code == 0, result.stderr
    values = written(tmp_path)
    assert values["series"][0]["weekday"] == "Montag"
    assert values["series"][0]["end"] == "13:00"
    assert values["venues"]["treffpunkt"]["street"] == "Hohe Straße 21"
    assert values["coordinator"]["employer_easy"].startswith("arbeitet bei")


def test_what_exists_is_never_overwritten(tmp_path: Path) -> None:
    """A second init changes nothing, and says what to do."""
    assert init(tmp_path, "--defaults").exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = init(tmp_path, "--defaults")
    assert again.exit_code == 73
    assert "die Datei gibt es schon, und sie bleibt, wie sie ist" in again.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_old_secret_goes_on_to_hold(tmp_path: Path) -> None:
    """Who lost only the settings keeps all links and the suppression list."""
    assert init(tmp_path, "--defaults").exit_code == 0
    secret = (tmp_path / "mia.secret").read_bytes()
    (tmp_path / "mia.toml").unlink()
    again = init(tmp_path, "--defaults")
    assert again.exit_code == 0
    assert "war schon da und gilt weiter" in again.stdout
    assert (tmp_path / "mia.secret").read_bytes() == secret


def test_nobody_there_to_answer(tmp_path: Path) -> None:
    """A script without --defaults gets a sentence, and nothing is left behind."""
    result = init(tmp_path / "new", answers=["GTK"])
    assert result.exit_code == 1
    assert "hier kann niemand tippen" in result.stderr
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Exit 73, with the reason in German."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = init(tmp_path / "file" / "deeper", "--defaults")
    assert result.exit_code == 73
    assert "file kann nicht geschrieben werden: das gibt es schon." in result.stderr


def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the database cannot be made, there is no settings file either."""
    monkeypatch.setenv("MIA_DATABASE_URL", f"sqlite:///{tmp_path}/file/mia.db")
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = init(tmp_path / "new" / "deeper", "--defaults")
    assert result.exit_code == 69
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", ["status", "upgrade"])
def test_a_newer_database_is_refused(tmp_path: Path, command: str) -> None:
    """Exit 78 with both revisions, and the file stays as it is."""
    program = Program(tmp_path / "mia.toml")
    assert program.run("init", "--defaults").returncode == 0
    with sqlite3.connect(tmp_path / "mia.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (tmp_path / "mia.db").read_bytes()
    done = program.run("db", command)
    assert done.returncode == 78
    assert "9999" in done.stderr
    assert KNOWN[-1] in done.stderr
    assert (tmp_path / "mia.db").read_bytes() == before


def test_upgrade_says_from_where_to_where(tmp_path: Path) -> None:
    """An empty database is set up; a second time nothing is to be done."""
    program = Program(tmp_path / "mia.toml")
    assert program.run("init", "--defaults").returncode == 0
    (tmp_path / "mia.db").unlink()
    empty = program.run("db", "status")
    assert empty.returncode == 78
    assert "mia db upgrade" in empty.stderr
    first = program.run("-v", "db", "upgrade")
    assert f"eingerichtet, Stand {KNOWN[-1]}" in first.stdout
    assert '"event": "database.upgraded"' in first.stderr
    second = program.run("db", "upgrade")
    assert f"schon auf dem Stand {KNOWN[-1]}" in second.stdout
