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
    """Everybody on both lists gets one letter; a mailbox on both gets one, too."""
    everybody = {row[2] for row in RESIDENTS} | {row[4] for row in PARTNERS}

    ended = mia.run("demo", "--dir", str(tmp_path / "demo"))

    assert ended.returncode == ExitCode.OK, ended.stderr
    mails = sorted((tmp_path / "demo" / "mails").glob("*.eml"))
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
    assert re.search(rf"^angenommen +{len(everybody)}$", ended.stdout, re.MULTILINE)


def test_demo_page_leads_to_every_file(mia: Program, tmp_path: Path) -> None:
    """Each letter can be opened as page, text, calendar file and original."""
    mia.run("demo", "--dir", str(tmp_path / "demo"))

    page = (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")
    targets = re.findall(r'href="([^"]+)"', page)

    assert len(targets) == 4 * len(list((tmp_path / "demo" / "mails").glob("*.eml")))
    assert all((tmp_path / "demo" / target).stat().st_size for target in targets)


def test_demo_twice_begins_anew(mia: Program, tmp_path: Path) -> None:
    """The second demonstration empties its own folder and does the same again."""
    first = mia.run("demo", "--dir", str(tmp_path / "demo"))
    second = mia.run("demo", "--dir", str(tmp_path / "demo"))

    assert first.returncode == second.returncode == ExitCode.OK


def test_demo_touches_no_folder_of_somebody_else(mia: Program, tmp_path: Path) -> None:
    """A folder with other files is left alone: exit 73, nothing removed."""
    folder = tmp_path / "wichtig"
    folder.mkdir()
    (folder / "brief.txt").write_text("bleibt", encoding="utf-8")

    ended = mia.run("demo", "--dir", str(folder))

    assert ended.returncode == ExitCode.CANNOT_CREATE
    assert (folder / "brief.txt").read_text(encoding="utf-8") == "bleibt"
    assert [one.name for one in folder.iterdir()] == ["brief.txt"]
