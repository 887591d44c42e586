"""The public pages: are the facts there that the law wants to be read on them?

A page leaves out what nobody has set. Readers see no gap; the operator is told here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.doctor.diagnosis import Diagnosis, fine, hint, warning
from mailer.german import and_list
from mailer.settings.model import Conformance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient


def facts_are_told(patient: Patient) -> Iterator[Diagnosis]:
    """Imprint and privacy say all that they must."""
    settings = patient.settings
    if not settings.web_base_url:
        return
    told = {
        "[imprint] represented_by": settings.imprint.represented_by,
        "[privacy] officer": settings.privacy.officer,
        "[privacy] authority": settings.privacy.authority,
        "[privacy] proof_kept": settings.privacy.proof_kept,
        "[privacy] questions_kept": settings.privacy.questions_kept,
    }
    missing = [f"„{key}“" for key, value in told.items() if not value]
    if not missing:
        yield fine(
            "web-facts", "Impressum und Datenschutz sagen alles, was sie müssen."
        )
        return
    yield warning(
        "web-facts",
        f"Für Impressum und Datenschutz {'fehlen' if len(missing) > 1 else 'fehlt'} "
        f"{and_list(missing)}.",
        "§ 5 DDG und Artikel 13 DSGVO verlangen das; die Seiten lassen es weg.",
        "Bitte tragen Sie sie in den Einstellungen ein.",
    )


def accessibility_is_stated(patient: Patient) -> Iterator[Diagnosis]:
    """Somebody has assessed the pages, and there is an office to complain to."""
    settings = patient.settings
    if not settings.web_base_url:
        return
    stated = settings.accessibility
    if not stated.ombuds:
        yield warning(
            "web-ombuds",
            "Die Erklärung zur Barrierefreiheit nennt keine Ombudsstelle.",
            "Wer mit einer Antwort nicht zufrieden ist, weiß dann nicht weiter.",
            "Bitte tragen Sie unter [accessibility] „ombuds“ und „ombuds_url“ ein.",
        )
    if stated.conformance is Conformance.UNKNOWN or stated.assessed_on is None:
        yield hint(
            "web-assessment",
            "Niemand hat eingetragen, wie barrierefrei die Seiten sind.",
            "Die Erklärung zur Barrierefreiheit sagt dazu dann nichts; das Gesetz "
            "verlangt eine Aussage.",
            "Bitte prüfen Sie die Seiten, und tragen Sie unter [accessibility] "
            "„conformance“ und „assessed_on“ ein.",
        )
    elif stated.ombuds:
        yield fine(
            "web-assessment", "Die Erklärung zur Barrierefreiheit ist vollständig."
        )


CHECKS: Final = (facts_are_told, accessibility_is_stated)
