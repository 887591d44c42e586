"""Templates: can every letter be written with the present settings, and be read?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import PackageLoader

from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.doctor.specimens import NAMES, rendered, specimens
from mailer.editions.service import ServiceFacts
from mailer.errors import ExitCode, MailerError
from mailer.rendering.accessibility import check
from mailer.rendering.environment import compiled
from mailer.rendering.finding import Level
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient
    from mailer.doctor.specimens import Specimen

WHY_BROKEN: Final = "Dieser Brief kann nicht hinaus, wenn er gebraucht wird."
WHY_UNREADABLE: Final = "Nicht alle könnten diesen Brief lesen."


def letters_can_be_written(patient: Patient) -> Iterator[Diagnosis]:
    """Each letter renders in each style, and nobody is left out by its form."""
    found: dict[Diagnosis, None] = {}
    folders = set()
    for specimen in specimens(patient):
        folders.add(specimen.folder)
        for style in LetterStyle:
            found |= dict.fromkeys(_looked_at(patient, specimen, style))
    yield from found
    if not found:
        yield fine(
            "letters",
            f"Alle {len(folders)} Briefe lassen sich in beiden Fassungen schreiben.",
        )


def templates_are_written_right(patient: Patient) -> Iterator[Diagnosis]:
    """Also what no letter to readers is made of: mail to the coordinator, frames."""
    environment = patient.app.press.environment
    for name in environment.list_templates():
        if not name.startswith("mail/"):
            continue
        try:
            compiled(environment, name)
        except MailerError as broken:
            yield _broken(broken)


def own_templates_are_used(patient: Patient) -> Iterator[Diagnosis]:
    """A file in the own folder has a name of ours; any other is never read."""
    folder = patient.settings.templates
    if folder is None:
        return
    ours = set(PackageLoader("templates", "").list_templates())
    files = {
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    for name in sorted(files - ours):
        yield warning(
            "own-templates",
            f"{folder / name} wird nie gelesen: so heißt keine Vorlage.",
            "Wer die Datei geschrieben hat, wartet vergebens auf ihre Wirkung.",
            "Bitte geben Sie ihr den Namen der Vorlage, die sie ersetzen soll.",
        )
    used = sorted(files & ours)
    if used:
        yield fine("own-templates", f"Eigene Vorlagen: {', '.join(used)}.")


def _looked_at(
    patient: Patient, specimen: Specimen, style: LetterStyle
) -> Iterator[Diagnosis]:
    """Yield what is wrong with one letter."""
    try:
        letter = rendered(patient, specimen, style)
    except MailerError as broken:
        yield _broken(broken)
        return
    if isinstance(specimen.facts, ServiceFacts):
        return
    for finding in check(letter, specimen.facts, style):
        say = error if finding.level is Level.ERROR else hint
        yield say(
            "letters",
            f"{specimen.folder}, {NAMES[style]}: {finding.sentence}",
            WHY_UNREADABLE,
            "Bitte verbessern Sie die Vorlage oder die Einstellung.",
        )


def _broken(broken: MailerError) -> Diagnosis:
    return error(
        "letters",
        broken.sentence.removesuffix(" Es wurde nichts gesendet."),
        WHY_BROKEN,
        "Bitte verbessern Sie die Vorlage oder die Einstellung.",
        ExitCode.CONFIGURATION,
    )


CHECKS: Final = (
    letters_can_be_written,
    templates_are_written_right,
    own_templates_are_used,
)
