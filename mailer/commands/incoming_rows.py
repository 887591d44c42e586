"""What came in, as rows for tables, lines for people and values for programs."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from mailer.inbound.kinds import Kind
from mailer.inbound.taking import MEGABYTE

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mailer.inbound.listing import Arrival

HEADERS: Final = ["Nummer", "Eingang", "Art", "Ergebnis", "Von", "Betreff"]

KINDS: Final = {
    Kind.REPORT: "Bericht",
    Kind.COMPLAINT: "Beschwerde",
    Kind.AUTO: "automatisch",
    Kind.INSTRUCTION: "Anweisung",
    Kind.COMMAND: "Wunsch",
    Kind.HUMAN: "für Menschen",
    Kind.CHALLENGE: "Spamschutz",
    Kind.UNREADABLE: "nicht lesbar",
}

EFFECTS: Final = {
    "asked": "um Bestätigung gebeten",
    "asked_before": "schon gefragt",
    "confirmed": "bestätigt",
    "already": "schon dabei",
    "left_list": "abgemeldet",
    "left_topic": "von einem Thema abgemeldet",
    "nothing_to_leave": "war nicht angemeldet",
    "style_changed": "Fassung geändert",
    "moved": "Adresse geändert",
    "paused": "Pause",
    "reminders_changed": "Erinnerung geändert",
    "helped": "Hilfe geschickt",
    "handed_over": "weitergeleitet",
    "kept": "bleibt liegen",
    "noted": "vermerkt",
    "counted": "gezählt",
    "outdated": "überholt",
    "rests": "Abo ruht",
    "complained": "beendet",
    "instructed": "ausgeführt",
    "asked_back": "nachgefragt",
    "by_hand": "von Hand erledigt",
}
"""What ``desk.Effect`` says, for people."""

OPEN: Final = "nicht erledigt"


def row(one: Arrival, zone: ZoneInfo) -> tuple[object, ...]:
    """Return one row for ``HEADERS``."""
    incoming = one.incoming
    return (
        incoming.id,
        incoming.received_at.astimezone(zone).strftime("%d.%m.%Y %H:%M"),
        KINDS[Kind(incoming.kind)],
        _effect(one),
        printable(one.message.sender) if one.message else one.address,
        printable(one.message.subject) if one.message else None,
    )


def values(one: Arrival) -> dict[str, object]:
    """Return what other programs get."""
    incoming = one.incoming
    return {
        "number": incoming.id,
        "received_at": incoming.received_at.isoformat(),
        "source": incoming.source,
        "kind": incoming.kind,
        "rule": incoming.rule,
        "effect": incoming.effect,
        "octets": incoming.octets,
        "address": one.address,
        "delivery": incoming.delivery_id,
        "is_waiting": one.is_waiting,
        "sender": one.message.sender if one.message else None,
        "subject": one.message.subject if one.message else None,
    }


def lines(one: Arrival, zone: ZoneInfo) -> list[tuple[str, object]]:
    """Return what is known of one message: labels and values."""
    incoming, message = one.incoming, one.message
    size = f"{incoming.octets / MEGABYTE:.1f} MB".replace(".", ",")
    pairs: list[tuple[str, object]] = [
        ("Nummer", incoming.id),
        ("Eingang", incoming.received_at.astimezone(zone).strftime("%d.%m.%Y %H:%M")),
        ("Woher", incoming.source),
        ("Art", KINDS[Kind(incoming.kind)]),
        ("Regel", incoming.rule),
        ("Ergebnis", _effect(one)),
        ("Person", one.address),
        ("Zustellung", incoming.delivery_id),
        ("Größe", size if incoming.octets >= MEGABYTE else ""),
        ("Von", printable(message.sender) if message else ""),
        ("Betreff", printable(message.subject) if message else ""),
    ]
    return [(label, value) for label, value in pairs if value]


def printable(text: str) -> str:
    """Return foreign *text* without the signs that would command a terminal."""
    return "".join(
        sign if sign in "\n\t" or unicodedata.category(sign)[0] != "C" else " "
        for sign in text
    )


def _effect(one: Arrival) -> str:
    effect = one.incoming.effect
    return EFFECTS.get(effect, effect) if effect else OPEN
