"""Context: from settings and one meeting to the facts a letter may mention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from mailer import german
from mailer.editions import access
from mailer.editions.facts import (
    CoordinatorFacts,
    Facts,
    LinkFacts,
    MeetingFacts,
    NetworkFacts,
    SenderFacts,
    VenueWords,
    When,
)
from mailer.errors import PlanRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.meetings.models import Meeting
    from mailer.settings.model import Coordinator, Network, Series, Settings, Venue

__all__ = [
    "Facts",
    "Gathering",
    "coordinator_facts",
    "facts",
    "link_facts",
    "network_facts",
    "sender_facts",
    "venue_words",
    "when",
]

NO_REGISTRATION: Final = "nicht notwendig"
"""What every invitation says about registration; the network wants no hurdle."""


class Gathering(Protocol):
    """A time and a place: a ``Meeting``, or a day the rule will make one for."""

    @property
    def starts_at(self) -> datetime:
        """When it begins, aware."""
        ...

    @property
    def ends_at(self) -> datetime:
        """When it ends, aware."""
        ...

    @property
    def venue(self) -> str:
        """Key of the venue in the settings."""
        ...


def facts(
    settings: Settings,
    meeting: Meeting,
    *,
    later: Sequence[Gathering] = (),
    words: str = "",
    easy_words: str = "",
) -> Facts:
    """Return what a letter about *meeting* may mention.

    Args:
        settings: Where network, series and venue are described.
        meeting: What it is about.
        later: The next meetings of the same series, sorted by date.
        words: The coordinator's own text, Markdown.
        easy_words: The same in Leichte Sprache.

    Raises:
        PlanRefused: The settings no longer know the series or the venue.
    """
    series = get_series(settings, meeting.series)
    return Facts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        meeting=_meeting(meeting, series),
        when=when(meeting, series.zone),
        venue=venue_words(
            _known_venue(settings, meeting.venue), settings.coordinator.phone
        ),
        later=tuple(when(one, series.zone) for one in later),
        later_share_venue=all(one.venue == meeting.venue for one in later),
        words=words.strip(),
        easy_words=easy_words.strip(),
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
    )


def when(one: Gathering, zone: ZoneInfo) -> When:
    """Return the time of *one* in every form, as clocks in *zone* show it."""
    start, end = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
    return When(
        starts_at=start,
        ends_at=end,
        zone=zone,
        weekday=german.weekday(start),
        day=german.short_day(start),
        full_day=german.full_day(start),
        hours=german.hours(start.time(), end.time()),
        start=german.oclock(start.time()),
        end=german.oclock(end.time()),
        start_easy=german.oclock_easy(start.time()),
        end_easy=german.oclock_easy(end.time()),
        starts_iso=start.isoformat(),
        ends_iso=end.isoformat(),
    )


def get_series(settings: Settings, key: str) -> Series:
    """Return the series called *key*.

    Raises:
        PlanRefused: The settings no longer know it.
    """
    for series in settings.series:
        if series.key == key:
            return series
    raise PlanRefused(
        f"Die Terminreihe „{key}“ steht nicht mehr in den Einstellungen. "
        "Bitte tragen Sie sie unter [[series]] wieder ein."
    )


def _known_venue(settings: Settings, key: str) -> Venue:
    try:
        return settings.venues[key]
    except KeyError:
        raise PlanRefused(
            f"Der Ort „{key}“ steht nicht mehr in den Einstellungen. "
            f"Bitte tragen Sie ihn unter [venues.{key}] wieder ein."
        ) from None


def network_facts(network: Network) -> NetworkFacts:
    """Return who invites."""
    return NetworkFacts(
        name=network.name,
        full_name=network.full_name,
        meaning=network.meaning,
        organisation=network.organisation,
        town=network.town,
        address_lines=(network.organisation, *network.postal_address),
        goal=network.goal,
    )


def coordinator_facts(coordinator: Coordinator) -> CoordinatorFacts:
    """Return who answers questions."""
    return CoordinatorFacts(
        name=coordinator.name,
        role=coordinator.role,
        work_easy=coordinator.employer_easy,
        email=coordinator.email.text,
        phone=coordinator.phone,
        phone_easy=german.phone_in_pairs(coordinator.phone),
        phone_uri=german.phone_uri(coordinator.phone),
    )


def sender_facts(settings: Settings) -> SenderFacts:
    """Return who writes."""
    sender = settings.sender
    return SenderFacts(
        name=sender.name,
        address=sender.address.text,
        wire=sender.address.wire,
        reply_to=(sender.reply_to or settings.inbox_address or sender.address).text,
    )


def _meeting(meeting: Meeting, series: Series) -> MeetingFacts:
    return MeetingFacts(
        uid=meeting.uid,
        sequence=meeting.sequence,
        state=meeting.state,
        reason=meeting.reason,
        title=meeting.title,
        about=series.about,
        about_easy=series.about_easy,
        audience=series.audience,
        registration=NO_REGISTRATION,
    )


def venue_words(venue: Venue, phone: str) -> VenueWords:
    """Return where it takes place; *phone* tells what nobody has looked up."""
    return VenueWords(
        room=venue.room,
        room_easy=venue.room_easy,
        street=venue.street,
        postcode=venue.postcode,
        city=venue.city,
        label=venue.label,
        in_sentence=venue.in_sentence,
        access=access.sentences(venue.facts, phone),
        access_easy=access.easy_sentences(venue.facts),
    )


def link_facts(base_url: str) -> LinkFacts:
    """Return the addresses of the public pages below *base_url*."""
    if not base_url:
        return LinkFacts()
    base = base_url.rstrip("/")
    return LinkFacts(
        base=base,
        imprint=f"{base}/impressum",
        privacy=f"{base}/datenschutz",
        accessibility=f"{base}/barrierefreiheit",
    )
