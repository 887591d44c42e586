"""What comes back: who rests, who does not, and what a complaint ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.inbound.desk import Effect
from mailer.inbound.kinds import Classified, Kind
from mailer.outbox import ledger
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.states import DeliveryState
from mailer.rendering.parcel import Outcome, Verdict
from mailer.settings.model import OnHardBounce
from subscribers import audience, mailboxes, suppression
from subscribers.address import EmailAddress
from subscribers.models import SuppressionReason
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.incoming import (
    EGON,
    INBOX,
    Post,
    a_mail,
    a_post,
    egon_is_with_us,
    plain,
    state,
)

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

HUMAN = Classified(Kind.HUMAN, "human.test", "Es ist eine Frage.")

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def post(settings: Settings, clock: FixedClock, database: Database) -> Post:
    """The network's post office."""
    return a_post(settings, clock, database)


def a_letter(post: Post, occasion: str = "edition/1") -> Delivery:
    """Send a letter to everybody and have it accepted; return Egon's delivery."""
    now = post.clock.now()
    with post.database.transaction() as db:
        letter = FrozenLetter(
            occasion=occasion,
            style=LetterStyle.STANDARD,
            subject="s",
            text="t",
            html="<p>h</p>",
            dated_at=now,
        )
        db.add(letter)
        db.flush()
        ledger.enqueue(
            db,
            ledger.Occasion(occasion, Topic.INVITATIONS, None),
            audience.recipients(db, Topic.INVITATIONS),
            new_message_id=post.desk.press.new_message_id,
            now=now,
        )
    accept(post)
    with post.database.reading() as db:
        return db.scalars(
            sa.select(Delivery).where(Delivery.occasion == occasion)
        ).one()


def accept(post: Post) -> None:
    """Let a server take all that is owed."""
    lease = timedelta(minutes=20)
    now = post.clock.now()
    with post.database.transaction() as db:
        claims = ledger.claim(db, worker="A", limit=9, lease=lease, now=now)
        ledger.mark(db.connection(), claims, worker="A", now=now)
        taken = Outcome(Verdict.ACCEPTED)
        endings = [ledger.Ending(one, taken, now, lease) for one in claims]
        ledger.record(db.connection(), endings, worker="A", now=now)


def bounce(delivery: Delivery, status: str = "5.1.1", number: int = 1) -> bytes:
    """Return a report after the standard."""
    return "\r\n".join(
        [
            "Return-Path: <>",
            "From: MAILER-DAEMON@relay.example",
            f"To: {INBOX.text}",
            f"Subject: Undelivered Mail {number}",
            f"Message-ID: <report{number}.{delivery.id}@relay.example>",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "Sorry.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; relay.example",
            "",
            f"Final-Recipient: rfc822; {EGON}",
            "Action: failed",
            f"Status: {status}",
            f"Diagnostic-Code: smtp; 550 {status} not today",
            "",
            "--b",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {delivery.message_id}",
            f"To: {EGON}",
            "",
            "--b--",
            "",
        ]
    ).encode()


def a_report(severity: str, delivery: Delivery) -> Classified:
    """Return what the classifier says of a report."""
    return Classified(
        Kind.REPORT,
        "report.test",
        "Der Server kennt das Postfach nicht.",
        severity=severity,
        addresses=(EGON,),
        delivery=delivery.message_id,
    )


def reasons(post: Post) -> list[SuppressionReason]:
    """Return why Egon's mailbox is suppressed."""
    with post.database.reading() as db:
        mailbox = mailboxes.get(db, EmailAddress.parse(EGON))
        held = suppression.holding(db, mailbox.fingerprint or "")
        return [row.reason for row in held]


def delivery_state(post: Post, delivery: Delivery) -> DeliveryState:
    """Return where a delivery stands now."""
    with post.database.reading() as db:
        return db.get_one(Delivery, delivery.id).state


@both
def test_a_clear_report_rests_the_letters(post: Post) -> None:
    """5.1.1 at once: the consent stands, the ledger knows, the coordinator is told."""
    egon_is_with_us(post)
    delivery = a_letter(post)
    assert post.take(bounce(delivery), a_report("hard", delivery)) == Effect.RESTS

    assert delivery_state(post, delivery) is DeliveryState.BOUNCED
    assert reasons(post) == [SuppressionReason.DEAD]
    assert state(post) is SubscriptionState.ACTIVE
    (told,) = post.send()
    assert told["To"].endswith("k_sommer@aschersleben.de")
    assert f"Briefe an {EGON} ruhen jetzt" in plain(told)
    with post.database.reading() as db:
        assert list(audience.recipients(db, Topic.INVITATIONS)) == []


def test_a_real_report_is_understood(post: Post) -> None:
    """The same, with the classifier itself."""
    egon_is_with_us(post)
    delivery = a_letter(post)
    with post.database.transaction() as db:
        row = db.get_one(Delivery, delivery.id)
        domain = post.application.settings.sender.address.domain
        assert row.message_id.endswith(f"@{domain}>")
    assert post.take(bounce(delivery)) == Effect.RESTS


def test_an_unclear_report_needs_a_second(post: Post) -> None:
    """Of another letter; the same report twice is one."""
    egon_is_with_us(post)
    first = a_letter(post, "edition/1")
    report = a_report("hard", first)
    assert post.take(bounce(first, "5.4.1", 1), report) == Effect.COUNTED
    assert post.take(bounce(first, "5.4.1", 2), report) == Effect.NOTED
    assert reasons(post) == []
    second = a_letter(post, "edition/2")
    told = post.take(bounce(second, "5.4.1"), a_report("hard", second))
    assert told == Effect.RESTS


def test_a_setting_asks_for_a_second_even_if_it_is_clear(post: Post) -> None:
    """``on_hard_bounce = "confirm"``."""
    known = post.application.settings
    policy = replace(known.policy, on_hard_bounce=OnHardBounce.CONFIRM)
    careful = Application(replace(known, policy=policy), post.clock)
    careful.unchecked_database = post.database
    careful_post = Post(careful, post.clock, [])
    egon_is_with_us(post)
    delivery = a_letter(careful_post)
    told = careful_post.take(bounce(delivery), a_report("hard", delivery))
    assert told == Effect.COUNTED


def test_a_full_mailbox_has_weeks(post: Post) -> None:
    """Five letters over thirty days, not one less and not one day."""
    egon_is_with_us(post)
    told = []
    for number in range(1, 7):
        delivery = a_letter(post, f"edition/{number}")
        told.append(post.take(bounce(delivery, "5.2.2"), a_report("soft", delivery)))
        post.clock.moment += timedelta(days=7)
    assert told == [*[Effect.COUNTED] * 5, Effect.RESTS]
    assert reasons(post) == [SuppressionReason.FULL]


@pytest.mark.parametrize("severity", ["policy", "delayed", "none"])
def test_what_is_not_her_fault_counts_against_nobody(post: Post, severity: str) -> None:
    """However often it happens."""
    egon_is_with_us(post)
    delivery = a_letter(post, "edition/0")
    for number in range(1, 9):
        delivery = a_letter(post, f"edition/{number}")
        report = a_report(severity, delivery)
        assert post.take(bounce(delivery, "5.7.1"), report) == Effect.NOTED
        post.clock.moment += timedelta(days=14)
    assert reasons(post) == []
    bounced = delivery_state(post, delivery) is DeliveryState.BOUNCED
    assert bounced is (severity == "policy")


def test_an_old_report_cannot_hurt_a_mailbox_that_works(post: Post) -> None:
    """A later letter was accepted and did not come back."""
    egon_is_with_us(post)
    old = a_letter(post, "edition/1")
    post.clock.moment += timedelta(days=14)
    a_letter(post, "edition/2")
    post.clock.moment += timedelta(days=2)
    assert post.take(bounce(old), a_report("hard", old)) == Effect.OUTDATED
    assert reasons(post) == []


def test_who_writes_has_a_mailbox_that_works(post: Post) -> None:
    """Her mail after the letter proves it; a rest ends with it."""
    egon_is_with_us(post)
    delivery = a_letter(post)
    post.take(bounce(delivery), a_report("hard", delivery))
    assert reasons(post) == [SuppressionReason.DEAD]
    post.clock.moment += timedelta(hours=1)
    post.take(a_mail(body="Was ist los?"), HUMAN)
    assert reasons(post) == []

    late = a_letter(post, "edition/2")
    post.clock.moment += timedelta(hours=1)
    post.take(a_mail(body="Danke"), HUMAN)
    assert post.take(bounce(late), a_report("hard", late)) == Effect.OUTDATED


def test_a_report_about_nothing_of_ours_is_noted(post: Post) -> None:
    """No address in a report is enough to act on."""
    egon_is_with_us(post)
    delivery = a_letter(post)
    unknown = replace(a_report("hard", delivery), delivery="<fremd@post.example>")
    assert post.take(bounce(delivery), unknown) == Effect.NOTED
    nothing = replace(unknown, delivery=None)
    assert post.take(bounce(delivery, number=2), nothing) == Effect.NOTED
    assert reasons(post) == []


def complaint(delivery: Delivery, feedback: str) -> bytes:
    """Return a feedback report."""
    return "\r\n".join(
        [
            "From: fbl@anbieter.example",
            f"To: {INBOX.text}",
            f"Message-ID: <{feedback}@anbieter.example>",
            "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "Complaint.",
            "--b",
            "Content-Type: message/feedback-report",
            "",
            f"Feedback-Type: {feedback}",
            "User-Agent: Anbieter/1",
            "Version: 1",
            "",
            "--b",
            "Content-Type: message/rfc822",
            "",
            f"Message-ID: {delivery.message_id}",
            f"To: {EGON}",
            "",
            "--b--",
            "",
        ]
    ).encode()


def test_a_complaint_ends_everything_without_a_word(post: Post) -> None:
    """Of the type "abuse" alone: ended, suppressed, no letter."""
    egon_is_with_us(post)
    delivery = a_letter(post)
    for harmless in ("not-spam", "auth-failure"):
        assert post.take(complaint(delivery, harmless)) == Effect.NOTED
    assert state(post) is SubscriptionState.ACTIVE

    assert post.take(complaint(delivery, "abuse")) == Effect.COMPLAINED
    assert state(post) is SubscriptionState.ENDED
    assert reasons(post) == [SuppressionReason.COMPLAINT]
    assert post.send() == []
