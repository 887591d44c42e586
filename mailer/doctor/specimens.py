"""Every letter there is, with the present settings, to nobody and stored nowhere.

Each kind of edition and each service letter, in both styles: what breaks only in
March, or only in a goodbye, breaks here today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from mailer.doctor.update_specimen import update_specimen
from mailer.editions import context, service
from mailer.editions.facts import DayOffFacts, Facts
from mailer.editions.kinds import KINDS, EditionKind
from mailer.meetings.closures import Closure
from mailer.meetings.localtime import local_day
from mailer.meetings.models import Meeting
from mailer.meetings.slots import slots
from mailer.meetings.states import MeetingState
from mailer.rendering.calendar_file import with_calendar
from mailer.rendering.letter import Person, fill, greeting, reason
from mailer.rendering.message import MessageHead, build
from mailer.rendering.typesetting import render
from subscribers.topics import LetterStyle
from subscribers.wordings import WordingName, wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mailer.doctor.patient import Patient
    from mailer.editions.update_facts import UpdateFacts
    from mailer.meetings.slots import Slot
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Series

AHEAD: Final = timedelta(days=400)
"""How far the next meetings are looked for: a rule names one at least every year."""

REASON: Final = "Der Raum ist an diesem Tag belegt."

CONTRIBUTION: Final = service.ContributionFacts(
    "Tag der offenen Tür",
    "Oktober bis Dezember 2026",
    wants_description=True,
    notes=("Die Datei „film.pdf“ ist zu groß.",),
    reason="Das ist Werbung.",
)

NAME: Final = "Vorname Nachname"

URL_OCTETS: Final = 100
"""A link with its token, longer than any real one."""

ENTRY_LINES: Final = 4
"""So many times as much is entered about the mailbox of a partner's office."""

LIST_OCTETS: Final = 2000
"""Of the fields that only a list's letter has, and of a signature."""

EASY: Final = "/easy.txt"
"""The file that every letter to readers has; mail to the coordinator alone has none."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """What one letter is made of.

    Attributes:
        folder: Below ``templates/mail``.
        facts: What it mentions.
        method: Of its calendar file; empty for none.
    """

    folder: str
    facts: Facts | DayOffFacts | UpdateFacts | service.ServiceFacts
    method: str = ""


def specimens(patient: Patient) -> Iterator[Specimen]:
    """Yield every letter once for each series, and every service letter once.

    Raises:
        PlanRefused: The settings contradict themselves.
    """
    for series in patient.settings.series:
        coming = _coming(patient, series)
        if coming:
            for kind in EditionKind:
                known = _edition_facts(patient, series, kind, coming)
                yield Specimen(KINDS[kind].folder, known, KINDS[kind].method)
    editions = {row.folder for row in KINDS.values()}
    for folder in folders(patient):
        if folder not in editions:
            yield Specimen(folder, _service_facts(patient))


def folders(patient: Patient) -> list[str]:
    """Return the folders of all letters to readers."""
    names = patient.app.press.environment.list_templates()
    found = {
        name.split("/")[1]
        for name in names
        if name.startswith("mail/") and name.endswith(EASY)
    }
    return sorted(found)


def rendered(patient: Patient, specimen: Specimen, style: LetterStyle) -> Letter:
    """Return *specimen* as all readers of *style* get it, personal places open.

    Raises:
        TemplateBroken: A template is missing, misspelt or asks for too much.
    """
    facts = specimen.facts
    environment = patient.app.press.environment
    letter = render(environment, facts, style, specimen.folder)
    if not isinstance(facts, Facts):
        return letter
    return with_calendar(
        letter, facts, style, method=specimen.method, stamped_at=patient.now
    )


def octets(patient: Patient, letter: Letter, style: LetterStyle) -> int:
    """Return how large *letter* is on the wire, generously.

    Raises:
        MessageUnsafe: It cannot be made into a message.
    """
    settings = patient.settings
    filler = "x" * URL_OCTETS
    person = Person(
        greeting=greeting(NAME, style),
        unsubscribe_url=filler,
        unsubscribe_token=filler,
        preferences_url=filler,
        reason=reason(settings.network.name, style, is_partner=True),
        confirm_token=filler,
        entry=filler * ENTRY_LINES,
    )
    message_id = patient.app.press.new_message_id()
    head = MessageHead(
        sender_name=settings.sender.name,
        sender=settings.sender.address,
        to=settings.coordinator.email,
        to_name=NAME,
        reply_to=settings.sender.reply_to,
        date=patient.now,
        message_id=message_id,
        boundary_seed=message_id,
    )
    return len(build(fill(letter, person), head)) + LIST_OCTETS


def _coming(patient: Patient, series: Series) -> Sequence[Slot]:
    """Return the next days of the rule that take place."""
    first = max(local_day(patient.now, series.zone), series.first_on)
    found = slots(series, patient.app.closures, first, first + AHEAD)
    return [slot for slot in found if slot.closure is None]


def _edition_facts(
    patient: Patient, series: Series, kind: EditionKind, coming: Sequence[Slot]
) -> Facts | DayOffFacts | UpdateFacts:
    """Return what the letter of *kind* about the next meeting would mention."""
    settings = patient.settings
    if kind is EditionKind.NETWORK_UPDATE:
        return update_specimen(settings, series, coming)
    first, later = coming[0], coming[1 : settings.policy.next_dates + 1]
    if kind is EditionKind.HOLIDAY:
        closure = Closure(first.on, "Christi Himmelfahrt", is_holiday=True)
        return context.day_off_facts(settings, series, closure, later=later)
    is_off = kind is EditionKind.CANCELLATION
    meeting = _meeting(series, first, patient.now, is_off=is_off)
    is_change = kind in {EditionKind.UPDATE, EditionKind.REINSTATEMENT}
    return context.facts(
        settings,
        meeting,
        later=later,
        before=later[0] if is_change and later else None,
        now=patient.now,
    )


def _meeting(series: Series, slot: Slot, now: datetime, *, is_off: bool) -> Meeting:
    """Return a meeting that stands in no database."""
    return Meeting(
        uid=f"{series.key}@mia.invalid",
        series=series.key,
        ruled_on=slot.on,
        title=series.title,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        venue=slot.venue,
        state=MeetingState.CANCELLED if is_off else MeetingState.PLANNED,
        reason=REASON if is_off else "",
        sequence=1,
        created_at=now,
        changed_at=now,
    )


def _service_facts(patient: Patient) -> service.ServiceFacts:
    """Return what a letter to one person may mention."""
    settings, now = patient.settings, patient.now
    series = settings.series[0]
    coming = _coming(patient, series)
    meeting = _meeting(series, coming[0], now, is_off=False) if coming else None
    words = wording(WordingName.INVITATIONS_MAIL, service.wording_names(settings))
    ends_at = now + settings.policy.confirm_within
    facts = service.service_facts(
        settings,
        upcoming=meeting,
        asked=service.asked_facts(settings, words, now=now, expires_at=ends_at),
        pause_until=date(now.year + 1, 1, 31),
    )
    return replace(facts, contribution=CONTRIBUTION)


NAMES: Final[Mapping[LetterStyle, str]] = {
    LetterStyle.STANDARD: "Standard",
    LetterStyle.EASY: "Leichte Sprache",
}
"""What people call the styles."""
