"""The town online for browser tests: its pages where a browser can open them.

Everything is real: the pages on a port of loopback, the ledger, a mail server. Only
the clock is ours, because forms are only taken from people who need their time.
"""

from __future__ import annotations

import email
import email.policy
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer import migrations
from mailer.application import Application
from mailer.settings import example_toml, load
from mailer.web.models import Wish
from subscribers.clock import FixedClock
from tests.conftest import PRESENT
from tests.outgoing import drain
from tests.servers import ScriptedSmtp
from tests.town_calendar import plan
from tests.web_server import serving, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/[\w/-]+")


@dataclass(frozen=True, slots=True)
class TownOnline:
    """A town whose pages can be opened.

    Attributes:
        url: Of its front page, without a slash at the end.
        clock: The program's.
        server: Where its mail goes.
    """

    application: Application
    url: str
    clock: FixedClock
    server: ScriptedSmtp

    def let_time_pass(self, seconds: float = 30) -> None:
        """Let the program's clock go on, as long as somebody fills in a form."""
        self.clock.moment += timedelta(seconds=seconds)

    def mail_to(self, address: str) -> EmailMessage:
        """Send all that is owed; return the last mail to *address*."""
        database = self.application.database

        def is_settled() -> bool:
            with database.reading() as db:
                return db.scalar(sa.select(sa.func.count()).select_from(Wish)) == 0

        until(is_settled)
        smtp = replace(self.application.settings.smtp, port=self.server.port)
        # Playwright has a loop in this thread; the worker needs one of its own.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(drain, self.application, smtp, lanes=1).result()
        found = [one for one in self.server.accepted if one.recipient == address]
        return email.message_from_bytes(found[-1].content, policy=email.policy.default)


def links(letter: EmailMessage) -> list[str]:
    """Return the addresses of our pages in the text of a mail, in order."""
    body = letter.get_body(("plain",))
    return LINK.findall(body.get_content()) if body is not None else []


@contextmanager
def town_online(folder: Path) -> Iterator[TownOnline]:
    """Serve the pages of the example town."""
    port = _free_port()
    path = folder / "mia.toml"
    path.write_text(example_toml(), encoding="utf-8")
    secret = path.with_suffix(".secret")
    secret.write_text("00" * 32, encoding="ascii")
    secret.chmod(0o600)
    flags = {
        "web.base_url": f"http://127.0.0.1:{port}",
        "web.port": f"{port}",
        "web.serve": "true",
        "inbox.address": "post@mia.example",
        "smtp.host": "127.0.0.1",
        "smtp.security": "plain",
    }
    settings = load(path, {}, flags=flags).settings
    clock = FixedClock(PRESENT)
    application = Application(settings, clock)
    migrations.upgrade(application.unchecked_database)
    with application.database.transaction() as db:
        plan(db, settings, now=PRESENT)
    with ScriptedSmtp() as server, serving(application):
        yield TownOnline(application, settings.web_base_url, clock, server)
    application.close()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
