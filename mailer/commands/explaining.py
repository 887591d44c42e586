"""What the classifier makes of a mail, as rows for programs and lines for people."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mailer import german
from mailer.editions.service import TOPIC_NAMES
from mailer.errors import SettingsMissing
from mailer.inbound.classify import classify
from mailer.inbound.kinds import Classified, CommandKind, Kind, World
from mailer.inbound.page import Written
from mailer.inbound.pausing import find_pause
from mailer.inbound.reminding import find_wish
from mailer.inbound.samples import context_of, message_of
from subscribers.tokens import TokenKeys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from mailer.commands.front import Front
    from mailer.inbound.kinds import Context

IF_OURS: Final = "wenn die Person bei uns angemeldet ist"

KINDS: Final[Mapping[Kind, str]] = {
    Kind.REPORT: "Unzustellbarkeitsbericht",
    Kind.COMPLAINT: "Beschwerde über einen Anbieter",
    Kind.AUTO: "automatische Mail",
    Kind.INSTRUCTION: "Anweisung der Koordinatorin",
    Kind.COMMAND: "Wunsch an das Programm",
    Kind.HUMAN: "Mail für einen Menschen",
    Kind.CHALLENGE: "Spamschutz, der einen Klick möchte",
    Kind.UNREADABLE: "nicht lesbar",
}

COMMANDS: Final[Mapping[CommandKind, str]] = {
    CommandKind.SUBSCRIBE: "anmelden",
    CommandKind.UNSUBSCRIBE: "abmelden",
    CommandKind.CONFIRM: "Anmeldung bestätigen",
    CommandKind.STYLE_EASY: "Leichte Sprache",
    CommandKind.STYLE_STANDARD: "Standardsprache",
    CommandKind.CHANGE_ADDRESS: "neue Adresse",
    CommandKind.HELP: "Hilfe",
}


def known_world(front: Front) -> World:
    """Return what the classifier must know of us; without settings, of nobody."""
    try:
        app = front.application()
    except SettingsMissing:
        keys = TokenKeys.derive(secrets.token_bytes(32))
        return World(frozenset(), "mia.invalid", keys)
    settings = app.settings
    sender = settings.sender
    ours = (sender.address, sender.reply_to, settings.inbox_address)
    return World(
        own_addresses=frozenset(one.canonical for one in ours if one is not None),
        message_id_domain=settings.sender.address.domain,
        keys=app.keys,
        coordinators=frozenset(
            one.canonical
            for one in (
                settings.coordinator.email,
                settings.coordinator.second_release,
            )
            if one is not None
        ),
    )


def in_context(world: World, context: Context | None) -> World:
    """Return the same world in which a mail answers what *context* says."""
    return replace(world, context=context)


def told(content: bytes, world: World) -> Classified:
    """Return what a mail is."""
    return classify(content, world)


def row(file: str, found: Classified) -> dict[str, Any]:
    """Return what other programs get."""
    return {
        "file": file,
        "kind": found.kind.value,
        "command": found.command.value,
        "severity": found.severity,
        "addresses": list(found.addresses),
        "delivery": found.delivery,
        "rule": found.rule,
    }


def lines_told(file: str, content: bytes, world: World) -> Iterator[str]:
    """Yield a line of JSON for each line of JSON in a collection of mails."""
    for line in content.decode("utf-8", "replace").splitlines():
        if line.strip():
            yield json.dumps(_line_told(file, line, world), ensure_ascii=False)


def _line_told(file: str, line: str, world: World) -> dict[str, Any]:
    """Return the row of one line; a line that is no mail cannot be read."""
    try:
        sample = json.loads(line)
        content = message_of(sample)
        context = context_of(sample)
    except (ValueError, TypeError, AttributeError, RecursionError):
        why = "Die Zeile ist kein JSON-Objekt mit einer Mail."
        return {"id": None} | row(file, Classified(Kind.UNREADABLE, "zeile", why))
    found = classify(content, in_context(world, context))
    return {"id": sample.get("id")} | row(file, found)


def spoken(file: str, found: Classified, today: date) -> list[tuple[str, str]]:
    """Return what a person is told: labels and values."""
    also = ", ".join(found.also)
    pairs = [
        ("Datei", file),
        ("Art", KINDS[found.kind]),
        ("Wunsch", _wish(found, today)),
        ("Schwere", found.severity if found.kind is Kind.REPORT else ""),
        ("Adressen", ", ".join(found.addresses)),
        ("Sendung", found.delivery or ""),
        ("Regel", found.rule),
        ("Grund", found.why),
        ("Außerdem", also),
        ("Eigener Text", " / ".join(found.own_text.split("\n"))[:400]),
    ]
    return [(label, value) for label, value in pairs if value]


def _wish(found: Classified, today: date) -> str:
    """Return what somebody wants, also what other programs have no word for.

    A pause, and reminders or none, are heard only from a reader of ours who writes
    nothing else.
    """
    topic = f", nur {TOPIC_NAMES[found.topic]}" if found.topic else ""
    if found.kind is not Kind.HUMAN or found.also:
        return f"{COMMANDS.get(found.command, '')}{topic}"
    pause = find_pause(found.own_text, today=today)
    if pause is not None:
        until = german.short_day(pause.until) if pause.until else "auf Weiteres"
        return f"Pause bis {until}, {IF_OURS}"
    reminds = find_wish(Written(own=found.own_text, subject=""))
    if reminds is None:
        return ""
    wish = "wieder Erinnerungen" if reminds else "keine Erinnerungen, nur Einladungen"
    return f"{wish}, {IF_OURS}"
