"""``mia serve``: nothing but the public pages, for a process, or a machine, of its own.

Several may serve one PostgreSQL: whatever counts is counted in the database.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

from mailer.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application

ENDS: Final = (signal.SIGTERM, signal.SIGINT)


def serve(app: Application, *, told: Callable[[str], None]) -> ExitCode:
    """Serve the pages until somebody ends it.

    Args:
        told: Says a German sentence to whoever looks at the terminal.

    Raises:
        WebUnavailable: The address cannot be used.
        SubscribersError: The database cannot be used.
    """
    asyncio.run(_until_the_end(app, told))
    return ExitCode.OK


async def _until_the_end(app: Application, told: Callable[[str], None]) -> None:
    pages, loop = app.pages, asyncio.get_running_loop()
    await pages.open()
    for name in ENDS:
        loop.add_signal_handler(name, pages.end)
    host, port = pages.address
    told(f"Die Seiten sind da: http://{host}:{port}/ – Strg+C beendet es.")
    await pages.ended()
