"""Traces: which delivery a report is about, by our own signs only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.inbound.complaint import parse_complaint
from mailer.inbound.delivery_report import parse_report
from mailer.inbound.traces import Trace, TraceSource, traces
from mailer.outbox.models import DeliveryId
from mailer.outbox.return_path import for_delivery, token_for
from mailer.rendering.message import unsubscribe_mailto
from subscribers.address import EmailAddress
from subscribers.tokens import Purpose, TokenKeys, make_token
from tests.factories import KEYS
from tests.reports import BOUNCES, OUR_ID, a_report, the_mail

if TYPE_CHECKING:
    from mailer.inbound.reading import Message

BASE = EmailAddress.parse("bounces@miteinander.example")
PATH = for_delivery(BASE, DeliveryId(17), KEYS.return_path_key).wire
TOKEN = make_token(KEYS, Purpose.UNSUBSCRIBE, 4, 1)

BY_PATH = Trace(TraceSource.RETURN_PATH, "17")
BY_ENVELOPE = Trace(TraceSource.ENVELOPE_ID, "18")
BY_ID = Trace(TraceSource.MESSAGE_ID, OUR_ID)
BY_TOKEN = Trace(TraceSource.TOKEN, "4")

STATUS = "Final-Recipient: rfc822; rita@town.example\nAction: failed\nStatus: 5.1.1\n"


def found(message: Message, keys: TokenKeys = KEYS) -> tuple[Trace, ...]:
    """Return the traces in a report about mail of miteinander.example."""
    report, complaint = parse_report(message), parse_complaint(message)
    return traces(
        message,
        keys,
        message_id_domain="miteinander.example",
        envelope_id=(report or complaint or _Nothing()).envelope_id,
        mail_from=None if complaint is None else complaint.mail_from,
    )


class _Nothing:
    envelope_id = None


@pytest.mark.parametrize(
    "field", ["To", "Delivered-To", "X-Original-To", "Envelope-To"]
)
def test_the_address_a_report_was_sent_to_names_the_delivery(field: str) -> None:
    """Whichever field the server on the way wrote it into, in whatever case."""
    message = a_report(STATUS, returned="X: y\n", head=f"{field}: <{PATH.upper()}>\n")
    assert found(message) == (BY_PATH,)


def test_the_returned_mail_names_the_delivery() -> None:
    """It came from the same return path."""
    message = a_report(STATUS, returned=f"Return-Path: <{PATH}>\nTo: x@y.example\n")
    assert found(message) == (BY_PATH,)


def test_the_envelope_id_names_the_delivery() -> None:
    """RFC 3461, section 4.4: it comes back as it was given."""
    token = token_for(DeliveryId(18), KEYS.return_path_key)
    message = a_report(f"Original-Envelope-Id: {token}\n\n{STATUS}", returned="X: y\n")
    assert found(message) == (BY_ENVELOPE,)


def test_the_message_id_is_told_if_it_is_ours() -> None:
    """The ledger knows it, or it was invented."""
    assert found(a_report(STATUS)) == (BY_ID,)


def test_the_unsubscribe_token_names_the_mailbox() -> None:
    """What a provider leaves of the header may be just that."""
    uri = unsubscribe_mailto(BASE, TOKEN)
    message = a_report(STATUS, returned=f"List-Unsubscribe: <{uri}>\nX: y\n")
    assert found(message) == (BY_TOKEN,)


def test_the_most_reliable_sign_comes_first() -> None:
    """Two are sealed and name the delivery, then what the ledger knows."""
    token = token_for(DeliveryId(18), KEYS.return_path_key)
    message = a_report(
        f"Original-Envelope-Id: {token}\n\n{STATUS}",
        returned=f"List-Unsubscribe: <{unsubscribe_mailto(BASE, TOKEN)}>\n"
        f"Message-ID: {OUR_ID}\n",
        head=f"Delivered-To: {PATH}\n",
    )
    assert found(message) == (BY_PATH, BY_ENVELOPE, BY_ID, BY_TOKEN)


@pytest.mark.parametrize(
    ("head", "status", "returned", "reason"),
    [
        ("Delivered-To: bounces@miteinander.example\n", STATUS, "X: y\n", "no token"),
        (
            f"Delivered-To: bounces+{'a' * 32}@miteinander.example\n",
            STATUS,
            "X: y\n",
            "a token without our seal",
        ),
        ("", f"Original-Envelope-Id: 17\n\n{STATUS}", "X: y\n", "a bare number"),
        ("", STATUS, "Message-ID: <a@evil.example>\n", "a foreign Message-ID"),
        ("", STATUS, "Message-ID: <a@b.miteinander.example>\n", "a sub-domain"),
        ("", STATUS, "Message-ID: <a@notmiteinander.example>\n", "the end of a name"),
        (
            "",
            STATUS,
            f"List-Unsubscribe: <mailto:x@y.example?subject={'a' * 36}>\n",
            "a token without our seal",
        ),
        (
            "",
            STATUS,
            "To: rita@town.example\nSubject: 17\n",
            "an address and a number are no signs",
        ),
    ],
)
def test_what_is_not_ours_is_no_trace(
    head: str, status: str, returned: str, reason: str
) -> None:
    """A delivery is never found by a guess."""
    assert found(a_report(status, head=head, returned=returned)) == (), reason


def test_another_installation_reads_nothing_but_the_message_id() -> None:
    """Seals of one secret mean nothing under another."""
    token = token_for(DeliveryId(18), KEYS.return_path_key)
    message = a_report(
        f"Original-Envelope-Id: {token}\n\n{STATUS}", head=f"Delivered-To: {PATH}\n"
    )
    assert found(message, TokenKeys.derive(b"another secret of 24 b.")) == (BY_ID,)


def test_a_complaint_gives_the_return_path_in_a_field() -> None:
    """Original-Mail-From is ours where everything else is hidden."""
    content = (BOUNCES / "arf-abuse-redacted.eml").read_text(encoding="utf-8")
    message = the_mail(
        content.replace("redacted@miteinander.example", PATH)
        .replace(OUR_ID, "<redacted@provider.example>")
        .encode()
    )
    assert found(message) == (BY_PATH,)


def test_a_field_full_of_tokens_has_an_end() -> None:
    """Each try costs a hash or two."""
    row = " ".join(
        [make_token(TokenKeys.derive(bytes(16)), Purpose.UNSUBSCRIBE, 4, 1)] * 999
    )
    message = a_report(STATUS, returned=f"List-Unsubscribe: {row} {TOKEN}\nX: y\n")
    assert found(message) == ()
