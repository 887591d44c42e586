"""``mia doctor``: is everything in order? Plain lines for people, JSON for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from mailer.commands.terminal import count, json_option, show_json
from mailer.doctor import examination, nameserver
from mailer.doctor.diagnosis import GERMAN, Severity, exit_code
from mailer.doctor.groups import GROUPS
from mailer.doctor.patient import Patient
from mailer.errors import SettingsInvalid, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailer.commands.front import Front
    from mailer.doctor.diagnosis import Diagnosis
    from mailer.doctor.examination import Report

COUNTED: Final = {
    Severity.ERROR: ("Fehler", "Fehler"),
    Severity.WARNING: ("Warnung", "Warnungen"),
    Severity.HINT: ("Hinweis", "Hinweise"),
}
"""One and many, as the last line counts them."""


@click.command(
    epilog="Rückgabewert: 0 ohne Fehler; 78 bei Einstellungen, 69 bei einem Server, "
    "der nicht erreichbar ist, sonst 1."
)
@click.option(
    "--only",
    "groups",
    multiple=True,
    type=click.Choice(list(GROUPS)),
    metavar="BEREICH",
    help=f"Nur diesen Bereich prüfen, mehrfach möglich: {', '.join(GROUPS)}.",
)
@click.option(
    "--offline", "is_offline", is_flag=True, help="Keinen anderen Rechner fragen."
)
@click.option(
    "--test-mail",
    "sends_test",
    is_flag=True,
    help="Einen Testbrief an die Koordinatorin senden, an niemanden sonst.",
)
@click.option(
    "--letter",
    type=click.File("rb"),
    help="Ein Brief von uns, der irgendwo ankam (.eml): Was hielt man dort von ihm?",
)
@json_option
@click.pass_context
def doctor(
    ctx: click.Context,
    *,
    groups: tuple[str, ...],
    is_offline: bool,
    sends_test: bool,
    letter: BinaryIO | None,
    as_json: bool,
) -> None:
    """Prüfen, ob alles in Ordnung ist.

    Sieht nach Einstellungen, Datenbank, Mailserver und allem anderen. Zu jedem
    Befund steht da, was ist, warum es wichtig ist und was zu tun ist. Geändert wird
    nichts.
    """
    if sends_test and is_offline:
        raise UsageRefused("Ohne Netz (--offline) geht kein Testbrief hinaus.")
    wishes = Wishes(groups, letter.read() if letter else b"", is_offline, sends_test)
    reports = _examined(ctx.obj, wishes)
    shown = _shown_as_json if as_json else _shown
    ctx.exit(shown(reports))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to know.

    Attributes:
        groups: Which groups; empty means all.
        sample: A letter of ours as it arrived somewhere; empty for none.
        is_offline: Ask no other machine.
        sends_test: Send a test letter at the end.
    """

    groups: tuple[str, ...]
    sample: bytes
    is_offline: bool
    sends_test: bool


def _examined(front: Front, wishes: Wishes) -> Iterable[Report]:
    """Yield what is found; with broken settings that is all there is to say."""
    try:
        loaded, app = front.loaded(), front.application()
    except SettingsInvalid as problems:
        yield examination.unusable(problems)
        return
    patient = Patient(loaded, app, nameserver.Nameserver(), wishes.sample)
    yield from examination.examine(patient, wishes.groups, is_offline=wishes.is_offline)
    if wishes.sends_test:
        yield examination.trial_of(patient)


def _shown(reports: Iterable[Report]) -> int:
    """Print each group as soon as it is through; return the exit code."""
    found: list[Diagnosis] = []
    for report in reports:
        if not report.diagnoses:
            continue
        click.echo(report.german)
        for diagnosis in report.diagnoses:
            for line in lines(diagnosis):
                click.echo(f"  {line}")
        click.echo()
        found += report.diagnoses
    click.echo(summary(found))
    return exit_code(found)


def _shown_as_json(reports: Iterable[Report]) -> int:
    kept = list(reports)
    found = [one for report in kept for one in report.diagnoses]
    show_json(
        {
            "exit_code": int(exit_code(found)),
            "findings": [
                {
                    "group": report.group,
                    "name": one.name,
                    "level": one.severity.value,
                    "what": one.what,
                    "why": one.why or None,
                    "todo": one.todo or None,
                }
                for report in kept
                for one in report.diagnoses
            ],
        }
    )
    return exit_code(found)


def lines(diagnosis: Diagnosis) -> Sequence[str]:
    """Return a diagnosis for people: a line each for what, why and what to do."""
    told = [f"{GERMAN[diagnosis.severity]}: {diagnosis.what}"]
    if diagnosis.why:
        told.append(f"  Warum: {diagnosis.why}")
    if diagnosis.todo:
        told.append(f"  Was tun: {diagnosis.todo}")
    return told


def summary(found: Sequence[Diagnosis]) -> str:
    """Return the last line: how much there is to do."""
    numbers = [
        count(number, *nouns)
        for severity, nouns in COUNTED.items()
        if (number := sum(one.severity is severity for one in found))
    ]
    return f"Ergebnis: {', '.join(numbers)}." if numbers else "Alles in Ordnung."
