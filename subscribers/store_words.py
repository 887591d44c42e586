"""What a database says about itself: as our errors, and in German.

Source: PostgreSQL, appendix A "PostgreSQL Error Codes"; SQLite, "Result and Error
Codes".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from subscribers.errors import StoreBusy, StoreConflict, StoreUnavailable

if TYPE_CHECKING:
    from subscribers.errors import DatabaseError

CONFLICTS: Final = frozenset({"40001", "40P01"})
"""SQLSTATEs of a transaction that was taken back: serialization failure, deadlock."""

HELD: Final = frozenset({"55P03", "57014"})
"""SQLSTATEs of a wait that an operator has limited: for a lock, for a statement."""

_SQLITE_LOCKED: Final = ("database is locked", "database table is locked")

_SQLITE: Final = {
    "disk I/O error": "der Datenträger meldet einen Fehler",
    "database or disk is full": "der Speicherplatz ist voll",
    "database disk image is malformed": "die Datei ist beschädigt",
    "file is not a database": "die Datei ist keine Datenbank oder beschädigt",
    "unable to open database file": "die Datei lässt sich nicht öffnen",
    "attempt to write a readonly database": "die Datei ist schreibgeschützt",
}
"""What SQLite says about its file, as German half-sentences."""

_POSTGRESQL: Final = {
    "25006": "der Datenbankserver lässt nur lesen",
    "42501": "dem Benutzer in [database] url fehlen Rechte",
    "53100": "der Speicherplatz des Datenbankservers ist voll",
    "58030": "der Datenträger des Datenbankservers meldet einen Fehler",
    "XX001": "die Daten auf dem Datenbankserver sind beschädigt",
    "XX002": "ein Index auf dem Datenbankserver ist beschädigt",
}
"""SQLSTATEs that tell of the store itself, as German half-sentences."""

_NOT_CONNECTED: Final = {
    r"failed to resolve host '(.+?)'.*": "den Rechner „{}“ gibt es nicht",
    r".*failed: Connection refused": "dort läuft kein Datenbankserver",
    r".*socket \"(.+)\" failed: No such file or directory": (
        "die Socket-Datei {} gibt es nicht, also läuft dort kein Datenbankserver"
    ),
    r".*failed: FATAL: +(.+)": "der Datenbankserver lehnt die Verbindung ab („{}“)",
    r".*failed: (.+)": "der Datenbankserver ist nicht erreichbar („{}“)",
}
"""libpq's sentences: before a connection stands there is no SQLSTATE."""


def is_about_store(said: BaseException) -> bool:
    """Say whether a driver tells of the store itself, whatever class its error has."""
    return getattr(said, "sqlstate", None) in _POSTGRESQL


def meant(said: BaseException) -> DatabaseError:
    """Return what a driver's error means."""
    code = getattr(said, "sqlstate", None)
    words = str(said).partition("\n")[0]
    if code in CONFLICTS:
        return StoreConflict()
    if code in HELD or words.startswith(_SQLITE_LOCKED):
        return StoreBusy()
    return StoreUnavailable(_german(code, words))


def _german(code: str | None, said: str) -> str:
    """Return what the database said, as a German half-sentence."""
    if known := _POSTGRESQL.get(code or "") or _SQLITE.get(said):
        return known
    for sentence, german in _NOT_CONNECTED.items():
        if found := re.fullmatch(sentence, said):
            return german.format(*found.groups())
    return f"sie meldet „{said}“"
