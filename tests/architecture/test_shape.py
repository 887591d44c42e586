"""The shape of the house: small modules, short functions, a known tree."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tests.architecture import tree

if TYPE_CHECKING:
    from pathlib import Path

MODULE_LINES: Final = 400
TEST_LINES: Final = 2 * MODULE_LINES
"""A promise takes more words than the rule that keeps it."""
FUNCTION_LINES: Final = 40
"""Lines of a body, its docstring not counted: what fits on a screen."""
NESTING: Final = 4
"""Blocks inside blocks; whoever needs more has two functions."""

TOP_LEVEL: Final = frozenset(
    {
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "README.md",
        "benchmarks",
        "cli.py",
        "deploy",
        "docs",
        "mailer",
        "pyproject.toml",
        "requirements-dev.lock",
        "requirements.lock",
        "subscribers",
        "templates",
        "tests",
    }
)

ROOMS: Final = frozenset(
    {
        "archive",
        "backup",
        "commands",
        "coordination",
        "daemon",
        "demo",
        "doctor",
        "editions",
        "inbound",
        "meetings",
        "migrations",
        "network",
        "outbox",
        "rendering",
        "rounds",
        "settings",
        "transport",
        "watching",
        "web",
    }
)

BLOCKS: Final = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.Match,
)


def test_the_top_level_holds_what_it_should() -> None:
    """Nothing new lies at the top without a reason, and nothing is missing."""
    assert {path.parts[0] for path in tree.files()} == TOP_LEVEL


def test_every_room_is_known() -> None:
    """A new package in ``mailer`` is a decision, not an accident."""
    found = {
        path.parts[1]
        for path in tree.ours()
        if path.parts[0] == "mailer" and len(path.parts) > 2
    }
    assert found == ROOMS


def test_modules_stay_below_the_limit() -> None:
    """No module has more than 400 lines, no file of tests more than 800."""
    lengths = {path: tree.read(path).count("\n") for path in tree.modules()}
    long = {
        path: lines
        for path, lines in lengths.items()
        if lines > (TEST_LINES if path.parts[0] == "tests" else MODULE_LINES)
    }
    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    """No function of the program has a body of more than 40 lines."""
    long = [
        f"{path}:{function.lineno} {function.name}"
        for path in tree.ours()
        for function in tree.functions(path)
        if _body_lines(function) > FUNCTION_LINES
    ]
    assert long == []


def test_nesting_stays_flat() -> None:
    """No function of the program nests blocks deeper than four."""
    deep = [
        f"{path}:{function.lineno} {function.name}"
        for path in tree.ours()
        for function in tree.functions(path)
        if _depth(function.body) > NESTING
    ]
    assert deep == []


def test_every_module_says_what_it_is_for() -> None:
    """The first line of a module is one sentence on one line."""
    for path in tree.modules():
        if "versions" in path.parts:
            continue
        said = ast.get_docstring(tree.parsed(path)) or ""
        assert said.partition("\n")[0].endswith((".", "?")), path


def test_no_skip_without_a_sentence() -> None:
    """Whoever leaves a test out says why in a few words."""
    silent = [
        f"{path}:{call.lineno}"
        for path in tree.modules()
        if path.parts[0] == "tests"
        for call in _skips(path)
        if not _says_why(call)
    ]
    assert silent == []


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body:
        return 0
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def _depth(body: list[ast.stmt]) -> int:
    return max((_depth_of(statement) for statement in body), default=0)


def _depth_of(node: ast.AST) -> int:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return 0
        case ast.If(body=body, orelse=[ast.If() as other]):
            # An "elif" stands beside its "if", not inside it.
            return max(1 + _depth(body), _depth_of(other))
        case _:
            children = ast.iter_child_nodes(node)
            inner = max((_depth_of(child) for child in children), default=0)
            return inner + isinstance(node, BLOCKS)


def _skips(path: Path) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"skip", "skipif", "xfail", "importorskip"}
    ]


def _says_why(call: ast.Call) -> bool:
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "reason")]
    said = [part for value in given for part in ast.walk(value)]
    return any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and len(part.value.split()) > 2
        for part in said
    )
