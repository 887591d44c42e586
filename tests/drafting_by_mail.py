"""The coordinator in tests: she gets drafts, and answers them as her program writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from mailer.application import Application
from mailer.coordination import drafts
from mailer.coordination.office import Office
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.meetings.models import Meeting
from mailer.settings.model import InboxMode
from subscribers.address import EmailAddress
from subscribers.topics import LetterStyle
from tests import incoming
from tests.factories import a_meeting, a_subscriber
from tests.incoming import INBOX, Post, a_mail

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

KATHRIN: Final = "sommer@stadt.example"
DEPUTY: Final = "krause@stadt.example"
THE_DAY: Final = date(2026, 12, 3)
"""The rule makes a meeting on it, at 10 o'clock."""

SECOND: Final = "leitung@stadt.example"


@dataclass
class TownHall(Post):
    """The post office with a coordinator of its own, and the draft she got."""

    @property
    def office(self) -> Office:
        """What she is written to with."""
        return Office(self.application.press, self.application.keys)

    def draft(self, **fields: Any) -> EmailMessage:
        """Draft the invitation to a meeting; return the mail she gets."""
        if not fields:
            fields["ruled_on"] = THE_DAY
        with self.database.transaction() as db:
            meeting = a_meeting(db, **fields)
            edition = drafting.draft(
                db, EditionKind.INVITATION, meeting, now=self.clock.now()
            )
            assert drafts.send_draft(db, self.office, edition, now=self.clock.now())
        return self.to(KATHRIN)[-1]

    def to(self, address: str) -> list[EmailMessage]:
        """Send all that is owed; return what goes to *address*."""
        return [one for one in self.send() if address in str(one["To"])]

    def say(
        self,
        words: str,
        answers: EmailMessage | None = None,
        *,
        sender: str = KATHRIN,
        **fields: str,
    ) -> str:
        """Let her write *words*, in answer to a mail of ours; return the effect."""
        if answers is not None:
            fields.setdefault("In_Reply_To", str(answers["Message-ID"]))
            fields.setdefault("subject", f"AW: {answers['Subject']}")
        return self.take(a_mail(sender, words, **fields))

    def result(self) -> EmailMessage:
        """Return the one mail that goes to her now."""
        (result,) = self.to(KATHRIN)
        return result

    def edition(self, number: int = 1) -> Edition:
        """Return an edition as it stands now."""
        with self.database.reading() as db:
            return db.get_one(Edition, number)

    def meeting(self, number: int = 1) -> Meeting:
        """Return a meeting as it stands now."""
        with self.database.reading() as db:
            return db.get_one(Meeting, number)


def a_town_hall(
    settings: Settings,
    clock: FixedClock,
    database: Database,
    *,
    second: bool = False,
    has_inbox: bool = True,
) -> TownHall:
    """Return a post office with three readers; its coordinator has her own mailbox."""
    coordinator = replace(
        settings.coordinator,
        email=EmailAddress.parse(KATHRIN),
        second_release=EmailAddress.parse(SECOND) if second else None,
    )
    sender = replace(settings.sender, address=INBOX)
    known = replace(
        settings,
        inbox_address=INBOX if has_inbox else None,
        inbox=replace(settings.inbox, mode=InboxMode.DEDICATED),
        coordinator=coordinator,
        sender=sender,
    )
    application = Application(known, clock)
    application.unchecked_database = database
    with database.transaction() as db:
        for number in range(2):
            a_subscriber(db, f"leserin{number}@post.example")
        a_subscriber(db, "marco@post.example", style=LetterStyle.EASY)
    return TownHall(application, clock, [])


def plain(message: EmailMessage) -> str:
    """Return the text she reads, lines as she sees them."""
    return incoming.plain(message).replace("\r\n", "\n")
