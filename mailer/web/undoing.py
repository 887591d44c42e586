"""Taking back an end that was a mistake: with a ticket that only its own page holds.

The ticket says who has left what, and when. It lies in no mail and no database, so a
forwarded link cannot bring back anybody who wanted to leave.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from subscribers import subscription, suppression
from subscribers.base32 import base32
from subscribers.consent import Proof
from subscribers.errors import Suppressed
from subscribers.keyed import hmac_sha256
from subscribers.models import ConsentChannel, MailboxId
from subscribers.states import SubscriptionState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from subscribers.database import Db
    from subscribers.models import Mailbox

WITHIN: Final = timedelta(minutes=30)
"""A mistake is noticed at once; later the way back is joining again."""

EVIDENCE: Final = "Internetseite, Abmeldung zurückgenommen"

_SEAL_BYTES: Final = 15


@dataclass(frozen=True, slots=True)
class Left:
    """Who has left what.

    Attributes:
        version: Of the mailbox's tokens.
        topics: What she got until then.
        reminds: Reminders were welcome.
    """

    mailbox_id: MailboxId
    version: int
    topics: tuple[Topic, ...]
    reminds: bool


def ticket(key: bytes, left: Left, now: datetime) -> str:
    """Return what the result page carries.

    Args:
        key: ``TokenKeys.form_key``.
    """
    topics = "+".join(left.topics)
    claim = (
        f"{left.mailbox_id}.{left.version}.{topics}.{int(left.reminds)}."
        f"{int(now.timestamp())}"
    )
    return f"{claim}.{_seal(key, claim)}"


def read(key: bytes, given: str, now: datetime) -> Left | None:
    """Return what a ticket says; None if it is none of ours, or too old."""
    claim, _, seal = given.rpartition(".")
    if not hmac.compare_digest(_seal(key, claim).encode(), seal.encode()):
        return None
    mailbox_id, version, topics, reminds, seconds = claim.split(".")
    if now - datetime.fromtimestamp(int(seconds), UTC) > WITHIN:
        return None
    return Left(
        mailbox_id=MailboxId(int(mailbox_id)),
        version=int(version),
        topics=tuple(Topic(one) for one in topics.split("+")),
        reminds=reminds == "1",
    )


def undo(db: Db, mailbox: Mailbox, left: Left, now: datetime) -> None:
    """Begin again what has ended; what has begun again since stays as it is."""
    proof = Proof(ConsentChannel.WEB, happened_at=now, evidence=EVIDENCE)
    try:
        suppression.refuse(db, mailbox.fingerprint or "")
    except Suppressed:
        return
    for topic in left.topics:
        row = subscription.find(db, mailbox, topic)
        if row is not None and row.state is SubscriptionState.ENDED:
            subscription.request(db, mailbox, topic, proof, now=now)
            subscription.confirm(db, mailbox, topic, proof, now=now)
    subscription.set_reminds(db, mailbox, reminds=left.reminds)


def _seal(key: bytes, claim: str) -> str:
    made = hmac_sha256(key, f"undo|{claim}".encode())
    return base32(made[:_SEAL_BYTES])
