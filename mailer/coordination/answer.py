"""A mail from somebody who may tell the program what to do, taken apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.coordination.letters import Thread

if TYPE_CHECKING:
    from mailer.coordination.seals import Seal
    from mailer.network.files import Enclosed
    from subscribers.address import EmailAddress


@dataclass(frozen=True, slots=True)
class Answer:
    """A mail from somebody who may tell the program what to do.

    Attributes:
        number: Of the incoming mail, for the names of what answers it.
        sender: Its one From address.
        seal: What it is about; None if it carries no seal of ours.
        own: What she wrote herself, without quotations.
        subject: If the mail answers none; else empty.
        signers: Names that may stand below it.
        thread: For the mail that answers it.
        enclosed: The files with it.
    """

    number: int
    sender: EmailAddress
    seal: Seal | None
    own: str
    subject: str = ""
    signers: str = ""
    thread: Thread = field(default_factory=Thread)
    enclosed: tuple[Enclosed, ...] = field(default=(), repr=False)
