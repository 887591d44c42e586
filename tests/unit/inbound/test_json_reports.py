"""Notices in JSON, as Amazon's mail service sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailer.inbound.delivery_report import parse_report
from mailer.inbound.diagnostics import Severity
from tests.reports import the_mail

GONE = {
    "emailAddress": "rita@town.example",
    "action": "failed",
    "status": "5.1.1",
    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
}


def a_notice(
    *recipients: Any, kind: str = "Bounce", lasting: str = "Permanent"
) -> dict[str, Any]:
    """Return a notice about *recipients*."""
    bounce = {"bounceType": lasting, "bouncedRecipients": list(recipients)}
    return {"notificationType": kind, "bounce": bounce, "mail": {}}


def a_letter(text: str) -> bytes:
    """Return a mail with *text*, with the footer that follows each notice."""
    head = "From: no-reply@notices.example\nSubject: Notification Message\n\n"
    return f"{head}{text}\n\n--\nIf you wish to stop, click here.\n".encode()


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_a_notice_says_whom_it_means_and_what(is_wrapped: bool) -> None:
    """Also if it stands as a text in another notice."""
    told: dict[str, Any] = a_notice(GONE)
    if is_wrapped:
        told = {"Type": "Notification", "Message": json.dumps(told)}
    report = parse_report(the_mail(a_letter(json.dumps(told))))
    assert report is not None
    assert report.form == "amazon"
    (rita,) = report.recipients
    assert (rita.address, rita.severity) == ("rita@town.example", Severity.HARD)


def test_a_passing_trouble_is_not_the_end() -> None:
    """It says so instead of an action."""
    notice = a_notice({"emailAddress": "rita@town.example"}, lasting="Transient")
    report = parse_report(the_mail(a_letter(json.dumps(notice))))
    assert report is not None
    assert report.severity is Severity.DELAYED


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(a_notice(GONE, kind="Complaint")),
        json.dumps(a_notice()),
        json.dumps(a_notice("rita@town.example", {"emailAddress": 3})),
        json.dumps({"notificationType": "Bounce", "bounce": "yes"}),
        json.dumps({"notificationType": "Bounce", "bounce": {"bouncedRecipients": 3}}),
        json.dumps({"Message": "{"}),
        "{",
        '{"Message": ' * 5_000,
        f"See what came: {json.dumps(a_notice(GONE))}",
    ],
)
def test_what_is_no_notice_is_none(text: str) -> None:
    """Somebody's own words, other notices, broken and hostile ones."""
    assert parse_report(the_mail(a_letter(text))) is None
