"""One letter to one person: in the ledger like everything else, on no list."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.outbox import ledger, recovery
from mailer.outbox.addressing import parcel_for
from mailer.outbox.letterhead import Letterhead, Occurrence
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.origins import AUTOMATIC, LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.outbox.states import DeliveryState
from mailer.rendering.letter import Letter
from mailer.rendering.places import SIGNS
from subscribers import privacy
from subscribers.tokens import confirm_token
from subscribers.topics import LetterStyle
from tests.conftest import PRESENT
from tests.factories import BY_HAND, a_mailbox

if TYPE_CHECKING:
    from mailer.outbox.ledger import Claim
    from mailer.settings import Settings
    from subscribers.database import Db
    from subscribers.models import Mailbox
    from subscribers.tokens import TokenKeys

LETTER = Letter(subject="Frage", text=f"Ja {SIGNS['confirm_token']}", html="")
LEASE = timedelta(minutes=20)

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def owe(db: Db, mailbox: Mailbox, origin: LetterOrigin) -> None:
    """Owe *mailbox* a letter."""
    posting = Posting(
        occasion="confirmation/1",
        origin=origin,
        message_id="<0123456789abcdef01234567@aschersleben.example>",
        style=LetterStyle.EASY,
        in_reply_to="<wunsch@post.example>",
        thread=("<alt@post.example>",),
    )
    post(db, mailbox, LETTER, posting, now=PRESENT)


def claim(db: Db) -> list[Claim]:
    """Claim all that is due."""
    return ledger.claim(db, worker="A", limit=9, lease=LEASE, now=PRESENT)


@both
def test_it_needs_no_consent_and_has_one_reader(db: Db) -> None:
    """Who asked for it gets it, in the style it was written in."""
    mailbox = a_mailbox(db)
    owe(db, mailbox, LetterOrigin.REPLIED)
    (claimed,) = claim(db)
    assert claimed.recipient.mailbox_id == mailbox.id
    assert claimed.style is LetterStyle.EASY
    assert ledger.mark(db.connection(), [claimed], worker="A", now=PRESENT)
    letter = db.scalars(sa.select(FrozenLetter)).one()
    assert letter.thread == "<alt@post.example>"


def test_an_erased_person_gets_nothing(db: Db) -> None:
    """Not even an answer that was on its way."""
    mailbox = a_mailbox(db)
    owe(db, mailbox, LetterOrigin.REPLIED)
    privacy.erase(db, mailbox, BY_HAND, now=PRESENT)
    assert claim(db) == []
    recovery.sweep(db, here="A", resends=True, now=PRESENT)
    assert db.scalars(sa.select(Delivery.state)).all() == [DeliveryState.SKIPPED]


@pytest.mark.parametrize("origin", [o for o in LetterOrigin if o != "edition"])
def test_it_is_on_no_list(
    db: Db, settings: Settings, keys: TokenKeys, origin: LetterOrigin
) -> None:
    """Automatic, no way to leave what nobody has joined, the token filled in."""
    owe(db, a_mailbox(db), origin)
    (claimed,) = claim(db)
    occurrence = Occurrence(
        origin=origin,
        in_reply_to="<wunsch@post.example>",
        thread=("<alt@post.example>",),
        enclosed=b"Subject: x\r\n\r\ny\r\n" if origin == "forwarded" else None,
    )
    head = Letterhead.of(settings, keys)
    parcel = parcel_for(claimed, LETTER, PRESENT, head, occurrence)
    message = message_from_bytes(bytes(parcel.content), policy=policy.default)

    assert not [name for name in message if name.lower().startswith("list-")]
    assert message["Precedence"] is None
    replied = origin is LetterOrigin.REPLIED
    assert message["Auto-Submitted"] == (
        "auto-replied" if replied else "auto-generated"
    )
    assert message["References"] == "<alt@post.example> <wunsch@post.example>"
    assert parcel.wants_no_report is (origin in AUTOMATIC)
    body = message.get_body(("plain",))
    assert body is not None
    token = confirm_token(keys, claimed.message_id)
    assert body.get_content().strip() == f"Ja {token}"
