"""Somebody has left a partner: asked of the coordinator, never done by itself."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

import pytest

from mailer.inbound.departing import Departure, departure
from mailer.inbound.desk import Effect
from subscribers import audience, mailboxes, partners
from subscribers.address import EmailAddress
from subscribers.topics import Topic
from tests.contributing import HANS
from tests.drafting_by_mail import KATHRIN, TownHall, a_town_hall, plain
from tests.factories import a_partner, a_partner_contact, a_subscriber
from tests.incoming import a_mail

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

EVA = "probe@beispielhaus.example"
NOTE = (
    "Hans Muster ist aus unserer Einrichtung ausgeschieden. Bitte wenden Sie sich an "
    f"Frau Eva Probe, {EVA}."
)


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall on 23 November 2026; Hans speaks for a partner."""
    with database.transaction() as db:
        a_partner_contact(db, address=HANS)
    return a_town_hall(settings, clock, database)


def letters(hall: TownHall) -> dict[str, EmailMessage]:
    """Send all that is owed; return it by address."""
    return {parseaddr(str(one["To"]))[1]: one for one in hall.send()}


def informed(hall: TownHall) -> list[str]:
    """Return who gets the partners' news."""
    with hall.database.reading() as db:
        found = audience.recipients(db, Topic.NETWORK_UPDATES)
        return [one.address.text for one in found]


@pytest.mark.parametrize(
    ("text", "following"),
    [
        (NOTE, EVA),
        ("Ich bin nicht mehr für die Lebenshilfe tätig.", ""),
        (f"Unsere neue Ansprechpartnerin ist Eva Probe ({EVA}).", EVA),
        ("Frau Muster hat unser Haus zum 1. Juli verlassen.", ""),
        ("Ich arbeite nicht mehr bei der Wohnungsgesellschaft.", ""),
        ("Herr Muster ist im Ruhestand. Post an a@x.example oder b@x.example.", ""),
        ("Diese E-Mail-Adresse wird nicht mehr abgerufen.", ""),
    ],
)
def test_a_departure_is_heard(text: str, following: str) -> None:
    """In the words that people and machines use; the one address beside it is shown."""
    found = departure(text, sender=HANS, ours=("mia@stadt.example",))
    assert found == Departure(following)


@pytest.mark.parametrize(
    "text",
    [
        f"Ich bin bis zum 3. Januar nicht im Haus. Bitte an {EVA}.",
        "Ich bin im Urlaub und lese keine E-Mails.",
        "Ich bin in Elternzeit; zuständig ist meine Nachfolgerin Eva Probe.",
        "Ab dem 7. Januar bin ich wieder da.",
        "Wir haben den Saal um 13 Uhr leer zurückgelassen.",
        "Wir sind nicht mehr böse.",
    ],
)
def test_an_absence_is_no_departure(text: str) -> None:
    """Who comes back has not left."""
    assert departure(text, sender=HANS, ours=()) is None


@both
def test_she_is_asked_and_decides_in_words(hall: TownHall) -> None:
    """One leaves, one follows; who follows says "Ja" before she gets a thing."""
    automatic = a_mail(HANS, NOTE, Auto_Submitted="auto-replied", subject="Automatisch")
    assert hall.take(automatic) == Effect.HANDED_OVER
    asked = letters(hall)[KATHRIN]
    assert asked["Subject"] == "Ist jemand ausgeschieden? Beispielhaus e. V."
    text = plain(asked)
    assert "Ausgeschieden: Hans Muster\n" in text
    assert f"Nachfolge: Vorname Nachname, {EVA}\n" in text
    assert "Das Programm hat nichts geändert" in text
    assert informed(hall) == [HANS]
    assert hall.take(automatic.replace(b"Bitte", b"Gern")) == Effect.NOTED

    words = f"Ausgeschieden: Hans Muster\nNachfolge: Frau Eva Probe, Leitung, {EVA}"
    assert hall.say(words, asked) == Effect.INSTRUCTED
    sent = letters(hall)
    assert "spricht nicht mehr für Beispielhaus e. V." in plain(sent[KATHRIN])
    question = plain(sent[EVA])
    assert "als Ansprechperson Ihrer Einrichtung" in question
    assert "Ja, ich möchte als Ansprechperson von Beispielhaus e. V." in question
    assert informed(hall) == []
    with hall.database.reading() as db:
        mailbox = mailboxes.get(db, EmailAddress.parse(EVA))
        (named,) = partners.open_contacts(db, mailbox)
        assert (named.name, named.role) == ("Eva Probe", "Leitung")
        assert named.basis == "Benannt in einer E-Mail von Kathrin Sommer"

    assert hall.say("Ja", sent[EVA], sender=EVA) == Effect.CONFIRMED
    assert informed(hall) == [EVA]
    assert "viermal im Jahr die Netzwerk-Info" in plain(letters(hall)[EVA])


def test_a_colleague_tells_it(hall: TownHall) -> None:
    """A human's mail reaches her as such; the task comes beside it."""
    office = "info@beispielhaus.example"
    with hall.database.transaction() as db:
        a_partner_contact(db, a_partner(db), office, name=None)
    assert hall.take(a_mail(office, NOTE)) == Effect.HANDED_OVER
    sent = [one for one in hall.send() if KATHRIN in str(one["To"])]
    assert [str(one["Subject"]) for one in sent][1:] == [
        "Ist jemand ausgeschieden? Beispielhaus e. V."
    ]
    assert "Hans Muster (muster@beispielhaus.example)" in plain(sent[1])
    hall.say("Ausgeschieden: Hans Muster", sent[1])
    assert informed(hall) == [office]


def test_a_resident_who_retires_is_nobodys_task(hall: TownHall) -> None:
    """Only a partner's mailbox counts."""
    with hall.database.transaction() as db:
        a_subscriber(db, "rita@post.example")
    hall.take(a_mail("rita@post.example", "Ich bin jetzt im Ruhestand."))
    assert "ausgeschieden" not in "".join(hall.subjects())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Ja", "„Ausgeschieden:“ und den Namen"),
        ("Freigeben", "„Ausgeschieden:“ und den Namen"),
        ("Nein", "„Ausgeschieden:“ und den Namen"),
        ("Ausgeschieden: Paul", "Wer ist gemeint?"),
        ("Nachfolge: Eva Probe", "genau eine E-Mail-Adresse"),
        ("Nachfolge: Eva Probe, eva@haus", "keine E-Mail-Adresse"),
    ],
)
def test_what_is_not_clear_changes_nothing(
    hall: TownHall, words: str, said: str
) -> None:
    """Above all it releases no draft that happens to wait."""
    hall.draft()
    hall.take(a_mail(HANS, NOTE))
    asked = hall.to(KATHRIN)[-1]
    assert hall.say(words, asked) == Effect.ASKED_BACK
    assert said in plain(hall.result())
    assert hall.edition().approved_at is None
    assert informed(hall) == [HANS]


def test_without_the_seal_nobody_is_meant(hall: TownHall) -> None:
    """Several partners may have lost somebody."""
    assert hall.say("Ausgeschieden: Hans Muster") == Effect.ASKED_BACK
    assert "Welche Einrichtung meinen Sie?" in plain(hall.result())


def test_the_last_one_leaves(hall: TownHall) -> None:
    """It is said that nobody is left; who is there is not entered twice."""
    hall.take(a_mail(HANS, NOTE))
    asked = hall.to(KATHRIN)[-1]
    hall.say(f"Nachfolge: Hans Muster, {HANS}", asked)
    assert "spricht schon für Beispielhaus e. V." in plain(hall.result())
    hall.say("ausgeschieden", asked)
    assert "keine Ansprechperson mehr" in plain(hall.result())
    hall.say("ausgeschieden", asked)
    assert "spricht schon niemand mehr" in plain(hall.result())
