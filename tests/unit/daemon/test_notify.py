"""What systemd is told, byte for byte."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from mailer.daemon.notify import notify, watchdog_seconds
from tests.daemons import NotifySocket

if TYPE_CHECKING:
    from pathlib import Path


def test_assignments_stand_one_a_line(tmp_path: Path) -> None:
    """sd_notify(3): a newline-separated list, in one datagram."""
    sink = NotifySocket(tmp_path / "notify")
    notify("READY=1", "STATUS=läuft", environ={"NOTIFY_SOCKET": str(sink.path)})
    sink.until("READY=1")
    sink.close()
    assert sink.heard == ["READY=1\nSTATUS=läuft"]


def test_a_name_in_no_folder_is_understood() -> None:
    """sd_notify(3): "@" stands for the abstract namespace of Linux."""
    name = f"mia-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sink:
        sink.bind(f"\0{name}")
        notify("READY=1", environ={"NOTIFY_SOCKET": f"@{name}"})
        assert sink.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_said() -> None:
    """No socket is named: no error either."""
    notify("READY=1", environ={})


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "120000000"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, None),
    ],
    ids=["none", "for anybody", "for us", "for another process"],
)
def test_the_watchdog_is_for_whom_it_names(
    environ: dict[str, str], seconds: float | None
) -> None:
    """sd_watchdog_enabled(3): the process id decides, if one is named."""
    assert watchdog_seconds(environ) == seconds
