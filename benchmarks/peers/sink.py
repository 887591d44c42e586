"""Where all of them send to: postfix's smtp-sink on loopback, near or far away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]

SYSTEM: Final = "/usr/sbin:/usr/bin"
"""Where Debian puts postfix's tools; not on everybody's PATH."""

START_SECONDS: Final = 20


def found(name: str) -> str | None:
    """Return the path of a program; None if it is not installed."""
    return shutil.which(name) or shutil.which(name, path=SYSTEM)


def needed(name: str) -> str:
    """Return the path of a program that is installed.

    Raises:
        FileNotFoundError: It is not.
    """
    path = found(name)
    if path is None:
        raise FileNotFoundError(name)
    return path


@contextmanager
def sink(program: str, *, round_trip_ms: int) -> Iterator[int]:
    """Start a sink that takes everything; yield its port.

    Args:
        program: The path of ``smtp-sink``.
        round_trip_ms: How far away it is; every byte is held back for half of it, each
            way.
    """
    port = _free_port()
    command = [program, "-4", "-m", "1000", f"inet:127.0.0.1:{port}", "1000"]
    if os.geteuid() == 0:
        command[1:1] = ["-u", "nobody"]
    running = [_started(command, port)]
    try:
        if round_trip_ms:
            far = _free_port()
            delay = Path(__file__).with_name("delay.py")
            numbers = [str(far), str(port), str(round_trip_ms / 2000)]
            running.append(_started([sys.executable, str(delay), *numbers], far))
            port = far
        yield port
    finally:
        for process in running:
            process.terminate()
            process.wait()


def _started(command: list[str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return process
    process.kill()
    raise RuntimeError(f"{command[0]} does not listen on port {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
