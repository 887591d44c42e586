"""The files of the project, as the architecture tests look at them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]

PACKAGES: Final = ("mailer", "subscribers", "templates")


@cache
def files() -> tuple[Path, ...]:
    """Return all files that are, or are about to be, in the repository, sorted.

    Paths are relative to ``ROOT``; ignored files are left out.
    """
    listed = subprocess.run(
        [
            "git",
            # CI may own the clone under another name than the one it tests with.
            "-c",
            f"safe.directory={ROOT}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = (Path(name) for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in names if (ROOT / path).is_file()))


def ours() -> list[Path]:
    """Return the modules of the program: the front door and the packages."""
    return [
        path
        for path in files()
        if path.suffix == ".py"
        and (path.name == "cli.py" or path.parts[0] in PACKAGES)
        and path.parts[:3] != ("mailer", "migrations", "versions")
    ]


def modules() -> list[Path]:
    """Return all modules, tests included."""
    return [path for path in files() if path.suffix == ".py"]


def texts() -> list[Path]:
    """Return all files that can be read as text, lock files left out."""
    binary = {".png", ".mo", ".ico", ".woff2"}
    return [
        path
        for path in files()
        if path.suffix not in {*binary, ".lock"} and path.name != "package-lock.json"
    ]


def read(path: Path) -> str:
    """Return the text of the file *path*."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of the module *path*."""
    return ast.parse(read(path), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield all functions of the module *path*, inner ones too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
