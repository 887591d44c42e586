"""Secrets: four ways in, no way out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mailer.settings.origins import Origin, OriginKind
from mailer.settings.parsers import Unfit
from mailer.settings.secret_values import Secret, SecretPlace, as_key, find

if TYPE_CHECKING:
    from pathlib import Path


def place(*, file: str = "", command: str = "") -> SecretPlace:
    """Return where a password may come from."""
    return SecretPlace(
        "smtp.password", "MIA_SMTP_PASSWORD", "smtp_password", file, command
    )


def python(code: str) -> str:
    """Return a command line that runs *code*."""
    return f'{sys.executable} -c "{code}"'


def sentence(where: SecretPlace, folder: Path) -> str:
    """Return what is said about a secret that cannot be read."""
    with pytest.raises(Unfit) as caught:
        find(where, {}, folder)
    return str(caught.value)


def test_none_set_is_no_mistake(tmp_path: Path) -> None:
    """Whether a secret is needed is for others to say."""
    assert find(place(), {}, tmp_path).text == ""


def test_the_environment_wins_over_the_credential_over_the_file(
    tmp_path: Path,
) -> None:
    """What was set for this run or this service beats the settings file."""
    (tmp_path / "file").write_text("from the file\n", encoding="utf-8")
    (tmp_path / "file").chmod(0o600)
    folder = tmp_path / "credentials"
    folder.mkdir()
    where = place(file="file")
    environ = {"CREDENTIALS_DIRECTORY": str(folder)}
    assert find(where, environ, tmp_path).text == "from the file"

    (folder / "smtp_password").write_text("from systemd", encoding="utf-8")
    found = find(where, environ, tmp_path)
    assert (found.text, found.origin.kind) == ("from systemd", OriginKind.CREDENTIAL)

    environ["MIA_SMTP_PASSWORD"] = "from the environment"
    found = find(where, environ, tmp_path)
    assert found.text == "from the environment"
    assert found.origin.kind is OriginKind.ENVIRONMENT


def test_a_file_that_all_can_read_is_warned_about(tmp_path: Path) -> None:
    """It works, with a sentence that holds the cure; group readers are fine."""
    path = tmp_path / "secret"
    path.write_text("geheim", encoding="utf-8")
    path.chmod(0o644)
    found = find(place(file="secret"), {}, tmp_path)
    assert found.text == "geheim"
    assert f"chmod 600 {path}" in found.warning
    path.chmod(0o640)
    assert not find(place(file="secret"), {}, tmp_path).warning


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    """Its first line is the secret; $, ; and | are only characters."""
    found = find(place(command=python("print('a;$b|c')")), {}, tmp_path)
    assert found.text == "a;$b|c"
    assert found.origin.kind is OriginKind.SECRET_COMMAND


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('pass "show', "passen nicht zusammen"),
        ("gibt-es-nicht-als-befehl", "kann nicht gestartet werden: das gibt es nicht."),
        (python("raise SystemExit(3)"), "endet mit dem Fehler 3"),
        (python("print()"), "Hier steht nichts"),
        (python("print('a'); print('b')"), "mehr als eine Zeile"),
        (python("print('a' * 5000)"), "zu lang für ein Geheimnis"),
        (python("import sys; sys.stdout.buffer.write(bytes([255]))"), "UTF-8"),
    ],
)
def test_a_command_that_fails_is_said(
    tmp_path: Path, command: str, expected: str
) -> None:
    """The sentence names the command, never its output."""
    assert expected in sentence(place(command=command), tmp_path)


def test_a_command_that_never_ends_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for a password manager that waits for somebody."""
    monkeypatch.setattr("mailer.settings.secret_values.COMMAND_SECONDS", 0.2)
    command = python("import time; time.sleep(30)")
    assert "antwortet nicht in 0.2 Sekunden" in sentence(
        place(command=command), tmp_path
    )


def test_a_missing_file_is_said_with_its_path(tmp_path: Path) -> None:
    """So that it can be made."""
    found = sentence(place(file="smtp.password"), tmp_path)
    assert str(tmp_path / "smtp.password") in found
    assert found.endswith("das gibt es nicht.")


def test_two_ways_at_once_are_one_too_many(tmp_path: Path) -> None:
    """Nobody should have to guess which one holds."""
    assert "nur eines" in sentence(place(file="a", command="b"), tmp_path)


def test_a_secret_never_shows_itself() -> None:
    """Neither in a traceback nor in a log."""
    secret = Secret("geheim", Origin(OriginKind.ENVIRONMENT, "MIA_SMTP_PASSWORD"))
    assert "geheim" not in repr(secret)
    assert "geheim" not in str(secret)


@pytest.mark.parametrize("text", ["", "kurz", "ab" * 31, "xy" * 32])
def test_a_weak_key_is_refused(text: str) -> None:
    """32 bytes in hexadecimal digits, or nothing; the text is not repeated."""
    with pytest.raises(Unfit) as caught:
        as_key(Secret(text, Origin(OriginKind.ENVIRONMENT, "MIA_SECRET")))
    assert "openssl rand -hex 32" in str(caught.value)
    assert not text or text not in str(caught.value)
