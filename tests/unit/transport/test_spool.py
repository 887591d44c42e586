"""A folder instead of the wire: the same promises, in files."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mailer.errors import CannotCreate
from mailer.rendering.parcel import Content, Outcome, Parcel, Verdict
from mailer.transport.spool import SpoolTransport
from subscribers.address import EmailAddress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from mailer.outbox.lanes import Transport

CONTENT = b"Subject: Einladung\r\n\r\nHallo.\r\n.\r\n..zwei\r\nEnde\r\n"
MIA = EmailAddress.parse("mia@stadt.example")
RITA = EmailAddress.parse("rita@bewohner.example")


async def yes() -> bool:
    """Let it go."""
    return True


async def no() -> bool:
    """Hold it back."""
    return False


def send(
    folder: Path,
    *contents: bytes,
    before: Callable[[], Awaitable[bool]] = yes,
) -> list[Outcome]:
    """Send *contents* into *folder* in one run."""

    async def story() -> list[Outcome]:
        spool = SpoolTransport(folder)
        transport: Transport = spool  # what the worker asks for
        try:
            return [
                await transport.send(Parcel(MIA, RITA, Content.whole(content)), before)
                for content in contents
            ]
        finally:
            await spool.close()

    return asyncio.run(story())


def names(folder: Path) -> list[str]:
    """Return the names of the files in *folder*, sorted."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_holds_the_message_to_the_last_byte(tmp_path: Path) -> None:
    """No dot is doubled, no line end changed."""
    (outcome,) = send(tmp_path, CONTENT)
    assert outcome.verdict is Verdict.ACCEPTED
    assert outcome.reply is not None
    assert outcome.reply.text == "geschrieben: 0001.eml"
    assert (tmp_path / "0001.eml").read_bytes() == CONTENT


def test_files_are_numbered_and_a_later_run_counts_on(tmp_path: Path) -> None:
    """Nothing is overwritten; foreign files do not count."""
    (tmp_path / "notes.txt").touch()
    send(tmp_path, b"a", b"b")
    send(tmp_path, b"c")
    assert names(tmp_path) == ["0001.eml", "0002.eml", "0003.eml", "notes.txt"]
    assert (tmp_path / "0003.eml").read_bytes() == b"c"


def test_numbers_grow_beyond_four_digits(tmp_path: Path) -> None:
    """The ten-thousandth message is not the first."""
    (tmp_path / "9999.eml").touch()
    send(tmp_path, b"a", b"b")
    assert names(tmp_path) == ["10000.eml", "10001.eml", "9999.eml"]


def test_two_runs_in_one_folder_do_not_meet(tmp_path: Path) -> None:
    """A number taken by somebody else is left out."""

    async def story() -> None:
        one, two = SpoolTransport(tmp_path), SpoolTransport(tmp_path)
        await one.open()
        await two.open()
        for transport in (one, two, one, two):
            outcome = await transport.send(
                Parcel(MIA, RITA, Content.whole(CONTENT)), yes
            )
            assert outcome.verdict is Verdict.ACCEPTED

    asyncio.run(story())
    assert names(tmp_path) == [f"000{n}.eml" for n in (1, 2, 3, 4)]


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    """Letters hold names and keys; a new folder is closed as well."""
    old = os.umask(0)
    try:
        send(tmp_path / "mails", CONTENT)
    finally:
        os.umask(old)
    file = tmp_path / "mails" / "0001.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_what_must_not_go_is_not_written(tmp_path: Path) -> None:
    """The ledger said no."""
    assert send(tmp_path, CONTENT, before=no) == [Outcome(Verdict.NOT_SENT)]
    assert names(tmp_path) == []


def test_the_mark_is_set_before_the_file_is_there(tmp_path: Path) -> None:
    """The same order as on the wire."""
    seen: list[list[str]] = []

    async def look() -> bool:
        seen.append(names(tmp_path))
        return True

    send(tmp_path, CONTENT, CONTENT, before=look)
    assert seen == [[], ["0001.eml"]]


def test_a_folder_that_cannot_be_made_is_said_before_the_run(tmp_path: Path) -> None:
    """In German, with the path; the mark was not set."""
    (tmp_path / "file").touch()
    with pytest.raises(CannotCreate) as refused:
        send(tmp_path / "file" / "mails", CONTENT)
    assert "kein Ordner" in refused.value.sentence


@contextmanager
def little_room() -> Iterator[None]:
    """Let no file of this process grow beyond 100 bytes, as on a disk that is full.

    Only around what is tested: pytest's own output may be a file, too.
    """
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_defers_and_leaves_no_half_file(tmp_path: Path) -> None:
    """Half a message is none: it can be tried again."""
    with little_room():
        full, small = send(tmp_path, b"x" * 5000, b"y" * 50)
    assert full.verdict is Verdict.DEFERRED
    assert full.reply is not None
    assert full.reply.text
    assert small.verdict is Verdict.ACCEPTED
    assert names(tmp_path) == ["0002.eml"]
