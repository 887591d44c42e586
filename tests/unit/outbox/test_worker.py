"""Several lanes over one ledger: shared, opened one by one, ended one by one."""

from __future__ import annotations

import errno
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.errors import LoginRefused, TransportError
from mailer.outbox.lanes import Watch
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import failpoints
from subscribers.models import Subscriber
from subscribers.topics import LetterStyle
from tests.outgoing import drain, issued, states
from tests.servers import Script, ScriptedSmtp, Turn, say
from tests.wire import relay

if TYPE_CHECKING:
    from mailer.application import Application

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

SLOW = Script(content=Turn(b"250 2.0.0 taken", wait=0.02))
"""Answers late enough for all lanes to be busy at once."""


@both
def test_lanes_share_the_outbox(application: Application) -> None:
    """Everybody gets one letter, and all connections carried some."""
    issued(application, people=12)
    with ScriptedSmtp(SLOW) as server:
        drain(application, relay(server))

    assert Counter(one.recipient for one in server.accepted) == {
        f"person{number}@netz.example": 1 for number in range(12)
    }
    assert server.connections == 3
    assert states(application.database) == {DeliveryState.ACCEPTED: 12}


def test_one_letter_needs_one_connection(application: Application) -> None:
    """The other lanes never call the server."""
    issued(application, people=1)
    with ScriptedSmtp() as server:
        drain(application, relay(server))

    assert server.connections == 1


def test_a_wrong_password_is_tried_once(application: Application) -> None:
    """Not by every lane: three wrong logins can lock an account."""
    issued(application, people=5)
    wrong = Script(auth="535 5.7.8 no")
    with ScriptedSmtp(wrong) as server, pytest.raises(LoginRefused):
        drain(application, relay(server))

    assert len(server.logins) == 1
    assert states(application.database) == {DeliveryState.QUEUED: 5}


@pytest.mark.parametrize("greeting", ["421 4.7.0 too many", "554 5.7.1 too many"])
def test_a_server_without_room_ends_one_lane(
    application: Application, greeting: str
) -> None:
    """After "later" the others go on; after "no" all of them end."""
    issued(application, people=9)
    full = Script(greeting=["220 relay ESMTP", say(greeting)], content=SLOW.content)
    is_later = greeting.startswith("4")
    with ScriptedSmtp(full) as server:
        try:
            drain(application, relay(server))
        except TransportError:
            assert not is_later
        else:
            assert is_later

    held = Counter(one.recipient for one in server.accepted)
    assert max(held.values()) == 1
    accepted = states(application.database)[DeliveryState.ACCEPTED]
    assert accepted == len(held)
    assert (accepted == 9) == is_later


def test_a_letter_that_cannot_be_written_holds_up_nobody(
    application: Application,
) -> None:
    """It ends with a reason; everybody else gets the letter.

    The second is written when its turn has come, the last in a row of several.
    """
    issued(application, people=40)
    with application.database.transaction() as db:
        unsafe = Subscriber.id.in_([2, 40])
        db.execute(sa.update(Subscriber).where(unsafe).values(name="Rita\x85Bcc:"))
    with ScriptedSmtp(SLOW) as server:
        drain(application, relay(server))

    assert states(application.database) == {
        DeliveryState.ACCEPTED: 38,
        DeliveryState.REFUSED: 2,
    }
    with application.database.reading() as db:
        refused = Delivery.state == DeliveryState.REFUSED
        assert "Steuerzeichen" in str(
            db.scalar(sa.select(Delivery.reply_text).where(refused))
        )


def test_a_next_letter_that_cannot_be_read_yet_is_read_later(
    application: Application,
) -> None:
    """The letter before it is marked already, and leaves."""
    issued(application, people=2)
    with application.database.transaction() as db:
        newest = sa.select(sa.func.max(Delivery.id)).scalar_subquery()
        db.execute(
            sa.update(Delivery)
            .where(Delivery.id == newest)
            .values(style=LetterStyle.EASY)
            .execution_options(synchronize_session=False)
        )
    read: list[str] = []

    def fails_the_second_time(place: str) -> None:
        if place == "letter.read":
            read.append(place)
            if len(read) == 2:
                raise OSError(errno.EIO, place)

    with ScriptedSmtp() as server, failpoints.armed(fails_the_second_time):
        drain(application, relay(server))

    assert len(read) == 3
    assert len(server.accepted) == 2
    assert states(application.database) == {DeliveryState.ACCEPTED: 2}


def test_a_stop_finishes_what_is_in_flight(application: Application) -> None:
    """What was begun is recorded, what was not begun is queued again."""
    issued(application, people=9)
    watch = Watch()
    watch.told = lambda: setattr(watch, "stopping", True)
    with ScriptedSmtp(SLOW) as server:
        drain(application, relay(server), watch=watch)

    after = states(application.database)
    assert after[DeliveryState.ACCEPTED] == len(server.received) < 9
    assert set(after) == {DeliveryState.ACCEPTED, DeliveryState.QUEUED}
