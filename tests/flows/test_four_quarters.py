"""Four quarters of the network update: twelve partners, in eight fields, by real mail.

Partners write with Outlook, GMX, an iPhone and T-Online; the coordinator answers from
her mailbox. One summer is empty, one office shares a mailbox, one is away, one leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, Final

import pytest
from icalendar import Calendar

from mailer.archive import shelf
from mailer.german import full_day
from mailer.inbound.desk import Effect
from mailer.rounds import calendar
from mailer.rounds.planning import plan_round
from mailer.settings.model import ClosedDays
from subscribers.topics import LetterStyle, Topic
from tests.contributing import GMX, IPHONE, OUTLOOK, T_ONLINE, a_letter, a_page
from tests.drafting_by_mail import KATHRIN, TownHall, a_town_hall, plain
from tests.factories import a_partner, a_partner_contact
from tests.incoming import a_mail
from tests.letters import BASE_URL
from tests.pictures import png
from tests.planning import BERLIN
from tests.update_letters import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

ADDRESSES: Final = tuple(f"info@haus{number}.example" for number in range(1, 13))
"""Of twelve partners; the first has a shared mailbox, the second a quiet summer."""

AWAY: Final = ADDRESSES[3]
LEAVING: Final = ADDRESSES[4]
EASY: Final = ADDRESSES[5]

UPDATES: Final = (Topic.NETWORK_UPDATES,)

SUMMER: Final = ClosedDays(date(2027, 7, 1), date(2027, 9, 30), "Sommerpause")

MOST_OCTETS: Final = 90_000


@dataclass(frozen=True)
class Quarter:
    """One quarter: when the draft comes, and when the letter leaves."""

    name: str
    draft: str
    due: str


YEAR: Final = (
    Quarter("2027-1", "2027-03-17 09:00", "2027-04-01 09:00"),
    Quarter("2027-2", "2027-06-16 09:00", "2027-07-01 09:00"),
    Quarter("2027-3", "2027-09-16 09:00", "2027-10-01 09:00"),
    Quarter("2027-4", "2027-12-17 09:00", "2028-01-03 09:00"),
)

TOLD: Final = {
    "2027-1": (
        ("2027-01-12 11:00", 1, OUTLOOK, "Meldung: Neue Räume\n\nWir sind umgezogen."),
        ("2027-01-22 08:00", 2, GMX, "Ergebnis: Der Weg steht.\nTeilnehmende: 14"),
        ("2027-02-20 19:00", 3, IPHONE, "Meldung: Wir suchen Vorleserinnen."),
    ),
    "2027-2": (
        ("2027-04-08 11:00", 7, T_ONLINE, "Meldung: Sommerfest am 12. Juni."),
        ("2027-04-20 08:00", 8, OUTLOOK, "Meldung: Die Rampe ist fertig."),
        ("2027-05-21 19:00", 9, GMX, "Ergebnis: Es gibt jetzt ein Faltblatt."),
    ),
    "2027-3": (),
    "2027-4": (
        ("2027-10-08 11:00", 10, IPHONE, "Meldung: Unsere Halle hat einen Aufzug."),
        ("2027-11-05 08:00", 11, T_ONLINE, "Meldung: Beratung auch mittwochs."),
        ("2027-12-03 19:00", 0, OUTLOOK, "Meldung: Wir danken allen."),
    ),
}
"""When which partner writes, with which program, and what: three in a quarter."""


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall, twelve partners in eight fields, and public pages."""
    known = replace(settings, web_base_url=BASE_URL, closed=(SUMMER,))
    with database.transaction() as db:
        for number, address in enumerate(ADDRESSES, start=1):
            partner = a_partner(
                db,
                f"Beispielhaus {number} e. V.",
                field_of_work=FIELDS[(number - 1) % len(FIELDS)],
            )
            style = LetterStyle.EASY if address == EASY else LetterStyle.STANDARD
            a_partner_contact(db, partner, address, topics=UPDATES, style=style)
        # Two people share the first mailbox; one speaks for another partner, too.
        first, last = (a_partner(db, f"Beispielhaus {one} e. V.") for one in (1, 12))
        for partner in (first, last):
            a_partner_contact(
                db,
                partner,
                ADDRESSES[0],
                name="Rita Beispiel",
                role=None,
                topics=UPDATES,
            )
    return a_town_hall(known, clock, database)


def at(hall: TownHall, moment: str) -> None:
    """Set the clocks of the town."""
    hall.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)


def round_at(hall: TownHall, moment: str) -> list[EmailMessage]:
    """Do one round of planning; return the network updates, and drafts, that leave."""
    at(hall, moment)
    done = plan_round(hall.database, hall.application.press, hall.clock)
    assert done.problems == []
    return [one for one in hall.send() if "Netzwerk-Info" in str(one["Subject"])]


def contribute(hall: TownHall, moment: str, place: int, form: str, said: str) -> None:
    """Let a partner write, and the coordinator take it with one word."""
    at(hall, moment)
    has_picture = "Räume" in said
    said += "\nBild: Ein breites Tor" if has_picture else ""
    letter = a_letter(
        html=a_page(form, said.split("\n")),
        sender=ADDRESSES[place],
        files=[("tor.png", "image/png", png())] if has_picture else (),
    )
    assert hall.take(letter) == Effect.CONTRIBUTED
    (shown,) = hall.to(KATHRIN)
    assert hall.say("Übernehmen", shown) == Effect.INSTRUCTED
    hall.send()


def test_a_year_of_updates(
    hall: TownHall, golden: Callable[[Path | str, str], None]
) -> None:
    """Each mailbox gets each letter once; what it says is approved, and small."""
    with hall.database.transaction() as db:
        calendar.prepare(db, hall.application.press, now=hall.clock.now())
    for quarter in YEAR:
        for told in TOLD[quarter.name]:
            contribute(hall, *told)
        (draft,) = round_at(hall, quarter.draft)
        if quarter.name == "2027-1":
            golden("quarters/draft.txt", _without_seal(plain(draft)))
            hall.say("Einleitung: Danke für **so viel** Neues.", draft)
            draft = hall.result()
        assert hall.say("Freigeben", draft) == Effect.INSTRUCTED
        hall.send()

        letters = {
            parseaddr(str(one["To"]))[1]: one for one in round_at(hall, quarter.due)
        }
        gone = {LEAVING} if quarter.name > "2027-2" else set()
        assert set(letters) == set(ADDRESSES) - gone
        assert max(map(len, map(bytes, letters.values()))) < MOST_OCTETS
        golden(f"quarters/{quarter.name}.txt", plain(letters[ADDRESSES[0]]))
        _check_calendar(letters[ADDRESSES[0]])
        assert round_at(hall, quarter.due) == []

        if quarter.name == "2027-1":
            golden("quarters/2027-1.easy.txt", plain(letters[EASY]))
            note = a_mail(
                AWAY, "Ich bin bis Montag nicht da.", Auto_Submitted="auto-replied"
            )
            assert hall.take(note) == Effect.NOTED
        if quarter.name == "2027-2":
            assert hall.take(a_mail(LEAVING, "Abmelden")) == Effect.LEFT_LIST
            hall.send()
    _check_archive(hall)


def _without_seal(text: str) -> str:
    head, _, _ = text.partition("Kennung für Ihre Antwort:")
    return head


def _check_calendar(letter: EmailMessage) -> None:
    """All planned days of the next quarter stand in the one file, and no other."""
    section = plain(letter).split(". Was kommt\n")[2]
    lines = [line for line in section.splitlines() if line.startswith("Donnerstag, ")]
    planned = [line for line in lines if "kein Treffen" not in line]
    days = [
        full_day(event.decoded("DTSTART"))
        for file in letter.iter_attachments()
        for event in Calendar.from_ical(file.get_content()).walk("VEVENT")
    ]
    assert days == planned
    assert lines


def _check_archive(hall: TownHall) -> None:
    """Four updates are kept; the picture of the first quarter is on its page."""
    settings = hall.application.settings
    with hall.database.reading() as db:
        kept = [
            one
            for one in reversed(shelf.published(db, settings))
            if one.kind == "network_update"
        ]
        assert [one.is_listed for one in kept] == [False] * 4
        (picture,) = shelf.files(db, kept[0].edition_id)
        assert picture.description == "Ein breites Tor"
        assert (
            f"#datei-{picture.id}"
            in shelf.copy(db, kept[0].edition_id, LetterStyle.STANDARD).text
        )
