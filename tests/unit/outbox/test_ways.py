"""Several relays: which one carries the letters, and which one when that cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.errors import LoginRefused, TransportError
from mailer.outbox import pauses
from mailer.outbox.conduct import PauseScope
from mailer.outbox.states import DeliveryState
from mailer.outbox.ways import REST
from tests.certificates import Certificate
from tests.outgoing import invited, issued, send_out, states
from tests.servers import Script, ScriptedSmtp
from tests.wire import relay

if TYPE_CHECKING:
    from mailer.application import Application
    from subscribers.clock import FixedClock

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

CLOSED_PORT = 9
"""The discard service; no machine offers it."""

BLOCKED = Script(greeting="554 5.7.1 we do not know you")


@pytest.mark.parametrize(
    "script",
    [
        BLOCKED,
        Script(greeting="421 4.3.2 too busy"),
        Script(ehlo="421 4.3.2 too busy"),
        Script(starttls="454 4.7.0 no TLS today"),
        Script(auth="535 5.7.8 wrong password"),
        Script(auth="454 4.7.0 try later"),
        Script(mail="550 5.7.1 you may not send as this"),
    ],
    ids=["greeting", "busy", "ehlo", "tls", "login", "login-later", "sender"],
)
def test_who_cannot_use_the_first_relay_uses_the_next(
    application: Application, script: Script
) -> None:
    """At whichever step it refuses us, every letter goes the other way."""
    issued(application, people=5)
    with ScriptedSmtp(script) as first, ScriptedSmtp() as second:
        send_out(application, relay(first), relay(second))

    assert not first.accepted
    assert len(second.accepted) == 5
    assert states(application.database) == {DeliveryState.ACCEPTED: 5}


def test_a_relay_that_is_not_there_or_not_trusted_is_passed_over(
    application: Application,
) -> None:
    """No server, then a server of somebody else, then ours."""
    issued(application, people=2)
    stranger = ScriptedSmtp(certificate=Certificate.EXPIRED)
    with stranger as second, ScriptedSmtp() as third:
        send_out(application, relay(CLOSED_PORT), relay(second), relay(third))

    assert not second.accepted
    assert len(third.accepted) == 2


@both
def test_a_relay_that_failed_rests_and_comes_last(
    application: Application, clock: FixedClock
) -> None:
    """For ten minutes the second is asked first; then the order is as it was."""
    with ScriptedSmtp(BLOCKED) as first, ScriptedSmtp() as second:
        invited(application, ["rita@netz.example"])
        send_out(application, relay(first), relay(second))
        with application.database.reading() as db:
            (rest,) = pauses.in_force(db, now=clock.now())
        assert rest.scope is PauseScope.RELAY
        assert "we do not know you" in rest.reason

        first.script = Script()
        invited(application, ["max@netz.example"])
        send_out(application, relay(first), relay(second))
        assert (first.connections, len(second.accepted)) == (1, 3)

        clock.moment += REST
        invited(application, ["eva@netz.example"])
        send_out(application, relay(first), relay(second))
    assert (len(first.accepted), len(second.accepted)) == (3, 3)


def test_a_resting_relay_is_better_than_none(application: Application) -> None:
    """Whoever has mended his only relay need not wait for its rest to end."""
    issued(application, people=1)
    with ScriptedSmtp(BLOCKED) as only:
        with pytest.raises(TransportError):
            send_out(application, relay(only))
        only.script = Script()
        send_out(application, relay(only))
    assert len(only.accepted) == 1


def test_a_refused_recipient_is_no_reason_to_ask_elsewhere(
    application: Application,
) -> None:
    """The other relay is not even called."""
    issued(application, people=2)
    unknown = Script(rcpt="550 5.1.1 unknown")
    with ScriptedSmtp(unknown) as first, ScriptedSmtp() as second:
        send_out(application, relay(first), relay(second))

    assert second.connections == 0
    assert states(application.database) == {DeliveryState.REFUSED: 2}


def test_if_no_relay_can_be_used_the_first_one_is_named(
    application: Application,
) -> None:
    """Each was asked once, and everything waits."""
    issued(application, people=3)
    no_login = Script(auth="535 5.7.8 wrong password")
    with ScriptedSmtp(no_login) as first, ScriptedSmtp(BLOCKED) as second:
        with pytest.raises(LoginRefused):
            send_out(application, relay(first), relay(second))
        assert (len(first.logins), second.connections) == (1, 1)
    assert states(application.database) == {DeliveryState.QUEUED: 3}


def test_what_the_first_may_not_carry_the_second_does(
    application: Application,
) -> None:
    """A limit is no failure: the rest goes on, and nobody rests."""
    issued(application, people=5)
    with ScriptedSmtp() as first, ScriptedSmtp() as second:
        slow = replace(relay(first), per_hour=3)
        watch = send_out(application, slow, relay(second))

    assert (len(first.accepted), len(second.accepted)) == (3, 2)
    assert watch.free_at is None
    with application.database.reading() as db:
        assert not pauses.in_force(db, now=application.clock.now())


def test_a_broken_second_relay_does_not_hide_when_the_first_goes_on(
    application: Application,
) -> None:
    """The run ends with the time of the first one, and with no failure."""
    issued(application, people=4)
    with ScriptedSmtp() as first, ScriptedSmtp(BLOCKED) as second:
        slow = replace(relay(first), per_hour=3)
        watch = send_out(application, slow, relay(second))

    assert len(first.accepted) == 3
    assert watch.free_at is not None


@both
def test_when_all_limits_are_reached_the_rest_waits_untouched(
    application: Application, clock: FixedClock
) -> None:
    """No try is counted, no failure is recorded; at the named time it goes on."""
    issued(application, people=5)
    with ScriptedSmtp() as server:
        slow = replace(relay(server), per_minute=3)
        watch = send_out(application, slow)
        assert states(application.database) == {
            DeliveryState.ACCEPTED: 3,
            DeliveryState.QUEUED: 2,
        }
        assert watch.free_at is not None
        assert watch.free_at - clock.now() <= timedelta(seconds=62)

        clock.moment = watch.free_at
        assert send_out(application, slow).free_at is None
    assert states(application.database) == {DeliveryState.ACCEPTED: 5}
