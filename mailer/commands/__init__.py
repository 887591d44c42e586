"""The command groups of `mia`, one module per subject.

Their table is what ``mia --help`` prints, so that no command is imported for it; a
test compares it with the commands' own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("init:init", "Einstellungen, Schlüssel und Datenbank anlegen."),
    "config": ("system:config", "Einstellungen zeigen und prüfen."),
    "db": (
        "system:db",
        "Datenbank einrichten, aktualisieren, sichern und zurückspielen.",
    ),
    "doctor": ("doctor:doctor", "Prüfen, ob alles in Ordnung ist."),
    "meetings": (
        "meetings:meetings",
        "Treffen ansehen, planen, verlegen und absagen.",
    ),
    "subscribers": (
        "subscribers:subscribers",
        "Abonnentinnen und Abonnenten: ansehen, eintragen, abmelden.",
    ),
    "partners": (
        "partners:partners",
        "Netzwerkpartner: Einrichtungen und ihre Ansprechpersonen.",
    ),
    "news": (
        "news:news",
        "Meldungen für die Netzwerk-Info: ansehen, eintragen, entscheiden.",
    ),
    "plan": (
        "plan:plan",
        "Zeigen, was wann an wie viele hinausging und hinausgehen wird.",
    ),
    "editions": (
        "editions:editions",
        "Aussendungen vorbereiten, ansehen, freigeben und zurückziehen.",
    ),
    "archive": (
        "archive:archive",
        "Archiv: was ausgesandt wurde, ohne Angaben über Personen.",
    ),
    "outbox": (
        "outbox:outbox",
        "Postausgang: was gesendet ist, was wartet und was im Zweifel ist.",
    ),
    "inbox": ("inbox:inbox", "Posteingang: was zurückkommt und was es bedeutet."),
    "status": (
        "status:status",
        "Zeigen, ob alles läuft, was kommt und was auf wen wartet.",
    ),
    "run": ("running:run", "Alles von selbst tun, bis jemand es beendet."),
    "serve": ("running:serve", "Nur die öffentlichen Seiten anbieten."),
    "worker": ("running:worker", "Nur senden; auf PostgreSQL auch mehrfach zugleich."),
    "tick": ("running:tick", "Einmal tun, was fällig ist; für einen Zeitplan."),
    "dkim": (
        "dkim:dkim",
        "Nachrichten selbst signieren (DKIM), wenn der Mailserver es nicht tut.",
    ),
    "invite": ("invite:invite", "Zum nächsten Treffen einladen."),
    "preview": ("preview:preview", "Einen Brief ansehen, ohne zu senden."),
    "demo": ("demo:demo", "Alles mit erfundenen Personen ausprobieren."),
    "completion": ("system:completion", "Ergänzung mit der Tabulatortaste."),
}
"""Name to "module:attribute" below this package, and the line in ``mia --help``."""
