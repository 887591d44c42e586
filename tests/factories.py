"""Rows for tests: plain defaults, every field overridable, invented people only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from subscribers import mailboxes, subscription
from subscribers.address import EmailAddress
from subscribers.consent import Proof
from subscribers.models import (
    ConsentChannel,
    Mailbox,
    Partner,
    PartnerContact,
    Subscriber,
    Subscription,
)
from subscribers.states import PartnerState, SubscriptionState
from subscribers.tokens import TokenKeys
from subscribers.topics import LetterStyle, Topic
from tests.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from subscribers.database import Db

KEYS: Final = TokenKeys.derive(SECRET)
"""The keys of every test, and of the program the tests start."""

ENTERED_AT: Final = datetime(2026, 1, 29, 9, 0, tzinfo=UTC)
"""When rows of these factories came in: the founding meeting, 10 o'clock."""

ON_PAPER: Final = Proof(
    channel=ConsentChannel.PAPER,
    happened_at=ENTERED_AT,
    evidence="Liste vom 29. Januar 2026, Blatt 1",
)
"""A documented consent."""

BY_HAND: Final = Proof(
    channel=ConsentChannel.OPERATOR,
    happened_at=ENTERED_AT,
    evidence="ohne Nachweis eingetragen",
)
"""An entry without proof."""

_numbers = count(1)


def a_mailbox(
    db: Db,
    address: str | None = None,
    *,
    style: LetterStyle = LetterStyle.STANDARD,
    now: datetime = ENTERED_AT,
) -> Mailbox:
    """Return a mailbox; without *address* a new one each time."""
    parsed = EmailAddress.parse(address or f"person{next(_numbers)}@post.example")
    mailbox = mailboxes.get_or_add(db, parsed, key=KEYS.fingerprint_key, now=now)
    mailbox.style = style
    return mailbox


def a_subscriber(
    db: Db,
    address: str | None = None,
    *,
    name: str | None = "Rita Beispiel",
    style: LetterStyle = LetterStyle.STANDARD,
    topics: Sequence[Topic] = (Topic.INVITATIONS,),
    state: SubscriptionState = SubscriptionState.ACTIVE,
    now: datetime = ENTERED_AT,
) -> Subscriber:
    """Return a person with a mailbox of her own and a subscription per topic."""
    mailbox = a_mailbox(db, address, style=style, now=now)
    person = Subscriber(mailbox=mailbox, name=name, created_at=now)
    db.add(person)
    for topic in topics:
        a_subscription(db, mailbox, topic, state=state, now=now)
    db.flush()
    return person


def a_subscription(
    db: Db,
    mailbox: Mailbox,
    topic: Topic = Topic.INVITATIONS,
    *,
    state: SubscriptionState = SubscriptionState.ACTIVE,
    now: datetime = ENTERED_AT,
) -> Subscription:
    """Return a subscription that came to *state* the way real ones do."""
    row = subscription.request(db, mailbox, topic, ON_PAPER, now=now)
    if state is SubscriptionState.LAPSED:
        row.state = state  # only the daemon of a later issue lets requests lapse
    elif state is not SubscriptionState.REQUESTED:
        subscription.record_consent(db, mailbox, topic, ON_PAPER, now=now)
    if state is SubscriptionState.PAUSED:
        subscription.pause(db, mailbox, topic, now=now)
    if state is SubscriptionState.ENDED:
        subscription.end(db, mailbox, topic, BY_HAND, now=now)
    db.flush()
    return row


def a_partner(
    db: Db,
    organisation: str = "Beispielhaus e. V.",
    *,
    field_of_work: str = "Beratungsstellen",
    state: PartnerState = PartnerState.ACTIVE,
    now: datetime = ENTERED_AT,
) -> Partner:
    """Return the partner *organisation*; add it if it is new."""
    known = db.scalar(sa.select(Partner).where(Partner.organisation == organisation))
    if known is not None:
        return known
    partner = Partner(
        organisation=organisation,
        field_of_work=field_of_work,
        state=state,
        created_at=now,
    )
    db.add(partner)
    db.flush()
    return partner


def a_partner_contact(
    db: Db,
    partner: Partner | None = None,
    address: str | None = None,
    *,
    name: str | None = "Hans Muster",
    role: str | None = "Leitung",
    basis: str = "Benannt im Schreiben vom 12. Januar 2026",
    style: LetterStyle = LetterStyle.STANDARD,
    topics: Sequence[Topic] = (Topic.NETWORK_UPDATES, Topic.INVITATIONS),
    left_at: datetime | None = None,
    now: datetime = ENTERED_AT,
) -> PartnerContact:
    """Return somebody who speaks for *partner*; topics already there stay."""
    mailbox = a_mailbox(db, address, style=style, now=now)
    row = PartnerContact(
        partner=partner or a_partner(db),
        mailbox=mailbox,
        name=name,
        role=role,
        basis=basis,
        since_at=now,
        left_at=left_at,
    )
    db.add(row)
    for topic in topics:
        subscription.join(db, mailbox, topic, ON_PAPER, now=now)
    db.flush()
    return row


def a_meeting(
    db: Db,
    starts_at: datetime = datetime(2026, 12, 3, 9, 0, tzinfo=UTC),
    *,
    ends_at: datetime | None = None,
    uid: str | None = None,
    series: str = "miteinander-reden",
    ruled_on: date | None = None,
    title: str = "Miteinander reden",
    venue: str = "treffpunkt",
    state: MeetingState = MeetingState.PLANNED,
    reason: str = "",
    sequence: int = 0,
    announced_at: datetime | None = None,
    now: datetime = ENTERED_AT,
) -> Meeting:
    """Return a meeting of three hours on Thursday, 3 December 2026, 10 o'clock."""
    meeting = Meeting(
        uid=uid or f"meeting-{next(_numbers)}@mia.example",
        series=series,
        ruled_on=ruled_on,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at or starts_at + timedelta(hours=3),
        venue=venue,
        state=state,
        reason=reason,
        sequence=sequence,
        announced_at=announced_at,
        created_at=now,
        changed_at=now,
    )
    db.add(meeting)
    db.flush()
    return meeting
