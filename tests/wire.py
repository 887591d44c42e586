"""What the tests of the wire share: settings with short waits, parcels, the mark."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from mailer.rendering.parcel import Content, Outcome, Parcel
from mailer.settings import ReturnPaths, Security, Smtp
from mailer.transport.smtp import SmtpTransport
from subscribers.address import EmailAddress
from tests.certificates import ca_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.servers import ScriptedSmtp

CONTENT: Final = b"Subject: Einladung\r\n\r\nHallo.\r\n.\r\n..zwei\r\n.Ende\r\n"
"""A message whose lines begin with dots."""


def relay(
    server: ScriptedSmtp | int,
    *,
    security: Security = Security.STARTTLS,
    user: str = "mia",
    pipelining: bool = False,
) -> Smtp:
    """Return settings for a server or a port; `dataclasses.replace` changes the rest.

    Step by step, because a test of one step wants to know which; what reads ahead has
    tests of its own.

    The waits for answers are far below what the settings file allows: a test of a
    silent server should not be silent itself.
    """
    return Smtp(
        host="localhost",
        port=server if isinstance(server, int) else server.port,
        security=security,
        user=user,
        password="geheim" if user else "",
        return_path=EmailAddress.parse("mia@stadt.example"),
        return_paths=ReturnPaths.SHARED,
        ehlo_name="mia.stadt.example",
        ca_file=ca_file(),
        connect_timeout=timedelta(seconds=5),
        command_timeout=timedelta(seconds=5),
        data_timeout=timedelta(seconds=5),
        pipelining=pipelining,
    )


def hasty(smtp: Smtp) -> Smtp:
    """Return *smtp* with waits of 0.3 seconds, for servers that never answer."""
    wait = timedelta(seconds=0.3)
    return replace(smtp, command_timeout=wait, data_timeout=wait)


def parcel(recipient: str = "rita@ort.example", content: bytes = CONTENT) -> Parcel:
    """Return a parcel from the network to *recipient*."""
    return Parcel(
        EmailAddress.parse("mia@stadt.example"),
        EmailAddress.parse(recipient),
        Content.whole(content),
    )


@dataclass(slots=True)
class Mark:
    """The ledger's mark: says *answer* and counts how often it was asked."""

    answer: bool = True
    asked: int = 0

    async def __call__(self) -> bool:
        """Write nothing, count."""
        self.asked += 1
        return self.answer


def then(parcel: Parcel | None) -> Callable[[], Parcel | None]:
    """Return what tells a transport that *parcel* comes next."""
    return lambda: parcel


def sent(
    smtp: Smtp, parcels: Sequence[Parcel], mark: Mark | None = None
) -> list[Outcome]:
    """Send *parcels* over one transport, close it, return what became of each.

    Each is told which one comes next.
    """
    each = list(zip_longest(parcels, parcels[1:]))

    async def story() -> list[Outcome]:
        transport = SmtpTransport(smtp)
        try:
            return [
                await transport.send(one, mark or Mark(), then(upcoming))
                for one, upcoming in each
            ]
        finally:
            await transport.close()

    return asyncio.run(story())


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does; pytest's timeout is the limit."""
    while not condition():  # noqa: ASYNC110 - the other side is no coroutine
        await asyncio.sleep(0.005)
