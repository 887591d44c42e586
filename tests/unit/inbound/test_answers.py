"""Who may be answered by a program, and what such an answer looks like."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.inbound.answers import may_answer
from mailer.inbound.kinds import CommandKind
from mailer.inbound.reading import Message, read
from subscribers.topics import LetterStyle
from tests.factories import a_mailbox, a_subscriber
from tests.incoming import INBOX, Post, a_command, a_mail, a_post, plain

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

OURS = frozenset({INBOX.canonical})
HELP = a_command(CommandKind.HELP)


@pytest.fixture
def post(settings: Settings, clock: FixedClock, database: Database) -> Post:
    """The network's post office."""
    return a_post(settings, clock, database)


def is_answered(content: bytes) -> bool:
    """Tell whether a mail may be answered."""
    message = read(content)
    assert isinstance(message, Message)
    return may_answer(message, OURS)


@pytest.mark.parametrize(
    "content",
    [
        a_mail(),
        a_mail(Auto_Submitted="no"),
        a_mail(Auto_Submitted=" No "),
        a_mail(Precedence="first-class"),
        a_mail(X_Spam_Flag="NO"),
    ],
)
def test_people_are_answered(content: bytes) -> None:
    """Nothing says that a program wrote."""
    assert is_answered(content)


@pytest.mark.parametrize(
    "content",
    [
        a_mail(Auto_Submitted="auto-replied"),
        a_mail(Auto_Submitted="auto-generated; x=y"),
        a_mail(Auto_Submitted="AUTO-NOTIFIED"),
        a_mail(Auto_Submitted="yes"),
        a_mail(return_path=""),
        a_mail("MAILER-DAEMON@post.example"),
        a_mail("postmaster@post.example"),
        a_mail("noreply@post.example"),
        a_mail("no-reply@post.example"),
        a_mail("owner-liste@post.example"),
        a_mail("liste-request@post.example"),
        a_mail("liste-bounces@post.example"),
        a_mail(return_path="bounces+1@post.example"),
        a_mail(Precedence="bulk"),
        a_mail(Precedence="List"),
        a_mail(Precedence="junk"),
        a_mail(List_Id="<liste.post.example>"),
        a_mail(List_Unsubscribe="<mailto:weg@post.example>"),
        a_mail(X_Auto_Response_Suppress="OOF, AutoReply"),
        a_mail(X_Auto_Response_Suppress="All"),
        a_mail(X_Spam_Flag="YES"),
        a_mail(INBOX.text),
        a_mail(return_path=INBOX.text.upper()),
        a_mail(""),
    ],
    ids=str,
)
def test_machines_lists_and_ourselves_are_not(content: bytes) -> None:
    """RFC 3834, section 2, sign by sign."""
    assert not is_answered(content)


def test_an_answer_says_that_it_is_one(post: Post) -> None:
    """To the return path, in the talk, null return path, nothing quoted."""
    content = a_mail(
        body="Geheime Worte. Hilfe",
        return_path="egon+rueck@post.example",
        Message_ID="<frage@post.example>",
        References="<alt@post.example>",
    )
    assert post.take(content, HELP) == "helped"

    (message,) = post.send()

    assert message["To"] == "egon+rueck@post.example"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["In-Reply-To"] == "<frage@post.example>"
    assert message["References"] == "<alt@post.example> <frage@post.example>"
    assert message["Precedence"] is None
    assert not [name for name in message if name.lower().startswith("list-")]
    assert "Geheime Worte" not in message.as_string()
    assert "03473 958-111" in plain(message)
    assert message["Reply-To"] == INBOX.text
    assert post.sent[0].wants_no_report


def test_one_answer_of_a_kind_a_day(post: Post) -> None:
    """The second mail of the day is silent; the next day is a new one."""
    post.take(a_mail(), HELP)
    post.take(a_mail(), HELP)
    assert len(post.send()) == 1

    post.clock.moment += timedelta(days=1, minutes=1)
    post.take(a_mail(), HELP)
    assert len(post.send()) == 1


def test_answers_come_in_the_readers_style(post: Post) -> None:
    """Leichte Sprache for who chose it."""
    with post.database.transaction() as db:
        a_mailbox(db, "marco@post.example", style=LetterStyle.EASY)
    post.take(a_mail("marco@post.example"), HELP)
    (message,) = post.send()
    assert "Ein Computer hat diese Antwort geschrieben." in plain(message)
    assert "03473 95 81 11" in plain(message)


def test_an_odd_message_id_is_not_repeated(post: Post) -> None:
    """What cannot stand in a header safely is left out, and the answer still goes."""
    post.take(a_mail(Message_ID="<a b\t<c>@post.example>"), HELP)
    (message,) = post.send()
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_two_programs_exchange_one_answer_at_most(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """Our own answer, sent back to us as if from a person, is not answered."""
    post = a_post(settings, clock, database)
    post.take(a_mail("andere@netz.example"), HELP)
    (ours,) = post.send()
    content = ours.as_bytes().replace(b"k_sommer@aschersleben.de", b"mia@netz.example")
    for number in (b"1", b"2", b"3"):
        head = b"Return-Path: <mia@netz.example>\r\nX-Round: %s\r\n" % number
        post.take(head + content, HELP)
    assert post.send() == []


def test_who_complained_is_left_alone(post: Post) -> None:
    """A program writes to her no more."""
    with post.database.transaction() as db:
        a_subscriber(db, "egon@post.example")
    report = b"\r\n".join(
        [
            b"From: fbl@anbieter.example",
            b"To: mia@stadt.example",
            b"Subject: Beschwerde",
            b"MIME-Version: 1.0",
            b"Content-Type: multipart/report; report-type=feedback-report; boundary=b",
            b"",
            b"--b",
            b"Content-Type: text/plain",
            b"",
            b"Eine Beschwerde.",
            b"--b",
            b"Content-Type: message/feedback-report",
            b"",
            b"Feedback-Type: abuse",
            b"User-Agent: Anbieter/1",
            b"Version: 1",
            b"Original-Rcpt-To: <egon@post.example>",
            b"",
            b"--b--",
            b"",
        ]
    )
    assert post.take(report) == "complained"
    post.take(a_mail(), HELP)
    assert post.send() == []
