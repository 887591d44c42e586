"""Lists come in: good rows entered, bad ones named, nobody active without proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from subscribers import consent, importing, mailboxes, subscription, suppression
from subscribers.address import EmailAddress, fingerprint
from subscribers.errors import ForeignKeys, ImportRefused
from subscribers.importing import ImportOutcome
from subscribers.lists import Terms
from subscribers.models import (
    ConsentAct,
    ConsentChannel,
    ConsentRecord,
    Mailbox,
    Partner,
    PartnerContact,
    Subscriber,
    Subscription,
    SuppressionReason,
)
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.factories import (
    ENTERED_AT,
    KEYS,
    a_mailbox,
    a_subscriber,
)

if TYPE_CHECKING:
    from subscribers.database import Db
    from subscribers.importing import ImportReport

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

TERMS = Terms(
    source="liste.csv",
    zone=ZoneInfo("Europe/Berlin"),
    key=KEYS.fingerprint_key,
    now=NOW,
)

PROVEN_HEAD = "E-Mail;Name;Fassung;Themen;Einwilligung am;Einwilligung Weg;Nachweis\r\n"


def residents(db: Db, text: str, encoding: str = "utf-8-sig") -> ImportReport:
    """Import *text* as a residents' list."""
    return importing.import_residents(db, text.encode(encoding), TERMS)


def outcomes(report: ImportReport) -> list[tuple[int, ImportOutcome]]:
    """Return line and outcome of each row."""
    return [(line.line, line.outcome) for line in report.lines]


def state_of(db: Db, address: str, topic: Topic = Topic.INVITATIONS) -> str | None:
    """Return the state of a subscription; None if there is none."""
    mailbox = mailboxes.get(db, EmailAddress.parse(address))
    row = subscription.find(db, mailbox, topic)
    return row.state if row else None


def people_in(db: Db) -> int:
    """Return how many rows the tables about people hold together."""
    tables = (Mailbox, Subscriber, Subscription, ConsentRecord, Partner, PartnerContact)
    return sum(
        db.execute(sa.select(sa.func.count()).select_from(one)).scalar_one()
        for one in tables
    )


def test_a_row_with_proof_is_active_and_the_proof_is_kept(db: Db) -> None:
    """Day, way and evidence of the list stand in the record."""
    report = residents(
        db,
        PROVEN_HEAD + "jörg@post.example;x;;;;;\r\n"
        "eva@post.example;Eva Jäger;Leichte Sprache;Einladungen;29.01.2026;Papier;"
        "Liste vom 29. Januar 2026, Blatt 2\r\n",
    )

    assert outcomes(report) == [(2, ImportOutcome.REFUSED), (3, ImportOutcome.ACTIVE)]
    assert state_of(db, "eva@post.example") is SubscriptionState.ACTIVE
    mailbox = mailboxes.get(db, EmailAddress.parse("eva@post.example"))
    assert mailbox.style is LetterStyle.EASY
    asked, recorded = consent.history(db, mailbox.id)
    assert (asked.act, recorded.act) == (ConsentAct.REQUESTED, ConsentAct.RECORDED)
    assert recorded.channel is ConsentChannel.PAPER
    assert recorded.evidence == "Liste vom 29. Januar 2026, Blatt 2"
    assert recorded.happened_at == datetime(2026, 1, 29, 11, 0, tzinfo=UTC)
    assert recorded.recorded_at == NOW


def test_a_row_without_proof_waits(db: Db) -> None:
    """It is stored and named, and gets nothing."""
    report = residents(db, "E-Mail;Name\r\neva@post.example;Eva Jäger\r\n")

    assert report.lines[0].outcome is ImportOutcome.WAITING
    assert report.lines[0].address_masked == "e…@post.example"
    assert "bekommt noch nichts" in report.lines[0].reason
    assert state_of(db, "eva@post.example") is SubscriptionState.REQUESTED
    mailbox = mailboxes.get(db, EmailAddress.parse("eva@post.example"))
    (record,) = consent.history(db, mailbox.id)
    assert record.channel is ConsentChannel.OPERATOR
    assert record.evidence == "liste.csv, Zeile 2, ohne Nachweis"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a@post.example;A;;;29.01.2026;;", "Einwilligung Weg und Nachweis"),
        ("a@post.example;A;;;;Papier;Blatt 1", "Einwilligung am"),
        ("a@post.example;A;;;24.11.2026;Papier;Blatt 1", "in der Zukunft"),
        ("a@post.example;A;;;31.02.2026;Papier;Blatt 1", "gibt es nicht"),
        ("a@post.example;A;;;29.01.26;Papier;Blatt 1", "ist kein Datum"),
        ("a@post.example;A;;;29.01.2026;E-Mail;Blatt 1", "Der Weg der Einwilligung"),
        ("a@post.example;A;Klingonisch;;;;", "Die Fassung „Klingonisch“"),
        ("a@post.example;A;;Kegeln;;;", "Das Thema „Kegeln“"),
        ("a@post;A;;;;;", "fehlt die Endung"),
        (";Ohne Adresse;;;;;", "Die E-Mail-Adresse fehlt"),
        ("a@post.example\x07;A;;;;;", "Steuerzeichen"),
        ('a@post.example;"Eva\r\nBcc: b@post.example";;;;;', "Steuerzeichen"),
        ("a@post.example;Eva\x1b[2J;;;;;", "Steuerzeichen"),
        (f"a@post.example;{'x' * 201};;;;;", "mehr als 200 Zeichen"),
        ("a@post.example;A;;;;;;zuviel", "8 Zellen"),
        ("a@post.example;\u202eavE;;;;;", "Steuerzeichen"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_come_in(
    db: Db, row: str, reason: str
) -> None:
    """The reason is named; the row leaves nothing behind."""
    good = "gut@post.example;Gut;;;;;"

    report = residents(db, f"{PROVEN_HEAD}{row}\r\n{good}\r\n")

    assert [line.outcome for line in report.lines] == [
        ImportOutcome.REFUSED,
        ImportOutcome.WAITING,
    ]
    assert reason in report.lines[0].reason
    assert not report.lines[0].reason.endswith(".")
    assert report.has_refused
    assert db.scalars(sa.select(Mailbox.canonical)).all() == ["gut@post.example"]


def test_line_numbers_are_those_of_the_file(db: Db) -> None:
    """Cells with line breaks, blank lines and rows of separators count."""
    report = residents(
        db,
        "E-Mail;Nachweis;Einwilligung am;Einwilligung Weg\r\n"
        'a@post.example;"Blatt 1\r\nZeile 7";29.01.2026;Papier\r\n'
        "\r\n"
        ";;;\r\n"
        "falsch;;;\r\n",
    )

    assert outcomes(report) == [(2, ImportOutcome.ACTIVE), (6, ImportOutcome.REFUSED)]


def test_duplicates_in_the_file_are_named_with_both_lines(db: Db) -> None:
    """Another spelling of the same mailbox is the same person."""
    report = residents(db, "E-Mail\neva@post.example\nEVA@Post.example\n")

    assert report.lines[1].line == 3
    assert report.lines[1].outcome is ImportOutcome.DUPLICATE
    assert report.lines[1].reason == "Steht in dieser Datei schon in Zeile 2"


def test_a_refused_row_makes_no_duplicate_of_the_next(db: Db) -> None:
    """The corrected row below a broken one comes in."""
    report = residents(
        db, "E-Mail;Thema\neva@post.example;Kegeln\neva@post.example;Einladungen\n"
    )

    assert outcomes(report) == [(2, ImportOutcome.REFUSED), (3, ImportOutcome.WAITING)]


def test_two_names_at_one_mailbox_are_refused(db: Db) -> None:
    """A couple with one mailbox is a question for the operator, not a guess."""
    report = residents(
        db, "E-Mail;Vorname;Nachname\na@post.example;Eva;Jäger\na@post.example;Max;J\n"
    )

    assert outcomes(report) == [(2, ImportOutcome.WAITING), (3, ImportOutcome.REFUSED)]
    assert "in Zeile 2 ein anderer Name" in report.lines[1].reason


def test_two_topics_in_two_rows_are_one_person(db: Db) -> None:
    """What the export writes: one row per topic."""
    report = residents(
        db,
        "E-Mail;Name;Themen\na@post.example;Eva;Einladungen\n"
        "a@post.example;Eva;Netzwerk-Info\n",
    )

    assert not report.has_refused
    assert db.scalar(sa.select(sa.func.count()).select_from(Subscriber)) == 1
    assert state_of(db, "a@post.example", Topic.NETWORK_UPDATES) == "requested"


def test_importing_twice_changes_nothing(db: Db) -> None:
    """The second report names who is stored already."""
    text = PROVEN_HEAD + "a@post.example;Eva;;;29.01.2026;Papier;Blatt 1\r\n"
    residents(db, text)
    before = people_in(db)

    report = residents(db, text)

    assert report.lines[0].outcome is ImportOutcome.UNCHANGED
    assert "schon gespeichert" in report.lines[0].reason
    assert people_in(db) == before


def test_proof_that_comes_later_makes_a_waiting_person_active(db: Db) -> None:
    """The list may be completed and imported again."""
    residents(db, "E-Mail\na@post.example\n")

    report = residents(db, PROVEN_HEAD + "a@post.example;Eva;;;29.1.2026;Papier;Bl. 1")

    assert report.lines[0].outcome is ImportOutcome.PROVEN
    assert state_of(db, "a@post.example") is SubscriptionState.ACTIVE


def test_an_old_list_brings_nobody_back(db: Db) -> None:
    """Who has left stays out, with or without proof in the list."""
    a_subscriber(db, "a@post.example", state=SubscriptionState.ENDED)

    report = residents(db, PROVEN_HEAD + "a@post.example;E;;;20.11.2026;Papier;Bl. 1")

    assert report.lines[0].outcome is ImportOutcome.LEFT_OUT
    assert state_of(db, "a@post.example") is SubscriptionState.ENDED


def test_a_lapsed_request_is_completed_by_proof_only(db: Db) -> None:
    """She never said no; but without proof she is not asked again by a list."""
    a_subscriber(db, "a@post.example", state=SubscriptionState.LAPSED)

    without = residents(db, "E-Mail\na@post.example\n")
    with_proof = residents(db, PROVEN_HEAD + "a@post.example;E;;;20.11.2026;Papier;B")

    assert without.lines[0].outcome is ImportOutcome.LEFT_OUT
    assert with_proof.lines[0].outcome is ImportOutcome.ACTIVE


def test_a_suppressed_address_is_not_even_stored(db: Db) -> None:
    """The keyed hash stops the import of somebody who was erased long ago."""
    print_of = fingerprint("a@post.example", key=KEYS.fingerprint_key)
    suppression.add(db, print_of, SuppressionReason.WISH, now=ENTERED_AT)

    report = residents(db, "E-Mail\na@post.example\n")

    assert report.lines[0].outcome is ImportOutcome.SUPPRESSED
    assert "auf eigenen Wunsch" in report.lines[0].reason
    assert people_in(db) == 0


def test_rows_marked_as_left_are_left_out(db: Db) -> None:
    """An exported list with its "Stand" column does not revive anybody."""
    report = residents(
        db,
        "E-Mail;Stand\na@post.example;abgemeldet\nb@post.example;Aktiv\n"
        "c@post.example;vielleicht\n",
    )

    assert [line.outcome for line in report.lines] == [
        ImportOutcome.LEFT_OUT,
        ImportOutcome.WAITING,
        ImportOutcome.REFUSED,
    ]


def test_a_consent_of_today_is_not_in_the_future(db: Db) -> None:
    """Noon has not come yet at nine o'clock; the day counts."""
    report = residents(db, PROVEN_HEAD + "a@post.example;E;;;23.11.2026;Telefon;Anruf")

    assert report.lines[0].outcome is ImportOutcome.ACTIVE


def test_another_secret_is_refused_before_anything_is_read(db: Db) -> None:
    """With another secret the suppression list would protect nobody."""
    a_mailbox(db)
    terms = Terms("liste.csv", TERMS.zone, b"another secret key", NOW)

    with pytest.raises(ForeignKeys):
        importing.import_residents(db, b"E-Mail\na@post.example\n", terms)


def test_a_formula_sign_is_taken_off(db: Db) -> None:
    """What our export neutralised comes back as it was."""
    residents(db, "E-Mail;Name\n'+eva@post.example;'=Eva\n")

    person = db.scalars(sa.select(Subscriber)).one()
    assert person.name == "=Eva"
    assert person.mailbox.address == "+eva@post.example"


def test_windows_lists_come_in(db: Db) -> None:
    """Excel without "UTF-8" in its name writes Windows-1252."""
    residents(db, "E-Mail;Name\r\na@post.example;Jürgen Größ\r\n", "cp1252")

    assert db.scalars(sa.select(Subscriber.name)).all() == ["Jürgen Größ"]


def test_a_hundred_days_later_everything_still_holds(db: Db) -> None:
    """The records carry the moment of the import, not of the consent."""
    later = Terms("l.csv", TERMS.zone, TERMS.key, NOW + timedelta(days=100))
    importing.import_residents(db, b"E-Mail\na@post.example\n", later)

    assert db.scalars(sa.select(ConsentRecord.recorded_at)).all() == [later.now]


def test_an_unreadable_file_is_refused_as_a_whole(db: Db) -> None:
    """Nothing of it comes in."""
    with pytest.raises(ImportRefused):
        residents(db, 'E-Mail\na@post.example\n"offen')
    assert people_in(db) == 0
