"""Pure: does a partner contribute to the network update? Strictly, or not at all.

A head with a colon says it: "Meldung:", "Ergebnis:", in the first line or the subject.
An answer to the last update may do without, if nothing in it speaks to a person. What
is asked or wanted of the coordinator stays a mail to her.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.inbound import commands, frame, words
from mailer.inbound.kinds import Classified, CommandKind, Kind
from mailer.inbound.own_text import own_text
from mailer.inbound.page import Written
from mailer.inbound.table import table
from mailer.network import offers
from mailer.network.kinds import ContributionKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailer.inbound.kinds import World
    from mailer.inbound.reading import Message
    from mailer.network.offers import Pieces

MIN_WORDS: Final = 12
"""Of an answer without a head: less is a word of thanks."""

_FOR: Final = r"(?:\s+(?:f(?:ü|ue)r|zur|in der)\s+(?:die\s+)?netzwerk-?\s?info)?"
_NEWS: Final = (
    rf"(?:(?:unsere|neue)\s+)?(?:meldung|neuigkeit|beitrag){_FOR}|netzwerk-?info"
)
_RESULT: Final = r"ergebnis(?:se)?(?:\s+(?:vom|des)\s+treffens?)?"
_ON: Final = r"(?:\s+(?:vom|am|zum)?\s*(?P<about>[^:]{4,40}))?"
_HEAD: Final = re.compile(
    rf"\s*(?:(?P<news>{_NEWS})|(?P<result>{_RESULT}){_ON})\s*:\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(rf"(?:{_NEWS})", re.IGNORECASE)
"""A subject that is a head by itself; then the whole text is meant."""

_OF_LISTS: Final = ("List-Unsubscribe", "List-Id")
"""Somebody's own letter to many is no contribution to ours."""

FOR_A_PERSON: Final = {
    "meldung.fremd": "Jemand, der für keinen Partner spricht, schickt eine Meldung. "
    "Soll sie in die Netzwerk-Info, schreiben Sie uns „Meldung:“ und den Text.",
    "meldung.zu-lang": "Eine Meldung eines Partners ist sehr lang.",
}
"""Rules by which a person decides, and what the coordinator is told."""

_PERSONAL: Final = frozenset(
    {"ich", "mich", "mir", "mein", "meine", "meinen", "meiner", "meinem"}
    | {"ihre", "ihren", "ihrer", "ihrem", "ihres", "ihnen"}
    | {"koennen", "koennten", "koenntet", "wuerden", "wollen", "moechten", "bitten"}
    | {"frage", "fragen", "rueckfrage", "anfrage", "rueckruf", "anrufen", "telefonisch"}
    | {"verteiler", "adresse", "mailadresse", "ansprechpartner", "ansprechpartnerin"}
    | {"ansprechperson", "ausgeschieden", "abmelden", "anmelden", "abbestellen"}
    | {"urlaub", "krank", "abwesend", "vertretung", "vertraulich", "intern"}
    | {"fehler", "falsch", "korrektur", "berichtigung", "beschwerde", "leider"}
    | {"rechnung", "protokoll", "zusenden", "schicken", "senden", "nicht", "keine"}
    | {"sie", "bitte", "gebeten", "danke", "dank", "umgezogen", "ausgezogen"}
    | {"anschrift", "eintrag", "loeschen", "streichen", "aendern", "domain"}
)
"""Words of somebody who speaks to somebody: then it is no notice for all."""

_ABOUT_MAIL: Final = re.compile(r"mail|adress|einladung|@")
"""Whoever speaks of mail speaks to whom it comes from."""

_OURS: Final = frozenset({"wir", "uns", "unser", "unsere", "unserem", "unseren"})
"""An organisation speaks of itself; one of these stands in each notice."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One contribution in a mail.

    Attributes:
        about: Of a result: the day it names, as written; may be empty.
    """

    kind: ContributionKind
    said: Pieces
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a partner wrote, without greeting and closing.

    Attributes:
        added: What stands below the closing, as far as it is not the signature.
    """

    lines: tuple[str, ...]
    added: tuple[str, ...]


def contribution(message: Message, world: World) -> Classified | None:
    """Recognise what somebody has to tell in the network update."""
    own = own_text(message.text).text
    sheet = _unframed(own, message.sender.lower())
    found = tuple(_offers(message, sheet))
    if world.is_partner and not found:
        described = _described(sheet)
        if described:
            return _found(CommandKind.DESCRIBE, own, describes=described)
        found = tuple(_without_head(message, sheet)) if world.answers_update else ()
    if not found or any(message.header(name) for name in _OF_LISTS):
        return None
    rule = _refused(found, world)
    if rule:
        return Classified(
            Kind.HUMAN,
            f"human.{rule}",
            FOR_A_PERSON[rule],
            own_text=own,
            is_handed_over=True,
        )
    is_handed_over = bool(sheet.added)
    return _found(
        CommandKind.CONTRIBUTE, own, offered=found, is_handed_over=is_handed_over
    )


def _refused(found: Sequence[Offer], world: World) -> str:
    """Return by which rule a person has to decide; empty if none has to."""
    if not world.is_partner:
        return "meldung.fremd"
    is_long = any(len(one.said.text) > offers.MAX_CHARS for one in found)
    return "meldung.zu-lang" if is_long else ""


def _found(
    command: CommandKind,
    own: str,
    *,
    offered: tuple[Offer, ...] = (),
    describes: str = "",
    is_handed_over: bool = False,
) -> Classified:
    return Classified(
        Kind.COMMAND,
        f"command.{command}",
        "Ein Partner schickt etwas für die Netzwerk-Info.",
        command=command,
        own_text=own,
        offered=offered,
        describes=describes,
        is_handed_over=is_handed_over,
    )


def _described(sheet: _Sheet) -> str:
    """Return what a mail says that does nothing but describe a picture."""
    said = "\n".join(sheet.lines).strip()
    if not offers.PICTURE.match(said):
        return ""
    taken = offers.pieces(said)
    return "" if taken.text or taken.title else taken.description


def _offers(message: Message, sheet: _Sheet) -> Iterator[Offer]:
    """Yield what a mail contributes under heads of its own."""
    titled = frame.subject(message.subject)
    subject = "" if titled.is_answer or message.references else titled.text.strip()
    head = _HEAD.fullmatch(subject)
    gathered: list[tuple[re.Match[str] | None, list[str]]] = []
    is_bare = head is None and _BARE.fullmatch(subject) is not None
    if head is not None or is_bare:
        gathered.append((head, []))
    for line in sheet.lines:
        begins = _HEAD.fullmatch(line)
        if begins is not None:
            gathered.append((begins, [begins["rest"]]))
        elif gathered:
            gathered[-1][1].append(line)
        elif line.strip():
            return  # something stands before the first head: who knows what
    if is_bare and len(gathered) == 1 and _speaks_to_a_person(message, sheet):
        return
    for begins, lines in gathered:
        yield from _offer(begins, lines, title=_title(begins, head))


def _offer(
    begins: re.Match[str] | None, lines: Sequence[str], *, title: str
) -> Iterator[Offer]:
    """Yield one contribution, if it says anything."""
    taken = offers.pieces("\n".join(lines))
    if not taken.text:
        return
    is_result = begins is not None and begins["result"] is not None
    yield Offer(
        ContributionKind.RESULT if is_result else ContributionKind.NEWS,
        taken if taken.title or not title else offers.titled(taken, title),
        (begins["about"] or "") if begins is not None and is_result else "",
    )


def _title(begins: re.Match[str] | None, head: re.Match[str] | None) -> str:
    """Return what the subject says, for the contribution that it heads."""
    is_headed = head is not None and begins is head
    return head["rest"].strip() if head is not None and is_headed else ""


def _without_head(message: Message, sheet: _Sheet) -> Iterator[Offer]:
    """Yield what an answer to the last update contributes, if that is certain."""
    if _speaks_to_a_person(message, sheet):
        return
    taken = offers.pieces("\n".join(sheet.lines))
    told = words.words(taken.text)
    if len(told) >= MIN_WORDS and _OURS & set(told):
        yield Offer(ContributionKind.NEWS, taken)


def _speaks_to_a_person(message: Message, sheet: _Sheet) -> bool:
    """Tell whether something in a mail is for a person, or for the program."""
    said = "\n".join((*sheet.lines, *sheet.added))
    told = set(words.words(said))
    heard = commands.recognise(Written(said, "", message.sender.lower()))
    return (
        "?" in said
        or heard.command is not CommandKind.NONE
        or bool(heard.also)
        or bool(_PERSONAL & told)
        or any(_ABOUT_MAIL.search(one) for one in told)
    )


def _unframed(own: str, sender: str) -> _Sheet:
    """Return what stands between greeting and closing."""
    known = table()
    lines = own.split("\n")
    while lines and (not lines[0].strip() or not frame.ungreeted(lines[0], known)):
        lines.pop(0)
    if lines:
        lines[0] = frame.ungreeted(lines[0], known)
    end = next(
        (at for at, line in enumerate(lines) if frame.unclosed(line, known) == ""),
        len(lines),
    )
    kept = lines[:end]
    while kept and (not kept[-1].strip() or frame.is_name(kept[-1], sender, known)):
        kept.pop()
    return _Sheet(tuple(kept), tuple(frame.added(lines[end + 1 :])))
