"""Everything a network update may mention, frozen, and named as templates name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailer.editions.facts import (
        CoordinatorFacts,
        LinkFacts,
        NetworkFacts,
        SenderFacts,
        VenueWords,
        When,
    )


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """A meeting that the quarter had.

    Attributes:
        title: "Miteinander reden"; empty if all have the same.
        topic: What its invitation said it is about, one sentence; may be empty.
        results: What was noted afterwards, one entry each; may be empty.
        participants: How many came; None if nobody noted it.
    """

    when: When
    title: str
    topic: str
    results: tuple[str, ...]
    participants: int | None


@dataclass(frozen=True, slots=True)
class NewsFile:
    """A document or a picture of a contribution.

    Attributes:
        words: "Bild: Kinder tanzen auf dem Markt".
        address: Where it lies in the archive; empty without public pages.
        note: Where else it is: "liegt dieser E-Mail bei"; may be empty.
    """

    words: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class News:
    """What a partner, or the coordinator, tells or asks all others.

    Attributes:
        head: "Beispielhaus e. V.: Neue Räume"; may be empty.
        text: Markdown, as the coordinator accepted it.
        files: What belongs to it.
    """

    head: str
    text: str
    files: tuple[NewsFile, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldNews:
    """What comes from one field of work.

    Attributes:
        name: "Beratungsstellen".
    """

    name: str
    told: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class ComingDay:
    """A day of the next quarter.

    Attributes:
        day: "Donnerstag, 7. Januar 2027".
        hours: "10:00 bis 13:00 Uhr"; empty if nothing takes place.
        place: The address in one line; empty if it is everybody's, or nothing happens.
        title: "Miteinander reden"; empty if all days have the same.
        note: Why nothing takes place, or why it is not as usual; may be empty.
        is_off: Nothing takes place.
    """

    day: str
    hours: str
    place: str
    title: str
    note: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the quarter, beside that of the quarter before.

    Attributes:
        label: "Treffen".
        now, before: The numbers as people write them, "1.204" or "nicht notiert".
        bar_now, bar_before: How long their bars are, in percent of the longer one.
    """

    label: str
    now: str
    before: str
    bar_now: int
    bar_before: int


@dataclass(frozen=True, slots=True)
class QuarterWords:
    """The quarter a letter is about, and the next one.

    Attributes:
        german: "Oktober bis Dezember 2026".
        before, following: The quarters around it, in the same form.
        next_issue: When the next letter comes: "April 2027".
        deadline: Until when the next contributions must be there: "Montag, 15. März
            2027".
    """

    german: str
    before: str
    following: str
    next_issue: str
    deadline: str


@dataclass(frozen=True, slots=True)
class UpdateFacts:
    """Everything a network update may mention; what is empty is left out.

    Attributes:
        meetings: What the quarter had, by date.
        earlier: Meetings before it of which a result came in late.
        results: What was noted of no single meeting, one entry each.
        news: Contributions, in the order of the fields of work.
        newcomers: Organisations that joined, "Beispielhaus e. V. (Beratungsstellen)".
        coming: All days of the next quarter, also those that fall out.
        usual_title: What all days of it are called; empty if they differ.
        usual_hours: The hours of all days; empty if they differ.
        venue: Where all of them take place; None if they differ.
        questions: Open questions to all partners.
        figures: The numbers.
        has_before: There are numbers of the quarter before to compare with.
        sections: What the letter has, in its order: anchor and heading.
        archive: Address of its page in the archive; empty without public pages.
        words: The coordinator's introduction, Markdown; may be empty.
        easy_words: The same in Leichte Sprache, written by her; may be empty.
        answers_work: A mailbox is read, so answering with a word works.
        links_work: There are public pages, so links work.
        has_calendar: The letter carries a file with all meetings to come.
    """

    network: NetworkFacts
    coordinator: CoordinatorFacts
    sender: SenderFacts
    quarter: QuarterWords
    meetings: tuple[PastMeeting, ...]
    earlier: tuple[PastMeeting, ...]
    results: tuple[str, ...]
    news: tuple[FieldNews, ...]
    newcomers: tuple[str, ...]
    coming: tuple[ComingDay, ...]
    usual_title: str
    usual_hours: str
    venue: VenueWords | None
    questions: tuple[News, ...]
    figures: tuple[Figure, ...]
    has_before: bool
    sections: tuple[tuple[str, str], ...]
    archive: str
    words: str
    easy_words: str
    answers_work: bool
    links_work: bool
    links: LinkFacts
    has_calendar: bool

    @property
    def foreign_words(self) -> tuple[str, ...]:
        """What others wrote, Markdown each."""
        told = [one for field in self.news for one in field.told]
        return tuple(one.text for one in [*told, *self.questions])
