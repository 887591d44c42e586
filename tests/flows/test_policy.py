"""The operator's side of sending: pauses, limits, what is held, what was missed."""

from __future__ import annotations

import json
import shutil
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from typing_extensions import override

from mailer.errors import ExitCode
from mailer.outbox import pace
from mailer.outbox.conduct import SendingPlace
from mailer.outbox.models import Delivery
from mailer.outbox.pace import Period
from mailer.outbox.states import DeliveryState
from subscribers.clock import FixedClock
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.program import PATIENCE_SECONDS, Program
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

S = DeliveryState
BEGAN = time.monotonic()
BLOCKED = "550 5.7.1 we do not like your network"


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program, four people at GMX and two elsewhere."""
    with database.transaction() as db:
        for number in range(1, 5):
            a_subscriber(db, f"person{number}@gmx.de")
        for number in (5, 6):
            a_subscriber(db, f"person{number}@netz.example")
    return Program(settings_file, {"MIA_DATABASE_URL": database_url})


def at(mia: Program, later: timedelta) -> Program:
    """Return the same program some time later."""
    return Program(
        mia.config, {**mia.environ, "MIA_NOW": (PRESENT + later).isoformat()}
    )


def refusing_gmx() -> Script:
    """Return a server that likes nobody at GMX."""
    return Script(rcpt={f"person{number}@gmx.de": BLOCKED for number in range(1, 5)})


def states(database: Database) -> list[DeliveryState]:
    """Return the states in the order of the people."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Delivery.state).order_by(Delivery.id)))


@both
def test_a_provider_that_refuses_us_is_told_and_resumed(
    mia: Program, database: Database
) -> None:
    """The run says what waits and how it goes on; after "resume" all have it."""
    with ScriptedSmtp(refusing_gmx()) as server:
        sent = mia.with_relay(server).here("invite", "--yes")
        told = mia.here("outbox", "status")
        data = json.loads(mia.here("outbox", "status", "--json").stdout)
        again = mia.with_relay(server).here("outbox", "send")

        server.script = Script()
        resumed = mia.here("outbox", "resume", "--provider", "web.de")
        last = mia.with_relay(server).here("outbox", "send")

    assert sent.exit_code == ExitCode.TRY_AGAIN
    for shown in (sent.stderr, told.stdout):
        assert "we do not like your network" in shown
        assert "mia outbox resume --provider gmx" in shown
    assert data["providers"]["gmx"] == {"queued": 4}
    assert data["pauses"][0]["scope"] == "provider"
    assert data["waiting"] == 4
    assert again.exit_code == ExitCode.TRY_AGAIN
    assert "geht weiter" in resumed.stderr
    assert last.exit_code == ExitCode.OK
    assert states(database) == [S.ACCEPTED] * 6


def test_a_person_pauses_and_resumes(mia: Program, database: Database) -> None:
    """A provider, an edition, everything; "resume" alone ends them all."""
    paused = mia.here("outbox", "pause", "--provider", "web.de")
    assert "Angehalten. Weiter mit „mia outbox resume --provider gmx“" in paused.stderr
    assert "wartet schon" in mia.here("outbox", "pause", "--provider", "gmx").stderr
    with ScriptedSmtp() as server:
        mia.with_relay(server).here("invite", "--yes")
        assert states(database) == [S.QUEUED] * 4 + [S.ACCEPTED] * 2

        mia.here("outbox", "pause", "--edition", "1", "--reason", "Tippfehler.")
        mia.here("outbox", "pause")
        told = mia.here("outbox", "status").stdout
        ended = mia.here("outbox", "resume")
        nothing = mia.here("outbox", "resume")
        mia.with_relay(server).here("outbox", "send")

    assert "Alles wartet" in told
    assert "Tippfehler." in told
    assert "mia outbox resume --edition 1" in told
    assert "geht weiter" in ended.stderr
    assert "nichts angehalten" in nothing.stderr
    assert states(database) == [S.ACCEPTED] * 6


def test_two_scopes_at_once_are_refused(mia: Program) -> None:
    """What is meant would not be clear."""
    both_at_once = ("--provider", "gmx", "--edition", "1")
    assert mia.here("outbox", "pause", *both_at_once).exit_code == ExitCode.USAGE


def test_a_provider_that_nobody_knows_is_no_pause(mia: Program) -> None:
    """A slip would leave alone nobody; the sentence names those there are."""
    slip = mia.here("outbox", "pause", "--provider", "tonline")

    assert slip.exit_code == ExitCode.USAGE
    assert "„tonline“ kennt mia nicht" in slip.stderr
    assert "t-online" in slip.stderr
    assert "wartet" not in mia.here("outbox", "status").stdout


def test_a_limit_ends_the_run_with_a_clear_word(
    mia: Program, database: Database
) -> None:
    """Five an hour: the sixth has a time, and that time keeps its word."""
    with ScriptedSmtp() as server:
        slow = Program(mia.config, {**mia.environ, "MIA_SMTP_PER_HOUR": "5"})
        slow = slow.with_relay(server)
        sent = slow.here("invite", "--yes")
        assert states(database).count(S.ACCEPTED) == 5
        later = at(slow, timedelta(minutes=61)).here("outbox", "send")

    assert sent.exit_code == ExitCode.TRY_AGAIN
    assert "Tempo ist ausgeschöpft" in sent.stderr
    assert "23.11.2026 10:01:00" in sent.stderr
    assert later.exit_code == ExitCode.OK
    assert states(database) == [S.ACCEPTED] * 6


def test_what_nobody_sent_in_time_is_held_and_released(
    mia: Program, database: Database
) -> None:
    """Three days off: nothing leaves by itself; a person lets it go."""
    mia.here("outbox", "pause")
    with ScriptedSmtp() as server:
        relay = mia.with_relay(server)
        relay.here("invite", "--yes")
        with database.transaction() as db:
            db.execute(sa.text("DELETE FROM pause"))

        late = at(relay, timedelta(days=3))
        held = late.here("outbox", "send")
        assert not server.accepted
        told = late.here("outbox", "status").stdout
        no = late.here("outbox", "release", answer="nein\n")
        assert states(database) == [S.HELD] * 6
        late.here("outbox", "release", answer="ja\n")
        much_later = at(relay, timedelta(days=6))
        assert much_later.here("outbox", "send").exit_code == ExitCode.TRY_AGAIN
        much_later.here("outbox", "release", "1")
        sent = much_later.here("outbox", "send")

    assert held.exit_code == ExitCode.TRY_AGAIN
    for shown in (held.stderr, told):
        assert "6 Zustellungen sind angehalten" in shown
        assert "Überfällig" in shown
        assert "mia outbox release 1" in shown
    assert no.exit_code == ExitCode.INTERRUPTED
    assert sent.exit_code == ExitCode.OK
    assert len(server.accepted) == 6


@both
def test_only_those_who_missed_it_get_it_again(
    mia: Program, database: Database
) -> None:
    """A passing refusal is repeated, a dead address is not, and nobody gets two."""
    script = Script(
        rcpt={
            "person1@gmx.de": "550 5.1.1 no such person",
            "person5@netz.example": "550 5.2.2 mailbox full",
        }
    )
    with ScriptedSmtp(script) as server:
        mia.with_relay(server).here("invite", "--yes")
        server.script = Script()
        no = mia.with_relay(server).here(
            "editions", "resend-missed", "1", answer="nein\n"
        )
        assert len(server.accepted) == 4
        again = mia.with_relay(server).here("editions", "resend-missed", "1", "--yes")
        nobody = mia.with_relay(server).here("editions", "resend-missed", "1")

    assert no.exit_code == ExitCode.INTERRUPTED
    assert "abgelehnt: 1" in again.stderr
    assert "1 Person bekommt den Brief auch jetzt nicht" in again.stderr
    assert again.exit_code == ExitCode.OK
    assert "niemanden" in nobody.stderr
    assert [one.recipient for one in server.accepted].count("person5@netz.example") == 1
    assert len(server.accepted) == 5
    assert states(database)[0] is S.REFUSED


def test_one_delivery_is_shown_and_tried_again(
    mia: Program, database: Database
) -> None:
    """Its tries and the server's words; "later" becomes "now"."""
    busy = Script(rcpt={"person1@gmx.de": ["451 4.7.1 greylisted", "250 ok"]})
    with ScriptedSmtp(busy) as server:
        relay = mia.with_relay(server)
        relay.here("invite", "--yes")
        shown = mia.here("outbox", "show", "1").stdout
        data = json.loads(mia.here("outbox", "show", "1", "--json").stdout)
        assert "nächsten" in mia.here("outbox", "retry", "1").stderr
        relay.here("outbox", "send")
        done = mia.here("outbox", "retry", "1")
        unknown = mia.here("outbox", "show", "99")

    assert "greylisted" in shown
    assert "451 4.7.1 greylisted" in shown.splitlines()[-1]
    assert "person1@gmx.de" in shown
    assert "nächster Versuch" in shown
    assert (data["state"], data["attempts"][0]["reply_code"]) == ("deferred", 451)
    assert states(database)[0] is S.ACCEPTED
    assert done.exit_code == ExitCode.DATA
    assert unknown.exit_code == ExitCode.DATA
    assert "gibt es nicht" in unknown.stderr


def test_a_copied_database_sends_only_after_it_was_adopted(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """It says where it belongs and shows what would leave; the original goes on."""
    mia.here("outbox", "pause", "--provider", "gmx")
    copy_file = tmp_path / "kopie" / "mia.db"
    with ScriptedSmtp() as server:
        mia.with_relay(server).here("invite", "--yes")
        mia.here("outbox", "resume")
        database.close()
        copy_file.parent.mkdir()
        shutil.copyfile(tmp_path / "mia.db", copy_file)
        url = {"MIA_DATABASE_URL": f"sqlite:///{copy_file}"}
        copy = Program(mia.config, {**mia.environ, **url}).with_relay(server)

        refused = copy.here("outbox", "send")
        assert len(server.accepted) == 2
        no = copy.here("db", "adopt", answer="nein\n")
        yes = copy.here("db", "adopt", answer="ja\n")
        again = copy.here("db", "adopt")
        sent = copy.here("outbox", "send")
        assert mia.here("db", "adopt").exit_code == ExitCode.OK

    assert refused.exit_code == ExitCode.PERMISSION
    assert "mia db adopt" in refused.stderr
    assert no.exit_code == ExitCode.INTERRUPTED
    assert "4 Briefe gingen" in yes.stderr
    assert "Aussendung 1" in yes.stdout
    assert "schon senden" in again.stderr
    assert sent.exit_code == ExitCode.OK
    with database.reading() as db:
        assert len(db.scalars(sa.select(SendingPlace)).all()) == 1


def test_the_invitation_takes_whichever_relay_is_ready(
    mia: Program, database: Database
) -> None:
    """The check before the question says what is wrong with the first, and goes on."""
    blocked = Script(greeting="554 5.7.1 we do not know you")
    with ScriptedSmtp(blocked) as first, ScriptedSmtp() as second:
        with mia.config.open("a", encoding="utf-8") as file:
            file.write(
                f'\n[[relay]]\nhost = "localhost"\nport = {second.port}\n'
                'security = "plain"\n'
            )
        sent = mia.with_relay(first).here("invite", "--yes")

    assert sent.exit_code == ExitCode.OK, sent.output
    assert "we do not know you" in sent.stderr
    assert f"localhost:{second.port} ist bereit" in sent.stderr
    assert states(database) == [S.ACCEPTED] * 6


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_processes_share_one_limit(mia: Program, database: Database) -> None:
    """Both send at once, and together they send what one may."""
    mia.here("outbox", "pause")
    with ScriptedSmtp() as server:
        mia.with_relay(server).here("invite", "--yes")
        mia.here("outbox", "resume")
        slow = Program(mia.config, {**mia.environ, "MIA_SMTP_PER_HOUR": "4"})
        both_of_them = [slow.with_relay(server).start("outbox", "send") for _ in "ab"]
        for process in both_of_them:
            process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == ExitCode.TRY_AGAIN

    assert len(server.accepted) == 4
    assert sorted(states(database)) == [S.ACCEPTED] * 4 + [S.QUEUED] * 2


def test_a_short_pause_of_the_pace_is_sat_through(
    mia: Program, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four a second, with a clock that goes: one run, two portions, all sent."""
    monkeypatch.setitem(pace.LENGTHS, Period.MINUTE, timedelta(seconds=1))
    monkeypatch.setattr("subscribers.clock.FixedClock", _Walking)
    with ScriptedSmtp() as server:
        slow = Program(mia.config, {**mia.environ, "MIA_SMTP_PER_MINUTE": "4"})
        sent = slow.with_relay(server).here("invite", "--yes")

    assert sent.exit_code == ExitCode.OK, sent.output
    assert "geht es weiter" in sent.stderr
    assert states(database) == [S.ACCEPTED] * 6


class _Walking(FixedClock):
    """A clock that begins at a moment and goes on from there."""

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.monotonic() - BEGAN)
