"""The doctor opens the mailbox: login, folder, rights, abilities; nothing is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.doctor import inbox
from mailer.errors import ExitCode
from tests.certificates import Certificate, ca_file
from tests.patients import a_patient, spoken, told
from tests.servers_imap import Act, Fault, Folder, ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from subscribers.database import Database

ACL = "IMAP4rev1 STARTTLS AUTH=PLAIN MOVE UIDPLUS IDLE ACL"


def plain(server: ScriptedImap) -> dict[str, str]:
    """Return the settings of a mailbox on this machine, the program's own."""
    return {
        "inbox.address": "mia@town.example",
        "inbox.host": "127.0.0.1",
        "inbox.port": str(server.port),
        "inbox.security": "plain",
        "inbox.mode": "dedicated",
    }


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    """A good server."""
    with ScriptedImap() as server:
        yield server


def test_a_good_mailbox_is_fine_and_stays_as_it_is(
    settings_file: Path, database: Database, server: ScriptedImap
) -> None:
    """Opened for looking only; folders that are missing are not made."""
    patient = a_patient(settings_file, database, plain(server))
    assert told(inbox.server_lets_us_read, patient) == {
        "imap": "ok",
        "folder": "ok",
        "filing": "ok",
    }
    assert set(server.folders) == {"INBOX"}
    verbs = {one.split()[0] for one in server.commands}
    assert not verbs & {"SELECT", "CREATE", "UID", "STORE"}


def test_a_protected_mailbox_tells_its_certificate(
    settings_file: Path, database: Database
) -> None:
    """How long it is still good, over STARTTLS as over TLS."""
    with ScriptedImap(implicit_tls=True) as server:
        flags = plain(server) | {
            "inbox.security": "tls",
            "inbox.ca_file": str(ca_file()),
        }
        patient = a_patient(settings_file, database, flags)
        assert told(inbox.server_lets_us_read, patient)["certificate"] == "ok"


def test_a_certificate_that_proves_nothing_is_an_error(
    settings_file: Path, database: Database
) -> None:
    """What a run would refuse is refused here too."""
    with ScriptedImap(certificate=Certificate.EXPIRED) as server:
        flags = plain(server) | {
            "inbox.security": "starttls",
            "inbox.ca_file": str(ca_file()),
        }
        patient = a_patient(settings_file, database, flags)
        (found,) = spoken(inbox.server_lets_us_read(patient))
    assert "Zertifikat" in found.what


def test_a_server_that_is_gone_is_unavailable(
    settings_file: Path, database: Database
) -> None:
    """Nobody listens: the exit code tells a monitor."""
    with ScriptedImap() as server:
        flags = plain(server)
    (found,) = spoken(
        inbox.server_lets_us_read(a_patient(settings_file, database, flags))
    )
    assert found.exit_code is ExitCode.UNAVAILABLE


def test_a_wrong_password_is_a_matter_of_settings(
    settings_file: Path, database: Database, server: ScriptedImap
) -> None:
    """The server's words are repeated, the password is not."""
    server.faults = [Fault("LOGIN", Act.REPLY, "NO [AUTHENTICATIONFAILED] wrong")]
    patient = a_patient(settings_file, database, plain(server))
    (found,) = spoken(inbox.server_lets_us_read(patient))
    assert found.exit_code is ExitCode.CONFIGURATION
    assert "geheim" not in str(found)


def test_a_missing_folder_is_an_error(
    settings_file: Path, database: Database, server: ScriptedImap
) -> None:
    """A misspelt name, before a week of mail lies unread."""
    flags = plain(server) | {"inbox.folder": "Anmeldungen"}
    patient = a_patient(settings_file, database, flags)
    levels = told(inbox.server_lets_us_read, patient)
    assert levels["folder"] == "error"


@pytest.mark.parametrize(
    ("rights", "levels"),
    [
        ("INBOX lrswite", {"folder": "ok", "filing": "ok"}),
        ("INBOX lrswid", {"folder": "ok", "filing": "ok"}),
        ("INBOX lrs", {"folder": "ok", "rights": "error"}),
        ("INBOX l", {"rights": "error"}),
    ],
)
def test_rights_are_asked_for_where_the_server_tells_them(
    settings_file: Path, database: Database, rights: str, levels: dict[str, str]
) -> None:
    """RFC 4314: without "r" nothing is read, without "te" nothing moved."""
    with ScriptedImap(capabilities=ACL) as server:
        server.rights = rights
        patient = a_patient(settings_file, database, plain(server))
        assert told(inbox.server_lets_us_read, patient) == {"imap": "ok", **levels}


def test_a_folder_that_takes_nothing_is_an_error(
    settings_file: Path, database: Database
) -> None:
    """What is settled could not be put there."""
    with ScriptedImap(capabilities=ACL) as server:
        server.folders["mia-erledigt"] = Folder()
        server.rights = "x lrte"
        patient = a_patient(settings_file, database, plain(server))
        found = spoken(inbox.server_lets_us_read(patient))
    (bad,) = [one for one in found if one.severity == "error"]
    assert "„mia-erledigt“" in bad.what


def test_a_server_that_moves_nothing_is_an_error_only_if_it_must(
    settings_file: Path, database: Database
) -> None:
    """A shared mailbox is left as it is, so nothing has to be moved."""
    with ScriptedImap(capabilities="IMAP4rev1") as server:
        patient = a_patient(settings_file, database, plain(server))
        levels = told(inbox.server_lets_us_read, patient)
        assert (levels["filing"], levels["idle"]) == ("error", "hint")
        shared = plain(server) | {"inbox.mode": "shared"}
        patient = a_patient(settings_file, database, shared)
        assert "filing" not in told(inbox.server_lets_us_read, patient)


def test_a_maildir_has_rights_too(settings_file: Path, database: Database) -> None:
    """Whoever may not look into it reads nothing."""
    home = settings_file.parent / "Maildir"
    for name in ("new", "cur", "tmp"):
        (home / name).mkdir(parents=True)
    flags = {"inbox.address": "mia@town.example", "inbox.maildir": "Maildir"}
    patient = a_patient(settings_file, database, flags)
    assert told(inbox.maildir_can_be_used, patient) == {"maildir": "ok"}
    (home / "cur").rmdir()
    (found,) = spoken(inbox.maildir_can_be_used(patient))
    assert found.exit_code is ExitCode.PERMISSION
    assert "/cur" in found.what


def test_without_a_mailbox_nobody_is_asked(
    settings_file: Path, database: Database
) -> None:
    """The group of the settings tells; here is nothing to add."""
    patient = a_patient(settings_file, database)
    assert [told(check, patient) for check in inbox.CHECKS] == [{}, {}]
