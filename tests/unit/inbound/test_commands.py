"""What somebody wants: the rules between the words of the table."""

from __future__ import annotations

import pytest

from mailer.inbound.commands import recognise
from mailer.inbound.kinds import CommandKind, Context, Note
from mailer.inbound.page import Written


def heard(own: str, subject: str = "", context: Context | None = None) -> CommandKind:
    """Return what is recognised."""
    return recognise(Written(own, subject, "rita@web.example", context=context)).command


@pytest.mark.parametrize(
    "own",
    [
        "Abmelden",
        "abmelden bitte!",
        "Hallo Frau Sommer,\n\nabmelden bitte.\n\nMit besten Grüßen\nRita Beispiel",
        "Bitte abmelden. Danke, Rita",
        "ABMELDEN\nMarco",
        "Ich möchte mich abmelden.\nLG",
    ],
)
def test_politeness_around_a_word_is_nothing(own: str) -> None:
    """Greeting, closing, name and courtesy do not hide what is wanted."""
    assert heard(own) is CommandKind.UNSUBSCRIBE


@pytest.mark.parametrize(
    "own",
    [
        "Abmelden\nSommerfest",
        "Abmelden Hund",
        "Abmelden. Ich habe noch etwas anderes auf dem Herzen.",
        "Abmelden?",
        "Abmelden am Donnerstag",
        "Mit freundlichen Grüßen\nRita\nPS: Abmelden nur für Donnerstag",
        "Abmelden\nLG Rita\nAber nur für Donnerstag.",
    ],
)
def test_anything_unknown_beside_a_word_is_a_doubt(own: str) -> None:
    """It could be somebody's dog, or one meeting."""
    assert heard(own) is CommandKind.NONE


def test_the_subject_counts_unless_it_is_ours() -> None:
    """An answer repeats our subject."""
    assert heard("", "Abmelden") is CommandKind.UNSUBSCRIBE
    assert heard("siehe Betreff", "Abmeldung") is CommandKind.UNSUBSCRIBE
    assert heard("", "Re: Sie sind abgemeldet") is CommandKind.NONE
    assert heard("Anmelden", "Sommerfest") is CommandKind.NONE
    assert heard("Anmelden", "Treffen am Donnerstag") is CommandKind.NONE


def test_two_wishes_that_exclude_each_other_are_none() -> None:
    """Nobody flips a coin."""
    own = "Bitte nehmen Sie mich aus dem Verteiler. Bitte nehmen Sie mich wieder auf."
    assert heard(own) is CommandKind.NONE


def test_other_addresses_are_for_a_person() -> None:
    """Nobody is subscribed or unsubscribed by somebody else."""
    own = "Bitte nehmen Sie mich in den Verteiler auf: otto@web.example"
    assert heard(own) is CommandKind.NONE
    mine = "Bitte nehmen Sie mich in den Verteiler auf: rita@web.example"
    assert heard(mine) is CommandKind.SUBSCRIBE


@pytest.mark.parametrize(
    ("own", "new"),
    [
        ("Neue Adresse: neu@web.example", "neu@web.example"),
        ("Alt: alt@web.example\nNeu: neu@web.example", "neu@web.example"),
        (
            "Statt alt@web.example künftig an neu@web.example schicken",
            "neu@web.example",
        ),
        ("Neue Adressen: a@web.example und b@web.example", None),
        ("Meine neue Adresse ist rita@web.example", None),
    ],
)
def test_the_new_address_must_be_the_only_one(own: str, new: str | None) -> None:
    """Otherwise a person asks."""
    found = recognise(Written(own, "", "rita@web.example"))
    assert found.new_address == new
    assert (found.command is CommandKind.CHANGE_ADDRESS) is (new is not None)


def test_the_safe_wish_is_obeyed_and_the_other_shown() -> None:
    """Easy words now; whether she leaves, a person asks."""
    found = recognise(Written("Leichte Sprache bitte. Keine Mails mehr.", ""))
    assert found.command is CommandKind.STYLE_EASY
    assert "unsubscribe" in found.also


def test_a_question_beside_a_wish_is_shown() -> None:
    """It is answered by the coordinator."""
    own = "Bitte nehmen Sie mich aus dem Verteiler. Woher haben Sie meine Adresse?"
    found = recognise(Written(own, ""))
    assert found.command is CommandKind.UNSUBSCRIBE
    assert {Note.QUESTION, Note.DATA_PROTECTION} <= set(found.also)


@pytest.mark.parametrize("own", ["Anmelden", "Tragen Sie mich bitte ein."])
def test_who_is_invited_does_not_subscribe_by_a_word(own: str) -> None:
    """She means the meeting."""
    assert heard(own, context=Context.INVITATION) is CommandKind.NONE
    assert heard(own, context=Context.NEW) is CommandKind.SUBSCRIBE


def test_subscribing_in_an_answer_to_the_question_confirms() -> None:
    """The token in it says that the question was hers."""
    assert heard("Bitte anmelden", context=Context.CONFIRM) is CommandKind.CONFIRM
    assert heard("Nein", context=Context.CONFIRM) is CommandKind.UNSUBSCRIBE
