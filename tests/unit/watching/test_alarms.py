"""Alarms as rows: once per cause, and again only after it has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy.exc import IntegrityError

from mailer.watching import alarms
from mailer.watching.kinds import KINDS, Observed
from mailer.watching.models import Alarm, AlarmKind
from tests.conftest import PRESENT

if TYPE_CHECKING:
    from subscribers.database import Db

RELAY: Final = Observed(AlarmKind.RELAY, "send", PRESENT, "Niemand antwortet.")
WAITING: Final = Observed(AlarmKind.WAITING, "incoming/7", PRESENT, "Eine Mail.")
LATER: Final = PRESENT + timedelta(hours=1)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_one_cause_is_one_alarm_until_it_has_ended(db: Db) -> None:
    """Seen again it is the same; ended and back it is a new one."""
    first = alarms.reconcile(db, [RELAY], now=PRESENT)
    again = alarms.reconcile(db, [RELAY], now=LATER)
    gone = alarms.reconcile(db, [], now=LATER)
    back = alarms.reconcile(db, [RELAY], now=LATER)
    assert [len(first.raised), len(again.raised), len(back.raised)] == [1, 0, 1]
    assert gone.ended == first.raised
    assert first.raised[0].ended_at == LATER
    assert back.raised[0].id != first.raised[0].id


def test_the_newest_words_count(db: Db) -> None:
    """What the server says now is what people read."""
    alarms.reconcile(db, [RELAY], now=PRESENT)
    other = Observed(RELAY.kind, RELAY.subject, LATER, "Jetzt lehnt er ab.")
    alarms.reconcile(db, [other], now=LATER)
    (alarm,) = alarms.active(db)
    assert (alarm.sentence, alarm.since_at) == (other.sentence, PRESENT)


def test_the_end_is_told_unless_a_person_brought_it_about(db: Db) -> None:
    """A relay that is back: yes. A mail that somebody settled: she knows."""
    alarms.reconcile(db, [RELAY, WAITING], now=PRESENT)
    alarms.reconcile(db, [], now=LATER)
    assert [one.kind for one in alarms.uncleared(db)] == [AlarmKind.RELAY]


def test_two_programs_cannot_raise_the_same(db: Db) -> None:
    """The database itself forbids a second active one."""
    alarms.reconcile(db, [RELAY], now=PRESENT)
    db.add(
        Alarm(
            kind=RELAY.kind, subject=RELAY.subject, since_at=PRESENT, sentence="",
            told_by="",
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        db.flush()


@pytest.mark.parametrize("kind", AlarmKind)
@pytest.mark.parametrize("answers_work", [True, False])
def test_every_kind_says_what_to_do(kind: AlarmKind, *, answers_work: bool) -> None:
    """A headline without a full stop, advice in whole sentences, no open place."""
    row = KINDS[kind]
    advice = row.advice_for("edition/12", answers_work=answers_work)
    assert not row.german.endswith(".")
    assert "{" not in advice
    assert advice.endswith(".")
    assert answers_work or "Antworten" not in advice
