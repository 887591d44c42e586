"""The delivery table: what may and what must never happen."""

from __future__ import annotations

import pytest

from mailer.outbox.states import DELIVERY, OPEN, DeliveryEvent, DeliveryState
from subscribers.errors import ForbiddenTransition

S, E = DeliveryState, DeliveryEvent


def test_crash_before_the_content_queues_again() -> None:
    """A lease that ran out before the mark is harmless."""
    assert DELIVERY.after(S.CLAIMED, E.LEASE_EXPIRED) is S.QUEUED


def test_crash_after_the_mark_is_never_queued_silently() -> None:
    """A lease that ran out after the mark ends in UNCERTAIN, where it is counted."""
    assert DELIVERY.after(S.TRANSMITTING, E.LEASE_EXPIRED) is S.UNCERTAIN


@pytest.mark.parametrize("state", [S.REFUSED, S.EXPIRED, S.SKIPPED])
def test_a_missed_letter_moves_only_when_it_is_opened_again(
    state: DeliveryState,
) -> None:
    """Refused, expired and skipped deliveries stay, unless somebody means them."""
    assert DELIVERY.after(state, E.REOPEN) is S.QUEUED
    for event in set(DeliveryEvent) - {E.REOPEN}:
        with pytest.raises(ForbiddenTransition):
            DELIVERY.after(state, event)


@pytest.mark.parametrize("state", [S.ACCEPTED, S.BOUNCED])
def test_what_a_server_took_is_never_opened_again(state: DeliveryState) -> None:
    """Whoever has the letter gets no second one."""
    with pytest.raises(ForbiddenTransition):
        DELIVERY.after(state, E.REOPEN)


@pytest.mark.parametrize(
    "state", [S.QUEUED, S.CLAIMED, S.DEFERRED, S.UNCERTAIN, S.HELD]
)
def test_expiry_and_skip_are_possible_wherever_something_waits(
    state: DeliveryState,
) -> None:
    """Nothing that waits must be sent after its time, or against somebody's will."""
    assert DELIVERY.after(state, E.EXPIRE) is S.EXPIRED
    assert DELIVERY.after(state, E.SKIP) is S.SKIPPED


def test_nothing_that_may_have_left_is_skipped_or_expired() -> None:
    """While the answer is awaited, only the answer or the doubt can follow."""
    assert set(DELIVERY.table[S.TRANSMITTING]) == {
        E.ACCEPT,
        E.DEFER,
        E.REFUSE,
        E.LOSE,
        E.LEASE_EXPIRED,
    }


def test_every_state_can_be_reached() -> None:
    """No state is left over from an older design."""
    targets = {target for row in DELIVERY.table.values() for target in row.values()}
    assert targets | {DELIVERY.start} == set(DeliveryState)


def test_open_states_are_those_with_something_left_to_do() -> None:
    """An edition closes when none of its deliveries is in an open state."""
    assert set(DeliveryState) - OPEN == {
        S.ACCEPTED,
        S.REFUSED,
        S.EXPIRED,
        S.SKIPPED,
        S.BOUNCED,
    }
