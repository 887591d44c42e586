"""RFC 6522: the parts of a report, in whatever shape they come back."""

from __future__ import annotations

import pytest

from mailer.inbound.delivery_report import parse_report
from tests.reports import OUR_ID, a_report, the_mail

STATUS = "Final-Recipient: rfc822; rita@town.example\nAction: failed\nStatus: 5.1.1\n"


def report_of(third: str, body: str, *, kind: str = "multipart/report") -> str:
    """Return a report with a third part of that type and body."""
    return (
        "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\n"
        f'Content-Type: {kind}; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt failed.\n"
        f"--b\nContent-Type: message/delivery-status\n\n{STATUS}\n"
        f"--b\nContent-Type: {third}\n\n{body}\n--b--\n"
    )


@pytest.mark.parametrize(
    ("third", "body"),
    [
        ("message/rfc822", f"Message-ID: {OUR_ID}\n\nText\n"),
        ("text/rfc822-headers", f"Message-ID: {OUR_ID}\n"),
        ("message/rfc822-headers", f"Message-ID: {OUR_ID}\n"),
        ("text/rfc822-headers", f"\nMessage-ID: {OUR_ID}\n"),
        ("text/rfc822-headers", f"Message-ID:\n {OUR_ID}\n"),
        ("text/rfc822-headers; charset=utf-8", f"message-id: {OUR_ID}\n"),
    ],
)
def test_the_third_part_returns_the_mail_or_its_header(third: str, body: str) -> None:
    """Sections 3 and 4: the message, or text/rfc822-headers."""
    found = parse_report(the_mail(report_of(third, body).encode()))
    assert found is not None
    assert found.original_message_id == OUR_ID


def test_the_third_part_may_be_missing() -> None:
    """Section 3: it is optional."""
    whole = report_of("text/plain", "")
    cut = whole[: whole.rindex("--b\nContent-Type: text/plain")] + "--b--\n"
    found = parse_report(the_mail(cut.encode()))
    assert found is not None
    assert found.recipients[0].address == "rita@town.example"
    assert found.original_message_id is None


def test_a_report_wrapped_by_a_gateway_counts_if_a_server_sent_it() -> None:
    """Some gateways make multipart/mixed of it."""
    message = the_mail(report_of("text/plain", "", kind="multipart/mixed").encode())
    assert parse_report(message) is not None


def test_the_message_id_of_the_report_is_not_that_of_our_mail() -> None:
    """Otherwise every report would be about itself."""
    message = a_report(
        STATUS, head=f"Message-ID: {OUR_ID}\n", returned="To: x@y.example"
    )
    found = parse_report(message)
    assert found is not None
    assert found.original_message_id is None


def test_a_report_inside_a_letter_is_a_quotation() -> None:
    """Only the outermost report was written to us."""
    inner = report_of("text/plain", "")
    letter = (
        "From: Egon <egon@town.example>\n"
        'Content-Type: multipart/mixed; boundary="c"\n\n'
        "--c\nContent-Type: text/plain\n\nWas ist das?\n"
        f"--c\nContent-Type: message/rfc822\n\n{inner}\n--c--\n"
    )
    assert parse_report(the_mail(letter.encode())) is None
