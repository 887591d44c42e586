"""What the coordinator's word does: handed to her room, in the mail's transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.coordination import answering
from mailer.coordination.answer import Answer
from mailer.coordination.letters import Thread
from mailer.coordination.office import Office
from mailer.inbound import departures, enclosures
from mailer.inbound.desk import Case, Desk, Effect
from mailer.inbound.instructions import own_subject

if TYPE_CHECKING:
    from subscribers.database import Db

EFFECTS: Final = {
    answering.Answered.DONE: Effect.INSTRUCTED,
    answering.Answered.ASKED_BACK: Effect.ASKED_BACK,
    answering.Answered.IGNORED: Effect.NOTED,
}

_ADDRESS: Final = re.compile(r"<[^>]*>|\S+@\S+")
"""What is no name in a From field."""


def obey(db: Db, desk: Desk, case: Case) -> Effect | None:
    """Let her words have their effect; None if she may not answer any more."""
    message = case.message
    if message is None or case.sender is None:
        return None
    answer = Answer(
        number=case.incoming.id,
        sender=case.sender,
        seal=case.classified.seal,
        own=case.classified.own_text,
        subject=own_subject(message),
        signers=_ADDRESS.sub(" ", message.header("From") or ""),
        thread=Thread(message.message_id, message.references[::-1]),
        enclosed=enclosures.enclosed(message, case.content),
    )
    office = Office(desk.press, desk.keys)
    done = answering.take(db, office, answer, now=case.now)
    departures.ask_who_follows(db, desk, case)
    return EFFECTS[done] if done is not None else None
