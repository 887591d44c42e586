"""Nine mail programs quote; only the sender's own lines count."""

from __future__ import annotations

import pytest

from mailer.inbound.own_text import own_text

LETTER = "Guten Tag,\n\nAbmelden: https://x.example\nSchreiben Sie „Ja“."
MARKED = "\n".join(f"> {line}" for line in LETTER.split("\n"))
SENDER = "Kathrin Sommer <sommer@stadt.example>"

QUOTES = {
    "Thunderbird": f"\n\nAm 24.11.26 um 09:00 schrieb Kathrin Sommer:\n{MARKED}",
    "Gmail": f"\n\n{SENDER} schrieb am Di., 24. Nov. 2026,\n09:00:\n\n{MARKED}",
    "Gmail ohne Adresse": f"\n\nKathrin Sommer schrieb am Di., 24. Nov. 2026, 09:00:\n"
    f"{MARKED}",
    "iPhone": f"\n\nVon meinem iPhone gesendet\n\n> Am 24.11.2026 um 09:00 schrieb "
    f"{SENDER}:\n> \n{MARKED}",
    "iPad ohne Zeichen": f"\n\nAm 24.11.2026 um 09:00 schrieb {SENDER}:\n\n{LETTER}",
    "Outlook": f"\n\n________________________________\nVon: {SENDER}\n"
    f"Gesendet: Dienstag\nAn: Rita\nBetreff: Einladung\n\n{LETTER}",
    "Outlook ohne Strich": f"\n\nVon: {SENDER}\nGesendet: Dienstag, 24. November\n"
    f"An: Rita\nBetreff: Einladung\n\n{LETTER}",
    "GMX": f"\n\nGesendet: Dienstag, 24. November 2026 um 09:00 Uhr\nVon: {SENDER}\n"
    f"An: rita\nBetreff: Einladung\n{LETTER}",
    "T-Online": f"\n\n-----Original-Nachricht-----\nBetreff: Einladung\nDatum: 2026\n"
    f"Von: {SENDER}\nAn: rita\n\n{LETTER}",
    "Samsung": f"\n\n-------- Ursprüngliche Nachricht --------\nVon: {SENDER}\n"
    f"\n{LETTER}",
    "WEB.DE-App": "\n\n-- \nDiese Nachricht wurde von meinem Android Mobiltelefon mit "
    f"WEB.DE Mail gesendet.\nAm 24.11.26, 09:00 schrieb {SENDER}:\n{MARKED}",
}


@pytest.mark.parametrize("program", QUOTES)
def test_a_quotation_below_is_cut(program: str) -> None:
    """Our own words in it are not the sender's."""
    own = own_text(f"Gern\nRita{QUOTES[program]}")
    assert own.text == "Gern\nRita"
    assert own.was_quoted


def test_an_answer_below_the_quotation_is_found() -> None:
    """Some people write at the end."""
    own = own_text(f"Am 24.11.26 schrieb Kathrin Sommer:\n{MARKED}\n\nAbmelden bitte")
    assert own.text == "Abmelden bitte"


def test_an_answer_between_the_lines_is_found() -> None:
    """Some people write where they read."""
    assert own_text(f"{MARKED}\nJa\n{MARKED}").text == "Ja"


@pytest.mark.parametrize(
    "end",
    [
        "-- \nRita Beispiel\nMelden Sie sich jetzt zum Kurs an!",
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX Mail App",
        "Diese E-Mail enthält vertrauliche Informationen. Bitte löschen Sie sie.",
        "Diese E-Mail wurde von Avast-Antivirussoftware auf Viren geprüft.",
    ],
)
def test_signatures_and_disclaimers_are_cut(end: str) -> None:
    """What a program adds to every mail says nothing."""
    assert own_text(f"Ja\n\n{end}").text == "Ja"


def test_invisible_characters_are_gone() -> None:
    """A byte order mark, a soft hyphen, a fixed blank: nobody sees them."""
    assert own_text("\ufeffAn\u00admel\u200bden\u00a0bitte").text == "Anmelden bitte"


def test_plain_prose_stays_whole() -> None:
    """Words like "Von" and "Am" begin ordinary sentences too."""
    text = "Am Montag schrieb ich Ihnen.\nVon: nirgends\nAn der Ecke."
    assert own_text(text).text == text
