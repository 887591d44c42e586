"""Lists go out: for Excel, safe to open, and good enough to come in again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from subscribers import consent, exporting, importing, privacy, subscription
from subscribers.consent import Proof
from subscribers.importing import ImportOutcome
from subscribers.lists import Terms
from subscribers.models import ConsentChannel
from subscribers.states import PartnerState, SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.factories import (
    BY_HAND,
    ENTERED_AT,
    KEYS,
    ON_PAPER,
    a_mailbox,
    a_partner,
    a_partner_contact,
    a_subscriber,
)

if TYPE_CHECKING:
    from subscribers.database import Database, Db

BERLIN = ZoneInfo("Europe/Berlin")

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

RITA = "rita@post.example;Rita Beispiel;Leichte Sprache"


def terms(*fields: str) -> Terms:
    """Return the terms of an import today."""
    return Terms("liste.csv", BERLIN, KEYS.fingerprint_key, NOW, fields)


def lines(content: bytes) -> list[str]:
    """Return the rows below the heading."""
    return content.decode("utf-8-sig").splitlines()[1:]


def test_residents_are_written_with_their_proof(db: Db) -> None:
    """One row per topic; what is over carries no proof."""
    person = a_subscriber(db, "rita@post.example", style=LetterStyle.EASY)
    subscription.join(db, person.mailbox, Topic.NETWORK_UPDATES, BY_HAND, now=NOW)
    a_subscriber(db, "max@post.example", name=None, state=SubscriptionState.ENDED)
    a_subscriber(db, "eva@post.example", name=None, topics=[])
    erased = a_subscriber(db, "weg@post.example").mailbox
    privacy.erase(db, erased, BY_HAND, now=NOW)

    content = exporting.export_residents(db, zone=BERLIN)

    assert content.startswith("\ufeffE-Mail;Name;Fassung;Themen;Stand;".encode())
    assert lines(content) == [
        f"{RITA};Einladungen;aktiv;ja;29.01.2026;Papier;{ON_PAPER.evidence}",
        f"{RITA};Netzwerk-Info;wartet auf Bestätigung;;;;",
        "max@post.example;;Standard;Einladungen;abgemeldet;ja;;;",
        "eva@post.example;;Standard;;ohne Thema;;;;",
    ]


def test_contacts_are_written_while_they_speak(db: Db) -> None:
    """Ordered by organisation; who has left is not on the list."""
    house = a_partner(db, "Haus B")
    a_partner_contact(db, house, "info@b.example", name=None, topics=[])
    a_partner_contact(db, house, "alt@b.example", name="Alt", left_at=ENTERED_AT)
    a_partner_contact(db, a_partner(db, "Haus A"), "eva@a.example", topics=[])

    rows = lines(exporting.export_contacts(db, zone=BERLIN))

    assert [row.split(";")[0] for row in rows] == ["Haus A", "Haus B"]
    assert rows[0] == (
        "Haus A;Beratungsstellen;aktiv;Hans Muster;Leitung;eva@a.example;"
        "Benannt im Schreiben vom 12. Januar 2026;Standard;;ohne Thema;;;;"
    )


def test_no_cell_is_a_formula(db: Db) -> None:
    """Names and evidence come from people; Excel must show them, not run them."""
    a_subscriber(db, "+eva@post.example", name="=HYPERLINK(1)")

    (row,) = lines(exporting.export_residents(db, zone=BERLIN))

    assert row.startswith("'+eva@post.example;'=HYPERLINK(1);")


def test_what_went_out_comes_in_again(db: Db) -> None:
    """Into the same database nothing changes, row by row."""
    a_subscriber(db, "rita@post.example", name="'=Rita", topics=[*Topic])
    a_subscriber(db, "max@post.example", state=SubscriptionState.REQUESTED)
    a_subscriber(db, "weg@post.example", state=SubscriptionState.ENDED)
    a_partner_contact(db, a_partner(db, "Haus A"), "info@a.example", name=None)

    residents = exporting.export_residents(db, zone=BERLIN)
    contacts = exporting.export_contacts(db, zone=BERLIN)
    first = importing.import_residents(db, residents, terms())
    second = importing.import_contacts(db, contacts, terms("Beratungsstellen"))

    assert [line.outcome for line in first.lines] == [
        ImportOutcome.UNCHANGED,
        ImportOutcome.UNCHANGED,
        ImportOutcome.UNCHANGED,
        ImportOutcome.LEFT_OUT,
    ]
    assert {line.outcome for line in second.lines} == {ImportOutcome.UNCHANGED}


def test_a_list_moves_to_another_machine(database: Database, db: Db) -> None:
    """Into an empty database everybody with a documented consent is active."""
    rita = a_subscriber(
        db, "rita@post.example", topics=[*Topic], style=LetterStyle.EASY
    )
    subscription.set_reminds(db, rita.mailbox, reminds=False)
    a_subscriber(db, "max@post.example", state=SubscriptionState.REQUESTED)
    content = exporting.export_residents(db, zone=BERLIN)
    db.rollback()

    with database.transaction() as other:
        importing.import_residents(other, content, terms())
        again = exporting.export_residents(other, zone=BERLIN)

    assert again == content
    assert ";aktiv;nein;" in content.decode("utf-8-sig")


def test_the_partners_move_to_another_machine(database: Database, db: Db) -> None:
    """All of them, as they stand, also where nobody speaks or reads any more."""
    busy = a_partner(db, "Haus A", state=PartnerState.RESTING)
    a_partner_contact(db, busy, "info@a.example", name=None, style=LetterStyle.EASY)
    a_partner_contact(db, busy, "eva@a.example", name="'=Eva", role=None)
    gone = a_partner(db, "Haus B", state=PartnerState.LEFT)
    a_partner_contact(db, gone, "alt@b.example", left_at=ENTERED_AT)
    a_partner(db, "Haus C")
    quiet = a_partner_contact(db, a_partner(db, "Haus D"), "still@d.example")
    subscription.end_open(db, quiet.mailbox, tuple(Topic), BY_HAND, now=NOW)
    content = exporting.export_contacts(db, zone=BERLIN)
    db.rollback()

    with database.transaction() as other:
        importing.import_contacts(other, content, terms("Beratungsstellen"))
        again = exporting.export_contacts(other, zone=BERLIN)

    rows = lines(content)
    assert rows[4:6] == [
        "Haus B;Beratungsstellen;ausgeschieden;;;;;;;;;;;",
        "Haus C;Beratungsstellen;aktiv;;;;;;;;;;;",
    ]
    assert [row.split(";")[8:10] for row in rows[6:]] == [
        ["Einladungen", "abgemeldet"],
        ["Netzwerk-Info", "abgemeldet"],
    ]
    assert lines(again)[:6] == rows[:6]
    assert lines(again)[6:] == ["Haus D;Beratungsstellen;aktiv;;;;;;;;;;;"]


def test_a_confirmation_by_mail_is_no_proof_on_a_list(db: Db) -> None:
    """Its proof are the records in the database; a list cannot carry them."""
    mailbox = a_mailbox(db)
    by_mail = Proof(ConsentChannel.MAIL, NOW, "Antwort „Ja“")
    subscription.request(db, mailbox, Topic.INVITATIONS, by_mail, now=NOW)
    subscription.confirm(db, mailbox, Topic.INVITATIONS, by_mail, now=NOW)
    person = a_subscriber(db, mailbox.address, topics=[])

    (row,) = lines(exporting.export_residents(db, zone=BERLIN))

    assert person.mailbox is mailbox
    assert row.endswith(";Einladungen;aktiv;ja;;;")


def test_every_channel_has_words() -> None:
    """A new channel must be worded."""
    assert set(consent.GERMAN) == set(ConsentChannel)
