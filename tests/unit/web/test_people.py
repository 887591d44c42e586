"""People's pages: join, confirm, choose, leave; each by a real request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.inbound import asking
from mailer.outbox.models import FrozenLetter
from mailer.web.models import Wish
from subscribers import people, subscription
from subscribers.models import ConsentAct, ConsentRecord, Mailbox
from subscribers.states import SubscriptionState
from subscribers.tokens import Purpose, confirm_token, make_token
from subscribers.topics import LetterStyle, Topic
from tests.factories import ON_PAPER, a_meeting, a_partner_contact, a_subscriber
from tests.web_server import FormFiller, serving, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Database
    from tests.web_server import Answer, Visitor

RITA = "rita@post.example"

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody who looks at the pages."""
    with serving(application) as visitor:
        yield visitor


@pytest.fixture
def filler(visitor: Visitor, clock: FixedClock) -> FormFiller:
    """Somebody who fills in forms as slowly as people do."""
    return FormFiller(visitor, clock)


def settled(application: Application) -> None:
    """Wait until the clerk has seen to what was wished for."""
    database = application.database

    def is_done() -> bool:
        with database.reading() as db:
            return db.scalar(sa.select(sa.func.count()).select_from(Wish)) == 0

    until(is_done)


def letters(database: Database) -> list[str]:
    """Return the subjects of all letters that are owed, in order."""
    with database.reading() as db:
        found = db.scalars(
            sa.select(FrozenLetter.subject).order_by(
                FrozenLetter.dated_at, FrozenLetter.occasion
            )
        )
        return list(found)


def state(database: Database, topic: Topic = Topic.INVITATIONS) -> str | None:
    """Return the state of Rita's subscription."""
    with database.reading() as db:
        mailbox = db.scalar(sa.select(Mailbox).where(Mailbox.canonical == RITA))
        row = subscription.find(db, mailbox, topic) if mailbox else None
        return row.state.value if row else None


def question_path(application: Application) -> str:
    """Return the path in the only confirm mail there is."""
    with application.database.reading() as db:
        sent = sa.text("SELECT message_id FROM delivery WHERE occasion LIKE 'conf%'")
        message_id = db.execute(sent).scalar_one()
    return f"/bestaetigen/{confirm_token(application.keys, message_id)}"


def path_of(application: Application, purpose: Purpose, address: str = RITA) -> str:
    """Return the path of one of Rita's links, adding her if she is not there."""
    with application.database.transaction() as db:
        known = db.scalar(sa.select(Mailbox).where(Mailbox.canonical == address))
        mailbox = known or a_subscriber(db, address).mailbox
        token = make_token(application.keys, purpose, mailbox.id, mailbox.token_version)
    page = "abmelden" if purpose is Purpose.UNSUBSCRIBE else "einstellungen"
    return f"/{page}/{token}"


def heading(answer: Answer) -> str:
    """Return what a page says first."""
    return answer.text.partition("<h1>")[2].partition("</h1>")[0]


JOIN = {"email": f" {RITA} ", "name": "Rita Beispiel", "einwilligung": "ja"}


@both
def test_joining_from_the_form_to_the_welcome(
    application: Application, filler: FormFiller, visitor: Visitor
) -> None:
    """One mail asks, one button answers, and the proof has the words she saw."""
    database = application.database
    with database.transaction() as db:
        a_meeting(db, venue="treffpunkt")
    told = filler.send("/anmelden", {**JOIN, "fassung": "leicht"})
    assert (told.status, heading(told)) == (
        200,
        "Bitte sehen Sie in Ihr E-Mail-Postfach",
    )
    settled(application)
    assert letters(database) == ["Möchten Sie E-Mails von uns bekommen?"]
    path = question_path(application)

    shown = visitor.get(path)
    assert "r…@post.example" in shown.text
    assert RITA not in shown.text
    assert state(database) == "requested"

    confirmed = visitor.post(path, {})
    assert heading(confirmed) == "Ihre Anmeldung ist bestätigt"
    assert "Treffen ist am Donnerstag, 3.\u00a0Dezember\u00a02026" in confirmed.text
    assert state(database) == "active"
    with database.reading() as db:
        mailbox = db.scalars(sa.select(Mailbox)).one()
        person = people.find(db, mailbox)
        records = db.scalars(sa.select(ConsentRecord).order_by(ConsentRecord.id)).all()
    assert mailbox.style is LetterStyle.EASY
    assert person is not None
    assert person.name == "Rita Beispiel"
    assert [(one.act, one.channel.value) for one in records] == [
        (ConsentAct.REQUESTED, "web"),
        (ConsentAct.CONFIRMED, "web"),
    ]
    assert [one.wording_version for one in records] == ["EW-1/2", "EW-2-LS/2"]
    assert letters(database)[1:] == ["Sie bekommen jetzt unsere Einladungen"]

    again = visitor.post(path, {})
    assert (again.status, heading(again)) == (200, "Das ist schon bestätigt")
    assert heading(visitor.get(path)) == "Das ist schon bestätigt"


def test_who_speaks_for_a_partner_is_asked_for_both(
    application: Application, visitor: Visitor, clock: FixedClock
) -> None:
    """The pages and the welcome name the network update beside the invitations."""
    with application.database.transaction() as db:
        named = a_partner_contact(db, address=RITA, topics=[])
        asking.ask_delegate(db, application.desk, named, ON_PAPER, now=clock.now())
    path = question_path(application)
    shown = visitor.get(path).text
    assert "als Ansprechperson Ihrer Einrichtung die Netzwerk-Info" in shown
    assert "nicht selbst angemeldet" not in shown

    done = visitor.post(path, {}).text

    assert "Sie bekommen ab jetzt die Netzwerk-Info und unsere Einladungen." in done
    assert "Sie bekommen auch unsere Netzwerk-Info." in done
    assert state(application.database, Topic.NETWORK_UPDATES) == "active"
    with application.database.reading() as db:
        texts = db.scalars(sa.select(FrozenLetter.text)).all()
    assert any("viermal im Jahr die Netzwerk-Info" in text for text in texts)


def test_an_old_question_is_gone(
    application: Application, filler: FormFiller, visitor: Visitor, clock: FixedClock
) -> None:
    """After a week nothing is left but a page that says so."""
    filler.send("/anmelden", JOIN)
    settled(application)
    path = question_path(application)
    clock.moment += timedelta(days=8)
    for answer in (visitor.get(path), visitor.post(path, {})):
        assert (answer.status, heading(answer)) == (410, "Dieser Link gilt nicht mehr")
    assert state(application.database) == "requested"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": ""}, "Bitte geben Sie Ihre E-Mail-Adresse ein."),
        ({"email": "rita@post"}, "„rita@post“ ist keine vollständige"),
        ({"email": "<b>@x"}, "„&lt;b&gt;@x“ ist keine"),
        ({"einwilligung": None}, "Bitte bestätigen Sie, dass Sie die Einladungen"),
        ({"name": "Billig! https://boese.example"}, "nur Ihren Namen"),
        ({"name": "x" * 81}, "auf 80 Zeichen"),
    ],
)
def test_mistakes_are_named_and_nothing_is_lost(
    application: Application,
    filler: FormFiller,
    change: dict[str, str | None],
    sentence: str,
) -> None:
    """The summary has the focus, leads to the field, and all values are still there."""
    given = {**JOIN, "fassung": "leicht", **change}
    answer = filler.send(
        "/anmelden", {name: value for name, value in given.items() if value is not None}
    )
    assert answer.status == 422
    assert answer.text.count(sentence) == 2
    (name,) = change
    assert f'<a href="#{name}">' in answer.text
    assert f'id="{name}-fehler"' in answer.text
    assert 'tabindex="-1" autofocus aria-labelledby="fehler-titel"' in answer.text
    assert 'value="leicht" checked' in answer.text
    if name != "name":
        assert 'value="Rita Beispiel"' in answer.text
    with application.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Wish)) == 0


@pytest.mark.parametrize(
    ("answer", "asked"),
    [("ja", "rita@t-online.de"), ("nein", "rita@t-onlin.de")],
)
def test_a_slip_in_the_address_is_a_question(
    application: Application, filler: FormFiller, answer: str, asked: str
) -> None:
    """Her answer counts, whatever it is."""
    form = {**JOIN, "email": "rita@t-onlin.de"}
    question = filler.send("/anmelden", form)
    assert question.status == 422
    assert "Meinten Sie rita@t-online.de?" in question.text
    assert 'autofocus aria-labelledby="vorschlag-titel"' in question.text
    filler.send("/anmelden", {**form, "vorschlag": answer})
    settled(application)
    with application.database.reading() as db:
        assert db.scalars(sa.select(Mailbox.address)).all() == [asked]


def test_nothing_is_chosen_for_her(visitor: Visitor) -> None:
    """No box is ticked beforehand (EuGH C-673/17)."""
    page = visitor.get("/anmelden").text
    assert "checked" not in page.replace("spellcheck", "")


def test_who_is_known_gets_the_same_answer(
    application: Application, filler: FormFiller
) -> None:
    """The page cannot tell; her own mailbox is told that she is with us already."""
    with application.database.transaction() as db:
        a_subscriber(db, RITA)
    known = filler.send("/anmelden", JOIN)
    unknown = filler.send("/anmelden", {**JOIN, "email": "neu@post.example"})
    assert known == unknown
    settled(application)
    assert sorted(letters(application.database)) == [
        "Bitte bestätigen Sie Ihre Anmeldung",
        "Sie sind schon angemeldet",
    ]


@both
def test_leaving_and_taking_it_back(application: Application, visitor: Visitor) -> None:
    """One question, one button; and for half an hour another one that undoes it."""
    path = path_of(application, Purpose.UNSUBSCRIBE)
    shown = visitor.get(path)
    assert "r…@post.example" in shown.text
    assert state(application.database) == "active"

    left = visitor.post(path, {})
    assert heading(left) == "Sie sind abgemeldet"
    assert state(application.database) == "ended"
    assert letters(application.database) == ["Sie sind abgemeldet"]

    ticket = left.text.partition('name="zurueck" value="')[2].partition('"')[0]
    back = visitor.post(path, {"zurueck": ticket})
    assert heading(back) == "Sie sind wieder angemeldet"
    assert state(application.database) == "active"


@pytest.mark.parametrize("forged", [False, True])
def test_only_the_page_itself_can_take_it_back(
    application: Application, visitor: Visitor, clock: FixedClock, forged: bool
) -> None:
    """Neither later nor with a ticket of one's own making; an end stays an end."""
    path = path_of(application, Purpose.UNSUBSCRIBE)
    left = visitor.post(path, {})
    ticket = left.text.partition('name="zurueck" value="')[2].partition('"')[0]
    if forged:
        ticket = ticket.replace(".1.", ".2.", 1)
    else:
        clock.moment += timedelta(minutes=31)
    answer = visitor.post(path, {"zurueck": ticket})
    assert heading(answer) == "Das geht jetzt nicht mehr"
    assert state(application.database) == "ended"


def test_another_link_is_no_link_to_leave(
    application: Application, visitor: Visitor
) -> None:
    """A token serves one purpose."""
    chooses = path_of(application, Purpose.PREFERENCES)
    token = chooses.rpartition("/")[2]
    for path in (f"/abmelden/{token}", f"/abmelden/{token[:-1]}", "/abmelden/x"):
        for answer in (visitor.get(path), visitor.post(path, {})):
            assert answer.status == 404
            assert heading(answer) == "Dieser Link ist nicht vollständig"
    leaves = path_of(application, Purpose.UNSUBSCRIBE).rpartition("/")[2]
    assert visitor.get(f"/einstellungen/{leaves}").status == 404
    assert state(application.database) == "active"


@pytest.mark.parametrize(
    ("form", "said", "subject"),
    [
        (
            {"fassung": "leicht"},
            "ab jetzt in Leichter Sprache",
            "Sie bekommen unsere E-Mails jetzt in Leichter Sprache",
        ),
        (
            {"erinnerung": "nein"},
            "keine Erinnerungen mehr",
            "Sie bekommen keine Erinnerungen mehr",
        ),
        ({"erinnerung": "ja"}, "eine Erinnerung.", "Sie bekommen wieder Erinnerungen"),
        ({"pause": "offen"}, "zurzeit keine E-Mails", "Ihre Pause ist eingetragen"),
        (
            {"pause": "bis", "pause_bis": "31. Januar 2027"},
            "Ab dem 31.\u00a0Januar\u00a02027 wieder",
            "Ihre Pause ist eingetragen",
        ),
        (
            {"pause": "bis", "pause_bis": "2027-01-31"},
            "Ab dem 31.\u00a0Januar\u00a02027 wieder",
            "Ihre Pause ist eingetragen",
        ),
        (
            {"thema": "keine-einladungen"},
            "keine Einladungen mehr",
            "Sie sind abgemeldet",
        ),
    ],
)
def test_what_is_chosen_is_done_and_told_to_the_mailbox(
    application: Application,
    visitor: Visitor,
    form: dict[str, str],
    said: str,
    subject: str,
) -> None:
    """Each choice at once, with a letter that says so."""
    path = path_of(application, Purpose.PREFERENCES)
    answer = visitor.post(path, {"was": "speichern", **form})
    assert heading(answer) == "Ihre Einstellungen sind gespeichert"
    assert said in answer.text
    assert letters(application.database) == [subject]


def test_a_pause_ends_when_she_says_so(
    application: Application, visitor: Visitor
) -> None:
    """And one that has no day, or one in the past, is asked about again."""
    path = path_of(application, Purpose.PREFERENCES)
    for wrong in ("", "31.2.2027", "31. Foo 2027", "gestern", "1.1.2026"):
        answer = visitor.post(path, {"pause": "bis", "pause_bis": wrong})
        assert answer.status == 422
        assert '<a href="#pause_bis">' in answer.text
    visitor.post(path, {"pause": "offen"})
    assert state(application.database) == SubscriptionState.PAUSED.value
    visitor.post(path, {"pause": "ende"})
    assert state(application.database) == SubscriptionState.ACTIVE.value


def test_the_settings_page_opens_nothing(
    application: Application, visitor: Visitor
) -> None:
    """It is the same for two people with the same domain, whatever they have chosen."""
    with application.database.transaction() as db:
        a_subscriber(
            db, "rosa@post.example", name="Rosa Geheim", style=LetterStyle.EASY
        )
        a_partner_contact(db, address="rudi@post.example")
    pages = set()
    for address in (RITA, "rosa@post.example", "rudi@post.example"):
        path = path_of(application, Purpose.PREFERENCES, address)
        pages.add(visitor.get(path).text.replace(path, ""))
    assert len(pages) == 1


def test_nothing_chosen_changes_nothing(
    application: Application, visitor: Visitor
) -> None:
    """Saving without a choice says so."""
    path = path_of(application, Purpose.PREFERENCES)
    answer = visitor.post(path, {"was": "speichern", "fassung": ""})
    assert heading(answer) == "Es hat sich nichts geändert"
    assert letters(application.database) == []


def test_one_topic_of_two_ends(application: Application, visitor: Visitor) -> None:
    """A partner's contact stays for the other one."""
    with application.database.transaction() as db:
        a_partner_contact(db, address=RITA)
    path = path_of(application, Purpose.PREFERENCES)
    answer = visitor.post(path, {"thema": "keine-netzwerk-info"})
    assert "keine Netzwerk-Info mehr" in answer.text
    assert state(application.database, Topic.NETWORK_UPDATES) == "ended"
    assert state(application.database) == "active"
    assert letters(application.database) == [
        "Sie bekommen die Netzwerk-Info nicht mehr"
    ]


def test_a_new_address_is_asked_and_the_old_one_told(
    application: Application, visitor: Visitor
) -> None:
    """Nothing moves before the new mailbox has said yes."""
    path = path_of(application, Purpose.PREFERENCES)
    answer = visitor.post(path, {"was": "adresse", "email": "neu@post.example"})
    assert heading(answer) == "Bitte sehen Sie in Ihr neues Postfach"
    settled(application)
    assert sorted(letters(application.database)) == [
        "Bitte bestätigen Sie Ihre neue E-Mail-Adresse",
        "Ihre neue E-Mail-Adresse: ein Schritt fehlt noch",
    ]
    assert state(application.database) == "active"
    question = question_path(application)
    assert heading(visitor.get(question)) == "Neue E-Mail-Adresse bestätigen"
    done = visitor.post(question, {})
    assert heading(done) == "Ihre neue E-Mail-Adresse ist bestätigt"
    assert state(application.database) == "ended"


def test_what_we_hold_goes_to_the_mailbox_alone(
    application: Application, visitor: Visitor
) -> None:
    """The page shows nothing; the letter has all but what may have to be erased."""
    path = path_of(application, Purpose.PREFERENCES)
    answer = visitor.post(path, {"was": "daten"})
    assert heading(answer) == "Ihre Daten kommen per E-Mail"
    assert "Papier" not in answer.text
    with application.database.reading() as db:
        letter = db.scalars(sa.select(FrozenLetter)).one()
    assert "Einladungen: angemeldet, mit Erinnerung" in letter.text
    assert "Weg: Papier" in letter.text
    assert RITA not in letter.text
    assert "Rita Beispiel" not in letter.text


def test_the_settings_lead_to_the_question_of_leaving(
    application: Application, visitor: Visitor
) -> None:
    """With the link that is made for it."""
    path = path_of(application, Purpose.PREFERENCES)
    answer = visitor.post(path, {"was": "abmelden"})
    leaves = path_of(application, Purpose.UNSUBSCRIBE)
    assert f'action="{leaves}"' in answer.text
    assert state(application.database) == "active"


@pytest.mark.parametrize("address", [RITA, "fremd@post.example"])
def test_a_lost_link_comes_to_the_mailbox(
    application: Application, filler: FormFiller, address: str
) -> None:
    """Who is with us gets a letter, a stranger none; the page says the same."""
    path_of(application, Purpose.PREFERENCES)
    answer = filler.send("/link", {"email": address})
    assert heading(answer) == "Bitte sehen Sie in Ihr E-Mail-Postfach"
    settled(application)
    owed = ["Ihr Link zu Ihren Einstellungen"] if address == RITA else []
    assert letters(application.database) == owed


def test_the_clerk_comes_when_somebody_wishes_for_something(
    application: Application, filler: FormFiller, database: Database
) -> None:
    """Within moments the wish is gone and the question is owed."""
    filler.send("/anmelden", JOIN)
    until(lambda: letters(database) != [])
    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Wish)) == 0
    assert state(application.database) == "requested"


def test_links_that_are_too_old_for_their_mailbox_hold_no_more(
    application: Application, visitor: Visitor
) -> None:
    """Raising the version revokes the settings; leaving says the same as ever."""
    chooses = path_of(application, Purpose.PREFERENCES)
    leaves = path_of(application, Purpose.UNSUBSCRIBE)
    with application.database.transaction() as db:
        db.execute(sa.update(Mailbox).values(token_version=2))
    assert visitor.get(chooses).status == 404
    assert visitor.post(chooses, {"fassung": "leicht"}).status == 404
    assert visitor.post(chooses, {"was": "daten"}).status == 404
    assert visitor.post(chooses, {"was": "abmelden"}).status == 404
    assert (
        visitor.post(chooses, {"was": "adresse", "email": "a@b.example"}).status == 404
    )
    assert heading(visitor.post(leaves, {})) == "Sie sind abgemeldet"
    assert state(application.database) == "active"
