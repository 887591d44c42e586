"""Partners' lists come in: several people at one mailbox, fields of work checked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from subscribers import importing, suppression
from subscribers.address import fingerprint
from subscribers.importing import ImportOutcome
from subscribers.lists import Terms
from subscribers.models import (
    Mailbox,
    Partner,
    PartnerContact,
    Subscription,
    SuppressionReason,
)
from subscribers.states import PartnerState
from tests.factories import ENTERED_AT, KEYS, a_partner, a_partner_contact

if TYPE_CHECKING:
    from subscribers.database import Db
    from subscribers.importing import ImportReport

TERMS = Terms(
    source="liste.csv",
    zone=ZoneInfo("Europe/Berlin"),
    key=KEYS.fingerprint_key,
    now=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    fields_of_work=("Beratungsstellen", "Schulen und Kitas"),
)

CONTACT_HEAD = (
    "Einrichtung;Arbeitsfeld;Ansprechperson;Funktion;E-Mail;Grundlage;Themen;"
    "Einwilligung am;Einwilligung Weg;Nachweis\n"
)


def contacts(db: Db, text: str) -> ImportReport:
    """Import *text* as a partners' list."""
    return importing.import_contacts(db, text.encode("utf-8-sig"), TERMS)


def rows_of(db: Db, table: type) -> int:
    """Return how many rows *table* has."""
    return db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_contacts_share_a_mailbox_and_its_subscriptions(db: Db) -> None:
    """Two people at info@: two contacts, one mailbox, one subscription per topic."""
    report = contacts(
        db,
        CONTACT_HEAD
        + "Haus A;Beratungsstellen;Eva J;Leitung;info@a.example;;;29.01.2026;Papier;B\n"
        "HAUS A;beratungsstellen;Max K;Büro;info@a.example;;;29.01.2026;Papier;B\n"
        "Haus A;Beratungsstellen;;;info@a.example;;;29.01.2026;Papier;B\n"
        "Haus A;Beratungsstellen;max k;;INFO@a.example;;;29.01.2026;Papier;B\n",
    )

    assert [line.outcome for line in report.lines] == [
        ImportOutcome.ACTIVE,
        ImportOutcome.ENTERED,
        ImportOutcome.ENTERED,
        ImportOutcome.DUPLICATE,
    ]
    (partner,) = db.scalars(sa.select(Partner))
    assert [row.name for row in partner.contacts] == ["Eva J", "Max K", None]
    assert partner.contacts[0].role == "Leitung"
    assert partner.contacts[0].basis == "B"
    assert rows_of(db, Subscription) == 2


def test_importing_contacts_twice_changes_nothing(db: Db) -> None:
    """The second report names who is stored already."""
    text = CONTACT_HEAD + "Haus A;Beratungsstellen;;;info@a.example;Schreiben;;;;\n"
    contacts(db, text)

    report = contacts(db, text)

    assert report.lines[0].outcome is ImportOutcome.UNCHANGED
    assert [rows_of(db, one) for one in (Mailbox, Partner, PartnerContact)] == [1] * 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Haus A;Beratungstellen;;;i@a.example;;;;;", "vielleicht „Beratungsstellen“"),
        ("Haus A;Raumfahrt;;;i@a.example;;;;;", "möglich sind: Beratungsstellen, Schu"),
        ("Haus A;;;;i@a.example;;;;;", "Das Arbeitsfeld fehlt"),
        (";Beratungsstellen;;;i@a.example;;;;;", "Die Einrichtung fehlt"),
        (
            "Haus Z;Schulen und Kitas;;;i@a.example;;;;;",
            "ist schon mit dem Arbeitsfeld",
        ),
    ],
)
def test_a_bad_contact_is_refused(db: Db, row: str, reason: str) -> None:
    """The nearest field of work is named; a partner keeps the one it has."""
    a_partner(db, "Haus Z")

    report = contacts(db, f"{CONTACT_HEAD}{row}\n")

    assert report.lines[0].outcome is ImportOutcome.REFUSED
    assert reason in report.lines[0].reason
    assert db.scalars(sa.select(Partner.organisation)).all() == ["Haus Z"]


def test_a_contact_who_left_stays_out(db: Db) -> None:
    """An old partners' list brings nobody back either."""
    partner = a_partner(db, "Haus A")
    a_partner_contact(db, partner, "e@a.example", name="Eva", left_at=ENTERED_AT)

    report = contacts(
        db, CONTACT_HEAD + "Haus A;Beratungsstellen;Eva;;e@a.example;;;;;"
    )

    assert report.lines[0].outcome is ImportOutcome.LEFT_OUT


def test_a_partner_who_is_new_is_a_partner_at_once(db: Db) -> None:
    """Without proof the partner is listed, and the contact waits."""
    report = contacts(
        db, CONTACT_HEAD + "Haus A;Beratungsstellen;Eva;;e@a.example;;;;;"
    )

    assert report.counts[ImportOutcome.WAITING] == 1
    assert report.counts[ImportOutcome.ACTIVE] == 0
    assert db.scalars(sa.select(PartnerContact.basis)).all() == [
        "liste.csv, Zeile 2, ohne Nachweis"
    ]


def test_nobody_comes_in_for_a_partner_that_left(db: Db) -> None:
    """An old list brings no organisation back."""
    a_partner(db, "Haus A", state=PartnerState.LEFT)

    report = contacts(
        db, CONTACT_HEAD + "Haus A;Beratungsstellen;Eva;;e@a.example;;;;;"
    )

    assert report.lines[0].outcome is ImportOutcome.LEFT_OUT
    assert rows_of(db, PartnerContact) == 0


def test_a_suppressed_contact_leaves_no_partner_behind(db: Db) -> None:
    """The organisation of a refused row is not entered either."""
    print_of = fingerprint("e@a.example", key=KEYS.fingerprint_key)
    suppression.add(db, print_of, SuppressionReason.COMPLAINT, now=ENTERED_AT)

    report = contacts(
        db, CONTACT_HEAD + "Haus A;Beratungsstellen;Eva;;e@a.example;;;;;"
    )

    assert report.lines[0].outcome is ImportOutcome.SUPPRESSED
    assert [rows_of(db, one) for one in (Mailbox, Partner, PartnerContact)] == [0] * 3


STATE_HEAD = "Einrichtung;Arbeitsfeld;Stand der Einrichtung;E-Mail\n"


def test_a_list_says_how_a_partner_stands(db: Db) -> None:
    """Nobody need speak for it; without its state such a row lacks an address."""
    rows = (
        "Haus A;Beratungsstellen;Ruht;\n"
        "Haus A;Beratungsstellen;;e@a.example\n"
        "Haus B;Beratungsstellen;aktiv;\n"
        "haus b;Beratungsstellen;aktiv;\n"
        "Haus C;Beratungsstellen;;\n"
        "Haus D;Beratungsstellen;verzogen;\n"
        "Haus A;Beratungsstellen;aktiv;info@a.example\n"
    )

    report = contacts(db, STATE_HEAD + rows)

    assert [line.outcome for line in report.lines] == [
        ImportOutcome.ENTERED,
        ImportOutcome.WAITING,
        ImportOutcome.ENTERED,
        ImportOutcome.UNCHANGED,
        *[ImportOutcome.REFUSED] * 3,
    ]
    assert [line.reason for line in report.lines[4:]] == [
        "Die E-Mail-Adresse fehlt",
        (
            "Der Stand der Einrichtung „verzogen“ ist unbekannt; möglich sind aktiv, "
            "ruht und ausgeschieden"
        ),
        "„Haus A“ ist schon mit dem Stand „ruht“ gespeichert",
    ]
    found = db.execute(sa.select(Partner.organisation, Partner.state))
    assert found.all() == [
        ("Haus A", PartnerState.RESTING),
        ("Haus B", PartnerState.ACTIVE),
    ]
