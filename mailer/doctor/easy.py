"""Leichte Sprache: which texts are missing, and which did nobody read yet?

Only people who need it can say whether a text is easy. Nothing here pretends to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.doctor.diagnosis import Diagnosis, fine, hint, warning
from mailer.rendering import review
from mailer.rendering.environment import source
from mailer.rendering.typesetting import BODIES
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient

EASY: Final = BODIES[LetterStyle.EASY]
STANDARD: Final = BODIES[LetterStyle.STANDARD]


def series_are_told_easily(patient: Patient) -> Iterator[Diagnosis]:
    """Each series says in Leichte Sprache what happens there."""
    for number, series in enumerate(patient.settings.series, start=1):
        if series.about_easy:
            yield fine(
                "easy-about", f"„{series.title}“ ist in Leichter Sprache erklärt."
            )
            continue
        yield warning(
            "easy-about",
            f"„{series.title}“ ist nicht in Leichter Sprache erklärt.",
            "In diesen Einladungen steht dann nicht, was beim Treffen geschieht.",
            f"Bitte schreiben Sie unter [[series]] (Nummer {number}) „about_easy“, "
            "einen Satz je Zeile.",
        )


def texts_were_read_by_people(patient: Patient) -> Iterator[Diagnosis]:
    """Each easy text was read by people with learning difficulties."""
    environment = patient.app.press.environment
    texts = {
        name: source(environment, name)
        for name in environment.list_templates()
        if name.endswith((".html", ".txt")) and "/_" not in name
    }
    reviews = {
        name: review.parse(text) for name, text in texts.items() if _is_easy(name, text)
    }
    unread = [name for name, one in reviews.items() if not one.by or one.on is None]
    if not unread:
        yield fine("easy-review", "Alle Texte in Leichter Sprache hat jemand geprüft.")
        return
    shown = sorted({_known_as(name) for name in unread})
    yield hint(
        "easy-review",
        f"{len(unread)} von {len(reviews)} Texten in Leichter Sprache hat noch keine "
        f"Prüf-Gruppe gelesen: {', '.join(shown)}.",
        "Ob ein Text leicht ist, können nur Menschen sagen, die ihn brauchen; Briefe "
        "und Seiten sagen darum, dass sie ungeprüft sind.",
        "Bitte lassen Sie die Texte lesen, und tragen Sie in ihrer zweiten Zeile ein, "
        "wer es wann getan hat.",
    )


def _is_easy(name: str, text: str) -> bool:
    """Return whether a template holds a text in Leichte Sprache."""
    if name.startswith("web/"):
        # A page may have a standard and an easy part.
        return name.startswith(f"web/{EASY}/") or "reviewed_by=" in text
    return name.endswith((f"/{EASY}.html", f"/{EASY}.txt"))


def _known_as(name: str) -> str:
    """Return how people find the template: the folder of a letter, or a page."""
    parts = name.split("/")
    return name if parts[0] == "web" else parts[1]


def own_letters_have_both_styles(patient: Patient) -> Iterator[Diagnosis]:
    """Whoever changes a letter changes it for all readers."""
    folder = patient.settings.templates
    if folder is None:
        return
    for path in sorted(folder.glob(f"mail/*/{STANDARD}.*")):
        twin = path.with_name(path.name.replace(STANDARD, EASY))
        if twin.exists():
            continue
        yield warning(
            "easy-own",
            f"{path} ist geändert, {twin.name} daneben fehlt.",
            "Wer Leichte Sprache liest, bekommt noch den alten Text.",
            f"Bitte ändern Sie auch {twin.name}.",
        )


CHECKS: Final = (
    series_are_told_easily,
    texts_were_read_by_people,
    own_letters_have_both_styles,
)
