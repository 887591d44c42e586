"""What a check has to say: how serious it is, what, why it matters, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from mailer.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Severity(StrEnum):
    """How serious a diagnosis is."""

    OK = "ok"
    HINT = "hint"
    """Worth knowing; nothing has to be done."""
    WARNING = "warning"
    """It works, but not for everybody, or not for ever."""
    ERROR = "error"
    """Something does not work."""


GERMAN: Final[Mapping[Severity, str]] = {
    Severity.OK: "In Ordnung",
    Severity.HINT: "Hinweis",
    Severity.WARNING: "Warnung",
    Severity.ERROR: "Fehler",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one check found.

    Attributes:
        name: Which check, for scripts: "secret-mode".
        what: German: what was found.
        why: German: why it matters; empty if all is well.
        todo: German: what to do; empty if all is well.
        exit_code: Of the program, if nothing worse is found.
    """

    name: str
    severity: Severity
    what: str
    why: str = ""
    todo: str = ""
    exit_code: ExitCode = ExitCode.OK


def fine(name: str, what: str) -> Diagnosis:
    """Return that all is well."""
    return Diagnosis(name, Severity.OK, what)


def hint(name: str, what: str, why: str, todo: str) -> Diagnosis:
    """Return what is worth knowing."""
    return Diagnosis(name, Severity.HINT, what, why, todo)


def warning(name: str, what: str, why: str, todo: str) -> Diagnosis:
    """Return what should not stay so."""
    return Diagnosis(name, Severity.WARNING, what, why, todo)


def error(
    name: str, what: str, why: str, todo: str, code: ExitCode = ExitCode.FAILURE
) -> Diagnosis:
    """Return what does not work; *code* is the exit code it calls for."""
    return Diagnosis(name, Severity.ERROR, what, why, todo, code)


def refused(name: str, sentence: str, why: str, code: ExitCode) -> Diagnosis:
    """Return an error in the words of an exception: what is wrong, then "Bitte …"."""
    what, asks, todo = sentence.partition(" Bitte ")
    again = "Bitte beheben Sie das, und rufen Sie „mia doctor“ noch einmal auf."
    return error(name, what, why, f"Bitte {todo}" if asks else again, code)


_GRAVEST: Final = (ExitCode.CONFIGURATION, ExitCode.UNAVAILABLE, ExitCode.FAILURE)
"""Which exit code wins: what can be mended here comes before what others must."""


def exit_code(diagnoses: Iterable[Diagnosis]) -> ExitCode:
    """Return the exit code of a whole examination: that of its gravest error."""
    codes = {one.exit_code for one in diagnoses if one.severity is Severity.ERROR}
    known = next((code for code in _GRAVEST if code in codes), None)
    return known or (ExitCode.FAILURE if codes else ExitCode.OK)
