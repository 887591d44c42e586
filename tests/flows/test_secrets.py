"""What nobody may see: secrets in logs, output, files; people in the log."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import SECRET
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import MUTE, Script, ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from subscribers.database import Database

PASSWORD: Final = "9f8e7d6c5b4a-sesam"
LOGIN: Final = f"\0mia\0{PASSWORD}".encode()

HIDDEN: Final = (
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.b64encode(LOGIN).decode(),
    SECRET.hex(),
    SECRET.hex()[:16],
    base64.b64encode(SECRET).decode(),
)
"""The password and the key, as they are and as they travel."""

READER: Final = "person-mit-namen@netz.example"


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    """A relay that wants a login."""
    with ScriptedSmtp() as server:
        yield server


@pytest.fixture
def mia(
    settings_file: Path, database_url: str, database: Database, server: ScriptedSmtp
) -> Program:
    """The program with a reader, and a password in the environment."""
    with database.transaction() as db:
        a_subscriber(db, READER, name="Rita Beispiel")
    program = Program(settings_file, {"MIA_DATABASE_URL": database_url})
    login = {"MIA_SMTP_USER": "mia", "MIA_SMTP_PASSWORD": PASSWORD}
    return Program(settings_file, {**program.with_relay(server).environ, **login})


def seen(text: str) -> list[str]:
    """Return what of the hidden is in *text*."""
    return [one for one in HIDDEN if one in text]


@pytest.mark.parametrize(
    "words",
    [
        ("config", "show"),
        ("config", "show", "--json"),
        ("doctor", "--only", "smtp", "--only", "settings", "--test-mail"),
        ("invite", "--yes"),
        ("outbox", "status"),
        ("db", "backup"),
    ],
    ids=" ".join,
)
def test_no_command_shows_a_secret(mia: Program, words: tuple[str, ...]) -> None:
    """Not at the loudest level either, on neither stream."""
    done = mia.here("-vv", *words)
    assert done.exit_code == 0, done.output
    assert seen(done.stdout + done.stderr) == []


def test_a_refused_login_shows_no_secret(mia: Program, server: ScriptedSmtp) -> None:
    """Where programs most like to repeat what they have said."""
    server.script = Script(auth=f"535 5.7.8 {PASSWORD} is wrong")
    done = mia.here("-vv", "invite", "--yes")
    assert done.exit_code == 78
    assert base64.b64encode(LOGIN).decode() not in done.stderr
    assert SECRET.hex() not in done.stderr


def test_no_file_holds_a_secret_but_its_own(
    mia: Program, tmp_path: Path, settings_file: Path
) -> None:
    """Settings, database, backup: whoever finds one of them can send nothing."""
    assert mia.here("invite", "--yes").exit_code == 0
    assert mia.here("db", "backup", str(tmp_path / "copy.db")).exit_code == 0
    own = settings_file.with_suffix(".secret")
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != own:
            assert seen(path.read_bytes().decode("latin-1")) == [], path
            assert SECRET not in path.read_bytes(), path


@pytest.mark.slow
def test_the_list_of_processes_shows_no_secret(
    mia: Program, server: ScriptedSmtp
) -> None:
    """Everybody on the machine can read it while the program runs."""
    server.script = Script(greeting=MUTE)
    process = mia.start("invite", "--yes")
    try:
        while not server.connections:
            assert process.poll() is None
        line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    finally:
        process.kill()
        process.communicate()
    assert b"invite" in line
    assert seen(line.decode()) == []


@pytest.mark.parametrize("loud", [(), ("-v",), ("-vv",)], ids=["usual", "v", "vv"])
def test_the_log_names_no_reader(mia: Program, loud: tuple[str, ...]) -> None:
    """Numbers and domains; who she is stands in the database alone."""
    done = mia.here(*loud, "invite", "--yes")
    assert done.exit_code == 0, done.output
    for name in (READER, READER.partition("@")[0], "Rita Beispiel"):
        assert name not in done.stderr
