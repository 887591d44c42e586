"""Mailboxes: one row per address in the world."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers import mailboxes, privacy
from subscribers.address import EmailAddress, fingerprint
from subscribers.errors import ForeignKeys, UnknownPerson
from subscribers.models import Mailbox
from subscribers.topics import LetterStyle
from tests.factories import BY_HAND, ENTERED_AT, KEYS, a_mailbox

if TYPE_CHECKING:
    from subscribers.database import Database, Db

KEY = KEYS.fingerprint_key

RITA = EmailAddress.parse("Rita@Post.example")


def test_another_spelling_finds_the_same_row(db: Db) -> None:
    """The first spelling and the first day are kept."""
    first = mailboxes.get_or_add(db, RITA, key=KEY, now=ENTERED_AT)
    second = mailboxes.get_or_add(
        db,
        EmailAddress.parse("RITA@post.example"),
        key=KEY,
        now=ENTERED_AT + timedelta(days=1),
    )

    assert second is first
    assert first.address == "Rita@post.example"
    assert first.created_at == ENTERED_AT
    assert first.fingerprint == fingerprint("rita@post.example", key=KEY)


def test_find_may_find_nothing_and_get_may_not(db: Db) -> None:
    """The error names the address as it was given."""
    assert mailboxes.find(db, RITA) is None
    with pytest.raises(UnknownPerson, match="Rita@post"):
        mailboxes.get(db, RITA)

    mailbox = mailboxes.get_or_add(db, RITA, key=KEY, now=ENTERED_AT)

    assert mailboxes.get(db, RITA) is mailbox


def test_an_erased_person_who_returns_is_a_new_row(db: Db) -> None:
    """Nothing leads from the new row to the old one."""
    old = mailboxes.get_or_add(db, RITA, key=KEY, now=ENTERED_AT)
    privacy.erase(db, old, BY_HAND, now=ENTERED_AT)

    assert mailboxes.find(db, RITA) is None
    assert mailboxes.get_or_add(db, RITA, key=KEY, now=ENTERED_AT).id != old.id


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_programs_add_the_same_mailbox(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes second finds the row of the first."""
    with database.transaction() as db:
        first = mailboxes.get_or_add(db, RITA, key=KEY, now=ENTERED_AT)
    look = mailboxes.find
    answers = [None]

    def blind_once(db: Db, address: EmailAddress) -> Mailbox | None:
        return answers.pop() if answers else look(db, address)

    monkeypatch.setattr(mailboxes, "find", blind_once)
    with database.transaction() as db:
        second = mailboxes.get_or_add(db, RITA, key=KEY, now=ENTERED_AT)

    assert second.id == first.id
    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Mailbox)) == 1


def test_a_style_is_a_wish(db: Db) -> None:
    """Stored without a reason."""
    mailbox = a_mailbox(db)

    mailboxes.set_style(mailbox, LetterStyle.EASY)

    assert mailbox.style is LetterStyle.EASY


def test_another_secret_is_noticed(db: Db) -> None:
    """An empty database knows no secret yet, and an erased row tells none."""
    mailboxes.require_keys(db, key=b"any other key here")
    mailbox = a_mailbox(db)

    mailboxes.require_keys(db, key=KEY)
    with pytest.raises(ForeignKeys):
        mailboxes.require_keys(db, key=b"any other key here")

    privacy.erase(db, mailbox, BY_HAND, now=ENTERED_AT)
    mailboxes.require_keys(db, key=b"any other key here")
