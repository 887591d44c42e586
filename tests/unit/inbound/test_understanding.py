"""What is not understood to the last word is for a person."""

from __future__ import annotations

import pytest

from mailer.inbound.commands import Wish, recognise
from mailer.inbound.kinds import CommandKind, Context, Note
from mailer.inbound.page import Written

NOT_UNDERSTOOD = "falle.unverstanden"


def heard(own: str, subject: str = "", context: Context | None = None) -> Wish:
    """Return what is recognised."""
    return recognise(Written(own, subject, "rita@web.example", context=context))


@pytest.mark.parametrize(
    "own",
    [
        "Bitte keine Einladungen mehr im Farbdruck senden.",
        "Ich will keine Einladungen mehr verpassen.",
        "Bitte nehmen Sie mich mit dem Oboenkreis aus dem Verteiler.",
        "Bitte keine Mails mehr senden. Es geht um die Oboe.",
        "Bitte nehmen Sie mich samt Oboe in Ihren Verteiler auf.",
    ],
)
def test_one_strange_word_is_a_doubt(own: str) -> None:
    """No trap knows the word; that nobody knows it is enough."""
    wish = heard(own)
    assert (wish.command, wish.rule) == (CommandKind.NONE, NOT_UNDERSTOOD)


@pytest.mark.parametrize(
    "own",
    [
        "Ich bin 84 und höre schlecht. Bitte nehmen Sie mich aus dem Verteiler.",
        "Ich wohne jetzt in Halle, bitte keine Einladungen mehr senden.",
        "Bitte keine Einladungen mehr. Danke, E. Oboenstein",
        "Bitte keine Einladungen mehr.\nDr. Oboenstein",
        "Bitte keine Einladungen mehr.\nSekretariat Oboenschule am Markt",
    ],
)
def test_reasons_and_names_are_no_doubt(own: str) -> None:
    """People say why, and who they are."""
    assert heard(own).command is CommandKind.UNSUBSCRIBE


def test_no_is_harmless_in_a_reason_but_not_in_the_wish() -> None:
    """In the clause of the wish it may turn it round."""
    reason = heard("Ich lese das nicht, bitte löschen Sie meine Adresse.")
    assert reason.command is CommandKind.UNSUBSCRIBE
    wish = heard("Bitte löschen Sie meine Adresse nicht.")
    assert wish.command is CommandKind.NONE


def test_a_question_beside_a_clear_wish_is_answered_by_a_person() -> None:
    """The wish is obeyed, and the question is handed over."""
    wish = heard("Bitte nehmen Sie mich aus dem Verteiler. Was macht die Oboe?")
    assert wish.command is CommandKind.UNSUBSCRIBE
    assert Note.QUESTION in wish.also


def test_a_question_below_a_title_is_what_the_mail_is_about() -> None:
    """A title alone is no wish then."""
    wish = heard("Gibt es auch Kurse für Oboe?", "Leichte Sprache")
    assert wish.command is CommandKind.NONE


def test_words_about_reading_are_harmless_for_the_style_only() -> None:
    """They are what somebody says who wants other words."""
    easy = heard("Mein Sohn liest den Text nicht, bitte schreiben Sie leichter.")
    assert easy.command is CommandKind.STYLE_EASY
    gone = heard("Mein Sohn liest den Text nicht, bitte keine Einladungen mehr.")
    assert gone.command is CommandKind.NONE


@pytest.mark.parametrize(
    "own",
    [
        "Danke, ich brauche keine weitere Einladung, ich habe sie schon.",
        "Ich habe die Einladung schon, bitte keine weiteren Mails deswegen.",
        "Bitte nehmen Sie meine alte Adresse aus dem Verteiler, die neue bleibt drin.",
        "Bitte schicken Sie die Einladungen nicht mehr so spät.",
        "Ich möchte keine Einladungen, sondern das Protokoll.",
        "Nehmen Sie mich doch nicht aus dem Verteiler!",
        "Bitte melden Sie sich, ich will aus dem Verteiler.",
        "Unser Praktikant ist weg, bitte aus dem Verteiler nehmen.",
    ],
)
def test_nobody_leaves_by_half_a_wish(own: str) -> None:
    """All of them name the letters or the list, and none wants out for certain."""
    assert heard(own, context=Context.INVITATION).command is CommandKind.NONE
