"""What a service letter may mention: a confirm mail, a welcome, a goodbye.

Such a letter goes to one person because of something she did. It may have no meeting
at all; a welcome names the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer import german
from mailer.editions.context import (
    NO_REGISTRATION,
    coordinator_facts,
    link_facts,
    network_facts,
    next_meeting,
    sender_facts,
)
from subscribers.topics import Topic
from subscribers.wordings import WordingNames

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from mailer.editions.facts import (
        CoordinatorFacts,
        LinkFacts,
        NetworkFacts,
        NextMeeting,
        SenderFacts,
        VenueWords,
        When,
    )
    from mailer.meetings.models import Meeting
    from mailer.settings.model import Series, Settings
    from subscribers.wordings import Wording

_ORDINALS: Final[Mapping[int, str]] = {
    1: "ersten",
    2: "zweiten",
    3: "dritten",
    4: "vierten",
    5: "fünften",
    -1: "letzten",
}


TOPIC_NAMES: Final[Mapping[Topic, str]] = {
    Topic.INVITATIONS: "die Einladungen",
    Topic.NETWORK_UPDATES: "die Netzwerk-Info",
}
"""What readers call a topic."""


@dataclass(frozen=True, slots=True)
class AskedFacts:
    """What somebody asked for, and until when she may confirm it.

    Attributes:
        day: "12. November 2026".
        clock: "09:41 Uhr".
        until: "19. November 2026".
        full_until: "Donnerstag, 19. November 2026".
        wording: What she agrees to, one paragraph a line; empty if nothing new.
        version: Of the wording, "EW-2/2".
        is_delegate: She was named to speak for a partner; she did not ask herself.
    """

    day: str
    clock: str
    until: str
    full_until: str
    wording: tuple[str, ...]
    version: str
    is_delegate: bool = False


@dataclass(frozen=True, slots=True)
class ContributionFacts:
    """What a letter to who sent a contribution may mention.

    Attributes:
        called: Its title, or how it begins.
        quarter: Which update it is for, "Oktober bis Dezember 2026".
        is_known: The same text was there before.
        is_described: It was only the description of a picture that was missing.
        wants_description: The picture with it has none yet.
        notes: What was not taken, one sentence each.
        reason: Why it was declined, a sentence of the coordinator's.
    """

    called: str
    quarter: str
    is_known: bool = False
    is_described: bool = False
    wants_description: bool = False
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def answer(self) -> str:
        """Which answer this is: each kind goes to a person once a day."""
        if self.is_described:
            return "described"
        if self.is_known:
            return "known"
        return "picture" if self.wants_description else "received"


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """Everything a service letter may mention.

    Attributes:
        meetings: What people call the meetings, "„Miteinander reden“".
        meetings_easy: The same without quotation marks.
        rule: "an jedem ersten und dritten Donnerstag im Monat"; empty if there are
            several series.
        when, venue: The next meeting; None if the letter names none.
        registration: "nicht notwendig".
        asked: The request that is to be confirmed; None if there is none.
        pause_until: "31. Januar 2027", the day on which letters come again; empty
            if nobody said when.
        held: What we hold of its reader, one thing a line; for her alone.
        ended, kept: "die Netzwerk-Info", "die Einladungen": what somebody left, and
            what goes on; empty if everything ended, or nothing.
        contribution: What somebody contributed; None for every other letter.
        words, easy_words: Always empty: nobody adds words to a service letter.
        answers_work: A mailbox is read, so answering with a word works.
        links_work: There are public pages, so links work.
    """

    network: NetworkFacts
    coordinator: CoordinatorFacts
    sender: SenderFacts
    meetings: str
    meetings_easy: str
    rule: str
    when: When | None
    venue: VenueWords | None
    registration: str
    asked: AskedFacts | None
    pause_until: str
    answers_work: bool
    links_work: bool
    links: LinkFacts
    ended: str = ""
    kept: str = ""
    held: tuple[str, ...] = ()
    contribution: ContributionFacts | None = None
    words: str = ""
    easy_words: str = ""


def service_facts(
    settings: Settings,
    *,
    upcoming: Meeting | None = None,
    asked: AskedFacts | None = None,
    pause_until: date | None = None,
    ended: Collection[Topic] = (),
    kept: Collection[Topic] = (),
) -> ServiceFacts:
    """Return what a service letter may mention.

    Args:
        upcoming: The next meeting, for a letter that names it.
        asked: For a letter that waits for a "Ja".
        pause_until: The day on which a pause ends.
        ended, kept: What somebody left, and what goes on.
    """
    coming = _coming(settings, upcoming)
    titles = dict.fromkeys(series.title for series in settings.series)
    return ServiceFacts(
        network=network_facts(settings.network),
        coordinator=coordinator_facts(settings.coordinator),
        sender=sender_facts(settings),
        meetings=german.and_list([f"„{title}“" for title in titles]),
        meetings_easy=german.and_list(list(titles)),
        rule=rule(settings.series[0]) if len(settings.series) == 1 else "",
        when=coming.when if coming else None,
        venue=coming.venue if coming else None,
        registration=NO_REGISTRATION,
        asked=asked,
        pause_until=german.short_day(pause_until) if pause_until else "",
        answers_work=settings.inbox_address is not None,
        links_work=bool(settings.web_base_url),
        links=link_facts(settings.web_base_url),
        ended=german.and_list([TOPIC_NAMES[one] for one in ended]),
        kept=german.and_list([TOPIC_NAMES[one] for one in kept]),
    )


def asked_facts(
    settings: Settings, wording: Wording | None, *, now: datetime, expires_at: datetime
) -> AskedFacts:
    """Return what a confirm mail says about the request, on the town's clocks.

    Args:
        wording: What she agrees to; None if she agrees to nothing new.
        now: When she asked.
        expires_at: When the question is forgotten.
    """
    zone = settings.series[0].zone
    asked, until = now.astimezone(zone), expires_at.astimezone(zone)
    return AskedFacts(
        day=german.short_day(asked),
        clock=f"{asked:%H:%M} Uhr",
        until=german.short_day(until),
        full_until=german.full_day(until),
        wording=tuple(wording.text.splitlines()) if wording else (),
        version=wording.version if wording else "",
    )


def wording_names(settings: Settings) -> WordingNames:
    """Return the names that a wording of the settings' network is filled with."""
    titles = dict.fromkeys(series.title for series in settings.series)
    return WordingNames(
        network=settings.network.full_name,
        organisation=settings.network.organisation,
        meetings=" und ".join(titles),
        phone=settings.coordinator.phone,
    )


def rule(series: Series) -> str:
    """Return when a series takes place, "an jedem ersten … Donnerstag im Monat"."""
    which = german.and_list([_ORDINALS[one] for one in series.nth])
    return f"an jedem {which} {german.WEEKDAYS[series.weekday]} im Monat"


def _coming(settings: Settings, meeting: Meeting | None) -> NextMeeting | None:
    """Return time and place of *meeting*; None if the settings do not know it."""
    if meeting is None:
        return None
    zones = [one.zone for one in settings.series if one.key == meeting.series]
    return next_meeting(settings, meeting, zones[0]) if zones else None
