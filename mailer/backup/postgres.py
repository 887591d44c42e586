"""PostgreSQL's own programs: ``pg_dump`` and ``pg_restore``, without a shell.

The password goes through the environment, where other people of the machine cannot
see it; a command line they can.

Source: PostgreSQL's manual, pg_dump and pg_restore; libpq, "Environment Variables".
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.errors import ToolFailed

if TYPE_CHECKING:
    from pathlib import Path


def dump(url: sa.URL, path: Path) -> None:
    """Write the database at *url* into the file *path*, and read its contents back.

    Raises:
        ToolFailed: A program is missing or fails.
    """
    own = ["--format=custom", "--no-owner", "--no-privileges"]
    _run(url, "pg_dump", *own, f"--file={path}", f"--dbname={_address(url)}")
    _run(url, "pg_restore", "--list", str(path))


def restore(url: sa.URL, path: Path) -> None:
    """Put the dump in *path* back, all of it or nothing.

    The database has no tables; functions of the same names are replaced.

    Raises:
        ToolFailed: A program is missing or fails.
    """
    all_or_nothing = ["--single-transaction", "--exit-on-error"]
    own = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
    words = [*all_or_nothing, *own, f"--dbname={_address(url)}"]
    _run(url, "pg_restore", *words, str(path))


def _run(url: sa.URL, tool: str, *words: str) -> None:
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
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[:1] or [f"Fehler {done.returncode}"]
        raise ToolFailed(tool, f"meldet „{said[0]}“")


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
