"""The floors: every module stands on one, and the contracts can fail."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.architecture import tree

if TYPE_CHECKING:
    from collections.abc import Iterable


def contract(name: str) -> dict[str, Any]:
    """Return the import contract called *name* in pyproject.toml."""
    settings = tomllib.loads(tree.read(Path("pyproject.toml")))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(found for found in contracts if found["id"] == name)


def floors(layers: Iterable[str]) -> set[str]:
    """Return the modules named in *layers*."""
    return {module.strip() for layer in layers for module in layer.split("|")}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts on the packages in *folder*."""
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache", "--no-logo"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def test_every_room_stands_on_a_floor() -> None:
    """A new module in ``mailer`` must be given its floor."""
    found = {
        f"mailer.{path.with_suffix('').parts[1]}"
        for path in tree.ours()
        if path.parts[0] == "mailer"
    }
    named = floors(contract("floors")["layers"])
    assert found - {"mailer.__init__"} == named - {"subscribers"}


def test_who_calls_itself_pure_is_held_to_it() -> None:
    """Every module whose first line says so stands in the contract."""
    named = contract("pure")["source_modules"]
    loud = {
        ".".join(path.with_suffix("").parts)
        for path in tree.ours()
        if (ast.get_docstring(tree.parsed(path)) or "").startswith("Pure")
    }
    held = {
        name for name in loud if f"{name}.".startswith(tuple(f"{n}." for n in named))
    }
    assert loud - held == set()


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("subscribers/address.py", "import mailer.errors"),
        ("mailer/meetings/states.py", "import mailer.outbox.states"),
        ("subscribers/machine.py", "import subscribers.models"),
        ("mailer/outbox/states.py", "import sqlalchemy"),
    ],
    ids=["people know the post office", "upward", "inside", "not pure"],
)
def test_a_planted_import_is_found(tmp_path: Path, module: str, planted: str) -> None:
    """The contracts catch an import that goes up, and one that is not pure."""
    for package in ("mailer", "subscribers"):
        shutil.copytree(
            tree.ROOT / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{planted}\n")

    checked = lint(tmp_path)

    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "BROKEN" in checked.stdout
