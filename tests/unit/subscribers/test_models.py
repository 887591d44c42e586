"""The tables about people: what the rows themselves forbid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers import consent
from subscribers.models import ConsentAct, ConsentRecord, Mailbox
from subscribers.topics import LetterStyle, Topic
from tests.factories import ENTERED_AT, ON_PAPER, a_mailbox

if TYPE_CHECKING:
    from subscribers.database import Database, Db

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def a_record(db: Db) -> ConsentRecord:
    """Return a record of a consent on paper."""
    return consent.record(
        db,
        a_mailbox(db).id,
        Topic.INVITATIONS,
        ConsentAct.RECORDED,
        ON_PAPER,
        now=ENTERED_AT,
    )


def test_a_consent_record_refuses_every_change(db: Db) -> None:
    """Proof is written once."""
    row = a_record(db)
    db.flush()
    row.evidence = "etwas anderes"

    with pytest.raises(TypeError, match="cannot be changed"):
        db.flush()


@BOTH
def test_the_database_refuses_the_change_too(database: Database) -> None:
    """SQL that goes around the program meets the trigger."""
    with database.transaction() as db:
        a_record(db)

    with pytest.raises(Exception, match="append-only"), database.transaction() as db:
        db.execute(sa.update(ConsentRecord).values(evidence="etwas anderes"))

    with database.reading() as db:
        assert db.scalars(sa.select(ConsentRecord.evidence)).all() == [
            ON_PAPER.evidence
        ]


@BOTH
def test_one_mailbox_has_one_row(database: Database) -> None:
    """The canonical address is unique, whoever writes the row."""
    with database.transaction() as db:
        a_mailbox(db, "rita@post.example")

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        db.add(Mailbox(canonical="rita@post.example", created_at=ENTERED_AT))


def test_a_new_mailbox_reads_standard_german(db: Db) -> None:
    """Leichte Sprache is a wish, never a guess."""
    mailbox = a_mailbox(db)

    assert mailbox.style is LetterStyle.STANDARD
    assert mailbox.token_version == 1
