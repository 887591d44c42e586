"""The wire out, against a real server that behaves well or badly by script.

The numbers are those of the list of misbehaviours in docs/standards.md.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from mailer.rendering.parcel import Outcome, Parcel, Verdict
from mailer.settings import Security, Smtp
from mailer.transport.smtp import SmtpTransport
from subscribers.address import EmailAddress
from tests.certificates import ca_file
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CONTENT = b"Subject: Einladung\r\n\r\nHallo.\r\n.\r\n..zwei\r\nEnde\r\n"


def smtp(server: ScriptedSmtp, **changes: object) -> Smtp:
    fields = {
        "host": "localhost",
        "port": server.port,
        "security": Security.STARTTLS,
        "user": "mia",
        "password": "geheim",
        "return_path": EmailAddress.parse("mia@stadt.example"),
        "ehlo_name": "mia.stadt.example",
        "ca_file": ca_file(),
        "connect_timeout": timedelta(seconds=2),
        "command_timeout": timedelta(seconds=2),
        "data_timeout": timedelta(seconds=2),
    }
    return Smtp(**{**fields, **changes})  # type: ignore[arg-type] # a factory


def parcel(recipient: str = "rita@bewohner.example") -> Parcel:
    return Parcel(
        EmailAddress.parse("mia@stadt.example"), EmailAddress.parse(recipient), CONTENT
    )


async def yes() -> bool:
    return True


def test_a_parcel_arrives_unchanged() -> None:
    """What the server takes responsibility for is the parcel, to the last dot."""
    with ScriptedSmtp() as server:

        async def story() -> list[Outcome]:
            transport = SmtpTransport(smtp(server))
            await transport.open()
            try:
                return [await transport.send(parcel(), yes) for _ in range(3)]
            finally:
                await transport.close()

        outcomes = asyncio.run(story())

    assert [o.verdict for o in outcomes] == [Verdict.ACCEPTED] * 3
    assert [r.content for r in server.accepted] == [CONTENT] * 3
    assert server.connections == 1
    assert server.logins == [("mia", "geheim")]
