"""Who is served now: pauses and limits in the claim's own transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.outbox import admission, ledger, pacing, pauses
from mailer.outbox.admission import Tempo
from mailer.outbox.conduct import PauseScope
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.pace import Period
from mailer.outbox.states import DeliveryState
from subscribers import audience
from subscribers.topics import LetterStyle, Topic
from tests.conftest import PRESENT
from tests.factories import a_subscriber

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailer.outbox.admission import Admitted
    from subscribers.database import Database, Db

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

RELAY = "mail.example:587"
FAST = Tempo(RELAY)
LEASE = timedelta(minutes=20)
HOURLY = {Period.HOUR: 3}


def fill(db: Db, domains: Sequence[str], occasion: str = "edition/1") -> None:
    """Owe a letter to a new person at each of *domains*, in this order."""
    for number, domain in enumerate(domains):
        a_subscriber(db, f"{occasion.replace('/', '')}p{number}@{domain}")
    db.add(
        FrozenLetter(
            occasion=occasion, style=LetterStyle.STANDARD, subject="s", text="t",
            html="h", dated_at=PRESENT,
        )
    )  # fmt: skip
    db.flush()
    numbers = iter(range(1000))
    ledger.enqueue(
        db,
        ledger.Occasion(occasion, Topic.INVITATIONS, None),
        audience.recipients(db, Topic.INVITATIONS),
        new_message_id=lambda: f"<{occasion}{next(numbers)}@mia.example>",
        now=PRESENT,
    )


def admit(
    db: Db, tempo: Tempo, *, worker: str = "A", limit: int = 9, now: datetime = PRESENT
) -> Admitted:
    """Claim for *worker*."""
    return admission.admit(db, tempo, worker=worker, limit=limit, lease=LEASE, now=now)


def domains(admitted: Admitted) -> list[str]:
    """Return whose turn it is."""
    return [one.recipient.address.domain for one in admitted.claims]


def states(db: Db) -> dict[DeliveryState, int]:
    """Count the deliveries."""
    rows = db.scalars(sa.select(Delivery.state)).all()
    return {state: rows.count(state) for state in set(rows)}


@both
def test_without_pauses_and_limits_all_are_served(db: Db) -> None:
    """In their order, and no account is opened."""
    fill(db, ["gmx.de", "post.example"])
    got = admit(db, FAST)
    assert domains(got) == ["gmx.de", "post.example"]
    assert got.free_at is None
    assert pacing.room(db, FAST.account, HOURLY, now=PRESENT).free == 3


@both
def test_a_paused_provider_waits_and_the_others_go(db: Db) -> None:
    """Every domain of the provider waits as it is; after the pause it goes on."""
    fill(db, ["gmx.de", "web.de", "post.example"])
    pauses.pause(db, PauseScope.PROVIDER, "gmx", reason="x", now=PRESENT)

    assert domains(admit(db, FAST)) == ["post.example"]
    assert states(db)[DeliveryState.QUEUED] == 2

    pauses.resume(db, PauseScope.PROVIDER, "gmx", now=PRESENT)
    assert domains(admit(db, FAST)) == ["gmx.de", "web.de"]


@both
def test_a_paused_occasion_waits(db: Db) -> None:
    """Another occasion is served meanwhile."""
    fill(db, ["post.example"])
    fill(db, ["gmx.de"], "edition/2")
    pauses.pause(db, PauseScope.OCCASION, "edition/1", reason="x", now=PRESENT)
    assert {one.occasion for one in admit(db, FAST).claims} == {"edition/2"}


@both
def test_a_pause_of_everything_stops_every_claim(db: Db) -> None:
    """Nothing is claimed, and the caller hears why."""
    fill(db, ["post.example"])
    pauses.pause(db, PauseScope.ALL, "", reason="x", now=PRESENT)
    got = admit(db, FAST)
    assert not got.claims
    assert got.paused.everything


@both
def test_a_resting_relay_pauses_no_letter(db: Db) -> None:
    """Which way a letter takes is no reason for it to wait."""
    fill(db, ["post.example"])
    pauses.pause(db, PauseScope.RELAY, RELAY, reason="x", now=PRESENT)
    assert len(admit(db, FAST).claims) == 1


@both
def test_the_limit_of_a_relay_is_shared_by_all_workers(db: Db) -> None:
    """Three an hour are three, whoever asks; the fourth has its time."""
    fill(db, ["post.example"] * 5)
    slow = Tempo(RELAY, HOURLY)
    first, second = admit(db, slow, limit=2), admit(db, slow, worker="B")
    assert [len(first.claims), len(second.claims)] == [2, 1]

    third = admit(db, slow, worker="C")
    assert not third.claims
    assert third.free_at is not None
    assert len(admit(db, slow, worker="C", now=third.free_at).claims) == 2


@both
def test_a_claim_that_finds_little_costs_little(db: Db) -> None:
    """What was reserved and not needed is free again at once."""
    fill(db, ["post.example"])
    slow = Tempo(RELAY, HOURLY)
    assert len(admit(db, slow).claims) == 1
    assert pacing.room(db, slow.account, HOURLY, now=PRESENT).free == 2


@both
def test_the_limit_of_a_provider_lets_the_others_pass(db: Db) -> None:
    """Two of GMX now; the third waits untouched, and nobody waits behind it."""
    fill(db, ["gmx.de", "gmx.net", "web.de", "post.example"])
    slow = Tempo(RELAY, {}, {"gmx": {Period.MINUTE: 2}})
    got = admit(db, slow)
    assert domains(got) == ["gmx.de", "gmx.net", "post.example"]
    assert states(db)[DeliveryState.QUEUED] == 1

    empty = admit(db, slow)
    assert not empty.claims
    assert empty.free_at is not None
    assert domains(admit(db, slow, now=empty.free_at)) == ["web.de"]


@both
def test_a_full_account_keeps_nothing_back_where_nothing_waits(db: Db) -> None:
    """Three letters under a limit of three: nobody has to wait for the fourth."""
    fill(db, ["gmx.de", "gmx.de", "post.example"])
    slow = Tempo(RELAY, HOURLY, {"gmx": {Period.MINUTE: 2}})
    assert len(admit(db, slow).claims) == 3
    assert admit(db, slow).free_at is None
    assert states(db) == {DeliveryState.CLAIMED: 3}


@both
def test_what_is_paused_does_not_wait_for_the_pace(db: Db) -> None:
    """It waits for a person; no time is named."""
    fill(db, ["post.example"] * 3 + ["gmx.de"])
    slow = Tempo(RELAY, HOURLY)
    pauses.pause(db, PauseScope.PROVIDER, "gmx", reason="x", now=PRESENT)
    assert len(admit(db, slow).claims) == 3
    assert admit(db, slow).free_at is None


@both
def test_what_was_not_sent_costs_nothing(db: Db) -> None:
    """A worker that stops gives back its letters and their place in the limits."""
    fill(db, ["gmx.de", "post.example"])
    slow = Tempo(RELAY, HOURLY, {"gmx": {Period.DAY: 1}})
    admit(db, slow)
    admission.dismiss(db, slow, worker="A", now=PRESENT)
    assert states(db) == {DeliveryState.QUEUED: 2}
    assert domains(admit(db, slow)) == ["gmx.de", "post.example"]


def test_limits_survive_a_restart(database: Database) -> None:
    """The account stands in the database, not in the program."""
    with database.transaction() as db:
        fill(db, ["post.example"] * 4)
        admit(db, Tempo(RELAY, HOURLY))
    database.engine.dispose()
    with database.transaction() as db:
        assert not admit(db, Tempo(RELAY, HOURLY)).claims
