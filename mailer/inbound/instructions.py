"""Mail of the coordinator to the program: recognised strictly, or not at all.

A seal of ours in the mail and an allowed sender are needed for every deed. Who she is
rests on her From address, so everything that can speak against it is asked: more than
one From, another Sender, what our own server found out about the domain. A machine's
mail is never hers, whatever it carries.

Source: RFC 5322, section 3.6.2; RFC 8601, sections 2.7 and 5; RFC 3834, section 2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.coordination import seals
from mailer.coordination.reading import is_instruction
from mailer.inbound import autoreply, decoding, frame
from mailer.inbound.kinds import Classified, Kind
from mailer.inbound.own_text import own_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.coordination.seals import Seal
    from mailer.inbound.kinds import World
    from mailer.inbound.reading import Message
    from subscribers.tokens import TokenKeys

_VERDICT: Final = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)


def instruction(message: Message, world: World) -> Classified | None:
    """Recognise what the coordinator, or who acts for her, writes to the program."""
    if not _is_hers(message, world):
        return None
    own = own_text(message.text).text
    seal = find_seal(message, world.keys)
    begins = is_instruction(own, subject=own_subject(message))
    # An absence note without marks may answer a draft; it never begins with a word of
    # the table, but its subject may tell.
    if autoreply.marked(message) or autoreply.worded(message.subject, ""):
        return None
    if not begins and (seal is None or autoreply.worded("", own) is not None):
        return None
    return Classified(
        Kind.INSTRUCTION,
        "instruction.sealed" if seal else "instruction.unsealed",
        "Die Koordinatorin antwortet dem Programm.",
        seal=seal,
        own_text=own,
    )


def find_seal(message: Message, keys: TokenKeys) -> Seal | None:
    """Return the seal that *message* carries, the surest place first; None if none."""
    return seals.find(_places(message), keys)


def _is_hers(message: Message, world: World) -> bool:
    """Tell whether *message* comes from somebody who may answer."""
    senders = [
        address.lower()
        for field in message.headers("From")
        for address in decoding.addresses(field, limit=2)
    ]
    if len(senders) != 1 or senders[0] not in world.coordinators:
        return False
    others = [
        address.lower()
        for field in message.headers("Sender")
        for address in decoding.addresses(field, limit=2)
    ]
    return all(one == senders[0] for one in others) and not _is_disproved(message)


def _is_disproved(message: Message) -> bool:
    """Tell whether our own server found that the sender's domain did not send it.

    The server nearest to us writes its field on top. Its "fail" counts; a "pass" gives
    no right to anybody, so a forged field helps nobody.
    """
    results = message.header("Authentication-Results") or ""
    found: dict[str, list[str]] = {}
    for method, verdict in _VERDICT.findall(results):
        found.setdefault(method.lower(), []).append(verdict.lower())
    if "dmarc" in found:
        return "fail" in found["dmarc"]
    is_signed = "pass" in found.get("dkim", [])
    return not is_signed and "fail" in found.get("spf", []) + found.get("dkim", [])


def _places(message: Message) -> Iterator[str]:
    """Yield where a seal may stand, the surest places first."""
    yield from message.references
    yield from message.to
    yield message.subject
    yield message.text


def own_subject(message: Message) -> str:
    """Return the subject of a mail that answers none; else nothing."""
    titled = frame.subject(message.subject)
    return "" if titled.is_answer or message.references else titled.text
