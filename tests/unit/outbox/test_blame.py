"""Whose fault is a refusal? Rows of replies, and what they lead to."""

from __future__ import annotations

import pytest

from mailer.outbox.blame import RUN_FACTOR, About, Judge, about
from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from mailer.transport.replies import reply

TAKEN = Outcome(Verdict.ACCEPTED, SmtpReply(250, "taken"))
LATER = Outcome(Verdict.DEFERRED, SmtpReply(451, "later", "4.7.1"))


def refused(text: str, code: int = 550) -> Outcome:
    """Return a refusal in the server's *text*."""
    return Outcome(Verdict.REFUSED, reply(code, text))


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("5.7.26 This mail is unauthenticated", About.US),
        ("5.7.23 SPF validation failed", About.US),
        ("5.7.25 reverse DNS validation failed", About.US),
        ("5.7.515 Access denied, sending domain does not pass", About.US),
        ("5.7.606 Access denied, banned sending IP", About.US),
        ("5.1.8 Bad sender's system address", About.US),
        ("5.1.1 No such user", About.PERSON),
        ("5.2.2 Mailbox full", About.PERSON),
        ("5.7.13 Account disabled", About.PERSON),
        ("5.7.17 Mailbox owner has changed", About.PERSON),
        ("5.7.1 Delivery not authorized", About.UNCLEAR),
        ("rejected for policy reasons", About.UNCLEAR),
    ],
)
def test_who_is_meant(text: str, whose: About) -> None:
    """The enhanced code decides; without one nothing is certain."""
    assert about(reply(550, text)) is whose


def test_a_refusal_that_names_us_is_enough() -> None:
    """One broken signature is broken for everybody: no second person is tried."""
    alarm = Judge(3).heard(7, "gmail.com", refused("5.7.26 unauthenticated"))
    assert alarm is not None
    assert alarm.provider == "gmail"
    assert alarm.deliveries == (7,)
    assert "gmail" in alarm.reason
    assert "unauthenticated" in alarm.reason


def test_a_letter_that_is_too_big_is_nobodys_fault() -> None:
    """Our relay's limit, in its words or in ours, before or after the content."""
    ours = Outcome(
        Verdict.REFUSED, SmtpReply(None, "die Nachricht hat 9 Byte", "5.3.4")
    )
    for outcome in (ours, refused("5.3.4 Message size exceeds fixed limit", 552)):
        alarm = Judge(3).heard(7, "gmx.de", outcome)
        assert alarm is not None
        assert alarm.is_about_letter
        assert alarm.deliveries == (7,)
        assert "None" not in alarm.reason
    assert Judge(3).heard(7, "gmx.de", refused("5.2.3 too big for her", 552)) is None


def test_the_same_words_to_three_people_are_about_us() -> None:
    """Addresses, numbers and ids in the reply do not hide that it is the same."""
    judge = Judge(3)
    heard = [
        judge.heard(number, domain, refused(f"5.7.1 <{who}> blocked, ref {number}77"))
        for number, domain, who in (
            (1, "gmx.de", "rita@gmx.example"),
            (2, "web.de", "max@web.example"),
            (3, "gmx.net", "eva@gmx.example"),
        )
    ]
    assert heard[:2] == [None, None]
    assert heard[2] is not None
    assert heard[2].provider == "gmx"
    assert heard[2].deliveries == (1, 2, 3)


def test_other_words_or_an_acceptance_end_a_row() -> None:
    """Whoever takes a letter in between does not refuse us as such."""
    judge = Judge(2)
    assert judge.heard(1, "post.example", refused("no, thanks")) is None
    assert judge.heard(2, "post.example", TAKEN) is None
    assert judge.heard(3, "post.example", refused("no, thanks")) is None
    assert judge.heard(4, "post.example", refused("go away")) is None


def test_a_deferral_ends_no_row() -> None:
    """The word "later" says nothing about "never"."""
    judge = Judge(2)
    judge.heard(1, "post.example", refused("blocked"))
    judge.heard(2, "post.example", LATER)
    assert judge.heard(3, "post.example", refused("blocked")) is not None


def test_providers_are_counted_apart() -> None:
    """What one of them says is no row with what another one says."""
    judge = Judge(2)
    assert judge.heard(1, "gmx.de", refused("blocked")) is None
    assert judge.heard(2, "t-online.de", refused("blocked")) is None


def test_three_providers_do_not_refuse_in_the_same_words_by_chance() -> None:
    """It is our own relay that speaks, and nobody has to be refused twelve times."""
    judge = Judge(3)
    addresses = ("gmx.de", "t-online.de", "ort.example")
    heard = [
        judge.heard(number, domain, refused(f"5.7.1 <x@{domain}>: relaying denied"))
        for number, domain in enumerate(addresses)
    ]
    assert heard[:2] == [None, None]
    assert heard[2] is not None
    assert heard[2].provider is None
    assert heard[2].deliveries == (0, 1, 2)
    on_its_way = judge.heard(3, "gmx.de", refused("5.7.1 relaying denied"))
    assert on_its_way is not None
    assert (on_its_way.provider, on_its_way.deliveries) == (None, (3,))


@pytest.mark.parametrize("between", [TAKEN, refused("5.1.1 unknown")])
def test_the_same_words_here_and_there_are_no_row(between: Outcome) -> None:
    """Whoever takes a letter, or minds a mailbox, takes letters from us."""
    judge = Judge(3)
    for number, domain in enumerate(("gmx.de", "t-online.de", "ort.example")):
        assert judge.heard(number, domain, refused("blocked")) is None
        assert judge.heard(number + 7, "firma.example", between) is None


def test_what_was_on_its_way_when_the_row_was_full_is_taken_back_too() -> None:
    """Several lanes go on for a moment; nobody is left out for that."""
    judge = Judge(2)
    judge.heard(1, "gmx.de", refused("blocked"))
    assert judge.heard(2, "gmx.de", refused("blocked")) is not None
    more = judge.heard(3, "gmx.de", refused("other words"))
    assert more is not None
    assert more.deliveries == (3,)
    assert judge.heard(4, "gmx.de", TAKEN) is None
    assert judge.heard(5, "gmx.de", refused("blocked")) is None


def test_dead_addresses_in_a_row_accuse_nobody() -> None:
    """Three people who have moved away are three people."""
    judge = Judge(2)
    for number in range(5):
        unknown = refused("5.1.1 unknown")
        assert judge.heard(number, "firma.example", unknown) is None


def test_a_relay_that_takes_nothing_stops_the_run() -> None:
    """After many refusals in a row, of whomever, the server is not asked further."""
    judge = Judge(3)
    many = 3 * RUN_FACTOR
    alarms = [
        judge.heard(number, f"ort{number}.example", refused("5.1.1 unknown"))
        for number in range(many)
    ]
    assert alarms[:-1] == [None] * (many - 1)
    assert alarms[-1] is not None
    assert alarms[-1].provider is None
    assert len(alarms[-1].deliveries) == many


def test_our_own_words_accuse_nobody() -> None:
    """A letter that is too large for the server is no refusal of a server."""
    own = Outcome(Verdict.REFUSED, SmtpReply(None, "die Nachricht ist zu groß"))
    judge = Judge(1)
    assert judge.heard(1, "gmx.de", own) is None
