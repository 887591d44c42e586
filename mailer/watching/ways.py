"""The second way: a message that goes past our own relay, by whatever is set.

A second relay, a program on this machine, and the operator's own command. None of them
raises: what one cannot do, the next may.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import subprocess
from typing import TYPE_CHECKING, Final

from mailer.errors import MailerError
from mailer.logs import LogEvent, log
from mailer.rendering.parcel import Parcel, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mailer.settings.model import Settings

RELAY: Final = "relay"
SENDMAIL: Final = "sendmail"
COMMAND: Final = "command"


def has_second_way(settings: Settings) -> bool:
    """Tell whether mail can go past the ordinary relay."""
    return bool(settings.alarm.smtp.host or settings.alarm.sendmail)


async def send_past(settings: Settings, parcels: Sequence[Parcel]) -> str:
    """Send *parcels* on the second way; return which took one, empty for none."""
    taken = []
    for parcel in parcels:
        if settings.alarm.smtp.host and await _over_relay(settings, parcel):
            way = RELAY
        elif settings.alarm.sendmail and await _by_sendmail(settings, parcel):
            way = SENDMAIL
        else:
            continue
        taken.append(way)
    return taken[0] if taken else ""


async def _over_relay(settings: Settings, parcel: Parcel) -> bool:
    from mailer.transport.smtp import SmtpTransport  # noqa: PLC0415 - rarely needed

    transport = SmtpTransport(settings.alarm.smtp)

    async def before_content() -> bool:
        return True

    try:
        outcome = await transport.send(parcel, before_content)
    except MailerError as error:
        _failed(RELAY, type(error).__name__)
        return False
    finally:
        await transport.close()
    # An answer that was lost may be a copy: told twice is better than not at all.
    is_taken = outcome.verdict is Verdict.ACCEPTED
    if not is_taken:
        _failed(RELAY, outcome.verdict)
    return is_taken


async def _by_sendmail(settings: Settings, parcel: Parcel) -> bool:
    words = f"{settings.alarm.sendmail} {shlex.quote(parcel.recipient.wire)}"
    # A program on this machine wants its own line ends.
    content = bytes(parcel.content).replace(b"\r\n", b"\n")
    return await run_command(settings, SENDMAIL, words, content)


async def run_command(
    settings: Settings, way: str, command: str, content: bytes
) -> bool:
    """Give *content* to the standard input of a command; tell whether it took it."""
    seconds = settings.alarm.command_timeout.total_seconds()
    folder = settings.path.parent
    return await asyncio.to_thread(_run, way, command, content, seconds, folder)


def _run(way: str, command: str, content: bytes, seconds: float, folder: Path) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            shlex.split(command),
            check=False,
            cwd=folder,
            input=content,
            stdout=subprocess.DEVNULL,
            timeout=seconds,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        _failed(way, type(error).__name__)
        return False
    if done.returncode:
        _failed(way, done.returncode)
    return not done.returncode


def _failed(way: str, why: object) -> None:
    log(LogEvent.ALARM_WAY_FAILED, level=logging.WARNING, way=way, why=why)
