"""Reporting a barrier: what is written reaches the coordinator, and nobody else."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.inbound.forgetting import FORWARDED, forget_forwarded
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.web import limits
from subscribers.models import Mailbox
from tests.outgoing import drain
from tests.web_server import FormFiller, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Database
    from tests.servers import ScriptedSmtp
    from tests.web_server import Visitor

PATH = "/barrierefreiheit/melden"
WORDS = "Die Schrift auf der Seite „Termine“ ist mir zu klein.\r\nBitte größer."

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody who has met a barrier."""
    with serving(application) as visitor:
        yield visitor


@pytest.fixture
def filler(visitor: Visitor, clock: FixedClock) -> FormFiller:
    """The same, filling in the form as slowly as people do."""
    return FormFiller(visitor, clock)


def owed(database: Database) -> list[FrozenLetter]:
    """Return the letters that are owed to the coordinator."""
    with database.reading() as db:
        found = db.scalars(
            sa.select(FrozenLetter)
            .join(Delivery, Delivery.occasion == FrozenLetter.occasion)
            .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
            .where(Mailbox.address == "k_sommer@aschersleben.de")
        ).all()
        db.expunge_all()
    return list(found)


def test_a_message_arrives_as_a_mail(
    filler: FormFiller, application: Application, smtp_server: ScriptedSmtp
) -> None:
    """She reads all of it, and an answer goes to the person."""
    answer = filler.send(
        PATH, {"nachricht": WORDS, "seite": "Termine", "antwort": "rita@post.example"}
    )
    assert (answer.status, "Vielen Dank für Ihre Nachricht" in answer.text) == (
        200,
        True,
    )
    smtp = replace(application.settings.smtp, port=smtp_server.port)
    drain(application, smtp, lanes=1)
    (received,) = smtp_server.accepted
    came = email.message_from_bytes(received.content, policy=email.policy.default)
    assert received.recipient == "k_sommer@aschersleben.de"
    assert came["Subject"] == "Barriere gemeldet: Termine"
    assert came["Reply-To"] == "rita@post.example"
    body = came.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "zu klein.\nBitte größer." in said.replace("\r\n", "\n")
    assert "Bitte antworten Sie bis zum 23. Dezember 2026." in said


@both
def test_nothing_but_the_message_is_asked_for(
    filler: FormFiller, database: Database
) -> None:
    """Without an address nobody can answer, and the mail says so."""
    filler.send(PATH, {"nachricht": "Zu klein"})
    (letter,) = owed(database)
    assert letter.subject == "Barriere gemeldet"
    assert letter.reply_to_id is None
    assert "hat keine Adresse und keine Telefonnummer angegeben" in letter.text


def test_a_telephone_number_is_an_answer_too(
    filler: FormFiller, database: Database
) -> None:
    """She calls; nobody gets a mail by mistake."""
    filler.send(PATH, {"nachricht": "Zu klein", "antwort": "03473 12 34 56"})
    (letter,) = owed(database)
    assert letter.reply_to_id is None
    assert "Erbeten an: 03473 12 34 56" in letter.text


def test_her_own_address_is_nobody_to_answer(
    filler: FormFiller, database: Database
) -> None:
    """Else an answer would go round in circles."""
    filler.send(PATH, {"nachricht": "x", "antwort": "k_sommer@aschersleben.de"})
    (letter,) = owed(database)
    assert letter.reply_to_id is None


@both
def test_what_has_arrived_is_forgotten(
    filler: FormFiller,
    application: Application,
    database: Database,
    smtp_server: ScriptedSmtp,
) -> None:
    """Before it is kept, whatever happens; after that only she has it."""
    filler.send(PATH, {"nachricht": WORDS, "antwort": "rita@post.example"})
    with database.transaction() as db:
        assert forget_forwarded(db) == 0
    smtp = replace(application.settings.smtp, port=smtp_server.port)
    drain(application, smtp, lanes=1)
    with database.transaction() as db:
        assert forget_forwarded(db) == 1
        assert forget_forwarded(db) == 0
    (letter,) = owed(database)
    assert (letter.subject, letter.text) == (FORWARDED, FORWARDED)
    assert letter.reply_to_id is None


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"nachricht": " "}, "Bitte schreiben Sie, was Ihnen aufgefallen ist."),
        (
            {"nachricht": "x" * 4001},
            "Bitte kürzen Sie diesen Text auf 4000 Zeichen.",
        ),
        (
            {"nachricht": "x", "seite": "x" * 301},
            "Bitte kürzen Sie diesen Text auf 300 Zeichen.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    filler: FormFiller, database: Database, form: dict[str, str], sentence: str
) -> None:
    """The form comes back with all that was typed, and leads to the field."""
    answer = filler.send(PATH, {"antwort": "rita@post.example", **form})
    assert answer.status == 422
    assert answer.text.count(sentence) == 2
    assert 'value="rita@post.example"' in answer.text
    assert owed(database) == []


def test_a_form_that_fits_no_person_sends_nothing(
    visitor: Visitor, filler: FormFiller, database: Database
) -> None:
    """No stamp, too quick, or the field that nobody sees."""
    assert visitor.post(PATH, {"nachricht": "x"}).status == 422
    trapped = filler.send(PATH, {"nachricht": "x", "website": "https://spam.example"})
    assert trapped.status == 200
    assert owed(database) == []


def test_what_is_typed_is_no_markup(filler: FormFiller, database: Database) -> None:
    """Neither on the page nor in the subject of the mail."""
    answer = filler.send(PATH, {"seite": '"><script>x', "nachricht": ""})
    assert "<script>" not in answer.text
    filler.send(PATH, {"seite": "Termine\r\nBcc: a@b.example", "nachricht": "x"})
    (letter,) = owed(database)
    assert letter.subject == "Barriere gemeldet: Termine Bcc: a@b.example"


def test_nobody_floods_her(
    visitor: Visitor, clock: FixedClock, database: Database
) -> None:
    """One network sends as much as a school would, and is told to wait then."""
    (limit, *_) = limits.REPORTS
    carried = re.findall(r'name="(stempel)" value="([^"]*)"', visitor.get(PATH).text)
    clock.moment += timedelta(seconds=30)
    form = [*carried, ("nachricht", "x")]
    statuses = [visitor.post(PATH, form).status for _ in range(limit.most + 1)]
    assert statuses == [200] * limit.most + [429]
    assert len(owed(database)) == limit.most
