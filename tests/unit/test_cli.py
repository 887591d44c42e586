"""The front door: quick, German, and exact about what went wrong."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

import cli
from mailer import __version__
from mailer.commands import COMMANDS
from mailer.commands.front import Front
from mailer.errors import (
    CannotCreate,
    ExitCode,
    LoginRefused,
    Refused,
    SettingsInvalid,
    TransportBusy,
)
from subscribers import errors as people
from tests.conftest import SECRET
from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

EMPTY = {"MIA_CONFIG": "", "MIA_NOW": ""}


def call(*words: str, **environ: str) -> Result:
    """Run ``mia WORDS…`` in this process."""
    return CliRunner(env={**EMPTY, **environ}).invoke(cli.mia, list(words))


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Result:
    """Run a command that ends with *error*."""

    @click.command()
    def demo() -> None:
        raise error

    monkeypatch.setattr("mailer.commands.speech.in_german", lambda _command: demo)
    return call("db")


def test_help_is_german_throughout() -> None:
    """Not one of Click's English words is left."""
    result = call("--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Aufruf: mia [OPTIONEN] BEFEHL [ANGABEN] …\n")
    for word in ("Optionen:", "Befehle:", "Diese Hilfe zeigen.", "MIA_CONFIG"):
        assert word in result.stdout
    for word in ("Usage", "Options", "Commands", "Show this", "env var", "COMMAND"):
        assert word not in result.stdout


def test_short_help_is_that_of_the_commands() -> None:
    """The table that spares imports says what the commands say."""
    context = click.Context(cli.mia, info_name="mia")
    for name, (_, words) in COMMANDS.items():
        command = cli.mia.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=200) == words


def test_help_imports_no_command() -> None:
    """What nobody calls is not loaded: that keeps the door quick."""
    code = (
        "import sys; sys.argv = ['mia', '--help']; before = set(sys.modules)\n"
        "import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(sorted(set(sys.modules) - before), file=sys.stderr)\n"
    )
    # Measuring coverage would load modules of its own.
    environ = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    heavy = ("sqlalchemy", "alembic", "jinja2", "aiosmtplib", "holidays", "tomllib")
    ours = ("mailer.settings", "mailer.application", "mailer.commands.system")
    for name in (*heavy, *ours, "typing_extensions", "email_validator", "logging"):
        assert f"'{name}'" not in done.stderr


def test_examples_keep_their_lines() -> None:
    """What can be copied stands on a line of its own."""
    assert "\n    mia init --defaults\n" in call("init", "--help").stdout
    assert "\n    mia completion bash > " in call("completion", "--help").stdout
    for words in (["plan"], ["invite"], ["archive", "export"]):
        assert "\n    mia " in call(*words, "--help").stdout


def test_version_is_said() -> None:
    """One line, for bug reports."""
    assert call("--version").stdout == f"mia {__version__}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["subcribers"], "Den Befehl „subcribers“ gibt es nicht. Meinten Sie „subsc"),
        (["--confg", "x"], "Die Option „--confg“ gibt es nicht. Meinten Sie „--config"),
        (["--set", "x", "db"], "Bitte schreiben Sie NAME=WERT."),
        (["config", "--bogus"], "Die Option „--bogus“ gibt es nicht."),
        (
            ["completion", "csh"],
            "„csh“ geht nicht; möglich sind „bash“, „zsh“, „fish“.",
        ),
        (["inbox", "list", "--limit", "0"], "0 geht nicht; möglich ist 1 bis 100000."),
        (["completion"], "Es fehlt die Angabe „"),
        (["db", "upgrade", "now"], "Diese Angabe ist zu viel: now"),
    ],
)
def test_wrong_words_are_usage(words: list[str], expected: str) -> None:
    """Exit code 2, and a German sentence that names the word."""
    result = call(*words)
    assert result.exit_code == 2
    assert re.search(rf"Fehler: („[^“]+“: )?{re.escape(expected)}", result.stderr)
    assert "'" not in result.stderr
    assert "Hilfe zeigt „mia" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (SettingsInvalid(["eins", "zwei"]), 78, "Fehler: eins\nFehler: zwei\n"),
        (people.InvalidAddress("x", "das Zeichen @ fehlt"), 65, "„x“ ist keine"),
        (people.NoProof(), 65, "Ohne Nachweis"),
        (people.StoreBusy(), 75, "belegt"),
        (people.StoreUnavailable("weg"), 69, ": weg."),
        (people.NewerSchema("9", "1"), 78, "neueren Version"),
        (people.OlderSchema(None, "1"), 78, "mia db upgrade"),
        (people.HalfRestored(), 78, "mia db restore"),
        (people.WrongPurpose(), 1, "Fehler: "),
        (TransportBusy("mail.example:25", "voll"), 75, "bittet um Geduld: voll"),
        (LoginRefused("mail.example:25", "535"), 78, "lehnt die Anmeldung ab"),
        (Refused("Etwas."), 1, "Fehler: Etwas."),
    ],
)
def test_errors_have_a_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, sentence: str
) -> None:
    """One German sentence on standard error, and what a script must know."""
    result = failing(monkeypatch, error)
    assert result.exit_code == code
    assert result.stderr.startswith("Fehler: ")
    assert sentence in result.stderr
    assert result.stdout == ""


def test_a_file_that_cannot_be_written_is_73(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """EX_CANTCREAT of sysexits.h."""
    error = CannotCreate(tmp_path / "x", "dazu fehlt die Berechtigung")
    assert failing(monkeypatch, error).exit_code == ExitCode.CANNOT_CREATE


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shell counts: 128 + SIGINT."""
    result = failing(monkeypatch, KeyboardInterrupt())
    assert result.exit_code == 130
    assert result.stderr.endswith("Abgebrochen.\n")


def test_a_broken_pipe_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """``mia … | head`` is no mistake worth a sentence."""
    result = failing(monkeypatch, BrokenPipeError(32, "Broken pipe"))
    assert result.exit_code == 1
    assert result.stderr == ""


def test_what_nobody_foresaw_is_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log line, a sentence, exit 1; no traceback at a town clerk's."""
    result = failing(monkeypatch, KeyError("rita@example.org"))
    assert result.exit_code == 1
    assert "Das ist ein Fehler im Programm (KeyError)" in result.stderr
    assert "mia -v" in result.stderr
    assert "rita" not in result.stderr
    assert '"event": "command.failed"' in result.stderr
    assert "Traceback" not in result.stderr


def test_who_asks_gets_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """With -v, and without addresses."""

    @click.command()
    def demo() -> None:
        raise KeyError("rita@example.org")

    monkeypatch.setattr("mailer.commands.speech.in_german", lambda _command: demo)
    result = call("-v", "db")
    assert "Traceback" in result.stderr
    assert "rita" not in result.stderr


def test_settings_are_looked_for_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings_file: Path
) -> None:
    """--config, then MIA_CONFIG, then ./mia.toml, then the file of the service."""
    monkeypatch.chdir(tmp_path)
    named = tmp_path / "other.toml"
    settings_file.rename(named)
    monkeypatch.setattr("mailer.commands.front.PLACES", (tmp_path / "mia.toml",))
    assert call("config", "check").exit_code == 78
    assert call("-c", str(named), "config", "check").exit_code == 0
    assert call("config", "check", MIA_CONFIG=str(named)).exit_code == 0
    absent = call("-c", "nope.toml", "config", "check", MIA_CONFIG=str(named))
    assert absent.exit_code == 78
    assert "nope.toml gibt es nicht" in absent.stderr
    named.rename(tmp_path / "mia.toml")
    assert call("config", "check").exit_code == 0


def test_config_show_says_where_values_come_from(settings_file: Path) -> None:
    """A person gets lines, a program JSON; nobody gets a secret."""
    words = ("-c", str(settings_file), "--set", "smtp.host=mail.example", "config")
    text = call(*words, "show", MIA_SMTP_PORT="2525").stdout
    assert f"Datei: {settings_file}" in text
    rows = text.partition("[smtp]\n")[2].partition("\n\n")[0].splitlines()
    assert rows[0] == "  host = mail.example  (--set smtp.host)"
    assert rows[2] == "  port = 2525  (Umgebungsvariable MIA_SMTP_PORT)"
    assert rows[3] == "  user = –  (Vorgabe)"
    assert "  secret = gesetzt  (Datei " in text
    assert "  nth = 1, 3  (Datei mia.toml, Zeile " in text

    found = json.loads(call(*words, "show", "--json").stdout)
    by_key = {row["key"]: row for row in found}
    assert by_key["smtp.host"]["origin"] == "flag"
    assert by_key["series[1].nth"]["value"] == ["1", "3"]
    assert by_key["network.name"]["line"] > 1
    assert by_key["keys.secret"]["value"] == "gesetzt"


def test_config_check_misses_the_relay_kindly(settings_file: Path) -> None:
    """Settings without a relay are fine, but it is said what does not work yet."""
    result = call("-c", str(settings_file), "config", "check")
    assert result.stdout.splitlines()[0] == f"{settings_file}: Alles in Ordnung."
    assert "[smtp] host" in result.stdout
    complete = call(
        "-c", str(settings_file), "--set", "smtp.host=mail.example", "config", "check"
    )
    assert len(complete.stdout.splitlines()) == 1


def test_a_secret_that_all_can_read_is_mentioned_once(settings_file: Path) -> None:
    """On standard error, so that data stays data."""
    settings_file.with_suffix(".secret").chmod(0o644)
    result = call("-c", str(settings_file), "config", "show", "--json")
    json.loads(result.stdout)
    assert result.stderr.count("Hinweis: ") == 1
    assert "chmod 600" in result.stderr


def test_mia_now_stops_the_clock() -> None:
    """For demos and tests; nonsense is refused."""
    front = Front(environ={"MIA_NOW": "2026-11-26T09:00:00+01:00"})
    assert front.clock().now().isoformat() == "2026-11-26T08:00:00+00:00"
    for text in ("2026-11-26", "2026-11-26T09:00:00", "bald"):
        with pytest.raises(SettingsInvalid) as caught:
            Front(environ={"MIA_NOW": text}).clock()
        assert "mit Zeitzone" in caught.value.sentence


def test_the_clock_goes_on_without_mia_now() -> None:
    """The clock of the machine, aware."""
    assert Front(environ={}).clock().now().tzinfo is not None


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    """One that calls mia for every Tab."""
    script = call("completion", shell).stdout
    assert "_MIA_COMPLETE" in script


def test_tab_offers_commands_with_their_help() -> None:
    """From the table, without importing them."""
    result = call(_MIA_COMPLETE="zsh_complete", COMP_WORDS="mia su", COMP_CWORD="1")
    assert "subscribers\nAbonnentinnen und Abonnenten" in result.stdout


def test_output_is_utf8_in_any_locale(settings_file: Path) -> None:
    """A cron job with LANG=C, and a terminal that says ASCII."""
    program = Program(settings_file, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    done = program.run("config", "show")
    assert done.returncode == 0
    assert "Hohe Straße 21" in done.stdout
    broken = program.run("nope")
    assert "Den Befehl „nope“ gibt es nicht." in broken.stderr


def test_the_locale_of_the_machine_does_not_matter(settings_file: Path) -> None:
    """An English machine speaks German here."""
    program = Program(settings_file, {"LANGUAGE": "en", "LC_ALL": "en_US.UTF-8"})
    assert program.run("--help").stdout.startswith("Aufruf: mia")


def test_a_failpoint_is_only_armed_by_its_variable(settings_file: Path) -> None:
    """It says so loudly, fails as asked, and is gone with the call."""
    upgrade = ("--config", str(settings_file), "db", "upgrade")

    failed = CliRunner().invoke(
        cli.mia, upgrade, obj=Front(environ={"MIA_FAILPOINT": "*:enospc"})
    )
    passed = CliRunner().invoke(cli.mia, upgrade, obj=Front(environ={}))

    assert failed.exit_code == ExitCode.UNAVAILABLE
    assert "Achtung: Probe einer Störung" in failed.stderr
    assert passed.exit_code == ExitCode.OK
    assert "Achtung" not in passed.stderr


def test_a_failpoint_that_is_none_is_refused(settings_file: Path) -> None:
    """A test that fails nothing would prove nothing."""
    front = Front(environ={"MIA_FAILPOINT": "mark:kill"})

    refused = CliRunner().invoke(
        cli.mia, ("--config", str(settings_file), "db", "upgrade"), obj=front
    )

    assert refused.exit_code == ExitCode.CONFIGURATION
    assert "„mark:kill“ ist keine Störstelle" in refused.stderr


def test_garbage_is_looked_for_as_soon_as_the_work_begins(settings_file: Path) -> None:
    """Loading makes none; a daemon that never looked for it would grow."""
    front = Front(settings_file, environ={"MIA_SECRET": SECRET.hex()})
    gc.disable()
    try:
        front.application()
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()
        front.close()


def test_no_list_of_commands_ends_in_dots() -> None:
    """Each command's first sentence is told whole; Click would cut it off."""
    for name in COMMANDS:
        assert "...\n" not in call(name, "--help").stdout, name
