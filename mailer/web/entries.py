"""What people type into forms, checked, with a German sentence for each slip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from mailer.german import MONTHS
from mailer.inbound.typos import nearest
from subscribers.address import EmailAddress
from subscribers.errors import InvalidAddress
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.web.visit import Visit

EMAIL: Final = "email"
NAME: Final = "name"
STYLE: Final = "fassung"
CONSENT: Final = "einwilligung"

MAX_NAME_CHARS: Final = 80
"""Longer than any name that fits into a greeting."""

SHOWN_CHARS: Final = 80
"""How much of a wrong address a page repeats."""

MEANT: Final = "vorschlag"
"""The button that answers whether another address was meant: "ja" or "nein"."""

PROVIDERS: Final = (
    *("gmx.de", "gmx.net", "web.de", "t-online.de", "freenet.de", "arcor.de"),
    *("gmail.com", "googlemail.com", "outlook.de", "outlook.com", "hotmail.de"),
    *("hotmail.com", "yahoo.de", "icloud.com", "posteo.de", "mailbox.org"),
)
"""Where most residents have their mailbox."""

EASY: Final = "leicht"
STANDARD: Final = "standard"

_GERMAN_DAY: Final = re.compile(
    r"([0-9]{1,2})\.\s*([0-9]{1,2}\.|[A-Za-zä]+ )\s*([0-9]{4})"
)

_LINK: Final = re.compile(r"https?:|www\.|//|@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field.

    Attributes:
        field: Its name, by which the summary leads to it.
        sentence: What is wrong and what to do.
    """

    field: str
    sentence: str


def address(visit: Visit) -> EmailAddress | Problem:
    """Return the address that was typed, or what is wrong with it."""
    given = visit.typed(EMAIL)
    if not given:
        return Problem(EMAIL, "Bitte geben Sie Ihre E-Mail-Adresse ein.")
    try:
        return EmailAddress.parse(given)
    except InvalidAddress:
        shown = given if len(given) <= SHOWN_CHARS else f"{given[:SHOWN_CHARS]}…"
        return Problem(
            EMAIL,
            f"„{shown}“ ist keine vollständige E-Mail-Adresse. Bitte prüfen Sie die "
            "Eingabe, zum Beispiel maria.muster@example.org.",
        )


def meant(address: EmailAddress) -> EmailAddress | None:
    """Return what an address with a slip in its domain may have meant; None if none.

    Only the providers of most residents are known, and one slip, or two in a long
    name: it is a question, and her answer counts.
    """
    local, _, domain = address.text.rpartition("@")
    if domain.lower() in PROVIDERS:
        return None
    near = nearest(domain.lower(), [(known, known) for known in PROVIDERS])
    return EmailAddress.parse(f"{local}@{near}") if near else None


def name(visit: Visit) -> str | Problem | None:
    """Return the name that was typed, None for none, or what is wrong with it.

    Strangers can type anything into the form, and our letter would carry it to
    whoever they name: a name is no place for a link.
    """
    given = " ".join(visit.typed(NAME).split())
    if not given:
        return None
    if len(given) > MAX_NAME_CHARS:
        return Problem(
            NAME, f"Bitte kürzen Sie den Namen auf {MAX_NAME_CHARS} Zeichen."
        )
    if _LINK.search(given) or not given.isprintable():
        return Problem(NAME, "Bitte schreiben Sie hier nur Ihren Namen.")
    return given


def style(visit: Visit) -> LetterStyle:
    """Return how she wants letters worded; standard if she did not choose."""
    return LetterStyle.EASY if visit.typed(STYLE) == EASY else LetterStyle.STANDARD


def consent(visit: Visit) -> Problem | None:
    """Return what is wrong if the box is not ticked."""
    if visit.ticked(CONSENT):
        return None
    return Problem(
        CONSENT, "Bitte bestätigen Sie, dass Sie die Einladungen bekommen möchten."
    )


def day(visit: Visit, field: str, *, after: date) -> date | Problem:
    """Return the day that was chosen, or what is wrong with it.

    Args:
        after: It must be later.
    """
    given = visit.typed(field)
    found = _german_day(given) or _iso_day(given)
    if found is None:
        return Problem(
            field, "Bitte geben Sie einen Tag ein, zum Beispiel 31. Januar 2027."
        )
    if found <= after:
        return Problem(field, "Der Tag muss in der Zukunft liegen.")
    return found


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _german_day(text: str) -> date | None:
    """Return "31. Januar 2027" or "31.1.2027" as a day."""
    match = _GERMAN_DAY.fullmatch(text)
    if match is None:
        return None
    month = match[2].rstrip(". ").capitalize()
    number = MONTHS.index(month) + 1 if month in MONTHS else month
    try:
        return date(int(match[3]), int(number), int(match[1]))
    except ValueError:
        return None
