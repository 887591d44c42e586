"""How many visits the pages take, beside a bare Starlette route on the same server.

Each case is a server process of its own; one client process asks over kept connections.
All cases are measured in turns within one run, so a busy machine slows down all of
them. Nothing is asserted; what counts are the ratios to the bare route.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import socket
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mailer import migrations
from mailer.application import Application
from mailer.settings import example_toml, load
from mailer.web.app import build
from mailer.web.listening import listen
from mailer.web.server import PageServer
from mailer.web.site import Site
from subscribers.clock import FixedClock
from subscribers.tokens import Purpose, make_token
from tests.factories import a_subscriber
from tests.town_calendar import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from starlette.requests import Request

NOW: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOST: Final = "mia.aschersleben.example"

CONNECTIONS: Final = 8
"""Kept open, each asks again as soon as it has its answer: as a proxy in front does."""

ROUNDS: Final = 5
SECONDS: Final = 1.5
"""Of one case in one round; the median round counts."""


@dataclass
class Case:
    """What is asked for, again and again.

    Attributes:
        requests: Taken in turns, whole requests as octets.
        wanted: The status of every answer.
        rates: Answers in a second, one for each round.
        waits: Seconds of single answers, of all rounds.
    """

    name: str
    requests: list[bytes]
    wanted: int = 200
    rates: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def get(path: str, *more: str) -> bytes:
    """Return a GET request."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", *more, "", ""]
    return "\r\n".join(lines).encode()


def one_click(token: str) -> bytes:
    """Return the POST of a mail provider (RFC 8058, section 3.2)."""
    body = "List-Unsubscribe=One-Click"
    lines = [
        f"POST /abmelden/{token} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    return "\r\n".join(lines).encode()


def town(folder: Path) -> Application:
    """Return the example network in a folder."""
    secret = folder / "mia.secret"
    secret.write_text("00" * 32, encoding="ascii")
    secret.chmod(0o600)
    path = folder / "mia.toml"
    path.write_text(example_toml(), encoding="utf-8")
    settings = load(path, {}, flags={"web.base_url": f"https://{HOST}"}).settings
    return Application(settings, FixedClock(NOW))


def furnish(folder: Path, people: int) -> list[str]:
    """Fill the town with meetings and people; return a token of each."""
    app = town(folder)
    migrations.upgrade(app.unchecked_database)
    with app.database.transaction() as db:
        plan(db, app.settings, now=NOW)
        found = [a_subscriber(db, f"leserin{n}@post.example") for n in range(people)]
        db.flush()
        tokens = [
            make_token(
                app.keys,
                Purpose.UNSUBSCRIBE,
                one.mailbox.id,
                one.mailbox.token_version,
            )
            for one in found
        ]
    app.close()
    return tokens


def serve(kind: str, folder: str, ready: Connection) -> None:
    """Serve one of the two applications until the process is ended."""
    logging.disable(logging.CRITICAL)
    app = _bare() if kind == "bare" else _ours(town(Path(folder)))
    listening = listen("127.0.0.1", 0)
    ready.send(listening.getsockname()[1])
    asyncio.run(PageServer.of(app).serve_here(listening))


def _ours(app: Application) -> Starlette:
    return build(Site(app.desk, app.database, app.clock, NOW))


def _bare() -> Starlette:
    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("Guten Tag\n")

    return Starlette(routes=[Route("/", hello)])


@contextmanager
def server(kind: str, folder: Path) -> Iterator[int]:
    """Run a server in a process of its own; yield its port."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=serve, args=(kind, str(folder), there))
    process.start()
    try:
        port: int = here.recv()
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.join()


def _wait_for(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return


async def ask(port: int, case: Case) -> None:
    """Ask for *case* for a while over all connections."""
    until = time.perf_counter() + SECONDS
    supply = iter(range(sys.maxsize))
    waits: list[float] = []

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < until:
            writer.write(case.requests[next(supply) % len(case.requests)])
            await _answer(reader, case.wanted)
            waits.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    case.rates.append(len(waits) / SECONDS)
    case.waits += waits


async def _answer(reader: asyncio.StreamReader, wanted: int) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if status != wanted:
        raise AssertionError(head)
    _, found, rest = head.partition("content-length: ")
    if found:
        await reader.readexactly(int(rest.partition("\r\n")[0]))


async def etag_of(port: int, path: str) -> str:
    """Return what a visitor sends who has the newest already."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(get(path))
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    writer.close()
    return head.partition("etag: ")[2].partition("\r\n")[0]


def p99(waits: list[float]) -> float:
    """Return the wait in seconds that 99 of 100 answers do not exceed."""
    return sorted(waits)[int(len(waits) * 0.99)]


def main() -> None:
    """Measure all cases in turns; print rates, waits and ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = furnish(folder, people=2000)
        with server("bare", folder) as bare, server("ours", folder) as ours:
            known = asyncio.run(etag_of(ours, "/termine.ics"))
            floor = Case("a bare Starlette route", [get("/")])
            cases = [
                Case("dates page", [get("/termine")]),
                Case("front page", [get("/")]),
                Case("calendar feed, whole", [get("/termine.ics")]),
                Case(
                    "calendar feed, nothing new",
                    [get("/termine.ics", f"If-None-Match: {known}")],
                    wanted=304,
                ),
                Case("one-click", [one_click(token) for token in tokens]),
            ]
            for _ in range(ROUNDS):
                asyncio.run(ask(bare, floor))
                for case in cases:
                    asyncio.run(ask(ours, case))
    base = median(floor.rates)
    print(f"{'':28} {'in a second':>12} {'p99':>10}   of the bare route")
    for case in (floor, *cases):
        rate = median(case.rates)
        print(
            f"{case.name:28} {rate:12,.0f} {p99(case.waits) * 1000:7.1f} ms   "
            f"{rate / base:.3f}"
        )


if __name__ == "__main__":
    main()
