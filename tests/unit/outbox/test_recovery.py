"""Who is dead, and what is done about it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from mailer.outbox.recovery import is_dead, worker_name

HERE = f"{socket.gethostname()}/{os.getpid()}/now"


def test_a_worker_names_its_machine_its_process_and_its_life() -> None:
    """The name is what another process needs to ask whether it lives."""
    assert worker_name("now") == HERE


def test_a_process_that_ended_is_dead() -> None:
    """Its number belongs to nobody any more."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert is_dead(f"{socket.gethostname()}/{ended.pid}/then", here=HERE)


def test_a_living_process_is_not_dead() -> None:
    """Neither we, nor our parent, nor one that is not ours to ask."""
    assert not is_dead(HERE, here=HERE)
    assert not is_dead(f"{socket.gethostname()}/{os.getppid()}/then", here=HERE)
    assert not is_dead(f"{socket.gethostname()}/1/then", here=HERE)


def test_our_own_earlier_life_is_dead() -> None:
    """The same number with another nonce: a worker before this one, here."""
    assert is_dead(f"{socket.gethostname()}/{os.getpid()}/then", here=HERE)


def test_what_cannot_be_known_is_left_to_its_lease() -> None:
    """Another machine, or a name we did not make: waiting is safe."""
    assert not is_dead("elsewhere/1/then", here=HERE)
    assert not is_dead("somebody", here=HERE)
