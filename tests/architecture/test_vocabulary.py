"""One word per thing: names in the code and in docs/vocabulary.md agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.architecture import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT: Final = Path("docs/vocabulary.md")

LONE: Final = frozenset(
    {
        "blacklist",
        "campaign",
        "contact",
        "helper",
        "mail",
        "manager",
        "member",
        "newsletter",
        "user",
        "utils",
    }
)
"""Words too vague to be a name alone; ``PartnerContact`` says more."""

SQLALCHEMY: Final = Path("subscribers/database.py")
"""The one place that must say SQLAlchemy's word; everybody else says ``Db``."""

PRECISE: Final = {
    # The login at the mail server, as every manual calls it.
    "user": ("mailer/settings/", "mailer/transport/", "tests/"),
    # MAIL, the command of SMTP that a server of the tests answers.
    "mail": ("tests/servers.py",),
}
"""Where a vague word means one thing."""


def names(syntax: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that *syntax* gives to something, with its line."""
    for node in ast.walk(syntax):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias():
                yield (node.asname or node.name).rpartition(".")[2], node.lineno
            case ast.ExceptHandler(name=str(name)):
                yield name, node.lineno
            case _:
                pass


def words(name: str) -> list[str]:
    """Return the words of a name: ``FrozenLetter`` is frozen, letter."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [word.lower() for word in found]


def wrong(name: str, path: Path) -> bool:
    """Return whether the vocabulary forbids *name* in the module *path*."""
    if {"session", "sessions"} & set(words(name)):
        return path != SQLALCHEMY
    word = name.strip("_").lower()
    if str(path).startswith(PRECISE.get(word, ("-",))):
        return False
    # A constant is a value of a closed set, such as ConsentChannel.MAIL.
    return word in LONE and not name.isupper()


def test_no_name_is_forbidden() -> None:
    """No module, class, function, argument or variable has a forbidden name."""
    found = [
        f"{path}:{line} {name}"
        for path in tree.modules()
        for name, line in [(path.stem, 1), *names(tree.parsed(path))]
        if wrong(name, path)
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "def send(session): ...",
        "from sqlalchemy.orm import Session",
        "class WebSession: ...",
        "with connect() as session_: ...",
        "member = 1",
        "class Helper: ...",
        "import tools.utils",
    ],
)
def test_a_planted_name_is_found(planted: str) -> None:
    """The test above can fail."""
    found = names(ast.parse(planted))
    assert any(wrong(name, Path("mailer/outbox/worker.py")) for name, _ in found)


def test_the_document_names_the_forbidden_words() -> None:
    """What the test forbids is what the document says."""
    line = re.search(r"^Forbidden alone: (.*)\.$", tree.read(DOCUMENT), re.MULTILINE)
    assert line is not None
    assert set(re.findall(r"`(\w+)`", line[1])) == LONE


def test_every_word_of_the_document_is_in_the_code() -> None:
    """A name in the second column of the table names something that exists."""
    known = {
        part
        for path in tree.ours()
        for name, _ in [(path.stem, 1), *names(tree.parsed(path))]
        for part in (name, path.parent.name, *words(name))
    }
    row_of_four = r"^\| [^|]+ \| ([^|]+) \| [^|]+ \| [^|]+ \|$"
    rows = re.findall(row_of_four, tree.read(DOCUMENT), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told
    assert told - known == set()
