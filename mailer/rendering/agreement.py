"""Do HTML and text say the same, and say first what matters?

Whoever reads the text part alone must miss nothing: no date, no time, no telephone
number, no address. And whoever hears a letter hears first when and where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.editions.facts import Facts
from mailer.editions.update_facts import UpdateFacts
from mailer.german import MONTHS
from mailer.meetings.states import MeetingState
from mailer.rendering.finding import Finding, Level
from mailer.rendering.places import SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.editions.facts import DayOffFacts
    from mailer.rendering.document import Document
    from mailer.rendering.letter import Letter

FIRST_CHARACTERS: Final = 500
"""In so many characters of the text a reader knows when, where and what to do."""

_KINDS: Final = {
    "Datum": re.compile(rf"\b\d{{1,2}}\. (?:{'|'.join(MONTHS)}) \d{{4}}"),
    "Uhrzeit": re.compile(r"\b\d{1,2}:\d{2}\b|\b\d{1,2} Uhr(?: \d{2}\b)?"),
    "Telefonnummer": re.compile(r"(?<![\w/.])\+?\d{3,}[ -]\d[\d -]{3,}\d"),
    "E-Mail-Adresse": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "Link": re.compile(rf"https?://[^\s<>\"]+|[{''.join(SIGNS.values())}]"),
}

_RULER: Final = re.compile(r"(?m)^\s*([=*_~#-])\1{2,}\s*$|\*\*")
_ADDRESS: Final = re.compile(r"https?://\S+")
_SIGNATURE: Final = "\n-- \n"


def check(
    document: Document, letter: Letter, facts: Facts | DayOffFacts | UpdateFacts
) -> list[Finding]:
    """Return where the two parts differ, and what comes too late."""
    return [
        *_differences(document, letter),
        *_first_things(letter, facts),
        *_text_form(letter.text),
    ]


def facts_in(text: str) -> dict[str, set[str]]:
    """Return dates, times, telephone numbers, mail and web addresses in *text*."""
    return {
        kind: {found.rstrip(".,;:!?") for found in pattern.findall(text)}
        for kind, pattern in _KINDS.items()
    }


def _differences(document: Document, letter: Letter) -> Iterator[Finding]:
    targets = [element.attributes.get("href", "") for element in document.all("a")]
    links = [one for one in targets if not one.startswith(("tel:", "mailto:"))]
    shown = facts_in(" \n".join([document.text, *links]))
    said = facts_in(letter.text)
    for kind in _KINDS:
        for only in sorted(shown[kind] - said[kind]):
            yield _error(f"{kind} „{_plain(only)}“ steht nur im HTML, nicht im Text.")
        for only in sorted(said[kind] - shown[kind]):
            yield _error(f"{kind} „{_plain(only)}“ steht nur im Text, nicht im HTML.")


def _plain(found: str) -> str:
    names = {sign: name for name, sign in SIGNS.items()}
    return names.get(found, found)


def _first_things(
    letter: Letter, facts: Facts | DayOffFacts | UpdateFacts
) -> Iterator[Finding]:
    first = letter.text[:FIRST_CHARACTERS]
    first = _ADDRESS.split(first, maxsplit=1)[0]
    for what, forms in _wanted(facts).items():
        if not any(form in first for form in forms):
            yield Finding(
                "first-things",
                Level.HINT,
                f"Im Text steht {what} nicht am Anfang; das Wichtigste gehört zuerst.",
            )


def _wanted(
    facts: Facts | DayOffFacts | UpdateFacts,
) -> dict[str, tuple[str, ...]]:
    """Return what readers must know at once; of what is off, the day alone."""
    if isinstance(facts, UpdateFacts):
        return {}  # its subject and its heading name the quarter
    if not isinstance(facts, Facts):
        return {"das Datum": (facts.off.full_day,)}
    if facts.meeting.state is MeetingState.CANCELLED:
        return {"das Datum": ((facts.before or facts.when).full_day,)}
    return {
        "der Wochentag": (facts.when.weekday,),
        "das Datum": (facts.when.day,),
        "die Uhrzeit": (facts.when.hours, facts.when.start_easy),
        "der Ort": (facts.venue.street,),
    }


def _text_form(text: str) -> Iterator[Finding]:
    if _RULER.search(text.replace(_SIGNATURE, "\n")):
        yield Finding(
            "text-ruler",
            Level.ERROR,
            "Im Text stehen Linien oder Sterne; Sprachausgaben lesen jedes Zeichen.",
        )
    body, _, _ = text.partition(_SIGNATURE)
    if any(_ADDRESS.search(line) and line.count(" ") for line in body.splitlines()):
        yield Finding(
            "text-link",
            Level.HINT,
            "Eine Webadresse steht im Text nicht auf einer eigenen Zeile.",
        )


def _error(sentence: str) -> Finding:
    return Finding("same-facts", Level.ERROR, sentence)
