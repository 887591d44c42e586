"""Faults that need more than one letter, or more than a server: where they happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Elsewhere:
    """A fault with a test of its own.

    Attributes:
        name: What goes wrong, with its number if it has one.
        outcome: What comes of it.
        because: Why this is right: the end of a sentence.
        test: "path::function".
    """

    name: str
    outcome: str
    because: str
    test: str


ELSEWHERE: Final = (
    Elsewhere(
        "48 hangs up while idle",
        "accepted",
        "a warm connection may end at any time: the letter is begun anew on another",
        "tests/unit/transport/test_smtp.py"
        "::test_a_connection_that_died_while_idle_is_replaced",
    ),
    Elsewhere(
        "53 takes so many letters on a connection and no more",
        "accepted",
        "its 421 at MAIL costs nothing: the letter is begun anew on another",
        "tests/unit/transport/test_smtp.py"
        "::test_a_connection_that_died_while_idle_is_replaced",
    ),
    Elsewhere(
        "55 a line with a single dot, or bare line ends, in the text",
        "accepted, or nothing is sent",
        "dots are doubled; bare line ends would smuggle in a second message",
        "tests/standards/test_rfc5321_content.py::test_any_text_arrives_as_it_is",
    ),
    Elsewhere(
        "56 line breaks or a second address in a recipient",
        "refused",
        "it never reaches the wire: a lenient line would mail somebody else",
        "tests/unit/transport/test_smtp.py"
        "::test_an_address_that_is_none_never_reaches_the_wire",
    ),
    Elsewhere(
        "breaks down at the names of three people in a row",
        "`TransportBusy` or `ConnectionFailed`",
        "so many names cannot be the cause: it is about the server, and the run ends",
        "tests/unit/transport/test_smtp.py"
        "::test_breaking_down_at_one_name_is_about_that_name",
    ),
    Elsewhere(
        "answers RCPT with 550 5.7.x, whoever it is",
        "pause",
        "that is about us: nobody is disabled, and a person is told",
        "tests/unit/outbox/test_blame.py::test_a_refusal_that_names_us_is_enough",
    ),
    Elsewhere(
        "offers a SIZE that is smaller than an invitation",
        "pause",
        "its limit is our trouble: the letter waits, and all else goes on",
        "tests/flows/test_bad_input.py"
        "::test_a_relay_that_is_too_small_for_a_letter_accuses_nobody",
    ),
    Elsewhere(
        "gives all people of a provider the same refusal",
        "pause",
        "so many mailboxes do not vanish at once: the provider means us",
        "tests/unit/outbox/test_blame.py"
        "::test_the_same_words_to_three_people_are_about_us",
    ),
    Elsewhere(
        "takes everything, and sends reports later",
        "bounced",
        "250 was its word; the report names the letter, and the ledger learns of it",
        "tests/unit/inbound/test_bounces.py::test_a_clear_report_rests_the_letters",
    ),
)
