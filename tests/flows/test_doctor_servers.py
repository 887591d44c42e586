"""The doctor before real servers: Debian's Dovecot and Postfix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.doctor import inbox, relay
from tests import dovecot, postfix
from tests.conftest import missing
from tests.patients import a_patient, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database


@pytest.mark.dovecot
def test_dovecot_is_opened_and_left_as_it_is(
    settings_file: Path, database: Database
) -> None:
    """Login, folder and abilities; what lies in it is not even marked as seen."""
    with dovecot.running() as server:
        server.add(b"Subject: Guten Tag\r\n\r\nLiebe Kathrin\r\n")
        before = server.flags()
        flags = {
            "inbox.address": "mia@town.example",
            "inbox.host": "127.0.0.1",
            "inbox.port": str(server.port),
            "inbox.security": "plain",
            "inbox.mode": "dedicated",
            "inbox.user": "mia",
        }
        patient = a_patient(settings_file, database, flags)
        assert told(inbox.server_lets_us_read, patient) == {
            "imap": "ok",
            "folder": "ok",
            "filing": "ok",
        }
        assert server.flags() == before


def test_postfix_is_asked_and_gets_nothing(
    settings_file: Path, database: Database
) -> None:
    """It knows its own mailboxes: one is taken, one refused, no letter is left."""
    if not postfix.is_possible():
        missing("Postfix as root")
    with postfix.running_postfix("kathrin@netz.example") as server:
        flags = {
            "smtp.host": "127.0.0.1",
            "smtp.port": str(server.port),
            "smtp.security": "plain",
            "sender.address": "kathrin@netz.example",
            "coordinator.email": "kathrin@netz.example",
            "inbox.address": "niemand@netz.example",
        }
        patient = a_patient(settings_file, database, flags)
        found = [
            (one.name, one.severity.value) for one in relay.relays_take_mail(patient)
        ]
        assert found == [
            ("relay", "ok"),
            ("size", "ok"),
            ("address", "ok"),
            ("address", "error"),
        ]
        assert server.mails("kathrin@netz.example") == []
