"""Help and usage errors answer at once: they read nothing of what a command does."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from typing import Final, NamedTuple

import pytest

from mailer.errors import ExitCode
from tests.program import ROOT, every_command

NEEDED: Final = {
    *("cli", "mailer", "subscribers"),
    *("click", "typing_extensions"),
    "coverage",  # where the tests are counted
    "_distutils_hack",  # setuptools, if it is there, comes along with every program
}
"""Whose modules may be read, besides Python's own."""

TOO_MUCH: Final = {"asyncio", "email", "mailer.application", "mailer.settings.loader"}
"""What takes long of Python's own and of ours."""

CALLS: Final = """
import contextlib, io, json, sys, types
import cli

ended, before = [], set()
for words in json.load(sys.stdin):
    sys.argv = ["mia", *words]
    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
        try:
            cli.mia.main()
        except SystemExit as error:
            code = error.code
    read = {name for name, one in sys.modules.items() if type(one) is types.ModuleType}
    ended.append([words, code, sorted(read - before)])
    before |= read
print(json.dumps(ended))
"""
"""One call after the other in one interpreter, and what each has read of modules; those
that are only registered are of a kind of their own."""


class Ended(NamedTuple):
    """How a call ended.

    Attributes:
        read: Modules that no call before it had read.
    """

    words: list[str]
    code: int
    read: list[str]


@pytest.mark.parametrize(
    ("option", "code"), [("--help", ExitCode.OK), ("--nonsense", ExitCode.USAGE)]
)
def test_no_command_is_read_to_be_explained(option: str, code: ExitCode) -> None:
    """Neither its help nor an option that it does not know needs a database."""
    calls = [[*words, option] for words in every_command()]
    assert len(calls) > 50
    process = subprocess.run(
        [sys.executable, "-c", CALLS],
        input=json.dumps(calls),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    known = packages_distributions().keys()
    for ended in (Ended(*one) for one in json.loads(process.stdout)):
        foreign = {name.partition(".")[0] for name in ended.read} & known
        assert (ended.words, foreign - NEEDED) == (ended.words, set())
        assert (ended.words, TOO_MUCH & set(ended.read)) == (ended.words, set())
        assert (ended.words, ended.code) == (ended.words, code)
