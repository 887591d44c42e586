"""Service letters for tests: what one person gets because of what she did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from mailer.editions.service import (
    ContributionFacts,
    ServiceFacts,
    asked_facts,
    service_facts,
    wording_names,
)
from mailer.rendering import letter, typesetting
from mailer.rendering.environment import open_environment
from mailer.rendering.person import Person, greeting
from subscribers.topics import LetterStyle, Topic
from subscribers.wordings import WordingName, wording
from tests.letters import MEANS, december, settings_for

if TYPE_CHECKING:
    from mailer.rendering.letter import Letter

FOLDERS: Final = (
    "confirmation",
    "new_address",
    "address_requested",
    "address_changed",
    "welcome",
    "welcome_partner",
    "already",
    "goodbye",
    "topic_ended",
    "leaving_noted",
    "not_understood",
    "help",
    "style_changed",
    "paused",
    "reminders_on",
    "reminders_off",
    "link",
    "my_data",
    "contribution_received",
    "contribution_declined",
    "contribution_too_large",
)

CONTRIBUTION: Final = ContributionFacts(
    "Tag der offenen Tür",
    "Oktober bis Dezember 2026",
    wants_description=True,
    notes=("Die Datei ist zu groß.",),
    reason="Das ist Werbung.",
)

ENDED: Final = {
    "goodbye": (Topic.INVITATIONS,),
    "topic_ended": (Topic.NETWORK_UPDATES,),
}

HELD: Final = (
    "Bei uns gespeichert seit: 29. Januar 2026",
    "Fassung der E-Mails: Leichte Sprache",
    "Einladungen: angemeldet, mit Erinnerung",
)

TOKEN: Final = "9fxw4k7q2m5t8v3c6b2n9fxw4k7q2m5t"

ASKED_AT: Final = datetime(2026, 11, 12, 8, 41, tzinfo=UTC)
UNTIL: Final = datetime(2026, 11, 19, 8, 41, tzinfo=UTC)

WORDINGS: Final = {
    LetterStyle.STANDARD: WordingName.INVITATIONS_MAIL,
    LetterStyle.EASY: WordingName.INVITATIONS_MAIL_EASY,
}


def some_service_facts(folder: str, style: LetterStyle, means: str) -> ServiceFacts:
    """Return what the letter in *folder* may mention."""
    settings = settings_for(means)
    words = wording(WORDINGS[style], wording_names(settings))
    asked = asked_facts(
        settings,
        words if folder == "confirmation" else None,
        now=ASKED_AT,
        expires_at=UNTIL,
    )
    facts = service_facts(
        settings,
        upcoming=december() if folder.startswith("welcome") else None,
        asked=asked,
        pause_until=date(2027, 1, 31),
        ended=ENDED.get(folder, ()),
        kept=(Topic.INVITATIONS,),
    )
    return replace(facts, held=HELD, contribution=CONTRIBUTION)


@cache
def service_letter(
    folder: str, style: LetterStyle = LetterStyle.STANDARD, means: str = "both"
) -> Letter:
    """Return the letter in *folder* as one reader gets it."""
    base_url = MEANS[means][1]
    known = some_service_facts(folder, style, means)
    open_letter = typesetting.render(open_environment(None), known, style, folder)
    person = Person(
        greeting=greeting(None, style),
        unsubscribe_url=f"{base_url}/abmelden/7Kq2" if base_url else "",
        unsubscribe_token="7Kq2",
        preferences_url=f"{base_url}/einstellungen/7Kq2" if base_url else "",
        reason="",
        confirm_token=TOKEN,
    )
    return letter.fill(open_letter, person)
