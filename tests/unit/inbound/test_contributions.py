"""A partner contributes by mail: taken, shown, received kindly; nothing is guessed."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailer.inbound.classify import classify
from mailer.inbound.desk import Effect
from mailer.inbound.kinds import CommandKind, World
from mailer.inbound.samples import message_of
from mailer.inbound.taking import too_large
from mailer.network import gathered
from mailer.network.kinds import ContributionKind
from mailer.network.states import ContributionState
from subscribers.states import PartnerState
from subscribers.tokens import TokenKeys
from tests.contributing import (
    GMX,
    HANS,
    IPHONE,
    OUTLOOK,
    T_ONLINE,
    a_letter,
    a_page,
)
from tests.drafting_by_mail import KATHRIN, TownHall, a_town_hall, plain
from tests.factories import a_meeting, a_partner, a_partner_contact
from tests.incoming import a_mail
from tests.pictures import jpeg, pdf, png

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailer.network.models import Contribution
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

CORPUS = Path(__file__).parents[2] / "corpus"
NEWS = "Meldung: Am 12. Dezember ist Tag der offenen Tür."


@pytest.fixture
def hall(settings: Settings, clock: FixedClock, database: Database) -> TownHall:
    """The town hall on 23 November 2026; Hans speaks for a partner."""
    with database.transaction() as db:
        a_partner_contact(db, address=HANS)
    return a_town_hall(settings, clock, database)


def rows(hall: TownHall) -> list[Contribution]:
    """Return all contributions, with what belongs to them."""
    with hall.database.reading() as db:
        found = gathered.everything(db)
        db.expunge_all()
        return found


def letters(hall: TownHall) -> dict[str, EmailMessage]:
    """Send all that is owed; return it by address."""
    return {parseaddr(str(sent["To"]))[1]: sent for sent in hall.send()}


def texts(hall: TownHall) -> dict[str, str]:
    """Send all that is owed; return what people read, by address."""
    return {address: plain(sent) for address, sent in letters(hall).items()}


def one(hall: TownHall) -> Contribution:
    """Return the only contribution."""
    (row,) = rows(hall)
    return row


# What comes in


@both
def test_a_partner_contributes(hall: TownHall) -> None:
    """It waits; she is shown it whole, he hears that it has come."""
    text = (
        "Guten Tag,\n\nMeldung: Tag der offenen Tür\n\nAm 12. Mai.\n\nViele Grüße\nHans"
    )
    assert hall.take(a_mail(HANS, text)) == Effect.CONTRIBUTED

    row = one(hall)
    assert (row.state, row.kind) == (ContributionState.WAITING, ContributionKind.NEWS)
    assert (row.title, row.text) == ("Tag der offenen Tür", "Am 12. Mai.")
    assert row.quarter.isoformat() == "2026-10-01"
    sent = letters(hall)
    assert set(sent) == {KATHRIN, HANS}
    shown = plain(sent[KATHRIN])
    (enclosed,) = sent[KATHRIN].iter_attachments()
    assert enclosed.get_content_type() == "message/rfc822"
    assert sent[KATHRIN]["Subject"] == (
        "Meldung von Beispielhaus e. V.: Tag der offenen Tür"
    )
    assert "Geschickt von: muster@beispielhaus.example" in shown
    assert "Arbeitsfeld: Beratungsstellen" in shown
    assert "\nÜbernehmen\n" in shown
    assert "\nAnhang anhängen\n" not in shown
    received = plain(sent[HANS])
    assert sent[HANS]["Auto-Submitted"] == "auto-replied"
    assert "Ihre Meldung „Tag der offenen Tür“ ist angekommen." in received
    assert "Netzwerk-Info über Oktober bis Dezember 2026" in received


@pytest.mark.parametrize(
    ("subject", "text", "title", "kept"),
    [
        ("Meldung: Sommerfest", "Wir feiern.", "Sommerfest", "Wir feiern."),
        ("Beitrag für die Netzwerk-Info", "Wir feiern.", "", "Wir feiern."),
        ("", "Beitrag für die Netzwerk-Info: Wir feiern.", "", "Wir feiern."),
        ("Neues", "MELDUNG: Wir feiern.", "", "Wir feiern."),
        ("", "Liebe Frau Sommer, Meldung: Wir feiern.", "", "Wir feiern."),
        (
            "",
            "Meldung: Wir.\n\n- eins\n- zwei\n\nHans Muster",
            "",
            "Wir.\n\n- eins\n- zwei",
        ),
        ("", "Meldung: Neu: www.haus.example\n-- \nHans", "", "Neu: www.haus.example"),
    ],
)
def test_ways_to_say_it(
    hall: TownHall, subject: str, text: str, title: str, kept: str
) -> None:
    """In the subject or the text, with a title or without."""
    assert hall.take(a_mail(HANS, text, subject=subject)) == Effect.CONTRIBUTED
    assert (one(hall).title, one(hall).text) == (title, kept)


@pytest.mark.parametrize("form", [OUTLOOK, GMX, IPHONE, T_ONLINE])
def test_mail_programs_write_only_html(hall: TownHall, form: str) -> None:
    """Greeting, signature, logo and quotation are left out; paragraphs stay."""
    lines = ["Meldung: Das Café öffnet wieder.", "", "Jeden Dienstag, für alle."]
    logo = png() if form is OUTLOOK else b""
    content = a_letter(
        html=a_page(form, lines), subject="AW: Netzwerk-Info MIA", logo=logo
    )
    assert hall.take(content) == Effect.CONTRIBUTED
    row = one(hall)
    assert row.text.split() == " ".join(lines).replace("Meldung:", "").split()
    assert row.files == []


def test_a_result_finds_its_meeting(hall: TownHall) -> None:
    """By its day, or the last one that was; with how many were there."""
    with hall.database.transaction() as db:
        now = hall.clock.now()
        early = a_meeting(db, now - timedelta(days=18)).id
        late = a_meeting(db, now - timedelta(days=4)).id
        a_meeting(db, now + timedelta(days=10))
    hall.take(a_mail(HANS, "Ergebnis: Wir wollen eine Rampe.\nTeilnehmende: 14"))
    hall.take(a_mail(HANS, "Ergebnis vom 5. November: Der Bus hält am Markt."))
    hall.take(a_mail(HANS, "Ergebnis vom 31. Februar: Nichts."))
    hall.take(a_mail(HANS, "Ergebnis vom Treffen: Viel."))

    found = [(row.kind, row.meeting_id, row.participants) for row in rows(hall)]
    result = ContributionKind.RESULT
    assert found == [
        (result, late, 14),
        (result, early, None),
        (result, late, None),
        (result, late, None),
    ]
    assert rows(hall)[0].text == "Wir wollen eine Rampe."


def test_two_in_one_mail(hall: TownHall) -> None:
    """Each has a mail of its own to her; he gets one receipt."""
    hall.take(
        a_letter(
            "Meldung: Eins.\n\nErgebnis: Zwei.",
            files=[("a.pdf", "application/pdf", pdf())],
        )
    )
    assert [(row.text, len(row.files)) for row in rows(hall)] == [
        ("Eins.", 1),
        ("Zwei.", 0),
    ]
    assert len(hall.to(KATHRIN)) == 2


def test_the_answer_to_an_update_needs_no_head(hall: TownHall) -> None:
    """If nothing in it speaks to a person; else it is a mail to her."""
    long = (
        "Unser Verein öffnet ab Februar jeden Dienstag ein Café für Menschen mit und "
        "ohne Behinderung am Markt."
    )
    subject = "AW: Netzwerk-Info MIA, Juli bis September 2026"
    assert hall.take(a_mail(HANS, long, subject=subject)) == Effect.CONTRIBUTED
    assert hall.take(a_mail(HANS, long + " ", subject="Café")) == Effect.HANDED_OVER
    for text in (
        "Vielen Dank für die Info!",
        f"{long} Wäre das etwas für den Brief?",
        f"{long} Können Sie das aufnehmen und uns anrufen.",
        f"Ich finde, {long}",
        f"{long}\n\nViele Grüße\nHans\n\nPS: Ich brauche noch das Protokoll.",
    ):
        assert hall.take(a_mail(HANS, text, subject=subject)) == Effect.HANDED_OVER, (
            text
        )
    assert len(rows(hall)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Haben Sie meine Meldung bekommen?",
        "Meldung",
        "Meldung:",
        "Anbei unsere Meldung: bitte anrufen.",
        "Frage: Wann erscheint die Netzwerk-Info?",
        "Ich habe eine Meldung: Darf ich sie schicken?",
        "Ergebnisse bitte an alle.",
    ],
)
def test_what_is_not_certain_is_for_her(hall: TownHall, text: str) -> None:
    """A question about a contribution is none."""
    assert hall.take(a_mail(HANS, text)) == Effect.HANDED_OVER
    assert rows(hall) == []


def test_a_bare_subject_with_a_question_is_for_her(hall: TownHall) -> None:
    """The word alone says too little."""
    asked = a_mail(HANS, "Bis wann ist Zeit?", subject="Netzwerk-Info")
    assert hall.take(asked) == Effect.HANDED_OVER


def test_a_postscript_reaches_her_too(hall: TownHall) -> None:
    """What stands below the closing is for a person, whatever was done."""
    text = f"{NEWS}\n\nViele Grüße\nHans\n\nPS: Rufen Sie mich bitte an."
    assert hall.take(a_mail(HANS, text)) == Effect.CONTRIBUTED
    subjects = [str(sent["Subject"]) for sent in hall.to(KATHRIN)]
    assert len(subjects) == 2
    assert one(hall).text == "Am 12. Dezember ist Tag der offenen Tür."


# Who may not


@both
def test_a_stranger_is_told_nothing(hall: TownHall) -> None:
    """She gets his mail and a word on what she could do with it."""
    assert hall.take(a_mail("fremd@post.example", NEWS)) == Effect.HANDED_OVER
    assert rows(hall) == []
    sent = texts(hall)
    assert "der für keinen Partner spricht" in sent[KATHRIN]
    assert "Netzwerk" not in sent["fremd@post.example"].partition("-- ")[0].replace(
        "Netzwerks MIA", ""
    )


def test_who_has_left_is_a_stranger(hall: TownHall) -> None:
    """Nobody contributes for a partner that is no partner any more."""
    with hall.database.transaction() as db:
        a_partner(db).state = PartnerState.LEFT
    assert hall.take(a_mail(HANS, NEWS)) == Effect.HANDED_OVER


def test_a_letter_to_many_is_no_contribution(hall: TownHall) -> None:
    """Nor is a machine's answer."""
    listed = a_mail(HANS, NEWS, List_Unsubscribe="<mailto:x@haus.example>")
    assert hall.take(listed) == Effect.HANDED_OVER
    automatic = a_mail(HANS, NEWS, Auto_Submitted="auto-replied")
    assert hall.take(automatic) == Effect.NOTED
    assert rows(hall) == []


def test_a_whole_book_is_for_her(hall: TownHall) -> None:
    """Nobody wants to shorten it by answering."""
    assert hall.take(a_mail(HANS, "Meldung: " + "Wort " * 2_000)) == Effect.HANDED_OVER


# Twice


@both
def test_the_same_text_twice_is_one(hall: TownHall) -> None:
    """From whomever it comes; the second sender is calmed, she is spared."""
    with hall.database.transaction() as db:
        a_partner_contact(db, a_partner(db, "Zweites Haus"), "zwei@haus.example")
    hall.take(a_mail(HANS, NEWS))
    hall.send()
    again = a_mail("zwei@haus.example", NEWS.upper() + "\n\nViele Grüße\nZwei")
    assert hall.take(again) == Effect.CONTRIBUTED_BEFORE
    sent = texts(hall)
    assert list(sent) == ["zwei@haus.example"]
    assert "liegt uns mit denselben Worten schon vor" in sent["zwei@haus.example"]
    assert one(hall).partner is not None


def test_one_receipt_a_day(hall: TownHall) -> None:
    """Every contribution is shown to her; he is not thanked three times."""
    for number in range(3):
        hall.take(a_mail(HANS, f"Meldung: Nummer {number}."))
    readers = [parseaddr(str(sent["To"]))[1] for sent in hall.send()]
    assert (readers.count(KATHRIN), readers.count(HANS)) == (3, 1)


# Files


@both
def test_a_picture_wants_a_description(hall: TownHall) -> None:
    """He is asked once; his answer goes to the picture, and to her."""
    files = [("IMG_1.jpeg", "image/jpeg", jpeg(notes=b"GPS"))]
    hall.take(a_letter(NEWS, files=files))
    sent = letters(hall)
    assert "Was zeigt Ihr Bild?" in plain(sent[HANS])
    assert "Das Bild hat noch keine Beschreibung; ohne sie bleibt es weg." in plain(
        sent[KATHRIN]
    )
    (picture,) = one(hall).files
    assert (picture.is_shown, picture.asked_at) == (False, hall.clock.now())

    answer = a_mail(
        HANS, "Bild: Kinder pflanzen\neinen Baum.\n\nViele Grüße\nHans Muster"
    )
    assert hall.take(answer) == Effect.DESCRIBED
    (picture,) = one(hall).files
    assert picture.description == "Kinder pflanzen einen Baum."
    sent = letters(hall)
    assert "Das Bild zeigt: Kinder pflanzen einen Baum." in plain(sent[KATHRIN])
    assert "Die Beschreibung des Bildes ist angekommen." in plain(sent[HANS])
    assert hall.take(answer.replace(b"Baum", b"Ast")) == Effect.HANDED_OVER


def test_a_described_picture_is_not_asked_about(hall: TownHall) -> None:
    """The line is no part of the text."""
    text = f"{NEWS}\nBildbeschreibung: Ein Haus mit Rampe."
    hall.take(a_letter(text, files=[("a.png", "image/png", png())]))
    (picture,) = one(hall).files
    assert (picture.description, picture.asked_at) == ("Ein Haus mit Rampe.", None)
    assert one(hall).text == "Am 12. Dezember ist Tag der offenen Tür."
    assert "Was zeigt" not in "".join(plain(sent) for sent in hall.to(HANS))


def test_a_pasted_photograph_counts_if_it_is_described(hall: TownHall) -> None:
    """A logo is as small as one, and nobody says what it shows."""
    photo = png(300, 300, notes=bytes(range(256)) * 100)
    page = a_page(OUTLOOK, [NEWS, "", "Bild: Unser Hof."])
    hall.take(a_letter(html=page, logo=photo))
    hall.take(a_letter(html=a_page(OUTLOOK, ["Meldung: Ohne."]), logo=photo))
    assert [len(row.files) for row in rows(hall)] == [1, 0]


def test_what_is_not_taken_is_told(hall: TownHall) -> None:
    """The text counts in any case."""
    files = [
        ("viel.pdf", "application/pdf", pdf() + bytes(11 * 1024 * 1024)),
        ("makro.pdf", "application/pdf", pdf(b"/S /JavaScript ")),
        ("eins.pdf", "application/octet-stream", pdf()),
        ("zwei.pdf", "application/pdf", pdf(b"%2")),
        ("karte.vcf", "text/vcard", b"BEGIN:VCARD"),
    ]
    hall.take(a_letter(NEWS, files=files))
    assert [file.name for file in one(hall).files] == ["eins.pdf"]
    text = texts(hall)[HANS]
    assert "„viel.pdf“ ist zu groß: 11 MB. Möglich sind höchstens 10 MB." in text
    assert "„makro.pdf“ enthält ein Programm" in text
    assert "„zwei.pdf“ haben wir nicht genommen" in text
    assert "karte" not in text


def test_a_mail_of_thirty_megabytes(hall: TownHall) -> None:
    """Nobody has read it; both are told what they can do."""
    octets = 41 * 1024 * 1024
    head = a_letter(NEWS, subject="Meldung: Film")
    assert hall.take(head, too_large(octets), octets=octets) == Effect.KEPT
    sent = texts(hall)
    assert "41" in sent[KATHRIN]
    assert "höchstens 10 MB groß" in sent[HANS]
    stranger = a_letter(NEWS, sender="fremd@post.example")
    hall.take(stranger, too_large(octets), octets=octets)
    assert "fremd@post.example" not in texts(hall)


def test_markdown_does_no_harm(hall: TownHall) -> None:
    """She reads words, and is told what was left out."""
    text = (
        "Meldung: Komm <script>alert(1)</script> [her](javascript:alert(2)) oder "
        "[hier](https://haus.example/fest).\n\n<img src=x onerror=alert(3)>"
    )
    hall.take(a_mail(HANS, text))
    (shown,) = hall.to(KATHRIN)
    body = shown.get_body(("html",))
    assert body is not None
    page = str(body.get_content())
    for harm in ("<script", "javascript:", "onerror", "<img"):
        assert harm not in page.partition("Das steht darin")[2]
    assert 'href="https://haus.example/fest"' in page
    assert "HTML wurde weggelassen." in plain(shown)
    assert "Ein Link wurde zu einfachem Text." in plain(shown)


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", ["phrases.jsonl", "later_phrases.jsonl"])
def test_nothing_people_have_written_is_a_contribution(name: str) -> None:
    """Even if each of them spoke for a partner and answered the last update."""
    keys = TokenKeys.derive(bytes(32))
    ours = frozenset({"mia@stadt.example"})
    world = World(ours, "stadt.example", keys, is_partner=True, answers_update=True)
    taken = [
        row["id"]
        for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()
        if classify(message_of(row := json.loads(line)), world).command
        in {CommandKind.CONTRIBUTE, CommandKind.DESCRIBE}
    ]
    assert taken == []
