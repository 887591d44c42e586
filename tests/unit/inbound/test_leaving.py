"""Leaving one topic of two by mail, and what the goodbye says then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.inbound.commands import recognise
from mailer.inbound.desk import Effect
from mailer.inbound.kinds import CommandKind
from mailer.inbound.page import Written
from subscribers import mailboxes, subscription
from subscribers.address import EmailAddress
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.incoming import EGON, Post, a_mail, a_post, egon_is_with_us, plain

if TYPE_CHECKING:
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

BOTH = (Topic.INVITATIONS, Topic.NETWORK_UPDATES)
ACTIVE, ENDED = SubscriptionState.ACTIVE, SubscriptionState.ENDED
NO_NEWS = "Bitte keine Netzwerk-Info mehr schicken."


@pytest.fixture
def post(settings: Settings, clock: FixedClock, database: Database) -> Post:
    """Return a desk that mail is put on."""
    return a_post(settings, clock, database)


def states(post: Post) -> dict[Topic, SubscriptionState]:
    """Return where Egon's subscriptions stand."""
    with post.database.reading() as db:
        mailbox = mailboxes.find(db, EmailAddress.parse(EGON))
        assert mailbox is not None
        return {row.topic: row.state for row in subscription.of(db, mailbox)}


@pytest.mark.parametrize(
    ("own", "topic"),
    [
        ("Netzwerk-Info abbestellen", Topic.NETWORK_UPDATES),
        ("Bitte melden Sie mich von der Netzwerk-Info ab.", Topic.NETWORK_UPDATES),
        ("Bitte nur noch die Einladungen schicken.", Topic.NETWORK_UPDATES),
        (
            "Ich möchte die Infos vom Netzwerk nicht mehr, die Einladungen aber schon.",
            Topic.NETWORK_UPDATES,
        ),
        ("Ich möchte keine Einladungen mehr.", Topic.INVITATIONS),
        ("Bitte nur noch die Netzwerk-Info.", Topic.INVITATIONS),
        ("Abmelden", None),
        ("Bitte nehmen Sie mich aus dem Verteiler.", None),
        ("Bitte keine Einladungen und keine Netzwerk-Info mehr.", None),
        ("Bitte keine Mails mehr, auch keine Netzwerk-Info.", None),
        ("Keine Netzwerk-Info mehr. Bitte keine Einladungen mehr.", None),
    ],
)
def test_the_topic_is_the_one_that_is_named(own: str, topic: Topic | None) -> None:
    """Whoever names none or both leaves all."""
    wish = recognise(Written(own, "", EGON))
    assert (wish.command, wish.topic) == (CommandKind.UNSUBSCRIBE, topic)


def test_one_topic_ends_and_the_other_goes_on(post: Post) -> None:
    """The goodbye names both, and how to leave the other one too."""
    egon_is_with_us(post, topics=BOTH)
    assert post.take(a_mail(body=NO_NEWS)) == Effect.LEFT_TOPIC
    assert states(post) == {Topic.INVITATIONS: ACTIVE, Topic.NETWORK_UPDATES: ENDED}
    (goodbye,) = post.send()
    assert goodbye["Subject"] == "Sie bekommen die Netzwerk-Info nicht mehr"
    assert "Für die Einladungen bleiben Sie angemeldet." in plain(goodbye)
    assert "mit „Abmelden“" in plain(goodbye)


def test_the_word_in_answer_to_that_goodbye_ends_the_rest(post: Post) -> None:
    """It keeps its promise."""
    egon_is_with_us(post, topics=BOTH)
    post.take(a_mail(body=NO_NEWS))
    subject = "Re: Sie bekommen die Netzwerk-Info nicht mehr"
    assert post.take(a_mail(body="Abmelden", subject=subject)) == Effect.LEFT_LIST
    assert set(states(post).values()) == {ENDED}


@pytest.mark.parametrize(
    ("topic", "own"),
    [
        (Topic.NETWORK_UPDATES, NO_NEWS),
        (Topic.INVITATIONS, "Bitte keine Einladungen mehr."),
    ],
)
def test_the_only_topic_is_left_in_the_ordinary_way(
    post: Post, topic: Topic, own: str
) -> None:
    """There is nothing that could go on."""
    egon_is_with_us(post, topics=(topic,))
    assert post.take(a_mail(body=own)) == Effect.LEFT_LIST
    (goodbye,) = post.send()
    assert goodbye["Subject"] == "Sie sind abgemeldet"
    named = {
        Topic.NETWORK_UPDATES: "von der Netzwerk-Info",
        Topic.INVITATIONS: "von den Einladungen",
    }
    assert named[topic] in plain(goodbye)


@pytest.mark.parametrize("style", LetterStyle)
def test_the_goodbye_names_what_ended(post: Post, style: LetterStyle) -> None:
    """Who never got invitations is not told that she has left them."""
    egon_is_with_us(post, topics=(Topic.NETWORK_UPDATES,), style=style)
    post.take(a_mail(body="Abmelden"))
    (goodbye,) = post.send()
    assert "keine Einladungen" not in plain(goodbye)
    assert "Netzwerk-Info" in plain(goodbye)
    assert "Anmelden" not in plain(goodbye), "that word would ask for invitations"


def test_both_topics_are_named_in_one_goodbye(post: Post) -> None:
    """Nobody wonders whether the other one goes on."""
    egon_is_with_us(post, topics=BOTH)
    post.take(a_mail(body="Abmelden"))
    (goodbye,) = post.send()
    assert "Auch die Netzwerk-Info bekommen Sie nicht mehr." in plain(goodbye)


def test_a_topic_is_left_twice_without_harm(post: Post) -> None:
    """Nothing is changed, nobody is troubled, and one goodbye is enough."""
    egon_is_with_us(post, topics=BOTH)
    post.take(a_mail(body=NO_NEWS))
    post.send()
    assert post.take(a_mail(body=f"{NO_NEWS} Danke.")) == Effect.NOTHING_TO_LEAVE
    assert post.send() == []
    assert states(post)[Topic.INVITATIONS] is ACTIVE


def test_nobody_loses_one_topic_by_leaving_another(post: Post) -> None:
    """Who does not get what she wants to leave is asked by a person."""
    egon_is_with_us(post, topics=(Topic.INVITATIONS,))
    assert post.take(a_mail(body=NO_NEWS)) == Effect.HANDED_OVER
    assert states(post) == {Topic.INVITATIONS: ACTIVE}
