"""What leaves is signed by the keys of the letterhead, and no lane waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mailer.outbox.letterhead import Letterhead
from mailer.rendering.dkim import SigningKey
from tests.outgoing import drain, issued
from tests.servers import ScriptedSmtp
from tests.wire import relay

if TYPE_CHECKING:
    import pytest

    from mailer.application import Application


def test_signing_holds_up_no_lane(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is used in threads, never in the one of the event loop."""
    used_in: list[int] = []

    def seal(content: bytes) -> bytes:
        assert content
        used_in.append(threading.get_ident())
        return b"sealed"

    key = SigningKey("netz.example", "mia2026", "rsa-sha256", seal)
    monkeypatch.setitem(vars(application), "signing_keys", (key,))
    issued(application, people=3)

    with ScriptedSmtp() as server:
        drain(application, relay(server))

    assert len(used_in) == 3
    assert threading.get_ident() not in used_in
    assert all(b"b=c2VhbGVk\r\n" in one.content for one in server.accepted)


def test_a_letterhead_signs_nothing_by_itself(application: Application) -> None:
    """Off by default: the town's relay does it."""
    assert Letterhead.of(application.settings, application.keys).signing_keys == ()
