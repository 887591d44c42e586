"""Complaints: only a person who presses "spam" ends anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.inbound.complaint import Complaint, parse_complaint
from tests.reports import BOUNCES, OUR_ID, a_text, the_mail, the_report

if TYPE_CHECKING:
    from mailer.inbound.reading import Message


@pytest.mark.parametrize(
    ("name", "expected", "is_abuse", "reason"),
    [
        (
            "arf-abuse",
            Complaint(
                feedback_type="abuse",
                original_recipient="rita.wolf@provider.example",
                original_message_id=OUR_ID,
                envelope_id="QQ314159",
                mail_from="bounces@miteinander.example",
            ),
            True,
            "all fields",
        ),
        (
            "arf-abuse-redacted",
            Complaint(feedback_type="abuse", original_message_id=OUR_ID),
            True,
            "the person is hidden, our Message-ID is not",
        ),
        (
            "arf-not-spam",
            Complaint(
                feedback_type="not-spam",
                original_recipient="rita.wolf@provider.example",
                original_message_id=OUR_ID,
            ),
            False,
            "she took it out of the spam folder",
        ),
        (
            "arf-auth-failure",
            Complaint(
                feedback_type="auth-failure",
                original_recipient="rita.wolf@provider.example",
                original_message_id=OUR_ID,
                mail_from="bounces@miteinander.example",
            ),
            False,
            "somebody forges us, nobody complains",
        ),
        (
            "arf-virus",
            Complaint(
                feedback_type="virus",
                original_recipient="rita.wolf@provider.example",
                original_message_id=OUR_ID,
            ),
            False,
            "a machine complains",
        ),
        (
            "jmrp-abuse",
            Complaint(
                feedback_type="abuse",
                original_recipient="paul.jung@outlook.example",
                original_message_id=OUR_ID,
            ),
            True,
            "Outlook.com has no part for machines",
        ),
    ],
)
def test_a_complaint_says_what_is_left_of_it(
    name: str, expected: Complaint, is_abuse: bool, reason: str
) -> None:
    """What was redacted is None, and only abuse is a complaint of a person."""
    found = parse_complaint(the_report(name))
    assert found == expected, reason
    assert found.is_abuse is is_abuse


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Feedback-Type: abuse\n", "", "no type: nobody said what it is"),
        ("Feedback-Type: abuse", "Feedback-Type: other", "RFC 5965, section 7.3"),
        ("Feedback-Type: abuse", "Feedback-Type: fraud", "RFC 5965, section 7.3"),
        ("Feedback-Type: abuse", "Feedback-Type: abuse-of-x", "an unknown type"),
    ],
)
def test_another_type_is_no_abuse(old: str, new: str, reason: str) -> None:
    """A complaint that does not say abuse ends nothing."""
    found = parse_complaint(_changed("arf-abuse", old, new))
    assert found is not None, reason
    assert not found.is_abuse, reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Feedback-Type: abuse", "feedback-type:   ABUSE  ", "capitals and spaces"),
        ("Version: 1\n", "", "a field that must be there is not"),
        ("Version: 1\n", "Version: 1\n\n", "a blank line in the middle"),
        ("Version: 1", "Version: 0.1", "a version before the standard"),
        ("multipart/report; ", "multipart/report;\n ", "a folded field"),
    ],
)
def test_a_careless_complaint_counts(old: str, new: str, reason: str) -> None:
    """The standard asks for more than is needed to hear a person."""
    found = parse_complaint(_changed("arf-abuse", old, new))
    assert found is not None, reason
    assert found.is_abuse, reason
    assert found.original_message_id == OUR_ID


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        ("redacted@provider.example", "a word instead of a name"),
        ("xxxxxxxx@provider.example", "a row of x"),
        ("[redacted]", "no address at all"),
        ("user@", "half an address"),
        ("", "nothing"),
    ],
)
def test_a_hidden_recipient_is_nobody(hidden: str, reason: str) -> None:
    """An address that was made unreadable belongs to no one."""
    message = _changed("arf-abuse", "rita.wolf@provider.example", hidden)
    found = parse_complaint(message)
    assert found is not None
    assert found.original_recipient is None, reason


def test_a_person_who_forwards_a_complaint_complains_of_nothing() -> None:
    """Without multipart/report a part for machines is an attachment."""
    message = _changed("arf-abuse", "multipart/report", "multipart/mixed")
    assert parse_complaint(message) is None


def test_outlooks_form_counts_only_from_outlook() -> None:
    """Anybody can write the field into a mail and attach it."""
    message = _changed(
        "jmrp-abuse", "From: staff@hotmail.com", "From: eve@evil.example"
    )
    assert parse_complaint(message) is None


def test_a_letter_is_no_complaint() -> None:
    """Angry words are for the coordinator."""
    letter = a_text("Das ist Spam! Abuse!", sender="egon@town.example")
    assert parse_complaint(letter) is None


def _changed(name: str, old: str, new: str) -> Message:
    """Return a mail of the corpus in which something stands otherwise."""
    content = (BOUNCES / f"{name}.eml").read_text(encoding="utf-8")
    assert old in content
    return the_mail(content.replace(old, new).encode())
