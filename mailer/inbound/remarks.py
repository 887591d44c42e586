"""What the coordinator is told with a mail she gets: why, what else, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.inbound.desk import Effect
from mailer.inbound.kinds import CommandKind, Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.inbound.desk import Case


def of(case: Case) -> tuple[str, ...]:
    """Return why she gets a mail, and what else it says."""
    said = [SAID[one] for one in case.classified.also if one in SAID]
    return (case.classified.why, *said)


SAID: Final[Mapping[str, str]] = {
    CommandKind.SUBSCRIBE: "Vielleicht möchte die Person auch angemeldet werden.",
    CommandKind.UNSUBSCRIBE: "Vielleicht möchte die Person auch abgemeldet werden.",
    CommandKind.STYLE_EASY: "Vielleicht möchte die Person auch Leichte Sprache.",
    CommandKind.STYLE_STANDARD: "Vielleicht möchte die Person auch Standardsprache.",
    CommandKind.CHANGE_ADDRESS: "Vielleicht hat die Person auch eine neue Adresse.",
    Note.QUESTION: "Die Person hat auch eine Frage.",
    Note.GRIEF: "Es geht vielleicht um einen Todesfall; das Programm hat nicht "
    "geantwortet.",
    Note.ANGER: "Die Person ist verärgert; das Programm hat nicht geantwortet.",
    Note.DATA_PROTECTION: "Es geht um den Datenschutz. Eine Auskunft oder Löschung "
    "ist innerhalb eines Monats fällig; das Programm hat nicht geantwortet.",
    Note.SUPPORT_NEED: "Die Person braucht vielleicht Unterstützung beim Treffen.",
}
"""What else a mail says, as the coordinator reads it."""

TOLD: Final[Mapping[Effect, str]] = {
    Effect.ASKED: "Das Programm hat eine Bitte um Bestätigung geschickt.",
    Effect.ASKED_BEFORE: "Eine Bitte um Bestätigung ist heute schon unterwegs.",
    Effect.CONFIRMED: "Die Anmeldung ist bestätigt.",
    Effect.ALREADY: "Die Person bekommt die Einladungen schon.",
    Effect.LEFT_LIST: "Das Programm hat die Person abgemeldet.",
    Effect.LEFT_TOPIC: "Das Programm hat die Person von einem ihrer beiden Themen "
    "abgemeldet.",
    Effect.NOTHING_TO_LEAVE: "Unter dieser Adresse war niemand angemeldet.",
    Effect.STYLE_CHANGED: "Das Programm hat die Fassung der Briefe geändert.",
    Effect.MOVED: "Die neue Adresse ist bestätigt.",
    Effect.PAUSED: "Das Programm hat eine Pause eingetragen.",
    Effect.REMINDERS_CHANGED: "Das Programm hat die Erinnerungen an- oder abgestellt.",
    Effect.HELPED: "Das Programm hat eine Hilfe geschickt.",
    Effect.CONTRIBUTED: "Die Meldung darin bekommen Sie mit einer eigenen E-Mail.",
    Effect.CONTRIBUTED_BEFORE: "Die Meldung darin lag schon vor.",
}
"""What was done, as the coordinator reads it."""
