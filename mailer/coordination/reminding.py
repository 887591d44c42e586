"""Reminders of a draft that never goes out by itself: two, then one every working day.

The coordinator gets both; after them whoever stands in for her is asked, because a
letter that four people wrote for must not lie there until she is back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.coordination import drafts, letters, rights
from mailer.coordination.drafts import Opening
from mailer.editions.quarter import is_working_day, working_days_before
from mailer.editions.states import EditionState
from mailer.german import full_day
from mailer.logs import LogEvent, log
from mailer.meetings.localtime import moment_at

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailer.coordination.office import Office
    from mailer.editions.models import Edition
    from subscribers.database import Db

FIRST, SECOND, DAILY_FROM = 4, 2, 1
"""So many working days before it is due she is reminded, once more, and then daily."""

_FOR_HER: Final = (
    "zu diesem Entwurf gibt es noch keine Antwort. Ohne Freigabe geht der Brief nicht "
    "hinaus; vorgesehen ist {day}. Ein Wort genügt: „Freigeben“ oder „Stopp“."
)
_FOR_DEPUTY: Final = (
    "zu diesem Entwurf gibt es noch keine Antwort von {name}. Ohne Freigabe geht der "
    "Brief nicht hinaus; vorgesehen ist {day}. Bitte sehen Sie ihn in Vertretung an, "
    "und antworten Sie „Freigeben“ oder „Stopp“."
)


def remind(db: Db, office: Office, edition: Edition, *, now: datetime) -> int:
    """Owe a reminder of *edition* if it is time for one; return to how many people."""
    number = _due_number(office, edition, now)
    if edition.due_at is None or number is None:
        return 0
    words, whom = _FOR_HER, rights.recipients(db, office, now=now)
    deputies = [
        one.mailbox for one in rights.active_deputies(db, office.settings, now=now)
    ]
    if deputies and number not in (str(FIRST), str(SECOND)):
        words, whom = _FOR_DEPUTY, deputies
    elif deputies:
        whom = [one for one in whom if one not in deputies]
    why = words.format(
        name=office.settings.coordinator.name,
        day=full_day(edition.due_at.astimezone(office.zone)),
    )
    draft = drafts.look(db, office, edition, now=now)
    opening = Opening(why=why, is_reminder=True)
    letter = drafts.draft_letter(db, office, edition, draft, opening, now=now)
    owed = 0
    for mailbox in whom:
        envelope = drafts.envelope_for(edition, mailbox, f"reminder.{number}")
        owed += letters.owe_once(db, office, mailbox, letter, envelope, now=now)
    if owed:
        log(LogEvent.DRAFT_REMINDED, edition=edition.id, people=owed)
    return owed


def _due_number(office: Office, edition: Edition, now: datetime) -> str | None:
    """Return which reminder is the latest that should have left; None if none."""
    waits = edition.state is EditionState.DRAFT and edition.draft_version > 0
    if not waits or edition.quarter is None or edition.due_at is None:
        return None
    closures, at = office.press.closures, office.settings.network_update.at
    due_on = edition.due_at.astimezone(office.zone).date()

    def has_come(day: date) -> bool:
        moment = moment_at(day, at, office.zone)
        return edition.created_at < moment <= now

    today = office.today(now)
    daily_from = working_days_before(due_on, DAILY_FROM, closures)
    if today >= daily_from:
        is_time = is_working_day(today, closures) and has_come(today)
        return today.isoformat() if is_time else None
    for days in (SECOND, FIRST):
        if has_come(working_days_before(due_on, days, closures)):
            return str(days)
    return None
