"""The two books: what the ledger says, and what the server took responsibility for.

Whatever happened on the way, for every (occasion, mailbox): accepted means that the
server held it; held twice means that the ledger lists a second copy; what was held and
is not accepted is in doubt, and the ledger knows that a copy left. There is no fourth
way. Letters are told apart by their Message-ID, which each delivery has for itself.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subscribers.database import Database
    from tests.servers import Received

S = DeliveryState

HELD: Final = frozenset({S.ACCEPTED, S.BOUNCED})
"""States that say: a server had it."""

GIVEN_UP: Final = frozenset({S.REFUSED, S.EXPIRED, S.SKIPPED})
"""States that say why nothing more is sent."""

IN_FLIGHT: Final = frozenset({S.CLAIMED, S.TRANSMITTING})
"""States that no delivery is left in when no worker runs."""

MOST_COPIES: Final = 2

_MESSAGE_ID: Final = re.compile(rb"^Message-ID:\s+(<[^>\r\n]+>)", re.MULTILINE)


def differences(
    database: Database, taken: Iterable[Received], *, at_rest: bool = True
) -> list[str]:
    """Return every entry in which the two books do not agree; none if all is well.

    Args:
        at_rest: No worker runs, and a run came to its end since the last crash.
    """
    server = held(taken)
    with database.reading() as db:
        deliveries = db.scalars(sa.select(Delivery)).all()
    found = [
        f"{one.message_id}: {problem}; held {server[one.message_id]}, {one.state}, "
        f"{one.copies} copies"
        for one in deliveries
        for problem in _problems(one, server[one.message_id], at_rest=at_rest)
    ]
    strange = server.keys() - {one.message_id for one in deliveries}
    return found + [f"{message_id}: not in the ledger" for message_id in strange]


def _problems(one: Delivery, times: int, *, at_rest: bool) -> Iterable[str]:
    if one.state in HELD and not times:
        yield "said to be accepted, and nobody has it"
    if times > one.copies:
        yield "held more often than the ledger knows"
    if times > MOST_COPIES:
        yield "held more than twice"
    if one.state in GIVEN_UP and not (one.reason or one.reply_text):
        yield "given up without a reason"
    if at_rest and one.state in IN_FLIGHT:
        yield "left in flight"


def held(taken: Iterable[Received]) -> Counter[str]:
    """Return how often the server took each letter, by its Message-ID."""
    return Counter(_message_id(one.content) for one in taken)


def _message_id(content: bytes) -> str:
    found = _MESSAGE_ID.search(content)
    assert found is not None, content[:200]
    return found[1].decode("ascii")
