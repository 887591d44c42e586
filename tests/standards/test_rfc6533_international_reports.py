"""RFC 6533: reports about addresses with letters beyond ASCII."""

from __future__ import annotations

import pytest

from mailer.inbound import status_fields
from mailer.inbound.delivery_report import parse_report
from tests.reports import OUR_ID, a_report, the_report


@pytest.mark.parametrize(
    ("field", "address", "reason"),
    [
        (r"utf-8; j\x{FC}rgen@town.example", "jürgen@town.example", "escaped"),
        (r"utf-8; j\x{00FC}rgen@town.example", "jürgen@town.example", "with zeros"),
        ("utf-8; jürgen@town.example", "jürgen@town.example", "as it is"),
        (r"UTF-8;\x{1F600}@town.example", "😀@town.example", "five digits"),
        (r"rfc822; j\x{FC}rgen", r"j\x{FC}rgen", "another type has no escapes"),
        (r"utf-8; \x{D800}x", r"\x{D800}x", "half a character is none"),
        (r"utf-8; \x{110000}x", r"\x{110000}x", "beyond the last character"),
        (r"utf-8; \x{00}x", r"\x{00}x", "NUL, which no database takes"),
        (r"utf-8; \x{}x", r"\x{}x", "no number"),
    ],
)
def test_an_address_of_type_utf8_is_unescaped(
    field: str, address: str, reason: str
) -> None:
    r"""Section 3: what is not printable ASCII is written as \x{HEX}."""
    assert status_fields.address(field) == address, reason


def test_a_global_report_is_read_like_any_other() -> None:
    """Section 4: message/global-delivery-status and message/global-headers."""
    found = parse_report(the_report("international-address"))
    assert found is not None
    assert found.form == "rfc3464"
    assert found.recipients[0].address == "jürgen@verein.example"
    assert found.original_message_id == OUR_ID


def test_letters_beyond_ascii_may_stand_in_all_fields() -> None:
    """Section 4: the part is UTF-8."""
    found = parse_report(
        a_report(
            "Final-Recipient: utf-8; jürgen@town.example\nAction: failed\n"
            "Status: 5.1.1\nDiagnostic-Code: smtp; 550 Empfänger unbekannt\n",
            status_type="message/global-delivery-status",
        )
    )
    assert found is not None
    assert found.recipients[0].diagnostic == "550 Empfänger unbekannt"
