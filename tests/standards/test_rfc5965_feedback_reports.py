"""RFC 5965: complaints in the form that providers agreed on."""

from __future__ import annotations

import pytest

from mailer.inbound.complaint import parse_complaint
from tests.reports import OUR_ID, the_mail


def a_complaint(fields: str, *, third: str = "message/rfc822") -> bytes:
    """Return a complaint of three parts."""
    return (
        "From: feedback@provider.example\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is an abuse report.\n"
        f"--b\nContent-Type: message/feedback-report\n\n{fields}\n"
        f"--b\nContent-Type: {third}\n\nMessage-ID: {OUR_ID}\n"
        "To: rita@town.example\n\n--b--\n"
    ).encode()


REQUIRED = "Feedback-Type: abuse\nUser-Agent: Some/1.0\nVersion: 1\n"


@pytest.mark.parametrize("third", ["message/rfc822", "text/rfc822-headers"])
def test_three_parts_are_a_complaint(third: str) -> None:
    """Section 2: text, fields, and the mail or its header."""
    found = parse_complaint(the_mail(a_complaint(REQUIRED, third=third)))
    assert found is not None
    assert found.is_abuse
    assert found.original_message_id == OUR_ID
    assert found.original_recipient == "rita@town.example"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("Original-Envelope-Id: q1\n", "section 3.2: once"),
        ("Reported-Domain: a.example\nReported-Domain: b.example\n", "section 3.3"),
        ("X-Unknown: whatever\n", "section 3: unknown fields are ignored"),
        ("Source-IP: 192.0.2.1\n Folded: yes\n", "a folded field"),
    ],
)
def test_more_fields_change_nothing(fields: str, reason: str) -> None:
    """A complaint stays one."""
    found = parse_complaint(the_mail(a_complaint(REQUIRED + fields)))
    assert found is not None
    assert found.is_abuse, reason


def test_the_first_recipient_is_told_if_there_are_several() -> None:
    """Section 3.3: Original-Rcpt-To may be repeated; ours have one."""
    fields = "Original-Rcpt-To: rita@town.example\nOriginal-Rcpt-To: x@y.example\n"
    found = parse_complaint(the_mail(a_complaint(REQUIRED + fields)))
    assert found is not None
    assert found.original_recipient == "rita@town.example"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("fraud", "section 7.3"),
        ("virus", "section 7.3"),
        ("other", "section 7.3"),
        ("not-spam", "RFC 6430: she wants it"),
        ("auth-failure", "RFC 6591: about a forger"),
        ("dmarc", "no type at all"),
    ],
)
def test_all_other_types_are_no_abuse(kind: str, reason: str) -> None:
    """Only "abuse" is somebody who wants no more of our mail."""
    fields = REQUIRED.replace("abuse", kind)
    found = parse_complaint(the_mail(a_complaint(fields)))
    assert found is not None
    assert found.feedback_type == kind
    assert not found.is_abuse, reason
