"""RFC 3464: the part for machines of a delivery report, and what servers make of it."""

from __future__ import annotations

import pytest

from mailer.inbound import status_fields
from mailer.inbound.delivery_report import parse_report
from mailer.inbound.diagnostics import Severity
from tests.reports import a_report

ONE = "Final-Recipient: rfc822; rita@town.example\n"


@pytest.mark.parametrize(
    ("action", "severity", "reason"),
    [
        ("failed", Severity.HARD, "judged by its Status"),
        ("Failed", Severity.HARD, "the value is not case-sensitive"),
        ("failed (given up)", Severity.HARD, "a comment"),
        ("delayed", Severity.DELAYED, "only failed counts"),
        ("delivered", Severity.NONE, "good news"),
        ("relayed", Severity.NONE, "good news"),
        ("expanded", Severity.NONE, "good news"),
        ("error", Severity.HARD, "no action of the standard: the Status speaks"),
    ],
)
def test_only_a_failure_counts(action: str, severity: Severity, reason: str) -> None:
    """Section 2.3.3: five actions."""
    report = parse_report(a_report(f"{ONE}Action: {action}\nStatus: 5.1.1\n"))
    assert report is not None
    assert report.severity is severity, reason


def test_a_report_without_an_action_goes_by_its_status() -> None:
    """Section 2.3.3 demands one; some servers forget it."""
    told = {"5.1.1": Severity.HARD, "4.4.1": Severity.DELAYED, "2.0.0": Severity.NONE}
    for status, severity in told.items():
        report = parse_report(a_report(f"{ONE}Status: {status}\n"))
        assert report is not None
        assert report.severity is severity


def test_the_fields_of_a_recipient_are_kept() -> None:
    """Sections 2.2.1, 2.3.1, 2.3.2, 2.3.4 and 2.3.6."""
    report = parse_report(
        a_report(
            "Original-Envelope-Id: qq17\nReporting-MTA: dns; mx.example\n\n"
            "Original-Recipient: rfc822; rita@town.example\n"
            "Final-Recipient: RFC822; rita@new.example\n"
            "Action: failed\nStatus: 5.1.1 (bad mailbox)\n"
            "Remote-MTA: dns; mx.new.example\n"
            "Diagnostic-Code: smtp; 550 5.1.1\n User unknown\n"
        )
    )
    assert report is not None
    assert report.envelope_id == "qq17"
    (one,) = report.recipients
    assert (one.original, one.address) == ("rita@town.example", "rita@new.example")
    assert (one.action, one.status) == ("failed", "5.1.1")
    assert one.diagnostic == "550 5.1.1 User unknown"


TWO = "Final-Recipient: rfc822; egon@town.example\n"


@pytest.mark.parametrize(
    ("fields", "expected", "reason"),
    [
        (
            f"Reporting-MTA: dns; mx\n\n{ONE}Action: failed\n\n{TWO}Action: failed\n",
            [set(), {"action"}, {"action"}],
            "section 2.1: blank lines between groups",
        ),
        (
            f"{ONE}Action: failed\n{TWO}Action: failed\n",
            [{"action"}, {"action"}],
            "the blank line is missing",
        ),
        (
            f"{ONE}\nAction: failed\n\n{TWO}\nAction: failed\n",
            [{"action"}, {"action"}],
            "a blank line inside a group",
        ),
        (
            f"\n\n\n{ONE}Action: failed\n\n\n\n",
            [{"action"}],
            "more blank lines than needed",
        ),
        (
            f"{ONE}Action: failed\nDiagnostic-Code: smtp; 550 no\nsuch user\n",
            [{"action", "diagnostic-code"}],
            "a long line broken without a space",
        ),
        ("", [], "nothing at all"),
        ("no fields here\n: nor here\n", [], "nothing that is a field"),
    ],
)
def test_groups_are_found_where_servers_break_the_rules(
    fields: str, expected: list[set[str]], reason: str
) -> None:
    """Section 2.1: one group for the message, then one for each recipient."""
    found = [set(group) for group in status_fields.groups(fields)]
    assert len(found) == len(expected), reason
    for names, wanted in zip(found, expected, strict=True):
        assert wanted <= names, reason


def test_a_broken_line_belongs_to_the_field_before() -> None:
    """A diagnostic of two lines is one reason."""
    (group,) = status_fields.groups(
        f"{ONE}Diagnostic-Code: smtp; 550 no\nsuch user\n\tat all\n"
    )
    assert group["diagnostic-code"] == "smtp; 550 no such user at all"


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("rfc822; rita@town.example", "rita@town.example"),
        ("rfc822;<rita@town.example>", "rita@town.example"),
        ("RFC822 ; Rita@Town.example", "Rita@Town.example"),
        ("rita@town.example", "rita@town.example"),
        ("rfc822; rita", "rita"),
        ("x400; /S=rita/C=DE/", "/S=rita/C=DE/"),
        ("", ""),
    ],
)
def test_an_address_has_a_type_that_does_not_belong_to_it(
    field: str, address: str
) -> None:
    """Section 2.1.2: "address-type; address"."""
    assert status_fields.address(field) == address


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("smtp; 550 no", "550 no"),
        ("X-Postfix; unknown; user", "unknown; user"),
        ("550 no; such user", "550 no; such user"),
        ("", ""),
    ],
)
def test_a_diagnostic_has_a_type_that_does_not_belong_to_it(
    field: str, words: str
) -> None:
    """Section 2.3.6; some servers leave it out."""
    assert status_fields.typed_text(field) == words
