"""When a deferred delivery is tried again (RFC 5321, section 4.5.4.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailer.outbox.backoff import wait_after


@pytest.mark.parametrize(
    ("tries", "hours"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 4.0), (50, 4.0)]
)
def test_waits_grow_and_then_stay(tries: int, hours: float) -> None:
    """Half an hour at first, as the RFC asks; four hours at most."""
    assert wait_after(tries, draw=0.0) == timedelta(hours=hours)


def test_a_crowd_does_not_come_back_together() -> None:
    """The draw stretches the wait by up to a fifth: 30 minutes become 33."""
    assert wait_after(1, draw=0.5) == timedelta(minutes=33)


def test_there_is_no_wait_before_the_first_try() -> None:
    """Asking for it is a mistake of the caller."""
    with pytest.raises(ValueError, match="0 tries"):
        wait_after(0, draw=0.0)
