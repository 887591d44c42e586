"""``cli.py`` is a front door: it opens quickly and holds no rules."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Final

from tests.architecture import tree

DOOR: Final = Path("cli.py")

LINES: Final = 150

ALLOWED: Final = frozenset(
    {"click", "mailer", "mailer.commands", "mailer.errors", "subscribers.errors"}
)
"""Besides the standard library; ``mailer`` alone is for its version."""


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
            imported.add(node.module or "")
    foreign = {n for n in imported if n.split(".")[0] not in sys.stdlib_module_names}
    assert {n for n in foreign if not _allowed(n)} == set()


def _allowed(name: str) -> bool:
    return name in ALLOWED or name.startswith(("click.", "mailer.commands."))
