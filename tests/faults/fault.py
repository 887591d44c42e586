"""One misbehaviour of a server: what it does, what comes of it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mailer.errors import TransportError
from mailer.rendering.parcel import Verdict
from mailer.settings import Security
from tests.certificates import Certificate
from tests.wire import CONTENT

if TYPE_CHECKING:
    from tests.servers import Script

Expected: TypeAlias = Verdict | type[TransportError]


@dataclass(frozen=True)
class Fault:
    """One misbehaviour and what must come of it.

    Attributes:
        name: What the server does; the number of the fault stands before it.
        script: How it does that.
        expected: A verdict about the letter, or an error about the server.
        because: Why this is right: the end of a sentence.
        or_in_doubt: Reading ahead, what is too much may come alone, in time to be taken
            for the next answer; the next one then fits nothing, and that is a doubt.
        is_hasty: The server never answers, so the waits are short.
    """

    name: str
    script: Script
    expected: Expected
    because: str
    certificate: Certificate = Certificate.GOOD
    security: Security = Security.STARTTLS
    user: str = "mia"
    or_in_doubt: bool = False
    is_hasty: bool = False
    content: bytes = CONTENT
    recipient: str = "rita@ort.example"
