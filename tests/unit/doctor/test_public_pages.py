"""The doctor looks at the public pages: what the law wants, and nobody has set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.doctor import public_pages
from tests.patients import a_patient, spoken, told
from tests.web_server import BASE_URL

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

PUBLIC: Final = {"web.base_url": BASE_URL}

WHOLE: Final = {
    **PUBLIC,
    "imprint.represented_by": "die Bürgermeisterin, Maria Muster",
    "privacy.proof_kept": "drei Jahre",
    "privacy.questions_kept": "ein Jahr",
    "accessibility.conformance": "teilweise",
    "accessibility.assessed_on": "2026-11-02",
}


def test_without_pages_nothing_is_missing(
    settings_file: Path, database: Database
) -> None:
    """Nobody reads what is not shown."""
    patient = a_patient(settings_file, database)
    for check in public_pages.CHECKS:
        assert told(check, patient) == {}


def test_what_is_missing_is_named(settings_file: Path, database: Database) -> None:
    """By the keys that the operator has to write."""
    patient = a_patient(settings_file, database, PUBLIC)
    assert told(public_pages.facts_are_told, patient) == {"web-facts": "warning"}
    (found,) = spoken(public_pages.facts_are_told(patient))
    assert "fehlen „[imprint] represented_by“, „[privacy] officer“, " in found.what
    assert "authority" not in found.what
    checked = told(public_pages.accessibility_is_stated, patient)
    assert checked == {"web-assessment": "hint"}


def test_an_office_to_complain_to_is_asked_for(
    settings_file: Path, database: Database
) -> None:
    """Even if somebody has assessed the pages."""
    flags = {**WHOLE, "accessibility.ombuds": ""}
    patient = a_patient(settings_file, database, flags)
    checked = told(public_pages.accessibility_is_stated, patient)
    assert checked == {"web-ombuds": "warning"}


def test_all_that_is_set_is_fine(settings_file: Path, database: Database) -> None:
    """One line each, and nothing to do."""
    text = settings_file.read_text(encoding="utf-8")
    officer = '[privacy]\nofficer = ["Datenschutz", "ds@stadt.example"]\n'
    settings_file.write_text(text.replace("[privacy]\n", officer), encoding="utf-8")
    patient = a_patient(settings_file, database, WHOLE)
    for check in public_pages.CHECKS:
        assert set(told(check, patient).values()) == {"ok"}
