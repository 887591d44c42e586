"""The log: one line per thing done, and nobody's address in it."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from mailer import logs
from mailer.logs import LogEvent

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    @override
    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Take our handler away after each test."""
    root = logging.getLogger()
    before, levels = root.handlers[:], (root.level, logs.LOGGER.level)
    yield
    root.handlers[:] = before
    root.setLevel(levels[0])
    logs.LOGGER.setLevel(levels[1])


def fail(message: str, *words: str) -> None:
    """Let a library log an error whose text holds an address."""
    error = ValueError("egon@example.com")
    logging.getLogger("library").error(message, *words, exc_info=error)


def test_a_terminal_gets_logfmt() -> None:
    """Words with spaces are quoted, numbers are short."""
    stream = Terminal()
    logs.set_up(stream, verbosity=1)
    logs.log(LogEvent.DELIVERY_DEFERRED, delivery=17, seconds=0.20049, status="4.2.2 x")
    line = stream.getvalue()
    assert line.endswith(
        'Z info delivery.deferred delivery=17 seconds=0.2 status="4.2.2 x"\n'
    )


def test_everything_else_gets_json() -> None:
    """One object a line, with the fields as they are."""
    stream = io.StringIO()
    logs.set_up(stream, verbosity=1)
    logs.log(LogEvent.EDITION_ISSUED, edition=3, deliveries=42, kind=None)
    found = json.loads(stream.getvalue())
    assert found.pop("at").endswith("Z")
    assert found == {
        "level": "info",
        "event": "edition.issued",
        "edition": 3,
        "deliveries": 42,
        "kind": None,
    }


def test_without_v_only_warnings_are_said() -> None:
    """A command that works says its results, not its steps."""
    stream = io.StringIO()
    logs.set_up(stream)
    logs.log(LogEvent.EDITION_ISSUED, edition=3)
    assert stream.getvalue() == ""
    logs.log(LogEvent.DELIVERY_UNCERTAIN, level=logging.WARNING, delivery=3)
    assert "delivery.uncertain" in stream.getvalue()


def test_a_quiet_log_says_nothing() -> None:
    """A second run in the same process does not write to the first one's stream."""
    first, second = io.StringIO(), io.StringIO()
    logs.set_up(first, verbosity=1).quiet()
    logs.set_up(second, verbosity=1)
    logs.log(LogEvent.EDITION_CLOSED, edition=3)
    assert first.getvalue() == ""
    assert second.getvalue().count("\n") == 1


def test_addresses_and_tokens_are_masked_everywhere() -> None:
    """In fields, in messages of libraries and in tracebacks."""
    stream = io.StringIO()
    logs.set_up(stream, verbosity=2)
    token = "Ab3-" * 8
    logs.log(LogEvent.CONNECTION_OPENED, host="rita@example.org", security=token)
    logging.getLogger("library").warning("RCPT TO:<%s> refused", "max@example.net")
    fail("failed for %s", token)
    text = stream.getvalue()
    for secret in ("rita", "max@", "egon", token):
        assert secret not in text
    assert "…@example.org" in text
    assert "library: RCPT TO:<…@example.net> refused" in text


def test_a_traceback_follows_on_a_terminal() -> None:
    """Readable, and masked as well."""
    stream = Terminal()
    logs.set_up(stream)
    fail("failed")
    assert "ValueError: …@example.com" in stream.getvalue()


def test_statements_of_the_database_are_never_said() -> None:
    """They hold names and addresses; even -vv keeps them to itself."""
    stream = io.StringIO()
    logs.set_up(stream, verbosity=2)
    logging.getLogger("library").info("said")
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT … ('Rita Muster')")
    assert "said" in stream.getvalue()
    assert "Rita" not in stream.getvalue()


def test_every_event_is_written_down_by_somebody() -> None:
    """The list of log events promises nothing that never happens."""
    sources = [path.read_text("utf-8") for path in Path("mailer").rglob("*.py")]
    named = set(re.findall(r"LogEvent\.([A-Z_]+)", "".join(sources)))
    assert named == {event.name for event in LogEvent}


@pytest.mark.parametrize("event", LogEvent)
def test_names_are_noun_and_participle(event: LogEvent) -> None:
    """A log can be searched by noun."""
    noun, _, participle = event.value.partition(".")
    assert noun.isidentifier()
    assert participle.replace("_", "").isalpha()
    assert event.name == event.value.replace(".", "_").upper()
