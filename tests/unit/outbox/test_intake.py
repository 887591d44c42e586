"""While a run goes on: somebody refuses us, pauses, resumes, withdraws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.editions import drafting
from mailer.outbox import intake, interventions, issuing, pauses
from mailer.outbox.conduct import PauseScope
from mailer.outbox.lanes import Watch
from mailer.outbox.models import Attempt, Delivery
from mailer.outbox.states import DeliveryState
from subscribers.models import Mailbox, Suppression
from tests.outgoing import drain, invited, issued, states
from tests.servers import Script, ScriptedSmtp, Turn
from tests.wire import relay

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application
    from subscribers.database import Database, Db

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

S = DeliveryState
SLOW = Turn(b"250 2.0.0 taken", wait=0.02)
BLOCKED = "550 5.7.1 your network is on our list"


def refusing(domain: str, reply: str, numbers: range) -> Script:
    """Return a server that says *reply* to people at *domain*, and takes others."""
    return Script(rcpt={f"p{number}@{domain}": reply for number in numbers})


def by_domain(database: Database) -> dict[tuple[str, DeliveryState], int]:
    """Count the deliveries by domain and state."""
    with database.reading() as db:
        rows = db.execute(
            sa.select(pauses.domain(db), Delivery.state).join(
                Delivery, Delivery.mailbox_id == Mailbox.id
            )
        ).all()
    found = [(domain, state) for domain, state in rows]
    return {pair: found.count(pair) for pair in set(found)}


@both
def test_a_provider_that_refuses_us_waits_and_nobody_is_left_out(
    application: Application,
) -> None:
    """After three equal refusals it is paused, and its letters wait as if unsent."""
    people = [f"p{number}@gmx.de" for number in range(12)]
    invited(application, [*people, "rita@netz.example", "max@netz.example"])
    with ScriptedSmtp(refusing("gmx.de", BLOCKED, range(12))) as server:
        drain(application, relay(server), lanes=1)

        assert by_domain(application.database) == {
            ("gmx.de", S.QUEUED): 12,
            ("netz.example", S.ACCEPTED): 2,
        }
        asked = [line for line in server.commands if "@gmx.de" in line]
        assert len(asked) <= 4, "three and what was under way"
        with application.database.transaction() as db:
            (pause,) = pauses.in_force(db, now=application.clock.now())
            assert (pause.scope, pause.name) == (PauseScope.PROVIDER, "gmx")
            assert "on our list" in pause.reason
            assert not db.scalars(sa.select(Suppression)).all(), "nobody is disabled"
            now = application.clock.now()
            pauses.resume(db, PauseScope.PROVIDER, "gmx", now=now)

        server.script = Script()
        drain(application, relay(server))
    assert by_domain(application.database)["gmx.de", S.ACCEPTED] == 12


def test_a_refusal_that_names_us_pauses_at_once(application: Application) -> None:
    """One broken signature is enough; nobody else is tried at that provider."""
    invited(application, [f"p{number}@gmail.com" for number in range(5)])
    broken = "550 5.7.26 this mail has no valid signature"
    with ScriptedSmtp(Script(content=broken)) as server:
        drain(application, relay(server), lanes=1)
    assert by_domain(application.database) == {("gmail.com", S.QUEUED): 5}
    assert len(server.received) <= 2


@both
def test_several_lanes_leave_nobody_out_either(application: Application) -> None:
    """What was under way when the row was full is taken back with it."""
    invited(application, [f"p{number}@t-online.de" for number in range(9)])
    refused = Script(rcpt=Turn(BLOCKED.encode(), wait=0.01))
    with ScriptedSmtp(refused) as server:
        drain(application, relay(server), lanes=4)
    assert by_domain(application.database) == {("t-online.de", S.QUEUED): 9}


def test_one_dead_address_pauses_nobody(application: Application) -> None:
    """A refusal of one person is hers, and stays."""
    invited(application, ["p0@gmx.de", "p1@gmx.de"])
    gone = refusing("gmx.de", "550 5.1.1 no such person", range(1))
    with ScriptedSmtp(gone) as server:
        drain(application, relay(server))
    assert by_domain(application.database) == {
        ("gmx.de", S.REFUSED): 1,
        ("gmx.de", S.ACCEPTED): 1,
    }


def test_a_relay_that_takes_nothing_is_not_asked_for_everybody(
    application: Application,
) -> None:
    """After twelve refusals in a row the run pauses, and everybody waits."""
    invited(application, [f"rita@ort{number}.example" for number in range(30)])
    with ScriptedSmtp(Script(rcpt="550 5.1.1 no such person")) as server:
        drain(application, relay(server), lanes=1)
        assert states(application.database) == {S.QUEUED: 30}
        asked = [line for line in server.commands if line.startswith("RCPT")]
        assert len(asked) < 30

        before = server.connections
        drain(application, relay(server))
        assert server.connections == before, "a paused run asks nobody"
    with application.database.reading() as db:
        (pause,) = pauses.in_force(db, now=application.clock.now())
    assert pause.scope is PauseScope.ALL
    assert "nacheinander abgelehnt" in pause.reason


def during(
    application: Application,
    act: Callable[[Db], object],
    *,
    people: int = 40,
    script: Script | None = None,
) -> int:
    """Do *act* after the third letter of a run; return how many letters left."""
    issued(application, people=people)
    count = 0

    def told() -> None:
        nonlocal count
        count += 1
        if count == 3:
            with application.database.transaction() as db:
                act(db)

    with ScriptedSmtp(script or Script(content=SLOW)) as server:
        drain(application, relay(server), lanes=2, watch=Watch(told=told))
    return len(server.accepted)


@both
@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (PauseScope.ALL, ""),
        (PauseScope.PROVIDER, "netz.example"),
        (PauseScope.OCCASION, "edition/1"),
    ],
)
def test_a_pause_stops_a_run_that_goes_on(
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
    scope: PauseScope,
    name: str,
) -> None:
    """Within seconds nothing more leaves; all that is left waits untouched."""
    monkeypatch.setattr(intake, "LOOK_SECONDS", 0.02)
    now = application.clock.now()
    left = during(
        application, lambda db: pauses.pause(db, scope, name, reason="x", now=now)
    )
    assert 3 <= left < 40
    assert states(application.database) == {S.ACCEPTED: left, S.QUEUED: 40 - left}
    with application.database.reading() as db:
        untried = sa.select(Delivery.id).where(Delivery.state == S.QUEUED)
        assert not db.scalars(
            sa.select(Attempt.id).where(Attempt.delivery_id.in_(untried))
        ).all()


def test_a_withdrawn_edition_stops_at_the_next_letter(
    application: Application,
) -> None:
    """What is claimed already is withdrawn with the rest."""

    def withdraw(db: Db) -> None:
        edition = drafting.get(db, 1)
        issuing.withdraw(db, edition, now=application.clock.now())

    left = during(application, withdraw)
    assert left <= 6, "what was under way, nothing more"
    assert states(application.database) == {S.ACCEPTED: left, S.SKIPPED: 40 - left}


def test_a_held_edition_stops_at_the_next_letter(application: Application) -> None:
    """Held is held, whoever had claimed it."""
    now = application.clock.now()
    left = during(
        application,
        lambda db: interventions.hold(db, "edition/1", reason="Prüfung", now=now),
    )
    assert left <= 6
    assert states(application.database) == {S.ACCEPTED: left, S.HELD: 40 - left}
