"""The list of addresses that must never be written to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from subscribers import privacy, suppression
from subscribers.address import fingerprint
from subscribers.errors import Suppressed
from subscribers.models import SuppressionReason
from tests.factories import BY_HAND, ENTERED_AT, KEYS, a_mailbox

if TYPE_CHECKING:
    from subscribers.database import Db

PRINT = "f" * 64

LATER = ENTERED_AT + timedelta(days=1)


def test_a_suppression_refuses_and_says_why(db: Db) -> None:
    """In words, without the address."""
    suppression.refuse(db, PRINT)

    suppression.add(db, PRINT, SuppressionReason.COMPLAINT, now=ENTERED_AT)

    with pytest.raises(Suppressed, match="nach einer Beschwerde"):
        suppression.refuse(db, PRINT)


def test_the_same_reason_is_noted_once(db: Db) -> None:
    """Complaining twice makes one row; it keeps its day."""
    first = suppression.add(db, PRINT, SuppressionReason.WISH, now=ENTERED_AT)
    second = suppression.add(db, PRINT, SuppressionReason.WISH, now=LATER)

    assert second is first
    assert first.since_at == ENTERED_AT


def test_lifting_one_reason_leaves_the_other(db: Db) -> None:
    """A wish can be taken back, a complaint goes on holding."""
    suppression.add(db, PRINT, SuppressionReason.WISH, now=ENTERED_AT)
    suppression.add(db, PRINT, SuppressionReason.COMPLAINT, now=ENTERED_AT)

    assert suppression.lift(db, PRINT, SuppressionReason.WISH, now=LATER) is True
    assert suppression.lift(db, PRINT, SuppressionReason.WISH, now=LATER) is False

    (holding,) = suppression.holding(db, PRINT)
    assert holding.reason is SuppressionReason.COMPLAINT


def test_after_lifting_a_new_suppression_is_a_new_row(db: Db) -> None:
    """The history stays readable."""
    first = suppression.add(db, PRINT, SuppressionReason.WISH, now=ENTERED_AT)
    suppression.lift(db, PRINT, SuppressionReason.WISH, now=ENTERED_AT)
    assert suppression.find(db, PRINT) is None

    second = suppression.add(db, PRINT, SuppressionReason.WISH, now=LATER)

    assert second is not first
    assert first.lifted_at == ENTERED_AT


def test_the_protection_outlives_the_person(db: Db) -> None:
    """After erasure the keyed hash of the same address still stops us."""
    mailbox = a_mailbox(db, "rita@post.example")
    assert mailbox.fingerprint is not None
    suppression.add(db, mailbox.fingerprint, SuppressionReason.WISH, now=ENTERED_AT)
    assert suppression.suppressed(db) == {mailbox.id: SuppressionReason.WISH}
    privacy.erase(db, mailbox, BY_HAND, now=LATER)

    again = fingerprint("rita@post.example", key=KEYS.fingerprint_key)

    assert suppression.find(db, again) is not None
    assert suppression.suppressed(db) == {}


def test_every_reason_has_words() -> None:
    """A new reason must be worded."""
    assert set(suppression.GERMAN) == set(SuppressionReason)
