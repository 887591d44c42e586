"""What can go wrong with people and their data.

* SubscribersError
    * InvalidAddress(text, reason)
    * ForbiddenTransition(machine, state, event)
    * Suppressed(reason)
    * NoProof
    * ImportRefused(line, reason)
    * UnknownPerson(text)
    * AmbiguousPerson(text, names)
    * ForeignKeys
    * InvalidToken
        * WrongPurpose
    * DatabaseError
        * StoreBusy
          * StoreConflict
        * StoreUnavailable(reason)
        * NewerSchema(found, known)
        * OlderSchema(found, known)
            * HalfRestored

Every class carries fields and one German wording that names them.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from enum import StrEnum


SPOKEN: Final = {
    errno.EACCES: "dazu fehlt die Berechtigung",
    errno.EPERM: "dazu fehlt die Berechtigung",
    errno.ENOENT: "das gibt es nicht",
    errno.EEXIST: "das gibt es schon",
    errno.ENOSPC: "der Speicherplatz ist voll",
    errno.EDQUOT: "der Speicherplatz ist aufgebraucht",
    errno.EROFS: "hier darf nur gelesen werden",
    errno.EISDIR: "das ist ein Ordner",
    errno.ENOTDIR: "ein Teil des Wegs ist kein Ordner",
    errno.ENAMETOOLONG: "der Name ist zu lang",
    errno.ENOEXEC: "das ist kein Programm",
    errno.EIO: "der Datenträger meldet einen Fehler",
    errno.EMFILE: "zu viele Dateien sind offen",
    errno.EADDRINUSE: "dort ist schon ein anderes Programm",
    errno.EADDRNOTAVAIL: "diese Adresse hat der Rechner nicht",
}
"""What the operating system says, as German half-sentences."""


def spoken(error: OSError) -> str:
    """Return why the operating system refused, in German where we know it.

    Example:
        >>> spoken(PermissionError(errno.EACCES, "Permission denied"))
        'dazu fehlt die Berechtigung'
    """
    return SPOKEN.get(error.errno or 0) or error.strerror or type(error).__name__


class SubscribersError(Exception):
    """Something is wrong with people or their data.

    Attributes:
        wording: German, with the fields of the error in braces.
    """

    wording: ClassVar[str] = "Das ist mit diesen Angaben nicht möglich."

    @property
    def sentence(self) -> str:
        """What is wrong, where, and what to do, in German."""
        return self.wording.format_map(vars(self))


class InvalidAddress(SubscribersError):
    """A text is no e-mail address that we can write to.

    Attributes:
        text: What was given, fit for a screen.
        reason: A German half-sentence, without a full stop.
    """

    wording = "„{text}“ ist keine gültige E-Mail-Adresse: {reason}."

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason


class ForbiddenTransition(SubscribersError):
    """A state does not know an event."""

    wording = "{machine}: „{event}“ ist im Zustand „{state}“ nicht möglich."

    def __init__(self, machine: str, state: StrEnum, event: StrEnum) -> None:
        super().__init__(machine, state, event)
        self.machine = machine
        self.state = state
        self.event = event


class Suppressed(SubscribersError):
    """This address must not be written to.

    Attributes:
        reason: Why, as stored in the suppression list.
    """

    wording = "Diese Adresse ist gesperrt ({reason}). Es wird nichts gesendet."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoProof(SubscribersError):
    """Somebody should become active without a documented consent."""

    wording = (
        "Ohne Nachweis der Einwilligung wird niemand aktiv. "
        "Bitte geben Sie an, wann und wie die Person eingewilligt hat."
    )


class ImportRefused(SubscribersError):
    """A file cannot be imported, or one of its rows cannot.

    Attributes:
        line: Line number in the file, from 1; 0 for the file as a whole.
        reason: A German sentence without a full stop.
    """

    wording = "{where}{reason}."

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason
        self.where = f"Zeile {line}: " if line else ""


class UnknownPerson(SubscribersError):
    """Nobody is stored under this address or name."""

    wording = "„{text}“ ist nicht gespeichert."

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class AmbiguousPerson(SubscribersError):
    """Several people stand behind one address; it must be said who is meant.

    Attributes:
        text: What was given.
        names: Who it could be, as people read it.
    """

    wording = (
        "Zu „{text}“ gibt es mehrere Einträge: {listed}. "
        "Bitte nennen Sie auch den Namen oder die Einrichtung."
    )

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        super().__init__(text, names)
        self.text = text
        self.names = names
        self.listed = "; ".join(names)


class ForeignKeys(SubscribersError):
    """The secret is not the one this database was written with."""

    wording = (
        "Der geheime Schlüssel (MIA_SECRET) passt nicht zur Datenbank: Die "
        "Sperrliste würde niemanden mehr schützen. Bitte stellen Sie den "
        "früheren Schlüssel wieder her; es wurde nichts geändert."
    )


class InvalidToken(SubscribersError):
    """A token was not made by us, or no longer holds."""

    wording = "Dieser Schlüssel ist nicht gültig."


class WrongPurpose(InvalidToken):
    """A token of ours was made for something else."""


class DatabaseError(SubscribersError):
    """The database cannot do what was asked."""


class StoreBusy(DatabaseError):
    """Another program holds the database; trying again later may work."""

    wording = (
        "Die Datenbank ist gerade belegt. "
        "Bitte versuchen Sie es in einer Minute noch einmal; es ist nichts verloren."
    )


class StoreConflict(StoreBusy):
    """Two transactions got in each other's way, and the server took this one back.

    Nothing of it was written; it may be tried again at once (PostgreSQL, "Serialization
    Failure Handling").
    """


class StoreUnavailable(DatabaseError):
    """The database cannot be opened, read or written.

    Attributes:
        reason: What the database said, shortened to one line.
    """

    wording = (
        "Die Datenbank ist nicht benutzbar: {reason}. "
        "Bitte prüfen Sie [database] url, die Dateirechte und den freien Platz."
    )

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NewerSchema(DatabaseError):
    """A newer version of the program has written this database."""

    wording = (
        "Die Datenbank gehört zu einer neueren Version (Stand {found}, bekannt ist "
        "{known}). Bitte aktualisieren Sie das Programm; es wurde nichts geändert."
    )

    def __init__(self, found: str, known: str) -> None:
        super().__init__(found, known)
        self.found = found
        self.known = known


class OlderSchema(DatabaseError):
    """The database must be upgraded first, or is still empty (*found* is None)."""

    wording = "Die Datenbank {state}. Bitte rufen Sie „mia db upgrade“ auf."

    def __init__(self, found: str | None, known: str) -> None:
        super().__init__(found, known)
        self.found = found
        self.known = known
        self.state = (
            "ist noch nicht eingerichtet"
            if found is None
            else f"ist auf einem älteren Stand ({found}, gebraucht wird {known})"
        )


class HalfRestored(OlderSchema):
    """A restore was cut short: all rows may be there, but not what ends it."""

    wording = (
        "In diese Datenbank wurde eine Sicherung nur zum Teil zurückgespielt; benutzt "
        "wird sie so nicht. Bitte rufen Sie „mia db restore“ noch einmal auf."
    )

    def __init__(self) -> None:
        super().__init__(None, "")
