"""Documents that cannot lie: what they say about the code is compared with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.architecture import tree

DOCS: Final = Path("docs")

HEADINGS: Final = ["Context", "Decision", "Consequences", "Rejected"]

RECORDS: Final = [p for p in tree.files() if p.parts[:2] == ("docs", "adr")]

MARKDOWN: Final = [p for p in tree.files() if p.suffix == ".md"]


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads(tree.read(Path("pyproject.toml")))


def package(requirement: str) -> str:
    """Return the name in a requirement: ``psycopg[binary]>=3.3`` is psycopg."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md has one row per dependency, and no row without one."""
    settings = project()
    asked = [
        *settings["project"]["dependencies"],
        *settings["project"]["optional-dependencies"]["postgres"],
        *(
            requirement
            for group in settings["dependency-groups"].values()
            for requirement in group
            if isinstance(requirement, str)
        ),
    ]
    rows = re.findall(
        r"^\| `([^`]+)` \| (.+) \|$", tree.read(DOCS / "dependencies.md"), re.MULTILINE
    )
    assert sorted(name for name, _ in rows) == sorted({package(a) for a in asked})
    assert all(len(reason.split()) > 1 for _, reason in rows)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_decision_is_told_in_four_parts(path: Path) -> None:
    """Context, decision, consequences, and what was rejected; a page at most."""
    text = tree.read(path)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert text.startswith(f"# {int(path.stem[:4])}. ")
    assert text.count("\n") <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    """0001, 0002, …: a number is never used twice, and none was removed."""
    assert [int(p.stem[:4]) for p in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", MARKDOWN, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file of ours names one that exists."""
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", tree.read(path))
    missing = [t for t in targets if not (tree.ROOT / path.parent / t).exists()]
    assert missing == []


def test_the_tree_of_the_architecture_is_the_tree() -> None:
    """docs/architecture.md lists every module of the program, and no other."""
    text = tree.read(DOCS / "architecture.md")
    drawn = re.search(r"```text\ncli\.py.*?```", text, re.DOTALL)
    assert drawn is not None
    listed, folder = set(), Path()
    for line in drawn[0].splitlines()[1:-1]:
        name = line.split()[0]
        depth = len(line) - len(line.lstrip())
        if name.endswith("/"):
            folder = Path(*folder.parts[: depth // 2]) / name
        else:
            listed.add(Path(*folder.parts[: depth // 2]) / name)
    ours = {p for p in tree.ours() if p.name != "__init__.py"}
    assert listed == ours
