"""A mail that nobody fetches: the coordinator hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.inbound.desk import Effect
from mailer.inbound.taking import too_large
from mailer.settings.model import InboxMode
from tests.incoming import EGON, Post, a_mail, a_post, plain

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

OCTETS = 31 * 1024 * 1024


@pytest.fixture
def post(settings: Settings, clock: FixedClock, database: Database) -> Post:
    """The network's post office."""
    return a_post(settings, clock, database)


TOO_LARGE = too_large(OCTETS)


def test_the_coordinator_hears_of_a_mail_that_is_too_large(post: Post) -> None:
    """Who, what, how large and where; the sender hears nothing."""
    head = a_mail(subject="=?utf-8?q?Fotos_vom_Gru=C3=9F?=", body="x" * 10)
    assert post.take(head, TOO_LARGE, octets=OCTETS) == Effect.KEPT
    (letter,) = post.send()
    assert letter["To"] == "k_sommer@aschersleben.de"
    assert letter["Reply-To"] == EGON
    said = plain(letter)
    assert "Geschrieben hat: egon@post.example" in said
    assert "Betreff: Fotos vom Gruß" in said
    assert "31 Megabyte" in said
    assert "Postfach mia@stadt.example, Ordner „INBOX“" in said
    assert "mia inbox done 1" in said


def test_a_mail_without_a_readable_head_is_told_of_too(post: Post) -> None:
    """The server may not give it."""
    post.take(b"", TOO_LARGE, octets=OCTETS)
    (letter,) = post.send()
    assert "Geschrieben hat: nicht bekannt" in plain(letter)


def test_in_a_shared_mailbox_she_sees_a_large_mail_herself(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """Nobody writes to her about her own mail."""
    post = a_post(settings, clock, database, InboxMode.SHARED)
    post.take(a_mail(), TOO_LARGE, octets=OCTETS)
    assert post.send() == []
