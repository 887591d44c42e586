"""How long one run may talk to a server: who sends one octet a minute is cut off.

Each read has a timeout of its own; but a server that always sends a little, just in
time, would hold a run for ever, and with it every mail behind.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class RunLimit:
    """Cuts the line of a run that takes too long.

    Attributes:
        is_over: The line was cut; no other may be opened in this run.
    """

    def __init__(self, longest: timedelta) -> None:
        """Remember how long a run may take."""
        self._longest = longest
        self._timer: threading.Timer | None = None
        self._line: socket.socket | None = None
        self.is_over = False

    def begin(self) -> None:
        """Count from now on."""
        self.end()
        self.is_over = False
        self._timer = threading.Timer(self._longest.total_seconds(), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Count no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def hold(self, line: socket.socket) -> None:
        """Remember the line that is to be cut; at once, if the time is over."""
        self._line = line
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        self.is_over = True
        if self._line is not None:
            # Not the method of a TLS socket: that forgets its keys under the reader.
            with suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)
