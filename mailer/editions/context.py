"""What a letter may mention: one frozen object for subject, bodies and calendar.

Every date, time and place a reader meets comes from ``Facts``, so subject, HTML,
text, Leichte Sprache and calendar file cannot disagree. Templates get its fields by
their names: ``{{ when.full_day }}``, ``{{ venue.label }}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from mailer import german
from mailer.editions import access
from mailer.errors import PlanRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.meetings.models import Meeting
    from mailer.meetings.states import MeetingState
    from mailer.settings.model import Coordinator, Network, Series, Settings, Venue

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


@dataclass(frozen=True, slots=True)
class When:
    """One day and its hours, in every form a letter needs.

    Attributes:
        starts_at, ends_at: Aware, in *zone*.
        zone: The zone of the series.
        weekday: "Donnerstag".
        day: "3. Dezember 2026".
        full_day: "Donnerstag, 3. Dezember 2026".
        hours: "10:00 bis 13:00 Uhr".
        start, end: For a sentence, "10 Uhr" or "10:30 Uhr".
        start_easy, end_easy: For Leichte Sprache, "10 Uhr" or "10 Uhr 30".
        starts_iso, ends_iso: "2026-12-03T10:00:00+01:00".
    """

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    weekday: str
    day: str
    full_day: str
    hours: str
    start: str
    end: str
    start_easy: str
    end_easy: str
    starts_iso: str
    ends_iso: str


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """Who invites.

    Attributes:
        name: "MIA".
        full_name: "MIA – Miteinander Inklusion Aschersleben".
        meaning: What the short name stands for.
        organisation: Who is responsible, "Stadt Aschersleben".
        town: "Aschersleben".
        address_lines: The postal address, the organisation first.
        goal: One sentence.
    """

    name: str
    full_name: str
    meaning: str
    organisation: str
    town: str
    address_lines: tuple[str, ...]
    goal: str


@dataclass(frozen=True, slots=True)
class CoordinatorFacts:
    """Who answers questions.

    Attributes:
        name: "Kathrin Sommer".
        role: "Gleichstellungsbeauftragte der Stadt Aschersleben".
        work_easy: For Leichte Sprache, "arbeitet bei der Stadt Aschersleben".
        email: Her address.
        phone: "03473 958-111".
        phone_easy: In pairs, "03473 95 81 11".
        phone_uri: "tel:+493473958111".
    """

    name: str
    role: str
    work_easy: str
    email: str
    phone: str
    phone_easy: str
    phone_uri: str


@dataclass(frozen=True, slots=True)
class SenderFacts:
    """Who writes.

    Attributes:
        name: What mailbox lists show.
        address: From.
        wire: The same as SMTP writes it, all ASCII.
        reply_to: Where answers go; equal to *address* if nothing else is set.
    """

    name: str
    address: str
    wire: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What takes place.

    Attributes:
        uid: Its name in every calendar.
        sequence: How often calendars were told.
        state: Planned, cancelled or held.
        reason: Why it was moved or cancelled; may be empty.
        title: "Miteinander reden".
        about: What happens there.
        about_easy: The same in Leichte Sprache, one sentence each; may be empty.
        audience: "für alle Interessierten, mit und ohne Behinderung".
        registration: "nicht notwendig".
    """

    uid: str
    sequence: int
    state: MeetingState
    reason: str
    title: str
    about: str
    about_easy: tuple[str, ...]
    audience: str
    registration: str


@dataclass(frozen=True, slots=True)
class VenueWords:
    """Where it takes place.

    Attributes:
        room: "Konferenzraum".
        room_easy: "Konferenz-Raum".
        street: "Hohe Straße 21".
        postcode: "06449".
        city: "Aschersleben".
        label: "Konferenzraum, Hohe Straße 21, 06449 Aschersleben".
        in_sentence: "im Konferenzraum in der Hohen Straße 21".
        access: What is known about access, one entry per fact; empty if nothing is.
        access_easy: The same in Leichte Sprache, an entry may have several lines.
    """

    room: str
    room_easy: str
    street: str
    postcode: str
    city: str
    label: str
    in_sentence: str
    access: tuple[str, ...]
    access_easy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Addresses of the public pages; all empty without a base URL.

    Attributes:
        base: "https://mia.aschersleben.example", without a slash at the end.
        imprint, privacy, accessibility: Whole addresses.
    """

    base: str = ""
    imprint: str = ""
    privacy: str = ""
    accessibility: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a letter about a meeting may mention.

    Attributes:
        later: The next meetings after this one.
        later_share_venue: They, and this one, are all in the same place.
        words: The coordinator's own text, Markdown; may be empty.
        easy_words: The same in Leichte Sprache, written by her; may be empty.
        answers_work: A mailbox is read, so answering with a word works.
        links_work: There are public pages, so links work.
    """

    network: NetworkFacts
    coordinator: CoordinatorFacts
    sender: SenderFacts
    meeting: MeetingFacts
    when: When
    venue: VenueWords
    later: tuple[When, ...]
    later_share_venue: bool
    words: str
    easy_words: str
    answers_work: bool
    links_work: bool
    links: LinkFacts


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
    series = _series(settings, meeting.series)
    return Facts(
        network=_network(settings.network),
        coordinator=_coordinator(settings.coordinator),
        sender=_sender(settings),
        meeting=_meeting(meeting, series),
        when=when(meeting, series.zone),
        venue=_venue(_known_venue(settings, meeting.venue), settings.coordinator.phone),
        later=tuple(when(one, series.zone) for one in later),
        later_share_venue=all(one.venue == meeting.venue for one in later),
        words=words.strip(),
        easy_words=easy_words.strip(),
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=_links(settings.web_base_url),
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


def _series(settings: Settings, key: str) -> Series:
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


def _network(network: Network) -> NetworkFacts:
    return NetworkFacts(
        name=network.name,
        full_name=network.full_name,
        meaning=network.meaning,
        organisation=network.organisation,
        town=network.town,
        address_lines=(network.organisation, *network.postal_address),
        goal=network.goal,
    )


def _coordinator(coordinator: Coordinator) -> CoordinatorFacts:
    return CoordinatorFacts(
        name=coordinator.name,
        role=coordinator.role,
        work_easy=coordinator.employer_easy,
        email=coordinator.email.text,
        phone=coordinator.phone,
        phone_easy=german.phone_in_pairs(coordinator.phone),
        phone_uri=german.phone_uri(coordinator.phone),
    )


def _sender(settings: Settings) -> SenderFacts:
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


def _venue(venue: Venue, phone: str) -> VenueWords:
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


def _links(base_url: str) -> LinkFacts:
    if not base_url:
        return LinkFacts()
    base = base_url.rstrip("/")
    return LinkFacts(
        base=base,
        imprint=f"{base}/impressum",
        privacy=f"{base}/datenschutz",
        accessibility=f"{base}/barrierefreiheit",
    )
