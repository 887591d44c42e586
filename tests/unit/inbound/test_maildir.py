"""A Maildir: names that stay, files that move under our hands."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.errors import InboxError
from mailer.inbound.drain import drain
from mailer.inbound.kinds import Kind
from mailer.inbound.reading import MAX_BYTES
from mailer.inbound.sources import Found, NotGiven, Tray
from mailer.inbound.sources.maildir import MaildirSource
from mailer.settings import InboxMode
from tests.receiving import a_mail, a_taker, an_inbox, arrivals, effects

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty Maildir."""
    path = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (path / part).mkdir(parents=True)
    return path


@pytest.fixture
def source(path: Path, settings: Settings) -> MaildirSource:
    """The same, as the program sees it."""
    return MaildirSource(path, an_inbox(settings, 1, InboxMode.DEDICATED))


def put(path: Path, number: int, kind: str = "command", place: str = "new") -> Path:
    """Let a message arrive."""
    info = "" if place == "new" else ":2,S"
    file = path / place / f"17000000{number:02}.M{number}P1.host{info}"
    file.write_bytes(a_mail(number, kind))
    return file


def names(path: Path) -> list[str]:
    """Return the file names in a folder."""
    return sorted(one.name for one in path.iterdir()) if path.is_dir() else []


def test_new_and_seen_mail_is_taken_and_filed(
    source: MaildirSource, path: Path, database: Database, clock: FixedClock
) -> None:
    """The flags stay; what is not finished is left alone."""
    put(path, 1)
    put(path, 2, "human", "cur")
    put(path, 3, place="tmp")
    (path / "new" / ".hidden").touch()
    (path / "new" / "folder").mkdir()
    drained = drain(source, a_taker(database, clock))
    assert drained.taken == {Kind.COMMAND: 1, Kind.HUMAN: 1}
    assert names(path / ".mia-erledigt/cur") == ["1700000001.M1P1.host:2,"]
    assert names(path / ".mia-weitergeleitet/cur") == ["1700000002.M2P1.host:2,S"]
    assert names(path / "new") == [".hidden", "folder"]
    assert drain(source, a_taker(database, clock)).taken == {}


def test_a_shared_maildir_stays_as_it_is(
    source: MaildirSource, path: Path, database: Database, clock: FixedClock
) -> None:
    """And a mail that its reader has opened meanwhile is not new."""
    new = put(path, 1)
    taker = a_taker(database, clock, is_shared=True, has_folder=False)
    old = put(path, 2)
    long_ago = clock.now().timestamp() - timedelta(days=8).total_seconds()
    os.utime(old, (long_ago, long_ago))
    moment = clock.now().timestamp()
    os.utime(new, (moment, moment))
    assert drain(source, taker).taken == {Kind.COMMAND: 1}
    new.rename(path / "cur" / f"{new.name}:2,RS")
    drained = drain(source, taker)
    assert (drained.taken, drained.known) == ({}, 0)
    assert names(path / "cur") == [f"{new.name}:2,RS"]
    assert effects(database) == [1]


def test_a_file_that_moves_meanwhile_is_found(
    source: MaildirSource, path: Path
) -> None:
    """A mail program moves it from new to cur while we read."""
    file = put(path, 1)
    (found,) = source.waiting(set(), None)
    file.rename(path / "cur" / f"{file.name}:2,S")
    assert source.fetch(found) == a_mail(1)


def test_a_file_that_is_gone_is_no_error(source: MaildirSource, path: Path) -> None:
    """Somebody was faster."""
    file = put(path, 1)
    (found,) = source.waiting(set(), None)
    file.unlink()
    assert source.fetch(found) is None
    assert source.file([found.name], Tray.PROCESSED) == [found.name]


def test_a_large_file_is_not_read(
    source: MaildirSource, path: Path, database: Database, clock: FixedClock
) -> None:
    """It stays; also when it grew after we looked."""
    file = put(path, 1)
    with file.open("r+b") as large:
        large.truncate(100 * 1024 * 1024)
    assert drain(source, a_taker(database, clock)).taken == {Kind.UNREADABLE: 1}
    assert [one.rule for one in arrivals(database)] == ["too_large"]
    assert file.exists()
    with pytest.raises(NotGiven):
        source.fetch(Found(file.name, MAX_BYTES, None))


def test_the_oldest_comes_first(source: MaildirSource, path: Path) -> None:
    """A wish and its withdrawal keep their order."""
    for number, age in ((1, 10), (2, 30), (3, 20)):
        os.utime(put(path, number), (1_700_000_000 - age, 1_700_000_000 - age))
    found = source.waiting(set(), None)
    assert [one.name[9] for one in found] == ["2", "3", "1"]


def test_a_link_is_not_followed(
    source: MaildirSource, path: Path, tmp_path: Path
) -> None:
    """Whoever can write into the Maildir must not choose what is read."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (path / "new" / "1.M1P1.host").symlink_to(secret)
    assert source.waiting(set(), None) == []


def test_a_maildir_that_is_gone_is_said(settings: Settings, tmp_path: Path) -> None:
    """With its path."""
    inbox = an_inbox(settings, 1, InboxMode.DEDICATED)
    source = MaildirSource(tmp_path / "nirgends", inbox)
    with pytest.raises(InboxError) as caught:
        source.enter()
    assert "nirgends" in caught.value.sentence
    assert "das gibt es nicht" in caught.value.sentence
