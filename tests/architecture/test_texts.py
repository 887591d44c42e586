"""What people read: German typography; and what nobody should read in a repository."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.architecture import tree

SLIPS: Final = {
    "a straight quote, German has „ and “": (r"\"", 'das "Treffen"'),
    "a German quote closed the English way": (r"„[^“„]*”", "das „Treffen”"),
    "an abbreviated street": (r"\b\w*[Ss]tr\.(?!\w)", "Hohe Str. 21"),
    "a date in digits": (r"\b\d{1,2}\.\d{1,2}\.(?:\d{2,4})?(?!\d)", "am 03.12.2026"),
    "a dash between two times": (
        r"\b\d{1,2}(?::\d\d)? ?[–-] ?\d{1,2}.{0,6}Uhr",
        "10–13 Uhr",
    ),
    "an abbreviated weekday or month": (
        r"\b(?:Mo|Di|Mi|Do|Fr|Sa|So|Dez|Jan)\., ",
        "Do., 3. Dezember",
    ),
    "three dots for …": (r"\.\.\.", "und so weiter..."),
    "an umlaut spelled out": (
        r"\b[Ff]uer\b|\b[Uu]eber|koennen|moechte|muessen|waehlen|gueltig|naechst",
        "fuer alle",
    ),
    "a star, colon or underscore inside a word": (r"\w[*:_]innen\b", "Bürger*innen"),
}
"""What is wrong: a pattern that finds it, and an example of it."""

MARKUP: Final = re.compile(
    r"{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->|<style.*?</style>|<[^>]*>", re.DOTALL
)

GERMAN: Final = re.compile(r"[äöüßÄÖÜ„]")
"""A string of the program with one of these is meant for people."""

CODE: Final = re.compile(r"<[a-z!/]|\\b|^\[|\{\{|schreiben Sie|TOML|bitte so:|--[a-z]")
"""Markup, expressions, and examples of what to type, obey their own grammar."""

SYSTEM: Final = frozenset({"", "home", "opt", "private", "srv", "tmp", "usr", "var"})
"""Folders every machine has; a document may name what lies in them."""


def templates() -> list[Path]:
    """Return the templates of letters and pages."""
    found = [p for p in tree.files() if p.parts[0] == "templates"]
    return [path for path in found if path.suffix in {".html", ".txt"}]


@cache
def spoken(path: Path) -> list[tuple[int, str]]:
    """Return the German strings of the module *path*, docstrings left out."""
    syntax = tree.parsed(path)
    silent = {
        id(node.value)
        for node in ast.walk(syntax)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(syntax)
        if isinstance(node, ast.Constant) and id(node) not in silent
        if isinstance(node.value, str) and GERMAN.search(node.value)
    ]


@pytest.mark.parametrize("slip", SLIPS)
def test_letters_are_set_correctly(slip: str) -> None:
    """No template breaks a rule of German typography."""
    found = [
        (str(path), match[0])
        for path in templates()
        for match in re.finditer(SLIPS[slip][0], MARKUP.sub(" ", tree.read(path)))
    ]
    assert found == [], slip


@pytest.mark.parametrize("slip", SLIPS)
def test_the_program_speaks_correctly(slip: str) -> None:
    """No German string of the program breaks one either."""
    found = [
        f"{path}:{line} {text}"
        for path in tree.ours()
        for line, text in spoken(path)
        if re.search(SLIPS[slip][0], text) and not CODE.search(text)
    ]
    assert found == [], slip


@pytest.mark.parametrize(("pattern", "planted"), SLIPS.values(), ids=list(SLIPS))
def test_a_planted_slip_is_found(pattern: str, planted: str) -> None:
    """The tests above can fail."""
    assert re.search(pattern, planted)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_host(lock: str) -> None:
    """A lock pins packages and hashes; where they come from is the machine's matter."""
    text = tree.read(Path(lock))
    assert not re.search(r"//|^-|^\s*#", text, re.MULTILINE)
    packages = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE)
    assert packages
    assert all(re.match(r"[\w.-]+==[\w.]+", package) for package in packages)
    assert text.count("--hash=sha256:") >= len(packages)


def test_no_file_names_this_machine() -> None:
    """No path of a developer's machine got into the repository."""
    own = {f"{Path.home()}/", f"{tree.ROOT}/"}
    if (top := tree.ROOT.parts[1]) not in SYSTEM:
        own.add(f"/{top}/")
    found = [
        p for p in tree.texts() for name in own - {"//", "/"} if name in tree.read(p)
    ]
    assert found == []


def test_text_files_end_with_one_line_break_and_hold_no_tab() -> None:
    """Files are UTF-8, without trailing blanks."""
    exact = ("tests/golden/", "tests/corpus/")  # these are somebody's exact words
    for path in tree.texts():
        if str(path).startswith(exact) or path.suffix in {".po", ".json"}:
            continue
        text = tree.read(path)
        assert text == "" or text.endswith("\n"), path
        # "-- " announces a signature; its blank belongs to it.
        assert not re.search(r"(?<!^--)[ \t]+$", text, re.MULTILINE), path
