"""Pure: does a mail say that somebody has left her organisation, and who follows?

It only leads to a question to the coordinator, so it may be wrong; but an absence note
("bis 3. Januar nicht im Haus, bitte an Frau Y") must not be taken for a departure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.inbound.words import plain

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_CHARS: Final = 4_000
"""Whoever has left says so at once."""

_LEFT: Final = re.compile(
    r"\bausgeschieden\b|\bscheide[tn]? (?:zum|am|aus)\b"
    r"|\bnicht (?:mehr|laenger) (?:[\w.-]+ ){0,5}"
    r"(?:taetig|beschaeftigt|angestellt|zustaendig|unternehmen|dienst|mitarbeiter\w*"
    r"|team|verein)\b"
    r"|\b(?:arbeite[tn]?|bin|ist) (?:seit [\w. ]{1,30} )?nicht mehr"
    r" (?:bei|fuer|im|in)\b"
    r"|\b(?:hat|habe|haben) (?:[\w.-]+ ){1,5}verlassen\b"
    r"|\b(?:im|in den|in|in ihren|in seinen) (?:wohlverdienten )?ruhestand\b"
    r"|\b(?:in rente|altersteilzeit gegangen)\b"
    r"|\b(?:die|eine neue) (?:arbeits)?stelle gewechselt\b"
    r"|\b(?:ihr|meine?|unsere?|neuer?) (?:nachfolger(?:in)?|nachfolge)\b"
    r"|\bneue[rn]? (?:ansprechpartner(?:in)?|ansprechperson)\b"
    r"|\b(?:adresse|postfach|e-?mail-?adresse) wird nicht mehr (?:abgerufen|gelesen"
    r"|betreut|verwendet)\b"
)
_STAYS: Final = re.compile(
    r"\bbis (?:zum |einschliesslich )?\d|\bab dem \d[\w. ]{1,20} wieder\b"
    r"|\bwieder (?:da|erreichbar|im haus|fuer sie da)\b|\burlaub\b|\belternzeit\b"
    r"|\bkrank\b|\bfortbildung\b|\bvoruebergehend\b"
)
_ADDRESS: Final = re.compile(r"[^\s<>(),;:\"„“\[\]]+@[^\s<>(),;:\"„“\[\]]+")


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody seems to have left.

    Attributes:
        following: The one address that is named beside hers; empty if none or several.
    """

    following: str


def departure(text: str, *, sender: str, ours: Collection[str]) -> Departure | None:
    """Return what *text* says of somebody who has left; None if it does not.

    Args:
        sender: In small letters.
        ours: Our own addresses, in small letters.
    """
    said = text[:MAX_CHARS]
    folded = " ".join(plain(said).split())
    if not _LEFT.search(folded) or _STAYS.search(folded):
        return None
    named = {one.strip(".").lower() for one in _ADDRESS.findall(said)}
    others = named - {sender, *ours}
    return Departure(others.pop() if len(others) == 1 else "")
