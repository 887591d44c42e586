"""What can be set about the town: the network, its people, its places, its meetings.

Part of ``model``, which names it all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, time
    from zoneinfo import ZoneInfo

    from subscribers.address import EmailAddress


class VenueAnswer(StrEnum):
    """What is known about one fact of a venue; "unknown" is an honest answer."""

    YES = "ja"
    NO = "nein"
    ON_REQUEST = "auf Anfrage"
    UNKNOWN = "nicht bekannt"


@dataclass(frozen=True, slots=True)
class Network:
    """``[network]``: who we are."""

    name: str
    """Short name, "MIA"."""
    full_name: str
    """As in running text, "MIA – Miteinander Inklusion Aschersleben"; default:
    *name*."""
    meaning: str
    """What the short name stands for, "Miteinander Inklusion Aschersleben"; default:
    *full_name*."""
    list_id: str
    """Name of the list for mail programs (RFC 2919); never change it."""
    organisation: str
    """Who is responsible, "Stadt Aschersleben"."""
    town: str
    """Where the network is at home, "Aschersleben"."""
    postal_address: tuple[str, ...]
    """Lines of the postal address, without the organisation."""
    goal: str
    """One sentence for the invitation: what the network wants."""
    fields_of_work: tuple[str, ...]
    """In which fields partners work; a partner has one of them."""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """``[coordinator]``: who answers questions."""

    name: str
    """First name and last name, "Kathrin Sommer"."""
    role: str
    """Office or task: "Gleichstellungsbeauftragte der Stadt Aschersleben"."""
    employer_easy: str
    """For Leichte Sprache, after the name: "arbeitet bei der Stadt Aschersleben";
    default: "ist Ihre Ansprech-Person"."""
    email: EmailAddress
    """Where human questions go."""
    phone: str
    """As DIN 5008 writes it: "03473 958-111"."""
    second_release: EmailAddress | None
    """Somebody who must release a draft too, by answering it; then no draft may go out
    unanswered; default: none, the coordinator's word is enough."""


@dataclass(frozen=True, slots=True)
class Sender:
    """``[sender]``: the From line of every letter."""

    name: str
    """What mailbox lists show; default: name of the coordinator."""
    address: EmailAddress
    """From address; default: the coordinator's."""
    reply_to: EmailAddress | None
    """Where answers go if not to *address*; default: none."""


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """``[venues.KEY.facts]``: what is known about access; default: unknown."""

    step_free: VenueAnswer = VenueAnswer.UNKNOWN
    """Is the room reached without steps? "ja", "nein", "auf Anfrage" or "nicht
    bekannt", as for all facts but the last."""
    lift: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there a lift, where one is needed?"""
    toilet: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there an accessible toilet?"""
    hearing_loop: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there an induction loop for hearing aids?"""
    sign_language: VenueAnswer = VenueAnswer.UNKNOWN
    """Is the meeting interpreted into German Sign Language?"""
    assistance: VenueAnswer = VenueAnswer.UNKNOWN
    """Are assistants and assistance dogs welcome?"""
    parking: VenueAnswer = VenueAnswer.UNKNOWN
    """Is there a parking space for disabled people?"""
    checked_on: date | None = None
    """When somebody looked; default: never."""


@dataclass(frozen=True, slots=True)
class Venue:
    """``[venues.KEY]``: a place, in the two forms German needs."""

    key: str
    """The KEY, by which series and meetings name it."""
    room: str
    """Label form: "Konferenzraum"."""
    room_easy: str
    """The room for Leichte Sprache: "Konferenz-Raum"; default: *room*."""
    street: str
    """Label form: "Hohe Straße 21"."""
    postcode: str
    """Five digits."""
    city: str
    """Without postcode: "Aschersleben"."""
    in_sentence: str
    """With preposition: "im Konferenzraum in der Hohen Straße 21"."""
    facts: VenueFacts = field(default_factory=VenueFacts)

    @property
    def label(self) -> str:
        """One line: "Konferenzraum, Hohe Straße 21, 06449 Aschersleben"."""
        return f"{self.room}, {self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, slots=True)
class Series:
    """``[[series]]``: a rule that makes meetings."""

    key: str
    """Short name for commands and rows: "miteinander-reden"."""
    title: str
    """What people call the meeting: "Miteinander reden"."""
    weekday: int
    """Monday is 0; in the file a German name: "Donnerstag"."""
    nth: tuple[int, ...]
    """Which of that weekday in a month: 1 to 5, or -1 for the last."""
    start: time
    """Local time, "10:00"."""
    end: time
    """Local time, later than *start*."""
    zone: ZoneInfo
    """IANA name; default: Europe/Berlin."""
    first_on: date
    """The rule makes no meeting before this day."""
    venue: str
    """Key of the venue; default: the only one there is."""
    about: str
    """What happens there: one or two German sentences for the invitation."""
    about_easy: tuple[str, ...]
    """The same in Leichte Sprache, one sentence each; empty leaves the block out."""
    audience: str
    """Whom it is for; default: "für alle Interessierten, mit und ohne Behinderung"."""
    added: tuple[date, ...] = ()
    """Days with a meeting that the rule does not make; default: none."""


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """``[[closed]]``: days on which nothing takes place, for a reason of our own."""

    first_on: date
    """The first day without a meeting."""
    last_on: date
    """The last one; default: *first_on*."""
    reason: str
    """People read it: "Betriebsferien"."""
