"""Facts: everything a letter may mention, frozen, and named as templates name it.

Every date, time and place a reader meets comes from one ``Facts``, so subject, HTML,
text, Leichte Sprache and calendar file cannot disagree. Templates get its fields by
their names: ``{{ when.full_day }}``, ``{{ venue.label }}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.meetings.states import MeetingState


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
        reason: Why it was moved or cancelled, with a full stop; may be empty.
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
class DayOff:
    """A day of the rule without a meeting.

    Attributes:
        day: "6. Mai 2027".
        full_day: "Donnerstag, 6. Mai 2027".
        reason: "Christi Himmelfahrt" or "Betriebsferien".
        is_holiday: *reason* is the name of a public holiday.
    """

    day: str
    full_day: str
    reason: str
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """The meeting after the one, or after the day, that a letter is about.

    Attributes:
        registration: "nicht notwendig".
    """

    when: When
    venue: VenueWords
    registration: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as readers knew it.

    Attributes:
        day: It is on another day.
        hours: It begins or ends at another time of day.
        place: It is somewhere else.
        instead: "am 10. statt am 3. Dezember 2026"; empty if the day stays.
    """

    day: bool = False
    hours: bool = False
    place: bool = False
    instead: str = ""


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
        before: When it was to take place, as readers know it; None if they know
            nothing else than *when*.
        before_venue: Where it was to take place; None as above.
        change: What differs between the two.
        soon: "heute" or "morgen", seen from the day on which the letter goes out;
            empty if it is later or nobody knows.
        has_calendar: The letter carries a calendar file.
        next_meeting: The first of *later*, with its place.
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
    before: When | None = None
    before_venue: VenueWords | None = None
    change: Change = Change()
    soon: str = ""
    has_calendar: bool = True
    next_meeting: NextMeeting | None = None


@dataclass(frozen=True, slots=True)
class DayOffFacts:
    """Everything a letter about a day without a meeting may mention.

    Attributes:
        title: What the meetings of the series are called, "Miteinander reden".
        off: The day.
        next_meeting: The first meeting after that day; None if nobody knows one.
        later: The meetings after that.
        words: The coordinator's own text, Markdown; may be empty.
        easy_words: The same in Leichte Sprache, written by her; may be empty.
        answers_work: A mailbox is read, so answering with a word works.
        links_work: There are public pages, so links work.
    """

    network: NetworkFacts
    coordinator: CoordinatorFacts
    sender: SenderFacts
    title: str
    off: DayOff
    next_meeting: NextMeeting | None
    later: tuple[When, ...]
    words: str
    easy_words: str
    answers_work: bool
    links_work: bool
    links: LinkFacts
