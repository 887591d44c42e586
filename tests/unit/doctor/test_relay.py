"""The doctor talks to the mail server: each thing broken once, and nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.doctor import relay
from mailer.doctor.diagnosis import Severity
from mailer.errors import ExitCode
from tests.certificates import Certificate, ca_file
from tests.conftest import PRESENT
from tests.patients import a_patient, spoken, told
from tests.servers import MUTE, Script, ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.doctor.patient import Patient
    from subscribers.database import Database


def plain(server: ScriptedSmtp) -> dict[str, str]:
    """Return the settings of a relay on this machine."""
    return {
        "smtp.host": "127.0.0.1",
        "smtp.port": str(server.port),
        "smtp.security": "plain",
    }


def protected(server: ScriptedSmtp) -> dict[str, str]:
    """Return the settings of a relay that is reached over STARTTLS, with a login."""
    return plain(server) | {
        "smtp.security": "starttls",
        "smtp.ca_file": str(ca_file()),
        "smtp.user": "mia",
    }


def seen(patient: Patient) -> dict[str, str]:
    """Return what the check says, by name."""
    return told(relay.relays_take_mail, patient)


def test_a_good_relay_is_fine_and_gets_nothing(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """Reached, logged in, long valid, large enough; RCPT is taken back before DATA."""
    patient = a_patient(settings_file, database, protected(smtp_server))
    assert seen(patient) == {
        "relay": "ok",
        "certificate": "ok",
        "size": "ok",
        "address": "ok",
    }
    assert smtp_server.received == []
    assert "DATA" not in smtp_server.commands
    assert "RSET" in smtp_server.commands


def test_our_own_addresses_are_asked_for(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """The coordinator, the mailbox we read, one with a "+" where such are used."""
    flags = plain(smtp_server) | {
        "inbox.address": "mia@town.example",
        "smtp.return_path": "mia@town.example",
        "smtp.return_paths": "signed",
    }
    seen(a_patient(settings_file, database, flags))
    asked = [one for one in smtp_server.commands if one.startswith("RCPT")]
    assert len(asked) == 3
    assert "<k_sommer@aschersleben.de>" in asked[0]
    assert "<mia@town.example>" in asked[1]
    assert "<mia+" in asked[2]


def test_an_address_that_is_refused_is_an_error(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """For now a warning, for good an error, each in the server's words."""
    smtp_server.script = Script(
        rcpt={
            "k_sommer@aschersleben.de": "550 5.1.1 no such mailbox",
            "mia@town.example": "450 4.2.0 greylisted",
        }
    )
    flags = plain(smtp_server) | {"inbox.address": "mia@town.example"}
    patient = a_patient(settings_file, database, flags)
    found = spoken(relay.relays_take_mail(patient))
    said = {one.severity: one.what for one in found if one.name == "address"}
    assert "no such mailbox" in said[Severity.ERROR]
    assert "greylisted" in said[Severity.WARNING]


def test_every_relay_is_asked(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """The second way out is looked at before it must do."""
    with ScriptedSmtp() as gone:
        where = f'host = "127.0.0.1"\nport = {gone.port}\nsecurity = "plain"\n'
    with settings_file.open("a", encoding="utf-8") as file:
        file.write(f"\n[[relay]]\n{where}")
    patient = a_patient(settings_file, database, plain(smtp_server))
    found = [
        one for one in spoken(relay.relays_take_mail(patient)) if one.name == "relay"
    ]
    assert [one.severity for one in found] == ["ok", "error"]


def test_a_sender_that_is_refused_is_an_error(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """Found without a single letter lost: what to change is told."""
    smtp_server.script = Script(mail="553 5.7.1 not your address")
    patient = a_patient(settings_file, database, plain(smtp_server))
    found = {one.name: one for one in spoken(relay.relays_take_mail(patient))}
    assert found["sender"].exit_code is ExitCode.CONFIGURATION
    assert "[sender] address" in found["sender"].todo


def test_a_relay_that_is_gone_is_unavailable(
    settings_file: Path, database: Database
) -> None:
    """Nobody listens: the exit code tells a monitor."""
    with ScriptedSmtp() as server:
        flags = plain(server)
    patient = a_patient(settings_file, database, flags)
    (found,) = spoken(relay.relays_take_mail(patient))
    assert (found.severity, found.exit_code) == ("error", ExitCode.UNAVAILABLE)
    assert "[smtp] host" in found.todo


def test_a_relay_that_says_nothing_is_not_waited_for_long(
    settings_file: Path,
    database: Database,
    smtp_server: ScriptedSmtp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The patience of a run, five minutes, is not that of a person at a screen."""
    monkeypatch.setattr(relay, "PATIENCE", timedelta(seconds=0.2))
    smtp_server.script = Script(greeting=MUTE)
    patient = a_patient(settings_file, database, plain(smtp_server))
    (found,) = spoken(relay.relays_take_mail(patient))
    assert found.exit_code is ExitCode.UNAVAILABLE
    assert "Wartezeit" in found.what


def test_a_wrong_password_is_a_matter_of_settings(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """The server's words are repeated, the password is not."""
    smtp_server.script = Script(auth="535 5.7.8 wrong")
    patient = a_patient(settings_file, database, protected(smtp_server))
    (found,) = spoken(relay.relays_take_mail(patient))
    assert found.exit_code is ExitCode.CONFIGURATION
    assert "geheim" not in str(found)


@pytest.mark.parametrize("certificate", [Certificate.EXPIRED, Certificate.WRONG_HOST])
def test_a_certificate_that_proves_nothing_is_an_error(
    settings_file: Path, database: Database, certificate: Certificate
) -> None:
    """What a run would refuse is refused here too."""
    with ScriptedSmtp(certificate=certificate) as server:
        patient = a_patient(settings_file, database, protected(server))
        (found,) = spoken(relay.relays_take_mail(patient))
    assert found.severity == "error"
    assert "Zertifikat" in found.what


@pytest.mark.parametrize(
    ("days", "level"), [(15, "ok"), (14, "warning"), (1, "warning")]
)
def test_a_certificate_that_ends_soon_is_told(days: int, level: str) -> None:
    """Two weeks are enough to find somebody who can renew it."""
    until = PRESENT + timedelta(days=days)
    (found,) = spoken(relay.certificate(until, "relay.example", now=PRESENT))
    assert found.severity == level


def test_a_relay_with_little_room_is_an_error(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """Our largest letter would be refused for everybody (RFC 1870)."""
    smtp_server.script = Script(ehlo="250-relay.example\r\n250 SIZE 10000")
    patient = a_patient(settings_file, database, plain(smtp_server))
    found = {one.name: one for one in spoken(relay.relays_take_mail(patient))}
    assert found["size"].severity == "error"
    assert "höchstens 10." in found["size"].what
    assert found["abilities"].severity == "hint"


def test_what_a_relay_cannot_do_is_a_hint(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """It works all the same, only slower or less clear."""
    smtp_server.script = Script(ehlo="250 relay.example")
    patient = a_patient(settings_file, database, plain(smtp_server))
    missing = [
        one.what for one in relay.relays_take_mail(patient) if one.name == "abilities"
    ]
    assert [
        wish for wish in relay.WISHES if not any(wish in one for one in missing)
    ] == []


def test_a_server_that_tells_the_time_is_a_second_clock(
    settings_file: Path, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """Exim greets with its date; the test's clock stands at another one."""
    smtp_server.script = Script(
        greeting="220 relay.example ESMTP Exim 4.96 Mon, 23 Nov 2026 10:05:00 +0200"
    )
    patient = a_patient(settings_file, database, plain(smtp_server))
    found = {one.name: one for one in spoken(relay.relays_take_mail(patient))}
    assert found["clock"].severity == "warning"
    assert "5 Minuten nach" in found["clock"].what


@pytest.mark.parametrize(
    ("name", "level"),
    [("mia.town.example", "ok"), ("mia", "hint"), ("box.localdomain", "hint")],
)
def test_we_introduce_ourselves_with_a_whole_name(
    settings_file: Path, database: Database, name: str, level: str
) -> None:
    """RFC 5321, section 4.1.1.1: a name with a domain."""
    flags = {"smtp.host": "relay.example", "smtp.ehlo_name": name}
    patient = a_patient(settings_file, database, flags)
    assert told(relay.greeting_name, patient) == {"ehlo": level}


def test_without_a_relay_nobody_is_asked(
    settings_file: Path, database: Database
) -> None:
    """The group of the settings tells; here is nothing to add."""
    patient = a_patient(settings_file, database)
    assert [told(check, patient) for check in relay.CHECKS] == [{}, {}]
