"""An examination: go through the groups, and let no broken thing hide another."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.doctor.diagnosis import Diagnosis, error, hint, refused
from mailer.doctor.groups import GROUPS
from mailer.doctor.trial import letter_goes_out
from mailer.errors import ExitCode, MailerError
from mailer.logs import LogEvent, log
from subscribers.errors import SubscribersError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mailer.doctor.patient import Check, Patient
    from mailer.errors import SettingsInvalid

SETTINGS: Final = "settings"

MAIL_SERVER: Final = "smtp"

WHY_REFUSED: Final = "Solange das so ist, lässt sich das Weitere hier nicht prüfen."


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one group.

    Attributes:
        group: Its name, as in ``GROUPS``.
        german: What people call it.
    """

    group: str
    german: str
    diagnoses: tuple[Diagnosis, ...]


def examine(
    patient: Patient, groups: Collection[str], *, is_offline: bool
) -> Iterator[Report]:
    """Yield what is found, group by group, in the order of the table.

    Args:
        groups: Which groups; empty means all.
        is_offline: Ask no other machine.
    """
    for name, group in GROUPS.items():
        if groups and name not in groups:
            continue
        if group.is_online and is_offline:
            yield Report(name, group.german, (_left_out(name),))
            continue
        found = [one for check in group.checks for one in _findings(check, patient)]
        yield Report(name, group.german, tuple(found))


def trial_of(patient: Patient) -> Report:
    """Send the test letter, and return what became of it."""
    return Report(MAIL_SERVER, "Testbrief", tuple(_findings(letter_goes_out, patient)))


def unusable(problems: SettingsInvalid) -> Report:
    """Return what is wrong with settings that cannot be read; nothing else can be."""
    return Report(
        SETTINGS,
        GROUPS[SETTINGS].german,
        tuple(
            error(
                "settings",
                sentence,
                "Ohne gültige Einstellungen läuft kein Befehl.",
                "Bitte verbessern Sie das; „mia config check“ zeigt, was noch fehlt.",
                ExitCode.CONFIGURATION,
            )
            for sentence in problems.problems
        ),
    )


def _left_out(name: str) -> Diagnosis:
    return hint(
        f"{name}-skipped",
        "Nicht geprüft, weil kein anderer Rechner gefragt werden soll (--offline).",
        "Was andere Rechner sagen, bleibt damit offen.",
        f"Bitte rufen Sie später „mia doctor --only {name}“ auf.",
    )


def _findings(check: Check, patient: Patient) -> list[Diagnosis]:
    """Return what one check says; its own failure is a finding, not an end."""
    found: list[Diagnosis] = []
    name = check.__name__.strip("_").replace("_", "-")
    try:
        found.extend(check(patient))
    except (MailerError, SubscribersError) as failed:
        code = getattr(failed, "exit_code", ExitCode.FAILURE)
        found.append(refused(name, failed.sentence, WHY_REFUSED, code))
    except Exception as unforeseen:  # noqa: BLE001 - the other checks must be heard
        kind = type(unforeseen).__name__
        log(LogEvent.COMMAND_FAILED, level=logging.ERROR, kind=kind)
        found.append(
            error(
                name,
                f"Die Prüfung „{name}“ ist selbst gescheitert ({kind}).",
                "Ob hier alles in Ordnung ist, bleibt offen.",
                "Das ist ein Fehler im Programm; bitte melden Sie ihn.",
            )
        )
    return found
