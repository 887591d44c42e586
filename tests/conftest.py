"""What tests share: a clock, databases that cost milliseconds, approved output."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import coverage
import hypothesis
import pytest
import sqlalchemy as sa

from mailer import migrations
from mailer.application import Application
from mailer.settings import example_toml, load
from subscribers.clock import FixedClock
from subscribers.database import Database, Db
from subscribers.tokens import TokenKeys
from tests import postgres
from tests.compiled import keep_templates
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mailer.settings import Settings
    from tests.forks import Forks

# No test fails because the machine is busy: hypothesis does not look at the clock.
# The long profile is for a night: make test T="tests/unit --hypothesis-profile=long".
for profile, examples in (("mia", 50), ("long", 1000)):
    hypothesis.settings.register_profile(
        profile,
        deadline=None,
        max_examples=examples,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("mia")

keep_templates()

GOLDEN: Final = Path(__file__).parent / "golden"

PRESENT: Final = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""When the tests live: a Monday, ten days before the meeting of 3 December 2026."""

COVERAGE: Final = "COVERAGE_PROCESS_CONFIG"
"""By what coverage finds its settings in a program that a test starts."""

SECRET: Final = bytes(range(32))
"""The secret behind the tests' tokens."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--approve``: accept changed golden files instead of failing."""
    parser.addoption(
        "--approve",
        action="store_true",
        help="write changed golden files and generated documents (make golden)",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Mark what runs on PostgreSQL; with ``--approve`` keep what compares files."""
    for item in items:
        if "postgresql" in _parameters(item):
            item.add_marker("postgresql")
    if config.getoption("approve"):
        items[:] = [i for i in items if "golden" in getattr(i, "fixturenames", ())]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test that is marked so without measuring its coverage."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    with unmeasured():
        return (yield)


@contextmanager
def unmeasured() -> Iterator[None]:
    """Do something of which coverage counts no line, nor in programs it starts.

    Counting takes three times as long as the rules that read a mail themselves.
    """
    counting = coverage.Coverage.current()
    for_programs = os.environ.pop(COVERAGE, None)
    if counting is not None:
        counting.stop()
    try:
        yield
    finally:
        if for_programs is not None:
            os.environ[COVERAGE] = for_programs
        if counting is not None:
            counting.start()


def _parameters(item: pytest.Item) -> list[object]:
    spec = getattr(item, "callspec", None)
    return list(spec.params.values()) if spec else []


def missing(what: str) -> None:
    """Skip a test whose tool is not installed; in CI its absence is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not installed here")


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at ``PRESENT``; set ``clock.moment`` to move it."""
    return FixedClock(PRESENT)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, made once and copied per test."""
    path = tmp_path_factory.mktemp("template") / "mia.db"
    template = Database(f"sqlite:///{path}")
    migrations.upgrade(template)
    template.close()
    return path


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[Callable[..., str]]:
    """A throw-away server; each call returns the URL of a fresh database on it.

    It is a copy of the database at a URL, or empty with the newest schema.
    """
    binaries = postgres.find_binaries()
    if binaries is None:
        missing("PostgreSQL")
        return
    with postgres.running_server(binaries) as server:
        template = Database(server.url("postgres"))
        with template.engine.connect() as connection:
            autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
            autocommit.execute(sa.text("CREATE DATABASE mia_template"))
        template.close()
        template = Database(server.url("mia_template"))
        migrations.upgrade(template)
        template.close()
        numbers = count(1)

        def copy(like: str | None = None) -> str:
            name = f"mia_{next(numbers)}"
            original = sa.make_url(like).database if like else "mia_template"
            keeper = sa.create_engine(
                server.url("postgres"), isolation_level="AUTOCOMMIT"
            )
            with keeper.connect() as connection:
                connection.execute(
                    sa.text(f"CREATE DATABASE {name} TEMPLATE {original}")
                )
            keeper.dispose()
            return server.url(name)

        yield copy


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., str]:
    """Return, when called, the URL of a database for this test alone.

    It is a copy of a database that nobody uses, or empty with the newest schema.
    SQLite, unless a test asks for both:
    ``@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)``.
    """
    spec = getattr(request.node, "callspec", None)
    kind = spec.params.get("database", "sqlite") if spec else "sqlite"
    if kind == "postgresql":
        made: Callable[..., str] = request.getfixturevalue("postgres_copies")
        return made
    template: Path = request.getfixturevalue("sqlite_template")
    names = chain(["mia.db"], (f"mia-{number}.db" for number in count(2)))

    def copy(like: str | None = None) -> str:
        original = sa.make_url(like).database or "" if like else template
        return f"sqlite:///{shutil.copyfile(original, tmp_path / next(names))}"

    return copy


@pytest.fixture
def database_url(new_url: Callable[..., str]) -> str:
    """The URL of an empty database, for this test alone; see ``new_url``."""
    return new_url()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with the newest schema; see ``database_url``."""
    # OFF: the file dies with the test, and a killed process loses nothing by it.
    database = Database(database_url, synchronous="OFF")
    yield database
    database.close()


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    """An open transaction that is rolled back at the end."""
    with database.transaction() as db:
        yield db
        db.rollback()


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """The example network's settings file; an empty relay, the secret beside it."""
    path = tmp_path / "mia.toml"
    path.write_text(example_toml(), encoding="utf-8")
    secret = path.with_suffix(".secret")
    secret.write_text(SECRET.hex(), encoding="utf-8")
    secret.chmod(0o600)
    return path


@pytest.fixture
def settings(settings_file: Path, database_url: str) -> Settings:
    """The example network, with this test's database and a relay nobody runs.

    Another value: ``dataclasses.replace(settings, …)``.
    """
    flags = {
        "database.url": database_url,
        "smtp.host": "127.0.0.1",
        "smtp.port": "9",  # the discard service, RFC 863; no machine offers it
        "smtp.security": "plain",
    }
    return load(settings_file, {}, flags=flags).settings


@pytest.fixture
def keys() -> TokenKeys:
    """The keys of ``settings``."""
    return TokenKeys.derive(SECRET)


@pytest.fixture
def application(
    settings: Settings, clock: FixedClock, database: Database
) -> Application:
    """The whole program on the example network and this test's database."""
    application = Application(settings, clock)
    application.unchecked_database = database
    return application


@pytest.fixture
def smtp_server() -> Iterator[ScriptedSmtp]:
    """A real mail server on loopback that accepts everything; set its ``script``."""
    with ScriptedSmtp() as server:
        yield server


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The real program as processes that start quickly, for all tests together."""
    from tests.forks import Forks  # noqa: PLC0415 - it needs this module

    with Forks() as found:
        yield found


@pytest.fixture
def logged(
    caplog: pytest.LogCaptureFixture,
) -> Callable[[], list[tuple[str, dict[str, object]]]]:
    """Return, when called, the events logged so far, each with its fields."""
    caplog.set_level("INFO", logger="mia")

    def events() -> list[tuple[str, dict[str, object]]]:
        return [
            (record.getMessage(), dict(getattr(record, "fields", {})))
            for record in caplog.records
            if record.name == "mia"
        ]

    return events


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path | str, str], None]:
    """Compare text with an approved file; ``make golden`` approves what changed."""

    def compare(path: Path | str, text: str) -> None:
        approved = GOLDEN / path
        if request.config.getoption("approve"):
            approved.parent.mkdir(parents=True, exist_ok=True)
            approved.write_text(text, encoding="utf-8", newline="")
        assert approved.exists(), f"{approved.name}: not approved yet (make golden)"
        with approved.open(encoding="utf-8", newline="") as file:
            assert text == file.read()

    return compare
