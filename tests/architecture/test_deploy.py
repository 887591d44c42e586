"""What is installed beside the program: units for systemd, and a container."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest

from mailer.settings import fields
from mailer.settings.field import Seen
from mailer.settings.overlay import SECRET_NAMES
from tests.architecture import tree
from tests.architecture.words import understood
from tests.conftest import missing

DEPLOY: Final = Path("deploy")
SERVICES: Final = ("mia.service", "mia-tick.service")
UNITS: Final = (*SERVICES, "mia-tick.timer")

PROGRAM: Final = "/opt/mia/.venv/bin/mia"

MOST_EXPOSED: Final = 20
"""Of 100, as systemd-analyze counts; a service without any rule has 96."""


def settings_of(unit: str) -> dict[str, str]:
    """Return the last value of each setting of a unit."""
    lines = tree.read(DEPLOY / unit).splitlines()
    pairs = [line.split("=", 1) for line in lines if re.match(r"\w+=", line)]
    return {key: value for key, value in pairs}  # noqa: C416 - a list is no pair


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units as they would be installed, with the program of this environment."""
    program = shutil.which("mia", path=str(Path(sys.executable).parent))
    assert program is not None
    for unit in UNITS:
        text = tree.read(DEPLOY / unit).replace(PROGRAM, program)
        (tmp_path / unit).write_text(text, encoding="utf-8")
    return [tmp_path / unit for unit in UNITS]


def analysed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        missing("systemd-analyze")
    return subprocess.run(
        ["systemd-analyze", *words], check=False, capture_output=True, text=True
    )


def test_systemd_understands_the_units(installed: list[Path]) -> None:
    """No unknown setting, no command that does not exist."""
    done = analysed("verify", *installed)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_may_do_little(installed: list[Path], unit: str) -> None:
    """A hole in the program opens little of the machine."""
    path = next(one for one in installed if one.name == unit)
    limit = f"--threshold={MOST_EXPOSED}"
    done = analysed("security", "--offline=true", "--no-pager", limit, path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", SERVICES)
def test_what_a_service_starts_exists(unit: str) -> None:
    """ExecStart is a command of this version, with its options."""
    program, *words = shlex.split(settings_of(unit)["ExecStart"])
    assert program == PROGRAM
    assert not isinstance(understood(words), click.Group)


def test_the_end_of_a_service_waits_for_the_message_in_flight() -> None:
    """Longer than the longest wait for an answer, or a letter would leave twice."""
    smtp = {
        key: fields.SMTP[key].default(Seen({}, {}, Path()))
        for key in ("command_timeout", "data_timeout")
    }
    for unit in SERVICES:
        minutes = int(settings_of(unit)["TimeoutStopSec"].removesuffix("min"))
        assert minutes * 60 > sum(one.total_seconds() for one in smtp.values())


@pytest.mark.parametrize("unit", SERVICES)
def test_credentials_have_names_that_the_program_knows(unit: str) -> None:
    """Also those that are only proposed."""
    told = re.findall(
        r"^#?LoadCredential=(\w+):", tree.read(DEPLOY / unit), re.MULTILINE
    )
    known = {credential for _, credential in SECRET_NAMES.values()}
    assert told
    assert set(told) <= known


def test_both_services_live_under_the_same_rules() -> None:
    """What one may not do, the other may not either."""
    own = {
        "Description", "Type", "ExecStart", "ExecReload", "OnFailure", "Restart",
        "RestartSec", "RestartPreventExitStatus", "WatchdogSec", "SuccessExitStatus",
        "TimeoutStartSec", "WantedBy", "LimitNOFILE",
    }  # fmt: skip
    first, second = (settings_of(unit) for unit in SERVICES)
    shared = {key: value for key, value in first.items() if key not in own}
    assert shared == {key: value for key, value in second.items() if key not in own}


def test_the_container_starts_the_daemon_as_nobody_special() -> None:
    """Not as root, one volume; what it copies and what it calls exists."""
    text = tree.read(DEPLOY / "Containerfile")
    user, *_ = re.findall(r"^USER (\d+):", text, re.MULTILINE)
    words = json.loads(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[0])
    assert int(user) > 0
    assert re.findall(r"^VOLUME (.+)$", text, re.MULTILINE) == ["/data"]
    assert '["mia"]' in text
    understood(words)
    for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE):
        *sources, _ = line.split()
        assert [one for one in sources if not (tree.ROOT / one).exists()] == []
