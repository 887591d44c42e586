"""``mia serve`` and ``mia run`` with pages: open to visitors, closed in good order."""

from __future__ import annotations

import re
import signal
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest

from mailer.errors import ExitCode
from mailer.watching.models import LoopName, Pulse
from mailer.web import guard
from tests.daemons import Daemon, running
from tests.program import Program
from tests.servers import ScriptedSmtp
from tests.web_server import BASE_URL, Visitor, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from subscribers.database import Database


def free_port() -> int:
    """Return a port that nobody uses just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with public pages."""
    assert database.is_sqlite
    return Program(
        settings_file,
        {
            "MIA_DATABASE_URL": database_url,
            "MIA_SUMMARY_WEEKDAY": "nie",
            "MIA_WEB_BASE_URL": BASE_URL,
            "MIA_WEB_PORT": str(free_port()),
        },
    )


def test_serving_begins_and_ends_in_good_order(mia: Program) -> None:
    """It says where it is, answers, and SIGTERM ends it with 0."""
    process = mia.start("-v", "serve")
    daemon = Daemon(process)
    try:
        daemon.until_event("web.opened")
        said = re.compile(r"Die Seiten sind da: http://127\.0\.0\.1:(\d+)/")
        daemon.until(lambda one: any(said.match(str(line)) for line in one.lines))
        visitor = Visitor(int(mia.environ["MIA_WEB_PORT"]))
        assert visitor.get("/").status == 200
        assert daemon.end(signal.SIGTERM) == ExitCode.OK
        assert daemon.events("web.closed")
    finally:
        process.kill()
        daemon.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def test_a_place_that_cannot_be_had_is_told(mia: Program) -> None:
    """One German sentence, and 69."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", int(mia.environ["MIA_WEB_PORT"])))
        one.listen()
        done = mia.run("serve")
    assert done.returncode == ExitCode.UNAVAILABLE
    assert "können auf 127.0.0.1, Port" in done.stderr
    assert "angeboten werden: dort ist schon ein anderes Programm." in done.stderr
    for host, why in (
        ("192.0.2.1", "diese Adresse hat der Rechner nicht"),
        ("nirgends.invalid", "den Namen gibt es nicht"),
    ):
        done = mia.run("--set", f"web.host={host}", "serve")
        assert done.returncode == ExitCode.UNAVAILABLE
        assert f"angeboten werden: {why}." in done.stderr


def test_the_daemon_serves_and_sends_at_once(mia: Program, database: Database) -> None:
    """The question leaves moments after the form was sent; nobody waits a minute."""
    # By the real clock, since a form must have lain open for a moment.
    environ = {**mia.environ, "MIA_WEB_SERVE": "true", "MIA_NOW": ""}
    mia = replace(mia, environ=environ)
    with ScriptedSmtp() as server, running(mia.with_relay(server)) as daemon:
        daemon.until_event("web.opened")
        visitor = Visitor(int(mia.environ["MIA_WEB_PORT"]))
        page = visitor.get("/anmelden").text
        stamp = page.partition('name="stempel" value="')[2].partition('"')[0]
        time.sleep(guard.YOUNGEST.total_seconds() + 0.1)
        form = {"email": "rita@post.example", "einwilligung": "ja", "stempel": stamp}
        assert visitor.post("/anmelden", form).status == 200
        until(lambda: len(server.accepted) == 1)
        assert visitor.get("/readyz").status == 200
        daemon.send(signal.SIGHUP)
        daemon.until_event("web.opened", times=2)
        assert visitor.get("/").status == 200
        with database.reading() as db:
            assert db.get_one(Pulse, LoopName.SERVE).done_at is not None
        assert daemon.end(signal.SIGTERM) == ExitCode.OK
        assert daemon.events("web.closed")
        answered = daemon.events("web.answered", route="/anmelden", method="POST")
        assert "rita" not in str(daemon.lines)
        assert len(answered) == 1


def test_nobody_is_turned_away_while_settings_are_read_anew(mia: Program) -> None:
    """Who knocks during a reload waits for the answer; at another port it moves."""
    environ = {**mia.environ, "MIA_WEB_SERVE": "true"}
    visitor, elsewhere = Visitor(int(environ.pop("MIA_WEB_PORT"))), free_port()
    mia = replace(mia, environ=environ)
    settings = mia.config.read_text(encoding="utf-8")

    def serve_at(port: int) -> None:
        changed = settings.replace("port = 8025", f"port = {port}")
        assert changed != settings
        mia.config.write_text(changed, encoding="utf-8")

    serve_at(visitor.port)
    with running(mia) as daemon:
        daemon.until_event("web.opened")
        for times in (2, 3):
            with knocking(visitor) as answers:
                daemon.send(signal.SIGHUP)
                daemon.until_event("web.opened", times=times)
            assert len(answers) > 1
            assert set(answers) == {200}
        serve_at(elsewhere)
        daemon.send(signal.SIGHUP)
        daemon.until_event("web.opened", port=elsewhere)
        assert Visitor(elsewhere).get("/healthz").status == 200
        with pytest.raises(ConnectionRefusedError):
            visitor.get("/healthz")
        assert daemon.end(signal.SIGTERM) == ExitCode.OK


@contextmanager
def knocking(visitor: Visitor) -> Iterator[list[int | str]]:
    """Ask again and again, each time over a connection of its own."""
    answers: list[int | str] = []
    is_over = threading.Event()

    def knock() -> None:
        while not is_over.is_set():
            try:
                answers.append(visitor.get("/healthz").status)
            except (OSError, HTTPException) as error:
                answers.append(repr(error))

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for one in threads:
        one.start()
    try:
        until(lambda: bool(answers))
        yield answers
    finally:
        is_over.set()
        for one in threads:
            one.join()
