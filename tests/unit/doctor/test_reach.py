"""The doctor looks at the pages from outside, as readers and mail providers do."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from mailer.doctor import reach
from tests.patients import a_patient, told
from tests.web_server import BASE_URL, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailer.application import Application
    from subscribers.database import Database


class Redirecting(BaseHTTPRequestHandler):
    """A web server in front that lets looks through and redirects every POST."""

    def do_GET(self) -> None:
        """Answer as the pages do."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok\n")

    def do_POST(self) -> None:
        """Send the visitor elsewhere."""
        self.send_response(302)
        self.send_header("Location", "/anmeldung")
        self.end_headers()

    @override
    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def redirecting() -> Iterator[int]:
    """The port of a server that gets one-click wrong."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_without_a_base_url_nobody_looks(
    settings_file: Path, database: Database
) -> None:
    """No letter has a link."""
    patient = a_patient(settings_file, database)
    for check in reach.CHECKS:
        assert told(check, patient) == {}


def test_pages_that_work_are_well(
    settings_file: Path, database: Database, application: Application
) -> None:
    """They answer under their name, and a POST from elsewhere comes through."""
    with serving(application) as visitor:
        flags = {"web.base_url": f"http://127.0.0.1:{visitor.port}"}
        patient = a_patient(settings_file, database, flags)
        assert told(reach.pages_are_there, patient) == {
            "web-reachable": "ok",
            "web-one-click": "ok",
        }


def test_a_server_in_front_that_redirects_is_found(
    settings_file: Path, database: Database, redirecting: int
) -> None:
    """Mail providers follow no redirect."""
    flags = {"web.base_url": f"http://127.0.0.1:{redirecting}"}
    patient = a_patient(settings_file, database, flags)
    assert told(reach.pages_are_there, patient) == {
        "web-reachable": "ok",
        "web-one-click": "error",
    }


def test_nobody_there_is_an_error(settings_file: Path, database: Database) -> None:
    """With the reason, and what to do."""
    flags = {"web.base_url": "http://127.0.0.1:9"}
    patient = a_patient(settings_file, database, flags)
    assert told(reach.pages_are_there, patient) == {"web-reachable": "error"}


def test_who_serves_is_looked_at(settings_file: Path, database: Database) -> None:
    """Somebody must, and not without https to everybody."""
    patient = a_patient(settings_file, database, {"web.base_url": BASE_URL})
    assert told(reach.somebody_serves, patient) == {"web-serve": "hint"}
    flags = {"web.base_url": BASE_URL, "web.serve": "true", "web.host": "198.51.100.1"}
    patient = a_patient(settings_file, database, flags)
    assert told(reach.somebody_serves, patient) == {"web-host": "warning"}
