"""Abuse: floods of forms, slow connections, nonsense on every route.

Volume is driven at the rim of the pages, without a server in between; the server has
its own tests with as many connections as there may be.
"""

from __future__ import annotations

import random  # noqa: TID251 - a seed, so that a failure comes again
import socket
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from mailer.inbound import asking
from mailer.outbox.models import Delivery
from mailer.web import clerk, forms, gate, joining, limits, linking, server
from mailer.web.app import ROUTES
from mailer.web.limits import By
from mailer.web.models import Tally, Wish
from mailer.web.site import Site
from mailer.web.visit import Visit
from subscribers.clock import FixedClock
from subscribers.models import Mailbox
from subscribers.tokens import Purpose, make_token
from tests.crowds import CROWD, request, rows, statuses
from tests.factories import a_subscriber
from tests.web_server import HOST, public, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from mailer.application import Application
    from subscribers.database import Database
    from tests.web_server import Visitor


@pytest.fixture
def site(application: Application) -> Site:
    """The pages without a server."""
    application.settings = public(application.settings)
    clock = application.clock
    return Site(application.desk, application.database, clock, clock.now())


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody at the real server."""
    with serving(application) as visitor:
        yield visitor


def joins(site: Site, address: str, network: str, **more: str) -> Response:
    """Send the form for *address* from *network*, filled in at leisure."""
    stamp = gate.stamp(site, joining.FORM)
    clock = site.clock
    assert isinstance(clock, FixedClock)
    clock.moment += timedelta(seconds=3)
    form = {"email": address, "einwilligung": "ja", "stempel": stamp, **more}
    visit = Visit(
        method="POST",
        path=joining.PATH,
        form={name: (value,) for name, value in form.items()},
        network=network,
    )
    return joining.act(site, visit)


def count(database: Database, column: sa.orm.InstrumentedAttribute[object]) -> int:
    """Return how many rows there are."""
    with database.reading() as db:
        return db.execute(sa.select(sa.func.count(column))).scalar_one()


def test_one_address_gets_one_mail_a_day(site: Site, clock: FixedClock) -> None:
    """However many ask for it, from however many networks; every answer is the same."""
    bodies = set()
    number = 100 * CROWD
    for day in range(3):
        for one in range(number):
            network = f"198.51.{one % 250}.0/24"
            bodies.add(joins(site, "opfer@post.example", network).body)
        clerk.settle(site)
        assert count(site.database, Delivery.id) == day + 1
        clock.moment += timedelta(days=1)
    assert len(bodies) == 1
    assert count(site.database, Mailbox.id) == 1


def test_one_network_reaches_its_cap(site: Site, clock: FixedClock) -> None:
    """A hundred a day; nobody behind it is mailed, stored or counted against others."""
    number, first = 130 * CROWD, clock.moment.astimezone(UTC).date()
    status = [
        joins(site, f"opfer{one}@post{one}.example", "198.51.100.0/24").status_code
        for one in range(number)
    ]
    days = (clock.moment.astimezone(UTC).date() - first).days + 1
    assert status.count(200) <= 100 * days
    assert status.count(429) == number - status.count(200)
    assert count(site.database, Wish.id) == status.count(200)
    assert joins(site, "rita@post.example", "192.0.2.0/24").status_code == 200


@pytest.fixture
def a_small_town(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the usual limits for everybody together, to be reached sooner."""
    fewer = [
        replace(one, most=one.most // 10) if one.by in (By.ALL, By.DOMAIN) else one
        for one in limits.LETTERS
    ]
    monkeypatch.setattr(limits, "LETTERS", fewer)
    monkeypatch.setattr(asking, "MAX_QUESTIONS", asking.MAX_QUESTIONS // 10)
    per_domain = asking.MAX_QUESTIONS_PER_DOMAIN // 10
    monkeypatch.setattr(asking, "MAX_QUESTIONS_PER_DOMAIN", per_domain)


@pytest.mark.usefixtures("a_small_town")
def test_an_attack_from_everywhere_closes_the_form(
    site: Site, clock: FixedClock
) -> None:
    """Then people are asked to write a mail; tomorrow the form is open again."""
    for one in range(32):
        network = f"2001:db8:{one:x}::/48"
        assert joins(site, f"opfer{one}@post{one}.example", network).status_code == 200
    answer = joins(site, "rita@post.example", "192.0.2.0/24")
    assert "Bitte schreiben Sie uns eine E-Mail" in bytes(answer.body).decode()
    assert count(site.database, Wish.id) == 32
    clerk.settle(site)
    assert count(site.database, Delivery.id) == 30
    clock.moment += timedelta(days=1)
    answer = joins(site, "rita@post.example", "192.0.2.0/24")
    assert "Bitte sehen Sie in Ihr E-Mail-Postfach" in bytes(answer.body).decode()


@pytest.mark.usefixtures("a_small_town")
def test_whoever_may_not_be_asked_is_forgotten(site: Site) -> None:
    """Beyond the day's questions no address stays behind."""
    for one in range(11):
        joins(site, f"opfer{one}@gmx.example", f"2001:db8:{one:x}::/48")
    clerk.settle(site)
    assert count(site.database, Delivery.id) == 10
    assert count(site.database, Mailbox.id) == 10
    assert count(site.database, Wish.id) == 0


def test_a_trap_springs_without_a_sound(site: Site) -> None:
    """The machine gets the same page as a person, and nothing happens."""
    fooled = joins(site, "opfer@post.example", "192.0.2.0/24", website="https://x")
    person = joins(site, "rita@post.example", "192.0.2.0/24")
    assert fooled.body == person.body
    assert count(site.database, Wish.id) == 1


@pytest.mark.parametrize(
    ("stamp", "seconds", "sentence"),
    [
        ("", 30, "nicht vollständig angekommen"),
        ("1764151200.aaaaaaaaaaaaaaaaaaaaaaaa", 30, "nicht vollständig angekommen"),
        ("fresh", 1, "Das ging sehr schnell"),
        ("fresh", 13 * 3600, "zu lange geöffnet"),
        ("other", 30, "nicht vollständig angekommen"),
    ],
)
def test_a_form_has_its_age(
    site: Site, clock: FixedClock, stamp: str, seconds: int, sentence: str
) -> None:
    """Too new, too old, or not ours: it comes back, with all that was typed."""
    kinds = {"fresh": joining.FORM, "other": linking.FORM}
    given = gate.stamp(site, kinds[stamp]) if stamp in kinds else stamp
    clock.moment += timedelta(seconds=seconds)
    form = {"email": "rita@post.example", "einwilligung": "ja", "stempel": given}
    visit = Visit(
        "POST", joining.PATH, form={name: (one,) for name, one in form.items()}
    )
    answer = joining.act(site, visit)
    page = bytes(answer.body).decode()
    assert (answer.status_code, sentence in page) == (422, True)
    assert 'value="rita@post.example"' in page
    assert count(site.database, Wish.id) == 0


def test_known_and_unknown_take_the_same_steps(site: Site) -> None:
    """Not only the answer: every statement on the way to it is the same."""
    with site.database.transaction() as db:
        a_subscriber(db, "rita@post.example")
    said: list[list[str]] = []

    def note(*event: object) -> None:
        said[-1].append(str(event[2]))

    sa.event.listen(site.database.engine, "before_cursor_execute", note)
    bodies = set()
    for address in ("rita@post.example", "fremd@post.example"):
        said.append([])
        bodies.add(joins(site, address, "192.0.2.0/24").body)
    sa.event.remove(site.database.engine, "before_cursor_execute", note)
    known, unknown = said
    assert known == unknown
    assert [one.partition(" (")[0] for one in known] == [
        *["INSERT INTO tally"] * 5,
        "INSERT INTO wish",
    ]
    assert len(bodies) == 1


def test_nobody_can_be_found_in_the_counts(site: Site) -> None:
    """What is counted is hidden by a key, and forgotten when its span is over."""
    joins(site, "rita@post.example", "198.51.100.0/24")
    with site.database.transaction() as db:
        digests = db.scalars(sa.select(Tally.digest)).all()
        assert len(digests) == 5
        assert all(len(one) == 32 for one in digests)
        clerk.sweep(db, now=site.now + timedelta(days=2))
        assert db.scalars(sa.select(Tally)).all() == []
        assert db.scalars(sa.select(Wish)).all() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Sec-Fetch-Site": "none"}, 422),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": f"https://{HOST}"}, 422),
        ({"Origin": "null"}, 422),
        ({"Origin": "https://boese.example"}, 403),
        ({"Origin": f"https://{HOST}.boese.example"}, 403),
        ({"Origin": f"http://{HOST}"}, 403),
        ({}, 422),
    ],
)
def test_forms_of_other_sites_are_refused(
    visitor: Visitor, headers: dict[str, str], status: int
) -> None:
    """As far as browsers tell; those that tell nothing get no further than an error."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (
        visitor.ask("POST", "/anmelden", b"x=1", {**kind, **headers}).status == status
    )


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * 70_000, {}, 413),
        (b"x=1&" * 60, {}, 400),
        (b"--x\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"--x", {"Content-Type": "multipart/form-data"}, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"\xff\x00=%ff%00", {}, 422),
    ],
)
def test_bodies_have_limits(
    visitor: Visitor, body: bytes, headers: dict[str, str], status: int
) -> None:
    """Of size, of number, of form."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.ask("POST", "/anmelden", body, {**kind, **headers})
    assert answer.status == status
    assert "03473" in answer.text


def test_a_file_is_no_field(visitor: Visitor) -> None:
    """Nobody can make us store a file."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\n'
        b"x\r\n--x--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert visitor.ask("POST", "/anmelden", body, kind).status == 400


def test_looking_at_everything_changes_no_row(
    application: Application, visitor: Visitor
) -> None:
    """GET and HEAD on every route, again and again, with real tokens."""
    with application.database.transaction() as db:
        mailbox = a_subscriber(db, "rita@post.example").mailbox
        tokens = {
            purpose: make_token(application.keys, purpose, mailbox.id, 1)
            for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)
        }
    own = {
        "/abmelden/{token}": tokens[Purpose.UNSUBSCRIBE],
        "/einstellungen/{token}": tokens[Purpose.PREFERENCES],
    }
    paths = [
        route.path.replace("{token}", own.get(route.path, "x" * 32)).replace("{", "")
        for route in ROUTES
    ]
    before = rows(application.database)
    looks = [
        request(method, path.replace("}", ""))
        for path in paths
        for method in ("GET", "HEAD")
    ]
    found = statuses(visitor.port, looks * 5 * CROWD)
    assert max(found) < 500
    assert found.count(200) > len(found) / 2
    assert rows(application.database) == before


NONSENSE = (
    "",
    "\x00",
    "%00",
    "../../etc/passwd",
    "{{7*7}}",
    "<script>",
    "ä" * 40,
    "😀",
    "'; DROP TABLE mailbox; --",
    "9" * 30,
    "a@b.example",
    "1764151200.aaaa",
    "-1",
    "\r\nX: y",
    "x" * 5000,
)
"""What people and programs send who mean no good."""


def test_nonsense_on_every_route_is_an_answer(
    application: Application, visitor: Visitor
) -> None:
    """Whatever is sent, nothing breaks: no answer is 500."""
    draw = random.Random(20261126)  # noqa: S311 - a seed, so that a failure comes again
    fields = (
        *("email", "name", "fassung", "einwilligung", "stempel", "was", "pause"),
        *("pause_bis", "thema", "zurueck", "erinnerung", "text", "seite"),
    )
    with application.database.transaction() as db:
        mailbox = a_subscriber(db, "rita@post.example").mailbox
        genuine = [
            make_token(application.keys, purpose, mailbox.id, 1)
            for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)
        ]
    sent = []
    for route in [*ROUTES] * CROWD:
        for _ in range(6):
            path = route.path
            while "{" in path:
                head, _, rest = path.partition("{")
                word = draw.choice((*genuine, *NONSENSE))
                word = "".join(
                    c if c.isalnum() else f"%{ord(c) & 255:02x}" for c in word
                )
                path = head + word[:6000] + rest.partition("}")[2]
            pairs = [
                f"{draw.choice(fields)}={quote(draw.choice(NONSENSE))}"
                for _ in range(draw.randrange(8))
            ]
            method = draw.choice(("GET", "POST", "POST", "PUT", "BREW"))
            body = "&".join(pairs) if method == "POST" else ""
            sent.append(request(method, path, body, Sec_Fetch_Site="same-origin"))
    found = statuses(visitor.port, sent)
    assert sorted({one for one in found if one >= 500}) == []


def test_slow_connections_stop_nobody(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They get no thread, and after a while no connection either (Slowloris)."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 1.0)
    with ExitStack() as open_ones:
        slow = []
        for _ in range(100 * CROWD):
            one = socket.create_connection(("127.0.0.1", visitor.port), timeout=30)
            open_ones.enter_context(one)
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            slow.append(one)
        assert visitor.get("/").status == 200
        assert visitor.get("/healthz").status == 200
        for one in slow:
            assert one.recv(1) == b""


def test_a_slow_body_is_waited_for_only_so_long(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes no thread, and in the end gets a page that says so."""
    monkeypatch.setattr(forms, "MAX_SECONDS", 0.3)
    head = request("POST", "/anmelden", "x" * 50, Sec_Fetch_Site="same-origin")
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=30) as one:
        one.sendall(head[:-20])
        assert one.recv(20).startswith(b"HTTP/1.1 408")


def test_only_the_last_proxy_is_believed(
    application: Application, visitor: Visitor
) -> None:
    """Whoever makes up where she comes from does not get around her limit."""
    honest = {"X_Forwarded_For": "198.51.100.7"}
    body = "email=rita%40post.example&einwilligung=ja&stempel="
    for made_up in range(3):
        stamp = gate.stamp(
            Site(
                application.desk,
                application.database,
                application.clock,
                application.clock.now(),
            ),
            joining.FORM,
        )
        clock = application.clock
        assert isinstance(clock, FixedClock)
        clock.moment += timedelta(seconds=3)
        content = request(
            "POST", "/anmelden", body + stamp, Sec_Fetch_Site="none", **honest
        )
        lie = f"X-Forwarded-For: 203.0.{made_up}.9\r\n".encode()
        forged = content.replace(b"X-Forwarded-For", lie + b"X-Forwarded-For", 1)
        assert statuses(visitor.port, [forged]) == [200]
    with application.database.reading() as db:
        visits = db.scalars(sa.select(Tally.visits)).all()
    assert set(visits) == {3}


def test_a_head_that_is_too_long_is_cut_off(visitor: Visitor) -> None:
    """Nobody fills our memory with a header."""
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=30) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 100_000)
        answer = one.recv(20)
    assert answer.startswith(b"HTTP/1.1 400")
