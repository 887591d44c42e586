"""The subscription table: who may ever become active, and how."""

from __future__ import annotations

from subscribers.states import SUBSCRIPTION, SubscriptionEvent, SubscriptionState

S, E = SubscriptionState, SubscriptionEvent


def test_only_proof_or_confirmation_leads_from_requested_to_active() -> None:
    """There is no third way to a letter; a resume needs a former consent."""
    ways = {
        (state, event)
        for state, row in SUBSCRIPTION.table.items()
        for event, target in row.items()
        if target is S.ACTIVE
    }
    assert ways == {
        (S.REQUESTED, E.CONFIRM),
        (S.REQUESTED, E.RECORD_CONSENT),
        (S.PAUSED, E.RESUME),
    }


def test_everything_open_can_be_ended() -> None:
    """Leaving works from each state that is not over."""
    assert set(SUBSCRIPTION.sources(E.END)) == {S.REQUESTED, S.ACTIVE, S.PAUSED}


def test_who_left_can_only_ask_again() -> None:
    """Ended and lapsed begin anew, with a new proof."""
    assert dict(SUBSCRIPTION.table[S.ENDED]) == {E.REQUEST: S.REQUESTED}
    assert dict(SUBSCRIPTION.table[S.LAPSED]) == {E.REQUEST: S.REQUESTED}


def test_every_state_can_be_reached() -> None:
    """No state is left over."""
    targets = {t for row in SUBSCRIPTION.table.values() for t in row.values()}
    assert targets | {SUBSCRIPTION.start} == set(S)
