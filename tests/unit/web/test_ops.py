"""For machines: alive, ready, numbers, and whom to tell of a hole."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.watching import pulses
from mailer.watching.models import LoopName
from mailer.web.network import network_of
from tests.factories import a_subscriber
from tests.web_server import BASE_URL, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from tests.web_server import Visitor


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Whoever watches."""
    with serving(application) as visitor:
        yield visitor


def test_alive_and_ready_under_any_name(
    application: Application, visitor: Visitor, clock: FixedClock
) -> None:
    """A watcher asks by address; silent loops make us unready, and stay us alive."""
    anyhow = {"Host": "10.0.0.5:8025"}
    assert visitor.ask("GET", "/healthz", headers=anyhow).text == "ok\n"
    assert visitor.ask("GET", "/readyz", headers=anyhow).text == "ok\n"
    with application.database.transaction() as db:
        pulses.begin(db, LoopName.SEND, now=clock.now())
    clock.moment += timedelta(hours=1)
    assert visitor.ask("GET", "/readyz", headers=anyhow).status == 503
    assert visitor.ask("GET", "/healthz", headers=anyhow).status == 200


def test_without_a_database_nobody_is_ready(
    application: Application, visitor: Visitor
) -> None:
    """503 and a page, not a traceback; alive all the same."""
    file = application.database.file
    assert file is not None
    application.database.engine.dispose()
    file.write_bytes(b"no database" * 1000)
    assert visitor.get("/readyz").status == 503
    assert visitor.get("/healthz").status == 200


def test_numbers_come_from_rows_and_only_to_this_machine(
    application: Application, visitor: Visitor, clock: FixedClock
) -> None:
    """Somebody behind the proxy finds no such page."""
    with application.database.transaction() as db:
        a_subscriber(db, "rita@post.example")
        pulses.begin(db, LoopName.SEND, now=clock.now())
    assert visitor.get("/metrics").status == 404
    answer = visitor.ask("GET", "/metrics", headers={"X-Forwarded-For": ""})
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'mia_subscriptions{topic="invitations",state="active"} 1' in lines
    assert "mia_wishes_waiting 0" in lines
    assert 'mia_loop_failures{loop="send"} 0' in lines
    assert "rita" not in answer.text
    sample = re.compile(
        r'[a-z_]+(\{[a-z]+="[a-z_]+"(,[a-z]+="[a-z_]+")*\})? \d+(\.\d+)?'
    )
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in lines)


def test_security_txt_is_whole(visitor: Visitor, clock: FixedClock) -> None:
    """RFC 9116, sections 2.5.3 and 2.5.5: whom to tell, and until when that holds."""
    answer = visitor.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:k_sommer@aschersleben.de"
    assert fields["Canonical"] == f"{BASE_URL}/.well-known/security.txt"
    ends = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=150) < ends - clock.now() < timedelta(days=365)


def test_search_engines_leave_links_alone(visitor: Visitor) -> None:
    """RFC 9309."""
    assert "Disallow: /abmelden/" in visitor.get("/robots.txt").text


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("198.51.100.7", "", "198.51.100.0/24"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.0/24"),
        ("127.0.0.1", "192.0.2.1", "192.0.2.0/24"),
        ("127.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.0/24"),
        ("127.0.0.1", "192.0.2.1, ::1", "192.0.2.0/24"),
        ("127.0.0.1", "2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::1", "::ffff:192.0.2.1", "192.0.2.0/24"),
        ("127.0.0.1", "unsinn", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_who_asks_is_a_network(peer: str, forwarded: str, network: str) -> None:
    """Only our own proxies are believed, and only their last word."""
    assert network_of(peer, forwarded, {"127.0.0.1", "::1"}) == network
