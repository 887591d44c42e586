"""aiosmtplib as its manual shows it: one message at a time on each kept connection."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosmtplib
from jinja2 import Environment

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.peers.watching import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def writer(folder: Path) -> Callable[[dict[str, Any]], EmailMessage]:
    """Return what makes the message of one reader."""
    plain, html = Environment(autoescape=False), Environment(autoescape=True)  # noqa: S701 - plain text
    styles = {
        style: (
            plain.from_string((folder / f"{style}.txt").read_text("utf-8")),
            html.from_string((folder / f"{style}.html").read_text("utf-8")),
        )
        for style in ("standard", "easy")
    }
    subject = (folder / "subject.txt").read_text("utf-8")
    calendar = (folder / "termin.ics").read_bytes()

    def message(reader: dict[str, Any]) -> EmailMessage:
        text, markup = styles[reader["style"]]
        made = EmailMessage(policy=policy.SMTP)
        made["Subject"] = subject
        made["From"] = "Kathrin Sommer <k_sommer@mia.example>"
        made["To"] = f'"{reader["name"]}" <{reader["address"]}>'
        made["Message-ID"] = reader["message_id"]
        made["List-Unsubscribe"] = f"<{reader['unsubscribe_url']}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made.set_content(text.render(reader))
        made.add_alternative(markup.render(reader), subtype="html")
        made.add_attachment(
            calendar, maintype="text", subtype="calendar", filename="termin.ics"
        )
        return made

    return message


async def send(
    port: int, connections: int, readers: list[dict[str, Any]], folder: Path
) -> int:
    """Send to all *readers*; return how many were accepted."""
    message = writer(folder)
    waiting = iter(readers)

    async def one(waiting: Iterator[dict[str, Any]]) -> int:
        sent = 0
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, start_tls=False
        ) as client:
            for reader in waiting:
                await client.send_message(
                    message(reader),
                    sender=reader["return_path"],
                    recipients=[reader["address"]],
                )
                sent += 1
        return sent

    return sum(await asyncio.gather(*(one(waiting) for _ in range(connections))))


def main() -> None:
    """Send and print what it took."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--recipients", type=int, required=True)
    asked.add_argument("--connections", type=int, default=10)
    given = asked.parse_args()
    lines = (given.folder / "people.jsonl").read_text("utf-8").splitlines()
    readers = [json.loads(line) for line in lines[: given.recipients]]
    with Meter() as meter:
        sent = asyncio.run(send(given.port, given.connections, readers, given.folder))
    meter.report(sent)


if __name__ == "__main__":
    main()
