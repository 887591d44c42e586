"""PostgreSQL's own programs: ``pg_dump`` and ``pg_restore``, without a shell.

The password goes through the environment, where other people of the machine cannot
see it; a command line they can.

Source: PostgreSQL's manual, pg_dump and pg_restore; libpq, "Environment Variables".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.errors import ToolFailed

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = "alembic_version"
"""The table that says which schema a database has."""

_COPIED: Final = re.compile(rf"^COPY \S*{VERSION} .*\n(\w+)\n\\\.$", re.MULTILINE)
"""How a dump writes the one row of that table."""

_ITS_REVISION: Final = re.compile(rf" TABLE DATA \S+ {VERSION} ")
"""The line for that row in the list of what a dump contains."""


def dump(url: sa.URL, path: Path) -> None:
    """Write the database at *url* into the file *path*, and read its contents back.

    Raises:
        ToolFailed: A program is missing or fails.
    """
    own = ["--format=custom", "--no-owner", "--no-privileges"]
    _run(url, "pg_dump", *own, f"--file={path}", f"--dbname={_address(url)}")
    _run(url, "pg_restore", "--list", str(path))


def revision(url: sa.URL, path: Path) -> str | None:
    """Return the schema revision that the dump in *path* has; None if it has none.

    Raises:
        ToolFailed: ``pg_restore`` is missing or cannot read it.
    """
    words = ["--data-only", f"--table={VERSION}", "--file=-"]
    found = _COPIED.search(_run(url, "pg_restore", *words, str(path)))
    return found[1] if found else None


def restore(url: sa.URL, path: Path) -> None:
    """Put the dump in *path* back, all of it or nothing, but not its revision.

    Without it nobody uses the database: whoever restores it writes that last. The
    database has no tables; functions of the same names are replaced.

    Raises:
        ToolFailed: A program is missing or fails.
    """
    contents = _run(url, "pg_restore", "--list", str(path)).splitlines(keepends=True)
    all_or_nothing = ["--single-transaction", "--exit-on-error"]
    own = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
    with NamedTemporaryFile("w", prefix="mia-", suffix=".list") as wanted:
        wanted.writelines(line for line in contents if not _ITS_REVISION.search(line))
        wanted.flush()
        words = [f"--use-list={wanted.name}", f"--dbname={_address(url)}", str(path)]
        _run(url, "pg_restore", *all_or_nothing, *own, *words)


def _run(url: sa.URL, tool: str, *words: str) -> str:
    """Run *tool*; return what it says."""
    found = shutil.which(tool)
    if found is None:
        raise ToolFailed(
            tool, "fehlt. Unter Debian und Ubuntu liegt es im Paket postgresql-client"
        )
    environ = {**os.environ, "LC_ALL": "C"}
    if url.password is not None:
        environ["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, without a shell
        [found, *words],
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[:1] or [f"Fehler {done.returncode}"]
        raise ToolFailed(tool, f"meldet „{said[0]}“")
    return done.stdout


def _address(url: sa.URL) -> str:
    """Return *url* as libpq writes it, without the password."""
    plain = sa.URL.create(
        "postgresql",
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query=url.query,
    )
    return plain.render_as_string()
