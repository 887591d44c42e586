"""``cli.py`` is a front door: it opens quickly and holds no rules."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Final

from tests.architecture import tree

DOOR: Final = Path("cli.py")

LINES: Final = 150

ALLOWED: Final = (
    "click",
    "mailer.__version__",
    "mailer.commands",
    "mailer.errors",
    "subscribers.errors",
)
"""Besides the standard library."""


def test_the_front_door_stays_small() -> None:
    """The module has at most 150 lines."""
    assert tree.read(DOOR).count("\n") <= LINES


def test_the_front_door_knows_only_words_and_errors() -> None:
    """It imports click, the command groups, both error trees, nothing else of ours."""
    imported = set()
    for node in ast.walk(tree.parsed(DOOR)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    foreign = {n for n in imported if n.split(".")[0] not in sys.stdlib_module_names}
    allowed = tuple(f"{name}." for name in ALLOWED)
    assert {n for n in foreign if not f"{n}.".startswith(allowed)} == set()
