"""What happens now: the sentences that every draft and every result ends with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from mailer.editions.due import SHORT_NOTICE
from mailer.editions.kinds import KINDS, EditionKind
from mailer.editions.states import EditionState
from mailer.german import and_list, full_day, oclock, short_day
from mailer.outbox.readers import readers
from mailer.settings.model import Silence
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from mailer.coordination.office import Office
    from mailer.editions.models import Edition
    from subscribers.database import Db

STYLES: Final = {
    LetterStyle.STANDARD: "in Standardsprache",
    LetterStyle.EASY: "in Leichter Sprache",
}


_CALLED: Final = {EditionKind.HOLIDAY: "Nachricht zum Terminausfall"}
"""What goes with "die", where the usual word does not."""


def people(number: int) -> str:
    """Return how many people, "1 Person" or "1.204 Personen"."""
    return f"{number:,} {'Person' if number == 1 else 'Personen'}".replace(",", ".")


def reached(db: Db, edition: Edition, *, now: datetime) -> Mapping[LetterStyle, int]:
    """Return how many would get *edition* now, by style."""
    return Counter(one.style for one in readers(db, edition, now=now))


def by_style(counted: Mapping[LetterStyle, int]) -> str:
    """Return "31 Personen: 28 in Standardsprache und 3 in Leichter Sprache"."""
    parts = [f"{counted[one]} {STYLES[one]}" for one in STYLES if counted.get(one)]
    told = people(sum(counted.values()))
    return f"{told}: {and_list(parts)}" if parts else told


def moment(office: Office, at: datetime) -> str:
    """Return a moment for a sentence, "Donnerstag, 26. November 2026, um 10 Uhr"."""
    local = at.astimezone(office.zone)
    return f"{full_day(local)}, um {oclock(local.time())}"


def leaves(db: Db, office: Office, edition: Edition, *, now: datetime) -> str:
    """Return when *edition* goes to how many, in one sentence."""
    number = sum(reached(db, edition, now=now).values())
    if not number:
        return f"Zurzeit gibt es niemanden, an den die {german(edition)} geht."
    whom = people(number)
    due = _due_at(office, edition)
    if due is None or due <= now:
        return f"Die {german(edition)} geht in den nächsten Minuten an {whom}."
    return f"Die {german(edition)} geht am {moment(office, due)} an {whom}."


def if_nothing(db: Db, office: Office, edition: Edition, *, now: datetime) -> str:
    """Return what happens if nobody answers the draft, in one sentence or two."""
    is_released = edition.state is EditionState.APPROVED
    silence = office.settings.unanswered.of(edition.kind)
    if not is_released and silence is Silence.HOLD:
        return (
            f"Dann geht die {german(edition)} nicht hinaus. Sie wird erst gesendet, "
            "wenn Sie sie freigeben."
        )
    return leaves(db, office, edition, now=now)


def _due_at(office: Office, edition: Edition) -> datetime | None:
    """Return when *edition* goes out; nobody's draft leaves before she had a look."""
    due = edition.due_at
    if due is None and edition.meeting is not None:
        due = edition.meeting.starts_at - office.settings.policy.invite_before
    if due is None or edition.state is not EditionState.DRAFT:
        return due
    return max(due, edition.created_at + SHORT_NOTICE)


def german(edition: Edition) -> str:
    """Return what people call the edition, "Einladung"."""
    return _CALLED.get(edition.kind, KINDS[edition.kind].german)


def named(office: Office, edition: Edition) -> str:
    """Return the edition with its day, "Einladung zum 3. Dezember 2026"."""
    if edition.quarter is not None:
        return f"{german(edition)} {edition.quarter.german}"
    day = short_day(about(office, edition))
    return f"{german(edition)} {'zum' if edition.meeting else 'am'} {day}"


def about(office: Office, edition: Edition) -> date:
    """Return the day an edition is about; of a quarter, the day when it is told."""
    if edition.day is not None and edition.quarter is None:
        return edition.day
    told_at = edition.due_at or edition.created_at
    at = edition.meeting.starts_at if edition.meeting else told_at
    return at.astimezone(office.zone).date()
