"""Context: from settings and one meeting to the facts a letter may mention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from mailer import german
from mailer.editions import access
from mailer.editions.facts import (
    Change,
    CoordinatorFacts,
    DayOff,
    DayOffFacts,
    Facts,
    LinkFacts,
    MeetingFacts,
    NetworkFacts,
    NextMeeting,
    SenderFacts,
    VenueWords,
    When,
)
from mailer.errors import PlanRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.meetings.closures import Closure
    from mailer.meetings.models import Meeting
    from mailer.settings.model import Coordinator, Network, Series, Settings, Venue

__all__ = [
    "DayOffFacts",
    "Facts",
    "Gathering",
    "coordinator_facts",
    "day_off_facts",
    "facts",
    "link_facts",
    "network_facts",
    "next_meeting",
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


def facts(  # noqa: PLR0913 - one parameter per thing a letter may know
    settings: Settings,
    meeting: Meeting,
    *,
    later: Sequence[Gathering] = (),
    words: str = "",
    easy_words: str = "",
    before: Gathering | None = None,
    now: datetime | None = None,
    has_calendar: bool = True,
) -> Facts:
    """Return what a letter about *meeting* may mention.

    Args:
        settings: Where network, series and venue are described.
        meeting: What it is about.
        later: The next meetings of the same series, sorted by date.
        words: The coordinator's own text, Markdown.
        easy_words: The same in Leichte Sprache.
        before: Time and place as its readers know them; None if they know nothing
            else.
        now: When the letter goes out, for "morgen"; None if that is not known.
        has_calendar: It carries a calendar file.

    Raises:
        PlanRefused: The settings no longer know the series or the venue.
    """
    series = get_series(settings, meeting.series)
    phone = settings.coordinator.phone
    is_at = when(meeting, series.zone)
    was_at = when(before, series.zone) if before else None
    was_in = settings.venues.get(before.venue) if before else None
    return Facts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        meeting=_meeting(meeting, series),
        when=is_at,
        venue=venue_words(_known_venue(settings, meeting.venue), phone),
        later=tuple(when(one, series.zone) for one in later),
        later_share_venue=all(one.venue == meeting.venue for one in later),
        words=words.strip(),
        easy_words=easy_words.strip(),
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
        before=was_at,
        before_venue=venue_words(was_in, phone) if was_in else None,
        change=_change(before, meeting, series.zone),
        soon=_soon(is_at.starts_at, now),
        has_calendar=has_calendar,
        next_meeting=next_meeting(settings, later[0], series.zone) if later else None,
    )


def day_off_facts(
    settings: Settings,
    series: Series,
    closure: Closure,
    *,
    later: Sequence[Gathering] = (),
    words: str = "",
    easy_words: str = "",
) -> DayOffFacts:
    """Return what a letter about a day without a meeting may mention.

    Args:
        settings: Where network, series and venues are described.
        series: Whose rule names the day.
        closure: The day, and why nothing takes place on it.
        later: The next meetings of the series after that day, sorted by date.
        words: The coordinator's own text, Markdown.
        easy_words: The same in Leichte Sprache.
    """
    return DayOffFacts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        title=series.title,
        off=DayOff(
            day=german.short_day(closure.on),
            full_day=german.full_day(closure.on),
            reason=closure.reason,
            is_holiday=closure.is_holiday,
        ),
        next_meeting=next_meeting(settings, later[0], series.zone) if later else None,
        later=tuple(when(one, series.zone) for one in later[1:]),
        words=words.strip(),
        easy_words=easy_words.strip(),
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
    )


def next_meeting(
    settings: Settings, one: Gathering, zone: ZoneInfo
) -> NextMeeting | None:
    """Return time and place of *one*; None if the settings do not know the place."""
    venue = settings.venues.get(one.venue)
    if venue is None:
        return None
    place = venue_words(venue, settings.coordinator.phone)
    return NextMeeting(when(one, zone), place, NO_REGISTRATION)


def _change(before: Gathering | None, now: Gathering, zone: ZoneInfo) -> Change:
    """Return what is not as readers knew it."""
    if before is None:
        return Change()
    old = [one.astimezone(zone) for one in (before.starts_at, before.ends_at)]
    new = [one.astimezone(zone) for one in (now.starts_at, now.ends_at)]
    is_other_day = old[0].date() != new[0].date()
    return Change(
        day=is_other_day,
        hours=[one.time() for one in old] != [one.time() for one in new],
        place=before.venue != now.venue,
        instead=german.instead(new[0], old[0]) if is_other_day else "",
    )


def _soon(starts_at: datetime, now: datetime | None) -> str:
    """Return "heute" or "morgen", as the town's clocks see it; else nothing."""
    if now is None:
        return ""
    days = (starts_at.date() - now.astimezone(starts_at.tzinfo).date()).days
    return {0: "heute", 1: "morgen"}.get(days, "")


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
        reason=german.sentence(meeting.reason),
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
