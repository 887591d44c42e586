"""Documents that cannot lie: what they say about the code is compared with it."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mailer.commands import reference
from tests.architecture import tree
from tests.architecture.words import understood

if TYPE_CHECKING:
    from collections.abc import Callable

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
        *(
            requirement
            for extra in settings["project"]["optional-dependencies"].values()
            for requirement in extra
        ),
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


@pytest.mark.parametrize("path", MARKDOWN, ids=str)
def test_no_merge_is_half_done(path: Path) -> None:
    """What git leaves in a file that two people changed is no text."""
    assert re.findall(r"^(?:<{7}|>{7}) .*$", tree.read(path), re.MULTILINE) == []


def drawn_tree() -> str:
    """Return the tree of the program, with the first sentence of every module."""
    lines = []
    shown = Path()
    modules = [p for p in tree.ours() if p.name != "__init__.py"]
    for path in sorted(modules, key=lambda p: (len(p.parts) > 1, p.parts[:-1], p)):
        if path.parent not in {shown, Path()}:
            shown = path.parent
            indent = "  " * (len(shown.parts) - 1)
            lines.append(_line(f"{indent}{shown.name}/", shown / "__init__.py"))
        indent = "  " * (len(path.parts) - 1)
        lines.append(_line(f"{indent}{path.name}", path))
    return "\n".join(lines)


def _line(name: str, path: Path) -> str:
    said = ast.get_docstring(tree.parsed(path)) or ""
    return f"{name:26}{said.partition(chr(10))[0]}"


def drawn_floors(name: str) -> str:
    """Return the floors of the contract *name*, the highest first."""
    contracts = project()["tool"]["importlinter"]["contracts"]
    layers = next(found["layers"] for found in contracts if found["id"] == name)
    return "\n".join(layers)


def test_the_architecture_draws_the_house_as_it_is(
    golden: Callable[[Path, str], None],
) -> None:
    """The tree and the floors in docs/architecture.md are those of the code."""
    path = DOCS / "architecture.md"
    drawings = iter([drawn_tree(), drawn_floors("floors"), drawn_floors("people")])

    redrawn = re.sub(
        r"```text\n.*?```",
        lambda _: f"```text\n{next(drawings)}\n```",
        tree.read(path),
        flags=re.DOTALL,
    )

    assert next(drawings, None) is None
    golden(tree.ROOT / path, redrawn)


def test_every_standard_is_listed() -> None:
    """docs/standards.md has a row for each RFC that a docstring names, and no other."""
    named = {
        number
        for path in tree.ours()
        for number in re.findall(r"\bRFC (\d+)", tree.read(path))
    }
    rows = re.findall(
        r"^\| RFC (\d+) \|", tree.read(DOCS / "standards.md"), re.MULTILINE
    )
    assert sorted(rows) == sorted(named)


def test_generated_pages_are_what_the_code_says() -> None:
    """Settings, states, commands and log events; `make docs` writes them anew."""
    pages = reference.pages()
    assert {name: tree.read(DOCS / name) for name in pages} == pages


@pytest.mark.parametrize("name", ["README.md", "docs/handbuch.md"])
def test_every_command_that_is_told_exists(name: str) -> None:
    """Commands and options in the examples are ones the program has."""
    blocks = re.findall(
        r"^```sh\n(.*?)^```", tree.read(Path(name)), re.MULTILINE | re.DOTALL
    )
    told = re.findall(
        r"^(?:\.venv/bin/)?mia (.+)$",
        "\n".join(blocks).replace("\\\n", ""),
        re.MULTILINE,
    )
    assert told
    for line in told:
        understood(shlex.split(line))
