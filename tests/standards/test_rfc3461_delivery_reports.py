"""RFC 3461: what we say about reports, to servers that know how, and only to them."""

from __future__ import annotations

import pytest

from tests.servers import Script, ScriptedSmtp
from tests.wire import CONTENT, parcel, relay, sent

OFFERED = "250-relay.example\r\n250-DSN\r\n250 AUTH PLAIN"
SILENT = "250-relay.example\r\n250 AUTH PLAIN"
TOKEN = "aaaaafv332feiltklc3weskpjk5zbxic"


def said(ehlo: str, *, token: str = TOKEN, wants_no_report: bool = False) -> list[str]:
    """Return MAIL and RCPT as a server heard them."""
    letter = parcel()._replace(envelope_id=token, wants_no_report=wants_no_report)
    with ScriptedSmtp(Script(ehlo_tls=ehlo)) as server:
        sent(relay(server), [letter])
    assert [one.content for one in server.accepted] == [CONTENT]
    return [line for line in server.commands if line.startswith(("MAIL", "RCPT"))]


def test_a_server_that_knows_how_is_asked_for_reports() -> None:
    """Sections 4.1, 4.3 and 4.4: failures and delays, the header alone, our name."""
    assert said(OFFERED) == [
        f"MAIL FROM:<mia@stadt.example> RET=HDRS ENVID={TOKEN}",
        "RCPT TO:<rita@ort.example> NOTIFY=FAILURE,DELAY",
    ]


def test_a_server_that_does_not_is_told_nothing() -> None:
    """Section 4: the parameters belong to the extension."""
    assert said(SILENT) == [
        "MAIL FROM:<mia@stadt.example>",
        "RCPT TO:<rita@ort.example>",
    ]


def test_an_answer_that_wants_no_report_says_so() -> None:
    """Section 4.1: NEVER, and the null path has nothing to return to."""
    assert said(OFFERED, wants_no_report=True) == [
        "MAIL FROM:<>",
        "RCPT TO:<rita@ort.example> NOTIFY=NEVER",
    ]


def test_a_letter_without_a_name_gets_none() -> None:
    """Section 4.4: an empty ENVID is not allowed."""
    assert said(OFFERED, token="")[0] == "MAIL FROM:<mia@stadt.example>"


@pytest.mark.parametrize("offered_before_tls", [True, False])
def test_only_what_is_offered_inside_tls_counts(*, offered_before_tls: bool) -> None:
    """RFC 3207, section 4.2: what was heard before is forgotten."""
    before = OFFERED if offered_before_tls else SILENT
    script = Script(ehlo=before.replace("AUTH PLAIN", "STARTTLS"), ehlo_tls=SILENT)
    with ScriptedSmtp(script) as server:
        sent(relay(server), [parcel()._replace(envelope_id=TOKEN)])
    assert not [line for line in server.commands if "ENVID" in line or "NOTIFY" in line]
