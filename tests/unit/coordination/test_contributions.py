"""The coordinator's word on contributions, and her own: by mail, one word is enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

import pytest

from mailer.inbound.desk import Effect
from mailer.network import gathered
from mailer.network.kinds import ContributionKind
from mailer.network.states import ContributionState
from subscribers import privacy
from subscribers.models import Mailbox
from tests.contributing import HANS, a_letter
from tests.drafting_by_mail import (
    DEPUTY,
    KATHRIN,
    SECOND,
    TownHall,
    a_town_hall,
    plain,
)
from tests.factories import BY_HAND, a_meeting, a_partner_contact
from tests.incoming import a_mail
from tests.pictures import jpeg, pdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from mailer.network.models import Contribution
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

NEWS = "Meldung: Tag der offenen Tür\n\nAm 12. Mai feiern wir im ganzen Haus."
S = ContributionState


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall on 23 November 2026; Hans speaks for a partner."""
    with database.transaction() as db:
        a_partner_contact(db, address=HANS)
    return a_town_hall(settings, clock, database)


def shown(hall: TownHall, content: bytes | None = None) -> EmailMessage:
    """Let Hans contribute; return the mail that the coordinator gets."""
    hall.take(content or a_mail(HANS, NEWS))
    return hall.to(KATHRIN)[-1]


def last(hall: TownHall) -> Contribution:
    """Return the newest contribution as it stands now."""
    with hall.database.reading() as db:
        row = gathered.everything(db)[-1]
        db.expunge_all()
        return row


def told(hall: TownHall) -> dict[str, str]:
    """Send all that is owed; return what people read, by address."""
    return {parseaddr(str(one["To"]))[1]: plain(one) for one in hall.send()}


# Partners'


@both
def test_the_mail_shows_all_there_is(
    hall: TownHall, golden: Callable[[str, str], None]
) -> None:
    """Who, for which update, the text, the file, and every word she can answer."""
    text = f"{NEWS}\nBild: Kinder pflanzen einen Baum."
    mailed = shown(hall, a_letter(text, files=[("fest.jpg", "image/jpeg", jpeg())]))
    assert mailed["Reply-To"] is None or "mia@" in str(mailed["Reply-To"])
    golden("letters/desk/contribution.txt", f"{mailed['Subject']}\n\n{plain(mailed)}")
    body = mailed.get_body(("html",))
    assert body is not None
    golden("letters/desk/contribution.html", str(body.get_content()))


@both
@pytest.mark.parametrize("word", ["Übernehmen", "OK", "Ja, bitte", "Freigeben"])
def test_one_word_takes_it(hall: TownHall, word: str) -> None:
    """Whatever yes she is used to; she hears in which update it stands."""
    assert hall.say(word, shown(hall)) == Effect.INSTRUCTED
    assert last(hall).state is S.ACCEPTED
    result = hall.result()
    assert result["Subject"] == "Übernommen: Meldung von Beispielhaus e. V."
    assert "Das steht in der Netzwerk-Info über Oktober bis Dezember 2026." in plain(
        result
    )
    assert hall.say("Übernehmen", result) == Effect.INSTRUCTED
    assert "ist schon übernommen" in plain(hall.result())


def test_she_shortens(hall: TownHall) -> None:
    """Her words count; later words count more."""
    mailed = shown(hall)
    hall.say(
        "Kürzen: Am 12. Mai ist Fest.\n\nKommen Sie!\n\nGruß\nKathrin Sommer", mailed
    )
    row = last(hall)
    assert (row.state, row.text) == (S.ACCEPTED, "Am 12. Mai ist Fest.\n\nKommen Sie!")
    hall.say("Kürzer: Fest am 12. Mai.", mailed)
    assert last(hall).text == "Fest am 12. Mai."


@both
def test_a_reason_reaches_who_sent_it(hall: TownHall) -> None:
    """Once, kindly; without a reason nobody hears."""
    mailed = shown(hall)
    hall.say("Ablehnen", mailed)
    sent = told(hall)
    assert last(hall).state is S.DECLINED
    assert list(sent) == [KATHRIN]
    assert "bekommt keine Nachricht" in sent[KATHRIN]

    hall.say("doch übernehmen", mailed)
    hall.say("Übernehmen", mailed)
    hall.send()
    hall.say("Ablehnen: Das ist leider Werbung.", mailed)
    sent = told(hall)
    assert "Das ist leider Werbung." in sent[HANS]
    assert "vielen Dank für Ihre Meldung „Tag der offenen Tür“" in sent[HANS]
    assert "Ihr Grund geht an muster@beispielhaus.example." in sent[KATHRIN]


def test_nobody_is_told_where_nobody_is(hall: TownHall) -> None:
    """Who was erased meanwhile gets no letter."""
    mailed = shown(hall)
    with hall.database.transaction() as db:
        mailbox = db.query(Mailbox).filter_by(canonical=HANS).one()
        privacy.erase(db, mailbox, BY_HAND, now=hall.clock.now())
    hall.say("Ablehnen: Werbung.", mailed)
    assert "Es ist keine Adresse bekannt" in plain(hall.result())


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Übernehmen, aber kürzer", "nicht verstanden"),
        ("Ablehnen, weil es Werbung ist", "nicht verstanden"),
        ("Kürzen:", "fehlt der Text"),
        ("Thema: Wir feiern.", "„Kürzen:“ und Ihrem Text"),
        ("Anhang anhängen", "gehört keine Datei"),
        ("ohne Anhang", "gehört keine Datei"),
        ("Bild: Ein Baum.", "gehört kein Bild"),
        ("Übernehmen\nAblehnen", "passen nicht zusammen"),
    ],
)
def test_what_is_not_clear_is_asked_back(
    hall: TownHall, words: str, asked: str
) -> None:
    """And nothing at all is done."""
    assert hall.say(words, shown(hall)) == Effect.ASKED_BACK
    assert asked in plain(hall.result())
    assert last(hall).state is S.WAITING


def test_which_one_is_meant_says_the_seal(hall: TownHall) -> None:
    """Without it she is asked, however few wait; with a forged one too."""
    mailed = shown(hall)
    assert hall.say("Übernehmen") == Effect.ASKED_BACK
    assert "Welche Meldung meinen Sie?" in plain(hall.result())
    forged = str(mailed["Message-ID"]).replace("a", "b")
    assert hall.say("Übernehmen", In_Reply_To=forged) == Effect.ASKED_BACK
    assert last(hall).state is S.WAITING


def test_the_partner_cannot_take_it_himself(hall: TownHall) -> None:
    """A forwarded mail gives no power."""
    mailed = shown(hall)
    assert hall.say("Übernehmen", mailed, sender=HANS) == Effect.HANDED_OVER
    assert last(hall).state is S.WAITING


def test_what_is_told_stays_told(hall: TownHall) -> None:
    """After the update is out she hears that it is too late."""
    mailed = shown(hall)
    hall.say("Übernehmen", mailed)
    hall.result()
    with hall.database.transaction() as db:
        gathered.settle(
            db, last(hall).quarter, zone=hall.office.zone, now=hall.clock.now()
        )
    assert hall.say("Ablehnen", mailed) == Effect.ASKED_BACK
    assert "stand schon in einer Netzwerk-Info" in plain(hall.result())


def test_the_deputy_decides_too_the_second_does_not(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """Each gets what she may answer; both decide on one row."""
    hall = a_town_hall(settings, clock, database, second=True)
    with database.transaction() as db:
        a_partner_contact(db, address=HANS)
    mailed = hall.draft()
    hall.say(f"Vertretung: {DEPUTY}", mailed)
    hall.send()
    hall.take(a_mail(HANS, NEWS))
    sent = {parseaddr(str(one["To"]))[1]: one for one in hall.send()}
    assert set(sent) == {KATHRIN, DEPUTY, HANS}
    assert SECOND not in sent
    assert hall.say("Übernehmen", sent[DEPUTY], sender=DEPUTY) == Effect.INSTRUCTED
    hall.say("Übernehmen", sent[KATHRIN])
    assert "ist schon übernommen" in told(hall)[KATHRIN]


# Files


def test_a_file_goes_with_the_letter_only_by_her_word(hall: TownHall) -> None:
    """And then it does not take the contribution by itself."""
    mailed = shown(hall, a_letter(NEWS, files=[("a.pdf", "application/pdf", pdf())]))
    hall.say("Übernehmen", mailed)
    assert "„a.pdf“ geht nicht mit hinaus." in plain(hall.result())
    assert [one.is_attached for one in last(hall).files] == [False]
    hall.say("Anhang anhängen", mailed)
    assert "Die Datei geht mit der Netzwerk-Info hinaus." in plain(hall.result())
    assert [one.is_attached for one in last(hall).files] == [True]
    hall.say("ohne Anhang", mailed)
    hall.result()
    assert last(hall).files == []
    assert last(hall).state is S.ACCEPTED


def test_a_picture_needs_its_description_first(hall: TownHall) -> None:
    """She may write it herself."""
    mailed = shown(hall, a_letter(NEWS, files=[("a.jpg", "image/jpeg", jpeg())]))
    assert hall.say("Anhang anhängen", mailed) == Effect.ASKED_BACK
    assert "Das Bild hat noch keine Beschreibung." in plain(hall.result())
    hall.say("Übernehmen\nBild: Kinder im Hof.\nAnhang anhängen", mailed)
    (picture,) = last(hall).files
    assert (picture.description, picture.is_attached) == ("Kinder im Hof.", True)
    assert last(hall).state is S.ACCEPTED


def test_a_large_file_is_only_linked(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """Two limits: one to keep it, one to send it round."""
    known = replace(settings.network_update, max_attached_mb=1, max_file_mb=2)
    hall = a_town_hall(replace(settings, network_update=known), clock, database)
    with database.transaction() as db:
        a_partner_contact(db, address=HANS)
    large = pdf() + bytes(1_200_000)
    mailed = shown(hall, a_letter(NEWS, files=[("a.pdf", "application/pdf", large)]))
    assert hall.say("Anhang anhängen", mailed) == Effect.ASKED_BACK
    assert "„a.pdf“ ist zu groß für den Brief: 1,1 MB, möglich sind 1 MB." in plain(
        hall.result()
    )


# Hers


@both
def test_her_own_waits_for_a_word_if_nothing_is_sealed(hall: TownHall) -> None:
    """A From address is nobody's proof; one word more and it is in."""
    assert hall.say("Meldung: Das Bürgerbüro hat eine Rampe.") == Effect.INSTRUCTED
    assert last(hall).state is S.WAITING
    asked = hall.result()
    assert "Antworten Sie „Übernehmen“, dann kommt sie in die Netzwerk-Info." in plain(
        asked
    )
    hall.say("Übernehmen", asked)
    assert hall.result()["Subject"] == "Übernommen: Ihre Meldung"
    assert (last(hall).state, last(hall).partner) == (S.ACCEPTED, None)


def test_her_own_in_answer_to_a_mail_of_ours_counts_at_once(hall: TownHall) -> None:
    """News, a result with its meeting, a question to all: each of its kind."""
    with hall.database.transaction() as db:
        past = a_meeting(db, hall.clock.now() - timedelta(days=18)).id
        a_meeting(db, hall.clock.now() - timedelta(days=4))
    draft = hall.draft(starts_at=hall.clock.now() + timedelta(days=10))
    hall.say(
        "Meldung: Rampe am Markt.\n\n"
        "Ergebnis vom 5. November: Der Bus hält.\nTeilnehmende: 14\n\n"
        "Frage an alle: Wer hat einen Raum?\n\nViele Grüße\nKathrin Sommer",
        draft,
    )
    text = plain(hall.result())
    assert "Ihre Meldung ist notiert." in text
    assert (
        "Ihr Ergebnis zum Treffen am 5. November 2026 ist notiert, mit 14 "
        "Teilnehmenden." in text
    )
    assert "Ihre Frage an die Partner ist notiert." in text
    with hall.database.reading() as db:
        found = gathered.everything(db)
        assert [(one.kind, one.state, one.text) for one in found] == [
            (ContributionKind.NEWS, S.ACCEPTED, "Rampe am Markt."),
            (ContributionKind.RESULT, S.ACCEPTED, "Der Bus hält."),
            (ContributionKind.QUESTION, S.ACCEPTED, "Wer hat einen Raum?"),
        ]
        assert (found[1].meeting_id, found[1].participants) == (past, 14)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Ergebnis vom 4. November 2026: Viel.", "war kein Treffen"),
        ("Ergebnis vom 4. Dezember 2026: Viel.", "ist noch nicht gewesen"),
        ("Meldung: Teilnehmende.\n\nMeldung: Zwei.", "steht zweimal"),
        ("Meldung:", "fehlt der Text"),
        ("Meldung: \nTeilnehmende: 4", "fehlt der Text"),
    ],
)
def test_her_own_is_asked_back_too(hall: TownHall, words: str, asked: str) -> None:
    """All of a mail, or nothing of it."""
    assert hall.say(words, hall.draft()) == Effect.ASKED_BACK
    assert asked in plain(hall.result())
    with hall.database.reading() as db:
        assert gathered.everything(db) == []


def test_her_file_is_checked_like_any_other(hall: TownHall) -> None:
    """One, and nothing that does something."""
    for files, asked in (
        ([("a.pdf", "application/pdf", pdf(b"/Launch "))], "enthält ein Programm"),
        ([("a.pdf", "application/pdf", pdf())] * 2, "hängen 2"),
    ):
        mailed = a_letter(NEWS, sender=KATHRIN, files=files)
        assert hall.take(mailed) == Effect.ASKED_BACK
        assert asked in plain(hall.result())
    mailed = a_letter(NEWS, sender=KATHRIN, files=[("a.pdf", "a/b", pdf())])
    assert hall.take(mailed) == Effect.INSTRUCTED
    assert [one.name for one in last(hall).files] == ["a.pdf"]


def test_the_same_words_twice_are_said_to_her(hall: TownHall) -> None:
    """She is not left to wonder which one counts."""
    hall.say("Meldung: Rampe.")
    hall.result()
    assert hall.say("Meldung:  RAMPE.") == Effect.ASKED_BACK
    assert "liegt schon vor" in plain(hall.result())
