"""The public pages for tests: a real server on loopback, and somebody who visits.

The visitor speaks HTTP by the standard library: what she sends is what we wrote, and
what she gets is what came.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from tests.program import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mailer.application import Application
    from mailer.settings.model import Settings
    from subscribers.clock import FixedClock

BASE_URL: Final = "https://mia.aschersleben.example"
"""Under this name the pages are public; tests ask for it on loopback."""

HOST: Final = urlsplit(BASE_URL).netloc


def public(settings: Settings, **changes: Any) -> Settings:
    """Return *settings* with public pages on a free port of loopback."""
    web = replace(settings.web, serve=True, port=0, **changes)
    return replace(settings, web_base_url=BASE_URL, web=web)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        headers: By name in small letters; of several equal ones the last.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks at the pages, from one address."""

    port: int
    address: str = "198.51.100.7"

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        return self.ask("GET", path, headers=headers)

    def post(
        self,
        path: str,
        form: Mapping[str, str] | Sequence[tuple[str, str]],
        **headers: str,
    ) -> Answer:
        """Send a form as a browser does, from our own page."""
        own = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": BASE_URL,
            "Sec-Fetch-Site": "same-origin",
        }
        return self.ask("POST", path, urlencode(form).encode(), {**own, **headers})

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for anything."""
        sent = {"Host": HOST, "X-Forwarded-For": self.address, **(headers or {})}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, sent)
            came = connection.getresponse()
            names = {name.lower(): value for name, value in came.getheaders()}
            return Answer(came.status, names, came.read())
        finally:
            connection.close()


@contextmanager
def serving(application: Application) -> Iterator[Visitor]:
    """Serve the pages of *application* in a thread; yield a visitor."""
    if not application.settings.web.serve:
        application.settings = public(application.settings)
    pages = application.pages
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        opened = asyncio.run_coroutine_threadsafe(pages.open(), loop)
        opened.result(PATIENCE_SECONDS)
        yield Visitor(pages.address[1])
    finally:
        closed = asyncio.run_coroutine_threadsafe(pages.close(), loop)
        closed.result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


@dataclass(frozen=True, slots=True)
class FormFiller:
    """Somebody who opens a form, takes her time and sends it with all it carries.

    Attributes:
        clock: The program's; it moves as long as people need.
    """

    visitor: Visitor
    clock: FixedClock

    def send(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        """Open the form at *path*, fill it in and send it."""
        page = self.visitor.get(path).text
        carried = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        self.clock.moment += timedelta(seconds=30)
        return self.visitor.post(path, {**carried, **form}, **headers)


def until(is_met: Callable[[], bool]) -> None:
    """Wait until something has happened behind the pages."""
    latest = time.monotonic() + PATIENCE_SECONDS
    while not is_met():
        assert time.monotonic() < latest
        time.sleep(0.02)
