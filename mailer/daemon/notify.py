"""What systemd is told: that we are ready, what we do, and that we live.

Source: sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def notify(*assignments: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send "READY=1", "STATUS=…" and the like; without systemd nothing happens."""
    path = environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    # A leading "@" stands for a name that lies in no folder.
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sink:
        sink.sendto("\n".join(assignments).encode(), address)


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """Return after how many seconds without food we are killed; None for never."""
    ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1_000_000 if ours and microseconds.isdecimal() else None
