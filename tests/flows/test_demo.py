"""What a newcomer sees first: ``mia demo`` in an empty folder."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from mailer.demo.people import PARTNERS, RESIDENTS
from mailer.errors import ExitCode
from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mia(tmp_path: Path) -> Program:
    """The program in an empty folder, without any settings."""
    return Program(tmp_path / "none.toml")


def test_demo_invites_every_invented_person_once(mia: Program, tmp_path: Path) -> None:
    """Everybody on both lists gets one letter, and all of it can be opened.

    A second demonstration empties its own folder and does the same again.
    """
    first = mia.run("demo", "--dir", str(tmp_path / "demo"))
    _check_letters(tmp_path / "demo", first.stdout)
    _check_page(tmp_path / "demo")
    second = mia.run("demo", "--dir", str(tmp_path / "demo"))
    _check_letters(tmp_path / "demo", second.stdout)

    assert first.returncode == second.returncode == ExitCode.OK, second.stderr


def _check_letters(folder: Path, told: str) -> None:
    """A mailbox on both lists gets one letter, too, each in its style."""
    everybody = {row[2] for row in RESIDENTS} | {row[4] for row in PARTNERS}
    mails = sorted((folder / "mails").glob("*.eml"))
    letters = [
        message_from_bytes(one.read_bytes(), policy=policy.default) for one in mails
    ]
    assert len(letters) == len(everybody)
    easy = [one for one in letters if "Leichter Sprache" in one["Subject"]]
    assert len(easy) == sum(row[3] != "" for row in RESIDENTS)
    assert all(
        one["From"].addresses[0].addr_spec == "k_sommer@aschersleben.de"
        for one in letters
    )
    assert all(one["To"].addresses[0].domain.endswith(".example") for one in letters)
    assert re.search(rf"^angenommen +{len(everybody)}$", told, re.MULTILINE)


def _check_page(folder: Path) -> None:
    """Each letter can be opened as page, text, calendar file and original."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    targets = re.findall(r'href="([^"]+)"', page)
    assert len(targets) == 4 * len(list((folder / "mails").glob("*.eml")))
    assert all((folder / target).stat().st_size for target in targets)


def test_demo_touches_no_folder_of_somebody_else(mia: Program, tmp_path: Path) -> None:
    """A folder with other files is left alone: exit 73, nothing removed."""
    folder = tmp_path / "wichtig"
    folder.mkdir()
    (folder / "brief.txt").write_text("bleibt", encoding="utf-8")

    ended = mia.run("demo", "--dir", str(folder))

    assert ended.returncode == ExitCode.CANNOT_CREATE
    assert (folder / "brief.txt").read_text(encoding="utf-8") == "bleibt"
    assert [one.name for one in folder.iterdir()] == ["brief.txt"]
