"""Pure: what follows an instruction: a day and hours, a reason, an address, a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.coordination.dates import (
    Day,
    Hours,
    Implausible,
    days_in,
    hours_in,
    past_day,
)
from mailer.coordination.kinds import Instruction
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.table import phrase, table
from mailer.network import offers
from subscribers.address import EmailAddress
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from mailer.coordination.table import Row

MAX_REPEATED: Final = 80
"""Characters of hers that are repeated to her in a sentence."""

MAX_REASON: Final = 300
"""Characters of a reason: two sentences that people read."""

_SMALL: Final = frozenset(
    {"am", "an", "auf", "der", "den", "dem", "des", "von", "vom", "um", "ab", "uhr"}
    | {"und", "statt", "anstatt", "bis", "in", "im", "zum", "ist", "es", "wird"}
    | {"jetzt", "neu", "termin", "treffen", "das", "die", "verlegen", "verlegt"}
    | {"verschieben", "verschoben"}
)
"""Words around a day and its hours that say nothing of their own."""

_CUE: Final = re.compile(
    r"\b(?:grund\s*:|grund ist\b|weil\b|wegen\b|da\b)", re.IGNORECASE
)
_GRUND: Final = re.compile(r"^grund\s*(?:ist\s|:)\s*", re.IGNORECASE)
_EDGE: Final = " \t\n.,;:–—-("
_PAUSES: Final = (",", ";", ":", "–", "-", ".", "(")
_TITLE: Final = re.compile(r"^\s*(?:frau|herrn?)\s+", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+")


@dataclass(frozen=True, slots=True)
class Given:
    """What stands around the words of an instruction.

    Attributes:
        row: Which instruction.
        before: What stands before it on its line: a day, or nothing.
        value: What follows it.
        today: Where days are counted from.
    """

    row: Row
    before: str
    value: str
    today: date

    @property
    def all(self) -> str:
        """What stands before and after it."""
        return f"{self.before} {self.value}".strip()

    @property
    def written(self) -> str:
        """The instruction as it is repeated to her."""
        short = " ".join(self.all.split())
        if len(short) > MAX_REPEATED:
            short = f"{short[: MAX_REPEATED - 2]} …"
        return f"{self.row.name}: {short}" if short else self.row.name

    @property
    def so(self) -> str:
        """How it is written."""
        return f"So: „{self.row.shown(self.today)}“"

    def not_understood(self) -> Implausible:
        """Return the error that says so."""
        return Implausible(
            f"„{self.written}“ habe ich nicht ganz verstanden. {self.so}"
        )


def _words(given: Given) -> Instruction:
    value = given.value
    if not value:
        raise Implausible(f"Nach „{given.row.name}:“ fehlt der Text. {given.so}")
    is_nothing = phrase(value) in table().nothing or value in {"-", "–", "—"}
    return Instruction(given.row.kind, given.written, "" if is_nothing else value)


def _contribution(given: Given) -> Instruction:
    said = offers.pieces(given.value)
    if not said.text:
        raise Implausible(f"Nach „{given.row.name}:“ fehlt der Text. {given.so}")
    return Instruction(
        given.row.kind,
        given.written,
        text=said.text,
        title=said.title,
        participants=said.participants,
        day=past_day(given.before, today=given.today),
    )


def _shorten(given: Given) -> Instruction:
    if not given.value:
        raise Implausible(f"Nach „{given.row.name}:“ fehlt der Text. {given.so}")
    return Instruction(K.SHORTEN, given.written, given.value)


def _describe(given: Given) -> Instruction:
    if not given.value:
        raise Implausible(f"Nach „{given.row.name}:“ fehlt der Text. {given.so}")
    said = " ".join(given.value.split())
    return Instruction(K.DESCRIBE, given.written, said[: offers.MAX_DESCRIPTION])


def _decline(given: Given) -> Instruction:
    reason = _reason(given.value) if given.value else ""
    return Instruction(K.DECLINE, given.written, reason=reason)


def _venue(given: Given) -> Instruction:
    if not given.value:
        raise Implausible(f"Nach „{given.row.name}:“ fehlt der Ort. {given.so}")
    return Instruction(K.VENUE, given.written, " ".join(given.value.split()))


def _cancel(given: Given) -> Instruction:
    days = days_in(given.all, today=given.today)
    # Only a day that stands first says which meeting; others belong to the reason.
    day = days[0] if days and not _telling(given.all[: days[0].start]) else None
    reason = _reason(given.all[day.end :] if day else given.all)
    if not reason:
        raise Implausible(
            "Bitte nennen Sie einen Grund: Ihn lesen alle, die schon eingeladen sind. "
            f"{given.so}"
        )
    on = day.on if day else None
    return Instruction(K.CANCEL, given.written, day=on, reason=reason)


def _reinstate(given: Given) -> Instruction:
    days = days_in(given.all, today=given.today)
    if len(days) > 1 or _telling(_without(given.all, days)):
        raise given.not_understood()
    on = days[0].on if days else None
    return Instruction(K.REINSTATE, given.written, day=on)


def _move(given: Given) -> Instruction:
    days = days_in(given.value, today=given.today)
    on, former = _new_and_former(given, days)
    return _timed(given, days, on, former)


def _add(given: Given) -> Instruction:
    days = days_in(given.value, today=given.today)
    if len(days) != 1:
        raise Implausible(f"Bitte nennen Sie genau einen Tag. {given.so}")
    return _timed(given, days, days[0].on, None)


def _timed(given: Given, days: list[Day], on: date, former: date | None) -> Instruction:
    """Return a new time for a meeting: its hours, and why."""
    despite, rest = _despite(_without(given.value, days))
    hours = hours_in(rest)
    return Instruction(
        given.row.kind,
        given.written,
        day=former,
        on=on,
        start=hours.since if hours else None,
        end=hours.until if hours else None,
        reason=_reason(_beside(given, rest, hours)),
        despite_closure=despite,
    )


def _beside(given: Given, rest: str, hours: Hours | None) -> str:
    """Return what stands beside day and hours: a reason, after a comma or a "weil".

    Raises:
        Implausible: It can be something else.
    """
    head, tail = rest[: hours.begin if hours else 0], rest[hours.end if hours else 0 :]
    cue = _CUE.search(tail)
    middle, reason = (tail[: cue.start()], tail[cue.start() :]) if cue else (tail, "")
    if _telling(head):
        raise given.not_understood()
    if not _telling(middle):
        return reason
    if not middle.lstrip().startswith(_PAUSES):
        raise given.not_understood()
    return f"{middle} {reason}"


def _new_and_former(given: Given, days: list[Day]) -> tuple[date, date | None]:
    """Return the new day and, if it is named, the one it replaces."""
    if len(days) == 1:
        return days[0].on, None
    if len(days) == 2:  # noqa: PLR2004 - from one day to another
        first, second = days
        between = phrase(given.value[first.end : second.start])
        if "statt" in between or "anstatt" in between:
            return first.on, second.on
        opening = phrase(given.value[: first.start])
        if "statt" in opening or "auf" in between or "zum" in between:
            return second.on, first.on
    raise Implausible(
        "Ich weiß nicht, welcher Tag der neue ist. Bitte nennen Sie nur den neuen Tag. "
        f"{given.so}"
    )


def _depart(given: Given) -> Instruction:
    name = " ".join(given.value.split()).strip(" .")
    if name.endswith("?"):
        raise given.not_understood()
    return Instruction(K.DEPART, given.written, name=name)


def _succeed(given: Given) -> Instruction:
    """Return who speaks for a partner now: "Frau Eva Probe, Leitung, eva@…"."""
    address = _address_in(given, "für die Nachfolge")
    rest = _ADDRESS.sub(" ", given.value).replace("<", ",").replace(">", " ")
    words = [_TITLE.sub("", one).strip(" .") for one in re.split(r"[,;\n]", rest)]
    name, role = [*filter(None, words), "", ""][:2]
    return Instruction(
        K.SUCCEED, given.written, name=name, role=role, address=address.text
    )


def _deputy(given: Given) -> Instruction:
    address = _address_in(given, "für die Vertretung")
    rest = _ADDRESS.sub(" ", given.value)
    days = days_in(rest, today=given.today)
    if len(days) > 1 or (days and "bis" not in phrase(rest[: days[0].start])):
        raise Implausible(f"Bis wann soll die Vertretung gelten? {given.so}")
    until = days[0].on if days else None
    return Instruction(K.DEPUTY, given.written, address=address.text, until=until)


def _address_in(given: Given, whom: str) -> EmailAddress:
    """Return the one address that is named.

    Raises:
        Implausible: There is none, or several, or it is no address.
    """
    found = _ADDRESS.findall(given.value)
    if len(found) != 1:
        raise Implausible(
            f"Bitte nennen Sie genau eine E-Mail-Adresse {whom}. {given.so}"
        )
    try:
        return EmailAddress.parse(found[0].strip(".").removeprefix("mailto:"))
    except InvalidAddress:
        raise Implausible(
            f"„{found[0]}“ ist keine E-Mail-Adresse. {given.so}"
        ) from None


def _despite(text: str) -> tuple[bool, str]:
    """Return whether a holiday is meant in spite of itself, and the text without it."""
    said = phrase(text)
    for one in table().despite:
        for at in range(len(said) - len(one) + 1):
            if said[at : at + len(one)] == one:
                pattern = r"\W+".join(one)
                return True, re.sub(pattern, " ", text, count=1, flags=re.IGNORECASE)
    return False, text


def _reason(text: str) -> str:
    """Return a reason as people read it, on one line."""
    said = _GRUND.sub("", " ".join(text.lstrip(_EDGE).split()).rstrip(",;:–—-"))
    said = said if "(" in said else said.removesuffix(")")
    if len(said) > MAX_REASON:
        raise Implausible(
            f"Der Grund ist zu lang. Bitte sagen Sie ihn in höchstens {MAX_REASON} "
            "Zeichen."
        )
    return said[:1].upper() + said[1:]


def _without(text: str, days: list[Day]) -> str:
    for one in reversed(days):
        text = f"{text[: one.start]} {text[one.end :]}"
    return text


def _telling(text: str) -> list[str]:
    small = _SMALL | table().courtesies
    return [word for word in phrase(text) if word not in small]


READERS: Final[Mapping[K, Callable[[Given], Instruction]]] = {
    K.WORDS: _words,
    K.EASY_WORDS: _words,
    K.VENUE: _venue,
    K.MOVE: _move,
    K.CANCEL: _cancel,
    K.REINSTATE: _reinstate,
    K.ADD: _add,
    K.DEPUTY: _deputy,
    K.DEPART: _depart,
    K.SUCCEED: _succeed,
    K.SHORTEN: _shorten,
    K.DECLINE: _decline,
    K.DESCRIBE: _describe,
    K.NEWS: _contribution,
    K.RESULT: _contribution,
    K.QUESTION: _contribution,
}
"""How the argument of each instruction is read; the others have none."""
