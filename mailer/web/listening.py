"""The socket that hears visitors, and room for many of them."""

from __future__ import annotations

import resource
import socket
from contextlib import suppress
from typing import Any, Final

from mailer.errors import ExitCode, MailerError
from subscribers.errors import spoken

FILES: Final = 8192
"""Open files wanted: slow connections must not use up all there are."""


class WebUnavailable(MailerError):
    """The public pages cannot be served where the settings say.

    Attributes:
        host, port: Where.
        reason: Why not: one line, no full stop.
    """

    exit_code = ExitCode.UNAVAILABLE
    wording = (
        "Die öffentlichen Seiten können auf {host}, Port {port}, nicht angeboten "
        "werden: {reason}. Bitte prüfen Sie [web] host und port."
    )

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(host, port, reason)
        self.host = host
        self.port = port
        self.reason = reason


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that hears visitors.

    Raises:
        WebUnavailable: The address is not ours, or somebody has it.
    """
    allow_many_files()
    try:
        found: Any = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(found[0], socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(found[4])
        except OSError:
            listening.close()
            raise
    except socket.gaierror as error:
        raise WebUnavailable(host, port, "den Namen gibt es nicht") from error
    except OSError as error:
        raise WebUnavailable(host, port, spoken(error)) from error
    listening.setblocking(False)
    return listening


def allow_many_files() -> None:
    """Raise our own limit of open files as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
