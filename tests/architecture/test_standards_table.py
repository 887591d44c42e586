"""docs/standards.md: what it says about code and tests is there to be looked at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.architecture import tree

DOCUMENT: Final = Path("docs/standards.md")


class Row(NamedTuple):
    """One standard: its number, where it stands and what shows it."""

    number: str
    where: list[Path]
    shown: list[Path]


def rows() -> list[Row]:
    """Return the rows of all tables of standards."""
    found = re.findall(
        r"^\| RFC (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$",
        tree.read(DOCUMENT),
        re.MULTILINE,
    )
    return [Row(number, paths(where), paths(shown)) for number, where, shown in found]


def paths(cell: str) -> list[Path]:
    """Return the files and folders that a cell names."""
    return [Path(name) for name in re.findall(r"`([^`]+)`", cell)]


def below(path: Path) -> list[Path]:
    """Return the modules at or below *path*."""
    known = [p for p in tree.modules() if p == path or path in p.parents]
    assert known, f"{path} is not in the repository"
    return known


def cites(path: Path, number: str) -> bool:
    """Return whether the module *path* names RFC *number*."""
    # "RFC 5890 and 5891", "RFC 2045, sections 6.7 and 6.8; RFC 2046": both count.
    pattern = rf"\bRFC (?:\d+ and )?{number}\b"
    return re.search(pattern, tree.read(path)) is not None


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"RFC {row.number}")
def test_the_code_of_a_row_names_the_standard(row: Row) -> None:
    """Each place in the third column exists and cites the document."""
    assert row.where
    for place in row.where:
        assert any(cites(path, row.number) for path in below(place)), place


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"RFC {row.number}")
def test_the_tests_of_a_row_exist(row: Row) -> None:
    """Each test in the last column exists."""
    for place in row.shown:
        assert below(place)


def test_every_row_has_four_columns() -> None:
    """No row slips through the tests above by its form."""
    written = re.findall(r"^\| RFC \d+ \|", tree.read(DOCUMENT), re.MULTILINE)
    assert len(rows()) == len(written) > 0


@pytest.mark.parametrize(
    "path",
    [path for path in tree.modules() if path.parts[:2] == ("tests", "standards")],
    ids=lambda path: path.stem,
)
def test_a_test_of_a_standard_says_which(path: Path) -> None:
    """The number in its name is in its first line, and has a row."""
    name = re.fullmatch(r"test_rfc(\d+)_\w+", path.stem)
    assert name is not None
    assert f"RFC {name[1]}" in tree.read(path).partition("\n")[0]
    assert name[1] in {row.number for row in rows()}
