"""Letters for tests: the example network, its meeting on 3 December 2026, a reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mailer.editions import context
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.rendering import letter, typesetting
from mailer.rendering.environment import open_environment
from mailer.rendering.person import Person, greeting, reason
from mailer.settings import build, example_toml, parse
from subscribers.address import EmailAddress
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.editions.facts import Facts
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Settings, VenueFacts

INBOX: Final = EmailAddress.parse("post@mia.example")
BASE_URL: Final = "https://mia.aschersleben.example"

MEANS: Final[dict[str, tuple[EmailAddress | None, str]]] = {
    "nothing": (None, ""),
    "inbox": (INBOX, ""),
    "links": (None, BASE_URL),
    "both": (INBOX, BASE_URL),
}
"""What is set up beside the mail server: a mailbox we read, public pages."""

WORDS: Final = (
    "Der 3. Dezember ist außerdem der Internationale Tag der Menschen mit "
    "Behinderungen."
)


@cache
def example_settings() -> Settings:
    """Return the settings of the example network."""
    source = parse(Path("/etc/mia/mia.toml"), example_toml().encode())
    return build(source, {"MIA_SECRET": "00" * 32}, flags={}).settings


def settings_for(means: str, facts: VenueFacts | None = None) -> Settings:
    """Return the example's settings with one of ``MEANS`` and facts of access."""
    inbox, base_url = MEANS[means]
    known = example_settings()
    venues = known.venues
    if facts is not None:
        venues = {key: replace(venue, facts=facts) for key, venue in venues.items()}
    return replace(known, inbox_address=inbox, web_base_url=base_url, venues=venues)


def meeting_row(starts_at: datetime, **changes: Any) -> Meeting:
    """Return a meeting of three hours that stands in no database."""
    series = example_settings().series[0]
    columns: dict[str, Any] = {
        "uid": "5f0f1c9e-6a53-4a53-9e0f-6a2b1c9d7e10@mia.example",
        "series": series.key,
        "title": series.title,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "venue": series.venue,
        "state": MeetingState.PLANNED,
        "reason": "",
        "sequence": 0,
    }
    return Meeting(**columns | changes)


def december(**changes: Any) -> Meeting:
    """Return the meeting of Thursday, 3 December 2026, 10 o'clock in Aschersleben."""
    return meeting_row(datetime(2026, 12, 3, 9, tzinfo=UTC), **changes)


LATER: Final = (
    datetime(2026, 12, 17, 9, tzinfo=UTC),
    datetime(2027, 1, 7, 9, tzinfo=UTC),
    datetime(2027, 1, 21, 9, tzinfo=UTC),
)
"""The three meetings after it; winter time, so 9 o'clock UTC is 10 o'clock."""


def some_facts(
    means: str = "both",
    *,
    words: str = "",
    easy_words: str = "",
    access: VenueFacts | None = None,
) -> Facts:
    """Return the facts of the example's invitation."""
    return context.facts(
        settings_for(means, access),
        december(),
        later=[meeting_row(starts_at) for starts_at in LATER],
        words=words,
        easy_words=easy_words,
    )


def a_reader(
    style: LetterStyle = LetterStyle.STANDARD,
    *,
    name: str | None = "Rita Beispiel",
    is_partner: bool = False,
    base_url: str = BASE_URL,
) -> Person:
    """Return an invented reader."""
    return Person(
        greeting=greeting(name, style),
        unsubscribe_url=f"{base_url}/abmelden/7Kq2" if base_url else "",
        unsubscribe_token="7Kq2",
        preferences_url=f"{base_url}/einstellungen/7Kq2" if base_url else "",
        reason=reason("MIA", style, is_partner=is_partner),
    )


@cache
def open_invitation(
    means: str = "both",
    style: LetterStyle = LetterStyle.STANDARD,
    words: str = WORDS,
    access: VenueFacts | None = None,
) -> Letter:
    """Return the example's invitation with its personal places open."""
    known = some_facts(means, words=words, access=access)
    return typesetting.render(open_environment(None), known, style, "invitation")


def invitation(
    means: str = "both",
    style: LetterStyle = LetterStyle.STANDARD,
    words: str = WORDS,
    access: VenueFacts | None = None,
) -> Letter:
    """Return the example's invitation as one reader gets it."""
    reader = a_reader(style, base_url=MEANS[means][1])
    return letter.fill(open_invitation(means, style, words, access), reader)
