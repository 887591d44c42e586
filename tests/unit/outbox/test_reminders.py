"""Who wants no reminders gets none, not even one that stands in the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.outbox import reminders
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.states import DeliveryState
from subscribers import subscription
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.conftest import PRESENT
from tests.factories import a_meeting, a_subscriber

if TYPE_CHECKING:
    from subscribers.database import Db
    from subscribers.models import Mailbox

S = DeliveryState

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def owe(db: Db, kind: EditionKind, *readers: Mailbox) -> list[Delivery]:
    """Owe a letter of *kind* to each of *readers*."""
    edition = Edition(
        kind=kind,
        about=f"meeting/{kind}",
        meeting=a_meeting(db),
        state=EditionState.ISSUED,
        created_at=PRESENT,
    )
    db.add(edition)
    db.flush()
    occasion = edition.occasion
    db.add(
        FrozenLetter(
            occasion=occasion, style=LetterStyle.STANDARD, subject="s", text="t",
            html="h", dated_at=PRESENT,
        )
    )  # fmt: skip
    db.flush()
    rows = [
        Delivery(
            occasion=occasion,
            mailbox_id=one.id,
            topic=Topic.INVITATIONS,
            style=LetterStyle.STANDARD,
            state=S.QUEUED,
            message_id=f"<{occasion}.{one.id}@mia.example>",
            created_at=PRESENT,
            changed_at=PRESENT,
        )
        for one in readers
    ]
    db.add_all(rows)
    db.flush()
    return rows


@both
def test_no_reminder_leaves_any_more(db: Db) -> None:
    """Hers is skipped with the reason; her invitation and others' reminders go on."""
    rita, max_ = a_subscriber(db).mailbox, a_subscriber(db).mailbox
    hers, his = owe(db, EditionKind.REMINDER, rita, max_)
    (invitation,) = owe(db, EditionKind.INVITATION, rita)

    assert reminders.choose(db, rita, reminds=False, now=PRESENT)

    for row in (hers, his, invitation):
        db.refresh(row)
    assert (hers.state, hers.reason) == (S.SKIPPED, reminders.NOT_WANTED)
    assert his.state is S.QUEUED
    assert invitation.state is S.QUEUED
    wish = subscription.find(db, rita, Topic.INVITATIONS)
    assert wish is not None
    assert wish.reminds is False


def test_wanting_them_again_skips_nothing(db: Db) -> None:
    """What waits to leave is what she wants."""
    rita = a_subscriber(db).mailbox
    (hers,) = owe(db, EditionKind.REMINDER, rita)
    assert reminders.choose(db, rita, reminds=True, now=PRESENT)
    db.refresh(hers)
    assert hers.state is S.QUEUED


def test_who_is_not_invited_has_no_choice(db: Db) -> None:
    """The caller is told, so that nobody hears of a change that was none."""
    gone = a_subscriber(db, state=SubscriptionState.ENDED).mailbox
    assert not reminders.choose(db, gone, reminds=False, now=PRESENT)
