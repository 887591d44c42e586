"""Many visitors at once: raw connections in one loop, and a look at every row.

``MIA_CROWD`` multiplies how many there are; ``make crowd`` takes ten times as many.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers.database import Base
from tests.web_server import HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from subscribers.database import Database

CROWD: Final = int(os.environ.get("MIA_CROWD", "1"))
"""How many times the usual number."""

AT_ONCE: Final = 200
"""Connections that one loop holds open."""


def request(method: str, path: str, body: str = "", **headers: str) -> bytes:
    """Return one request as bytes."""
    own = {
        "Host": HOST,
        "Connection": "close",
        "X-Forwarded-For": "198.51.100.7",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if body:
        own["Content-Length"] = str(len(body.encode()))
        own.setdefault("Content-Type", "application/x-www-form-urlencoded")
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in own.items())]
    return ("\r\n".join([*lines, "", ""]) + body).encode()


def statuses(port: int, requests: Sequence[bytes]) -> list[int]:
    """Send all *requests*, many at once; return the status of each."""

    async def one(content: bytes, turn: asyncio.Semaphore) -> int:
        async with turn:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(content)
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return int(answer.split(b" ", 2)[1])

    async def crowd() -> list[int]:
        turn = asyncio.Semaphore(AT_ONCE)
        return await asyncio.gather(*(one(content, turn) for content in requests))

    return asyncio.run(crowd())


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with database.reading() as db:
        return {
            table.name: sorted(map(tuple, db.execute(sa.select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }
