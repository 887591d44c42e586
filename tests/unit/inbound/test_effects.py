"""What a mail does: joining, moving, leaving, resting, and what a human must see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.inbound import asking, effects, forwarding
from mailer.inbound.desk import Case, Effect, address_of
from mailer.inbound.forgetting import forget_forwarded
from mailer.inbound.kinds import Classified, CommandKind, Kind, Note
from mailer.inbound.models import Incoming
from mailer.inbound.reading import Message, read
from mailer.outbox.models import FrozenLetter
from mailer.settings.model import InboxMode, ReturnPaths
from subscribers import audience, confirmation, mailboxes, suppression
from subscribers.address import EmailAddress
from subscribers.consent import Proof, history
from subscribers.models import (
    ConfirmToken,
    ConsentChannel,
    Mailbox,
    Subscription,
    SuppressionReason,
)
from subscribers.states import SubscriptionState
from subscribers.tokens import Purpose, TokenClaim, make_token
from subscribers.topics import LetterStyle, Topic
from tests.factories import a_mailbox, a_meeting, a_partner_contact
from tests.incoming import (
    EGON,
    INBOX,
    Post,
    a_command,
    a_mail,
    a_post,
    egon_is_with_us,
    plain,
    state,
)

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

SUBSCRIBE = a_command(CommandKind.SUBSCRIBE)
CONFIRM = a_command(CommandKind.CONFIRM)
UNSUBSCRIBE = a_command(CommandKind.UNSUBSCRIBE)
HUMAN = Classified(Kind.HUMAN, "human.test", "Es ist eine Frage.")

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def post(settings: Settings, clock: FixedClock, database: Database) -> Post:
    """The network's post office."""
    return a_post(settings, clock, database)


def reply(question: EmailMessage, body: str = "Ja", **fields: str) -> bytes:
    """Return an answer to a confirm mail."""
    return a_mail(body=body, In_Reply_To=str(question["Message-ID"]), **fields)


def token_in(question: EmailMessage) -> str:
    """Return the token of a confirm mail, from the link that writes a mail."""
    html = question.get_body(("html",))
    assert html is not None
    return str(html.get_content()).partition("subject=Ja%20")[2][:32]


# Joining


@both
def test_who_asks_is_asked(post: Post) -> None:
    """A neutral mail to her alone; nobody is entered yet."""
    assert post.take(a_mail(body="anmelden"), SUBSCRIBE) == Effect.ASKED
    (question,) = post.send()

    assert question["To"] == EGON
    assert question["Auto-Submitted"] == "auto-replied"
    assert question["List-Unsubscribe"] is None
    assert "EW-2/2" in plain(question)
    assert state(post) is SubscriptionState.REQUESTED
    with post.database.reading() as db:
        assert list(audience.recipients(db, Topic.INVITATIONS)) == []


@both
def test_a_reply_confirms_and_is_welcomed(post: Post) -> None:
    """The reference to the question is enough from the mailbox that was asked."""
    with post.database.transaction() as db:
        a_meeting(db)
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()

    assert post.take(reply(question), CONFIRM) == Effect.CONFIRMED

    (welcome,) = post.send()
    assert state(post) is SubscriptionState.ACTIVE
    assert "3. Dezember 2026" in plain(welcome)
    assert "text/calendar" in [part.get_content_type() for part in welcome.walk()]
    with post.database.reading() as db:
        mailbox = mailboxes.get(db, EmailAddress.parse(EGON))
        assert history(db, mailbox.id)[1].wording_version == "EW-2/2"


@pytest.mark.parametrize("sender", [EGON, "egon@anderswo.example"])
def test_the_token_alone_confirms(post: Post, sender: str) -> None:
    """In the subject, whatever address the answer comes from; nothing else is said."""
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()
    subject = f"Ja {token_in(question)}"
    assert post.take(a_mail(sender, subject=subject)) == Effect.CONFIRMED
    assert state(post) is SubscriptionState.ACTIVE
    assert post.send()[0]["To"] == EGON


@pytest.mark.parametrize("sender", [EGON, "egon@anderswo.example"])
def test_the_address_of_the_answer_alone_confirms(post: Post, sender: str) -> None:
    """Where the server takes addresses with a plus, the answer's own address does."""
    known = post.application.settings
    smtp = replace(
        known.smtp,
        return_paths=ReturnPaths.SIGNED,
        return_path=EmailAddress.parse("rueck@stadt.example"),
    )
    signing = Application(replace(known, smtp=smtp), post.clock)
    signing.unchecked_database = post.database
    here = Post(signing, post.clock, [])
    here.take(a_mail(), SUBSCRIBE)
    (question,) = here.send()
    address = question["Reply-To"]
    assert address.startswith("mia+")
    assert here.take(a_mail(sender, Delivered_To=address), CONFIRM) == Effect.CONFIRMED
    assert state(post) is SubscriptionState.ACTIVE


def test_a_reference_from_somebody_else_confirms_nothing(post: Post) -> None:
    """A Message-ID stands in many logs."""
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()
    content = a_mail("fremd@post.example", In_Reply_To=str(question["Message-ID"]))
    assert post.take(content, CONFIRM) == Effect.HANDED_OVER
    assert state(post) is SubscriptionState.REQUESTED


def test_a_second_yes_is_answered_kindly(post: Post) -> None:
    """The token is used up, and she is told that all is well."""
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()
    post.take(reply(question), CONFIRM)
    post.send()
    assert post.take(reply(question), CONFIRM) == Effect.ALREADY
    assert "schon" in post.send()[0]["Subject"]


def test_a_late_yes_goes_to_a_human(post: Post) -> None:
    """After a week the request is gone with its address; nobody is entered."""
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()
    post.clock.moment += timedelta(days=8)
    with post.database.transaction() as db:
        assert confirmation.erase_expired(db, now=post.clock.now()) == 1
    assert post.take(reply(question), CONFIRM) == Effect.HANDED_OVER
    assert state(post) is None


def test_one_question_a_day(post: Post) -> None:
    """Nobody can flood a mailbox with our questions."""
    assert post.take(a_mail(), SUBSCRIBE) == Effect.ASKED
    assert post.take(a_mail(), SUBSCRIBE) == Effect.ASKED_BEFORE
    post.clock.moment += timedelta(days=1, minutes=1)
    assert post.take(a_mail(), SUBSCRIBE) == Effect.ASKED
    assert len(post.send()) == 2


def test_who_joined_and_left_today_is_seen_by_a_human(post: Post) -> None:
    """She cannot be asked twice a day, and is not left standing."""
    post.take(a_mail(), SUBSCRIBE)
    post.take(a_mail(), UNSUBSCRIBE)
    assert post.take(a_mail(), SUBSCRIBE) == Effect.HANDED_OVER


def test_a_complaint_outweighs_a_late_yes(post: Post) -> None:
    """Between question and answer the address was suppressed: a person decides."""
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()
    with post.database.transaction() as db:
        print_of = mailboxes.get(db, EmailAddress.parse(EGON)).fingerprint or ""
        for reason in (SuppressionReason.WISH, SuppressionReason.OPERATOR):
            suppression.add(db, print_of, reason, now=post.clock.now())
    assert post.take(reply(question), CONFIRM) == Effect.HANDED_OVER
    assert state(post) is SubscriptionState.REQUESTED
    with post.database.reading() as db:
        assert len(suppression.holding(db, print_of)) == 2


def test_questions_have_an_end(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many a day to one domain, so many in all; then a person decides."""
    monkeypatch.setattr(asking, "MAX_QUESTIONS_PER_DOMAIN", 2)
    monkeypatch.setattr(asking, "MAX_QUESTIONS", 3)
    told = [
        post.take(a_mail(sender), SUBSCRIBE)
        for sender in ("a@x.example", "b@x.example", "c@x.example", "a@y.example")
    ]
    assert told == [Effect.ASKED, Effect.ASKED, Effect.HANDED_OVER, Effect.ASKED]
    assert post.take(a_mail("b@y.example"), SUBSCRIBE) == Effect.HANDED_OVER


def test_who_is_with_us_already_is_told(post: Post) -> None:
    """Nothing changes, and no second consent is asked for."""
    egon_is_with_us(post)
    assert post.take(a_mail(), SUBSCRIBE) == Effect.ALREADY
    assert post.send()[0]["Subject"] == "Sie sind schon angemeldet"


def test_a_machine_cannot_join(post: Post) -> None:
    """Nobody is asked; a person looks at it."""
    assert post.take(a_mail(return_path=""), SUBSCRIBE) == Effect.HANDED_OVER
    with post.database.reading() as db:
        assert db.scalars(sa.select(ConfirmToken)).all() == []


def test_the_style_that_was_asked_for_is_used_at_once(post: Post) -> None:
    """Who asks to join in Leichte Sprache is asked in it."""
    easy = replace(SUBSCRIBE, also=("style_easy",))
    post.take(a_mail(), easy)
    assert "Schreiben Sie nur dieses Wort: Ja" in plain(post.send()[0])


@pytest.mark.parametrize(
    ("reason", "effect"),
    [
        (SuppressionReason.WISH, Effect.ASKED),
        (SuppressionReason.COMPLAINT, Effect.HANDED_OVER),
        (SuppressionReason.OPERATOR, Effect.HANDED_OVER),
    ],
)
def test_the_suppression_list_is_heeded(
    post: Post, reason: SuppressionReason, effect: Effect
) -> None:
    """Her own wish yields to her own "Ja", nothing else does."""
    egon_is_with_us(post, state=SubscriptionState.ENDED)
    with post.database.transaction() as db:
        mailbox = mailboxes.get(db, EmailAddress.parse(EGON))
        assert mailbox.fingerprint is not None
        suppression.add(db, mailbox.fingerprint, reason, now=post.clock.now())
    assert post.take(a_mail(), SUBSCRIBE) == effect


def test_a_wish_on_the_phone_is_asked_about_by_mail(post: Post) -> None:
    """The coordinator writes it down; the program asks, and answers no mail with it."""
    now = post.clock.now()
    told = Proof(ConsentChannel.PHONE, now, "Anruf am 23. November 2026")
    with post.database.transaction() as db:
        mailbox = a_mailbox(db, EGON)
        assert asking.ask_to_join(db, post.desk, mailbox, told, now=now)
    (question,) = post.send()
    assert question["Auto-Submitted"] == "auto-generated"
    assert question["In-Reply-To"] is None
    assert post.take(reply(question), CONFIRM) == Effect.CONFIRMED


# Leaving


@both
def test_the_word_of_a_known_address_ends_it(post: Post) -> None:
    """At once, for all topics, with one goodbye that shows the way back."""
    egon_is_with_us(post)
    assert post.take(a_mail(), UNSUBSCRIBE) == Effect.LEFT_LIST
    assert state(post) is SubscriptionState.ENDED
    (goodbye,) = post.send()
    assert goodbye["Subject"] == "Sie sind abgemeldet"
    assert "Anmelden" in plain(goodbye)


def test_an_answer_without_references_is_known_by_our_subject(post: Post) -> None:
    """Some mail programs lose them; the repeated subject is no wish of its own."""
    egon_is_with_us(post)
    subject = "Re: Einladung: Miteinander reden am Donnerstag, 3. Dezember 2026"
    joining = a_mail(body="Anmelden", subject=subject)
    assert post.take(joining) == Effect.HANDED_OVER, "he means the meeting"
    assert post.take(a_mail(body="Abmelden", subject=subject)) == Effect.LEFT_LIST


def test_unknown_and_former_readers_hear_the_same(post: Post) -> None:
    """The answer reveals nothing."""
    egon_is_with_us(post, state=SubscriptionState.ENDED)
    assert post.take(a_mail(), UNSUBSCRIBE) == Effect.NOTHING_TO_LEAVE
    stranger = a_mail("fremd@post.example")
    assert post.take(stranger, UNSUBSCRIBE) == Effect.NOTHING_TO_LEAVE
    first, second = post.send()
    assert plain(first) == plain(second)
    assert "Sie uns geschrieben haben" in plain(first)


def test_nobody_can_ask_in_anothers_name(post: Post) -> None:
    """With a forged sender, no answer goes to the forger, whoever is subscribed."""
    egon_is_with_us(post)
    spy = "spion@boese.example"
    for address in (EGON, "nicht-dabei@post.example"):
        post.take(a_mail(address, return_path=spy), UNSUBSCRIBE)
        post.take(a_mail(address, return_path=spy), a_command(CommandKind.STYLE_EASY))
    assert spy not in {message["To"] for message in post.send()}


def test_a_token_acts_on_its_own_mailbox(post: Post) -> None:
    """From whatever address; the sender hears nothing."""
    mailbox_id = egon_is_with_us(post)
    claim = TokenClaim(mailbox_id, 1)
    content = a_mail("kollegin@buero.example")
    assert post.take(content, replace(UNSUBSCRIBE, claim=claim)) == Effect.LEFT_LIST
    assert [message["To"] for message in post.send()] == [EGON]


def test_a_revoked_token_names_nobody(post: Post) -> None:
    """Only the sender counts then."""
    mailbox_id = egon_is_with_us(post)
    old = replace(UNSUBSCRIBE, claim=TokenClaim(mailbox_id, 0))
    assert post.take(a_mail("fremd@post.example"), old) == Effect.NOTHING_TO_LEAVE
    assert state(post) is SubscriptionState.ACTIVE


def test_the_header_of_our_letters_leaves_for_real(post: Post) -> None:
    """The mail that List-Unsubscribe writes, read by the classifier itself."""
    mailbox_id = egon_is_with_us(post)
    token = make_token(post.application.keys, Purpose.UNSUBSCRIBE, mailbox_id, 1)
    assert post.take(a_mail(subject=f"abmelden {token}")) == Effect.LEFT_LIST


@pytest.mark.parametrize("note", [Note.GRIEF, Note.ANGER])
def test_there_is_no_cheerful_word_in_grief(post: Post, note: Note) -> None:
    """She is taken off the list, and the coordinator writes, not a program."""
    egon_is_with_us(post)
    sad = replace(UNSUBSCRIBE, also=(note,), is_handed_over=True)
    assert post.take(a_mail(body="Mein Mann ist verstorben."), sad) == Effect.LEFT_LIST
    (forward,) = post.send()
    assert forward["To"].endswith("k_sommer@aschersleben.de")
    assert "Das Programm hat die Person abgemeldet." in plain(forward)


def test_who_leaves_before_confirming_is_not_asked_any_more(post: Post) -> None:
    """The question in her mailbox lapses."""
    post.take(a_mail(), SUBSCRIBE)
    (question,) = post.send()
    assert post.take(a_mail(), UNSUBSCRIBE) == Effect.LEFT_LIST
    assert post.take(reply(question), CONFIRM) == Effect.HANDED_OVER
    assert state(post) is SubscriptionState.ENDED


# Changing


@pytest.mark.parametrize(
    ("command", "style"),
    [
        (CommandKind.STYLE_EASY, LetterStyle.EASY),
        (CommandKind.STYLE_STANDARD, LetterStyle.STANDARD),
    ],
)
def test_a_reader_chooses_her_style(
    post: Post, command: CommandKind, style: LetterStyle
) -> None:
    """Stored without a reason, and said in the new style."""
    egon_is_with_us(post)
    assert post.take(a_mail(), a_command(command)) == Effect.STYLE_CHANGED
    with post.database.reading() as db:
        assert mailboxes.get(db, EmailAddress.parse(EGON)).style is style
    assert "jetzt in" in post.send()[0]["Subject"]


def test_a_stranger_has_no_style_with_us(post: Post) -> None:
    """A person looks at it, and the answer says nothing about lists."""
    told = post.take(a_mail(), a_command(CommandKind.STYLE_EASY))
    assert told == Effect.HANDED_OVER
    subjects = [message["Subject"] for message in post.send()]
    assert "Ihre Nachricht ist angekommen" in subjects


@both
def test_a_new_address_confirms_for_itself(post: Post) -> None:
    """Until then the old one stays; both are written to."""
    egon_is_with_us(post)
    move = a_command(CommandKind.CHANGE_ADDRESS, new_address="neu@post.example")
    assert post.take(a_mail(), move) == Effect.ASKED
    question, told = post.send()
    assert (question["To"], told["To"]) == ("neu@post.example", EGON)
    assert question["Auto-Submitted"] == "auto-generated"
    assert EGON not in question.as_string()
    assert state(post) is SubscriptionState.ACTIVE

    answer = a_mail("neu@post.example", In_Reply_To=str(question["Message-ID"]))
    assert post.take(answer, CONFIRM) == Effect.MOVED

    assert state(post) is SubscriptionState.ENDED
    assert state(post, "neu@post.example") is SubscriptionState.ACTIVE
    assert [message["To"] for message in post.send()] == ["neu@post.example"]


@pytest.mark.parametrize("new", ["", "keine Adresse", EGON, INBOX.text])
def test_an_impossible_address_is_for_a_human(post: Post, new: str) -> None:
    """Nothing moves."""
    egon_is_with_us(post)
    move = a_command(CommandKind.CHANGE_ADDRESS, new_address=new)
    assert post.take(a_mail(), move) == Effect.HANDED_OVER
    assert state(post) is SubscriptionState.ACTIVE


@pytest.mark.parametrize("reason", [SuppressionReason.OPERATOR, None])
def test_nobody_moves_where_nobody_may_be_asked(
    post: Post, monkeypatch: pytest.MonkeyPatch, reason: SuppressionReason | None
) -> None:
    """A suppressed address, or the end of today's questions: a person decides."""
    egon_is_with_us(post)
    with post.database.transaction() as db:
        mailbox = a_mailbox(db, "neu@post.example")
        if reason is not None:
            print_of = mailbox.fingerprint or ""
            suppression.add(db, print_of, reason, now=post.clock.now())
    if reason is None:
        monkeypatch.setattr(asking, "MAX_QUESTIONS", 0)
    move = a_command(CommandKind.CHANGE_ADDRESS, new_address="neu@post.example")
    assert post.take(a_mail(), move) == Effect.HANDED_OVER


def test_one_question_a_day_for_a_new_address_too(post: Post) -> None:
    """Nobody can flood a stranger by naming her address."""
    egon_is_with_us(post)
    move = a_command(CommandKind.CHANGE_ADDRESS, new_address="neu@post.example")
    assert post.take(a_mail(), move) == Effect.ASKED
    assert post.take(a_mail(), move) == Effect.ASKED_BEFORE
    assert len(post.send()) == 2


def test_an_office_does_not_move_by_one_mail(post: Post) -> None:
    """Where a partner's contacts read, the coordinator moves them."""
    with post.database.transaction() as db:
        a_partner_contact(db, address=EGON)
    move = a_command(CommandKind.CHANGE_ADDRESS, new_address="neu@post.example")
    assert post.take(a_mail(), move) == Effect.HANDED_OVER


@both
def test_reminders_can_be_turned_off_and_on(post: Post) -> None:
    """By a word alone; each change has one answer, and the invitations go on."""
    mailbox_id = egon_is_with_us(post)
    answered = "Re: Erinnerung: Miteinander reden, morgen, 3. Dezember 2026, 10 Uhr"

    off = a_mail(body="Bitte keine Erinnerungen mehr.\n\nMfG Egon", subject=answered)
    assert post.take(off) == Effect.REMINDERS_CHANGED
    (told,) = post.send()
    assert told["Subject"] == "Sie bekommen keine Erinnerungen mehr"
    assert "Die Einladungen bekommen Sie weiter." in plain(told)
    assert reminds(post, mailbox_id) is False
    assert state(post) is SubscriptionState.ACTIVE

    on = a_mail(body="Erinnerung", subject=f"Re: {told['Subject']}")
    assert post.take(on) == Effect.REMINDERS_CHANGED
    (told,) = post.send()
    assert told["Subject"] == "Sie bekommen wieder Erinnerungen"
    assert reminds(post, mailbox_id) is True


def reminds(post: Post, mailbox_id: int) -> bool:
    """Return whether reminders are welcome."""
    with post.database.reading() as db:
        row = db.scalars(sa.select(Subscription).filter_by(mailbox_id=mailbox_id)).one()
        return row.reminds


@pytest.mark.parametrize(
    "body",
    [
        "Keine Erinnerung. Und wer bringt Kuchen mit?",
        "Ich habe keine Erinnerung daran.",
    ],
)
def test_more_than_the_word_is_for_a_person(post: Post, body: str) -> None:
    """The coordinator reads it, and nothing has changed."""
    mailbox_id = egon_is_with_us(post)
    assert post.take(a_mail(body=body)) == Effect.HANDED_OVER
    assert reminds(post, mailbox_id) is True


def test_a_stranger_has_no_reminders_to_turn_off(post: Post) -> None:
    """It is for a person, and the answer tells nothing of who is with us."""
    assert post.take(a_mail(body="Keine Erinnerung")) == Effect.HANDED_OVER


def test_a_pause_has_an_end_and_a_way_back(post: Post) -> None:
    """Nothing is sent until the day; "Anmelden" ends it before."""
    mailbox_id = egon_is_with_us(post)
    with post.database.transaction() as db:
        mailbox = db.get_one(Mailbox, mailbox_id)
        content = a_mail()
        message = read(content)
        assert isinstance(message, Message)
        incoming = Incoming(
            digest="x",
            source="stdin",
            received_at=post.clock.now(),
            octets=1,
            kind="command",
            rule="r",
        )
        db.add(incoming)
        db.flush()
        case = Case(
            HUMAN, message, content, incoming, address_of(EGON), post.clock.now()
        )
        until = date(2027, 1, 31)
        told = effects.pause(db, post.desk, mailbox, until, case)
        assert told is Effect.PAUSED
    (letter,) = post.send()
    assert "31. Januar 2027" in plain(letter)
    with post.database.reading() as db:
        assert db.scalars(sa.select(Subscription.resume_on)).all() == [until]
    assert post.take(a_mail(), SUBSCRIBE) == Effect.ALREADY
    assert state(post) is SubscriptionState.ACTIVE


# For humans


@both
def test_a_question_reaches_the_coordinator_whole(post: Post) -> None:
    """Enclosed as it came, answers go to the person, content is forgotten at once."""
    content = a_mail(body="Ich brauche eine Höranlage. Geht das?", subject="Frage")
    assert post.take(content, HUMAN) == Effect.HANDED_OVER
    messages = post.send()
    forward = next(m for m in messages if m["To"].endswith("k_sommer@aschersleben.de"))

    assert forward["Subject"] == "Weitergeleitet: Frage"
    assert forward["Reply-To"] == EGON
    assert forward["From"].endswith("<k_sommer@aschersleben.de>")
    assert "Höranlage" in plain(forward)
    (enclosed,) = [
        part for part in forward.walk() if part.get_content_type() == "message/rfc822"
    ]
    inner = list(enclosed.walk())[1]
    assert inner["From"] == EGON
    assert "Höranlage".encode() in inner.get_payload(decode=True)

    with post.database.transaction() as db:
        assert forget_forwarded(db) == 1
        assert db.scalars(sa.select(Incoming.raw)).all() == [None]
        letter = db.scalars(
            sa.select(FrozenLetter).where(FrozenLetter.occasion.like("forward/%"))
        ).one()
        assert letter.attachment is None
        assert "Höranlage" not in letter.text + letter.subject
        assert forget_forwarded(db) == 0


def test_what_is_too_large_to_forward_is_kept_and_told(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The coordinator reads the words, and hears where the rest is."""
    monkeypatch.setattr(forwarding, "MAX_ENCLOSED_BYTES", 100)
    post.take(a_mail(body="Viele Bilder"), HUMAN)
    forward = next(m for m in post.send() if m["Subject"].startswith("Weiter"))
    assert "Viele Bilder" in plain(forward)
    assert "mia inbox show 1" in plain(forward)
    with post.database.transaction() as db:
        assert forget_forwarded(db) == 0
        assert db.scalars(sa.select(Incoming.raw)).all() != [None]


def test_an_answer_that_is_days_late_is_not_sent(post: Post) -> None:
    """Forwarded mail waits as long as it takes, and is held for nobody."""
    post.take(a_mail(body="Eine Frage"), HUMAN)
    post.clock.moment += timedelta(days=6)
    assert [message["Subject"] for message in post.send()] == [
        "Weitergeleitet: Nachricht ohne Betreff"
    ]


def test_what_has_not_arrived_is_kept(post: Post) -> None:
    """Not before the coordinator's server has taken it."""
    post.take(a_mail(body="Eine Frage"), HUMAN)
    with post.database.transaction() as db:
        assert forget_forwarded(db) == 0
        assert db.scalars(sa.select(Incoming.raw)).all() != [None]


def test_the_sender_gets_one_friendly_answer(post: Post) -> None:
    """Once a day, however much she writes; each mail reaches the coordinator."""
    post.take(a_mail(body="Eine Frage"), HUMAN)
    post.take(a_mail(body="Noch eine"), HUMAN)
    subjects = [message["Subject"] for message in post.send()]
    assert subjects.count("Ihre Nachricht ist angekommen") == 1
    assert len([one for one in subjects if one.startswith("Weitergeleitet")]) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00 kein Brief",
        b"From: a@b.example\r\n\r\n" + b"x" * 2000 + "ü\r\n".encode(),
        b"From: a@b.example\nSubject: \xc3\xbc\n\nnackt\r\n.\r\n\xfc\n",
        b"",
    ],
    ids=["bytes", "long line", "8 bit", "empty"],
)
def test_what_cannot_be_read_is_shown_too(post: Post, content: bytes) -> None:
    """Whatever the bytes are, the coordinator's mail is one that every server takes."""
    unreadable = Classified(Kind.UNREADABLE, "unlesbar", "Nicht lesbar.")
    assert post.take(content, unreadable) == Effect.HANDED_OVER
    (forward,) = post.send()
    assert "Nicht lesbar." in plain(forward)
    assert len(list(forward.walk())) >= 3


def test_foreign_words_cannot_break_our_letter(post: Post) -> None:
    """Control characters, half characters and our own signs are left out."""
    odd = "Hallo \uf8e1\u202e\x1b[31m\ud800 Ende"
    message = replace(HUMAN, own_text=odd)
    post.take(a_mail(subject="a\ufeffb"), message)
    forward = next(m for m in post.send() if m["Subject"].startswith("Weiter"))
    assert "Ende" in plain(forward)
    assert "\uf8e1" not in plain(forward)


def test_in_a_shared_mailbox_a_persons_mail_stays_hers(
    settings: Settings, clock: FixedClock, database: Database
) -> None:
    """Nothing is forwarded, and no program answers her friends."""
    post = a_post(settings, clock, database, InboxMode.SHARED)
    assert post.take(a_mail(body="Kommst du zum Essen?"), HUMAN) == Effect.KEPT
    assert post.send() == []
    assert post.take(a_mail(), HUMAN, source="stdin") == Effect.HANDED_OVER


def test_mail_is_not_forwarded_in_a_circle(post: Post) -> None:
    """If the coordinator's mailbox is the one we read, it lies there already."""
    known = post.application.settings
    same = replace(known, inbox_address=known.coordinator.email)
    circle = Application(same, post.clock)
    circle.unchecked_database = post.database
    assert Post(circle, post.clock, []).take(a_mail(), HUMAN) == Effect.KEPT


def test_a_machine_is_noted_and_not_answered(post: Post) -> None:
    """An absence note changes nothing."""
    egon_is_with_us(post)
    auto = Classified(Kind.AUTO, "auto.test", "Abwesend.")
    assert post.take(a_mail(Auto_Submitted="auto-replied"), auto) == Effect.NOTED
    assert post.owed() == []
    assert state(post) is SubscriptionState.ACTIVE


def test_what_the_coordinator_writes_herself_is_not_lost(post: Post) -> None:
    """Our letters carry her address; but she is no machine, and they say they are."""
    her = "k_sommer@aschersleben.de"
    assert post.take(a_mail(her, "Bitte einmal prüfen")) == Effect.HANDED_OVER
    assert post.take(a_mail(her, "x", List_Id="<mia.example>")) == Effect.NOTED
    assert post.take(a_mail(her, "x", Auto_Submitted="auto-replied")) == Effect.NOTED


ODD: Final = (
    b"",
    b"\x00\xff\xfe",
    b"From: \r\nSubject: \xff\r\n\r\n",
    b"From: a@b\r\nMessage-ID: <\r\nReferences: <a@b> <c\r\n\r\nJa",
    b"Return-Path: <x y@z>\nFrom: =?utf-8?q?=F0=9F=98=80?= <a@b.example>\n\n\xf0\x9f",
    b"From: undisclosed-recipients:;\r\nIn-Reply-To: <" + b"a" * 5000 + b"@b>\r\n\r\n",
    "From: \u202e\ue000@post.example\r\nSubject: \ue001\r\n\r\n\uf8e1".encode(),
)
"""What no person writes."""


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        *((kind, CommandKind.NONE) for kind in Kind),
        *((Kind.COMMAND, command) for command in CommandKind),
    ],
)
def test_no_mail_breaks_anything(post: Post, kind: Kind, command: CommandKind) -> None:
    """Whatever the bytes are, and taken for: what follows from them can be sent."""
    egon_is_with_us(post)
    wild = Classified(
        kind,
        "rule.test",
        "Warum.",
        command=command,
        severity="hard",
        addresses=("kein Mensch", EGON),
        delivery="<nichts>",
        claim=TokenClaim(4711, 1),
        token="x",
        new_address="\ue000@post.example",
        also=("question", "unsubscribe", "irgendwas"),
        own_text="\ud800\ue000",
        is_handed_over=True,
    )
    for content in ODD:
        assert post.take(content + f"\r\n{kind}/{command}".encode(), wild)
        post.send()


# The whole life of a person who only writes mail


def test_egon_never_needs_anything_but_mail(post: Post) -> None:
    """Join, confirm above a quote, change style and address, leave: read for real."""
    with post.database.transaction() as db:
        a_meeting(db)
    wish = a_mail(
        body="Sehr geehrte Damen und Herren,\n\nbitte nehmen Sie mich in den Verteiler "
        "für Ihre Einladungen auf.\n\nMit freundlichen Grüßen\nEgon Fiedler",
        subject="Einladungen",
    )
    assert post.take(wish) == Effect.ASKED
    (question,) = post.send()
    quoted = "\n".join(["", "-----Original-Nachricht-----", plain(question)])
    yes = reply(
        question,
        f"Ja\n\nMfG Egon Fiedler\n{quoted}",
        subject=f"AW: {question['Subject']}",
    )
    assert post.take(yes) == Effect.CONFIRMED
    (welcome,) = post.send()

    easy = a_mail(body="Leichte Sprache", In_Reply_To=str(welcome["Message-ID"]))
    assert post.take(easy) == Effect.STYLE_CHANGED
    assert "Leichter Sprache" in post.send()[0]["Subject"]

    moved = a_mail(body="Meine neue E-Mail-Adresse lautet egon.fiedler@neu.example")
    assert post.take(moved) == Effect.ASKED
    question, _ = post.send()
    yes = a_mail(
        "egon.fiedler@neu.example",
        "Ja",
        subject=f"Re: {question['Subject']}",
        In_Reply_To=str(question["Message-ID"]),
    )
    assert post.take(yes) == Effect.MOVED
    post.send()

    away = a_mail("egon.fiedler@neu.example", "Pause bis 31. Januar 2027\n\nEgon")
    assert post.take(away) == Effect.PAUSED
    assert "Ab dem 31. Januar 2027" in plain(post.send()[0])

    gone = a_mail("egon.fiedler@neu.example", "Abmelden bitte")
    assert post.take(gone) == Effect.LEFT_LIST
    (goodbye,) = post.send()
    assert goodbye["To"] == "egon.fiedler@neu.example"
    assert "Sie bekommen keine Einladungen mehr von uns." in plain(goodbye)
