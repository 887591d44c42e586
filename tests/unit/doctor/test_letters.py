"""The doctor writes every letter: broken templates, missing easy texts, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.doctor import easy, templates
from mailer.doctor.specimens import folders, octets, rendered, specimens
from mailer.editions.kinds import KINDS
from mailer.errors import ExitCode
from subscribers.topics import LetterStyle
from tests.letters import MEANS
from tests.patients import a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database


@pytest.fixture
def own(settings_file: Path) -> Path:
    """A folder for templates of the operator's own."""
    folder = settings_file.parent / "own"
    (folder / "mail" / "goodbye").mkdir(parents=True)
    return folder


OWN = {"letters.templates": "own"}


@pytest.mark.parametrize("means", MEANS)
def test_every_letter_of_ours_can_be_written(
    settings_file: Path, database: Database, means: str
) -> None:
    """All kinds and all service letters, whatever is set up beside the mail server."""
    inbox, base_url = MEANS[means]
    flags = {"inbox.address": inbox.text if inbox else "", "web.base_url": base_url}
    patient = a_patient(settings_file, database, flags)
    assert told(templates.letters_can_be_written, patient) == {"letters": "ok"}


def test_no_letter_is_forgotten(settings_file: Path, database: Database) -> None:
    """A new folder below templates/mail is looked at without being named here."""
    patient = a_patient(settings_file, database)
    made = [one.folder for one in specimens(patient)]
    assert sorted(set(made)) == folders(patient)
    assert {row.folder for row in KINDS.values()} <= set(made)


def test_a_misspelt_fact_is_found_before_it_is_needed(
    settings_file: Path, database: Database, own: Path
) -> None:
    """The goodbye breaks today, not on the day when somebody leaves."""
    path = own / "mail" / "goodbye" / "easy.txt"
    path.write_text("Auf Wiedersehen bei {{ netwrok.name }}!", encoding="utf-8")
    patient = a_patient(settings_file, database, OWN)
    (found,) = spoken(templates.letters_can_be_written(patient))
    assert found.exit_code is ExitCode.CONFIGURATION
    assert "mail/goodbye/easy.txt" in found.what
    assert "meinten Sie „network“" in found.what


def test_a_slip_in_mail_to_the_coordinator_is_found(
    settings_file: Path, database: Database, own: Path
) -> None:
    """Nobody invents what a person may write; that it is written right can be seen."""
    (own / "mail" / "forward").mkdir()
    path = own / "mail" / "forward" / "body.txt"
    path.write_text("{% if sender %}Von: {{ sender }}", encoding="utf-8")
    patient = a_patient(settings_file, database, OWN)
    (found,) = spoken(templates.templates_are_written_right(patient))
    assert found.exit_code is ExitCode.CONFIGURATION
    assert "mail/forward/body.txt" in found.what


def test_a_letter_that_leaves_somebody_out_is_an_error(
    settings_file: Path, database: Database, own: Path
) -> None:
    """The rules that "mia invite" checks hold for an own template too."""
    (own / "mail" / "reminder").mkdir()
    path = own / "mail" / "reminder" / "body.html"
    path.write_text("<html><body><div>Morgen!</div></body></html>", encoding="utf-8")
    patient = a_patient(settings_file, database, OWN)
    found = spoken(templates.letters_can_be_written(patient))
    assert {one.severity for one in found} >= {"error"}
    assert all(one.what.startswith("reminder, Standard: ") for one in found)


def test_an_own_file_with_a_wrong_name_is_told(
    settings_file: Path, database: Database, own: Path
) -> None:
    """It would never be read, and nobody would know why nothing changed."""
    (own / "mail" / "goodbye" / "body.txt").write_text("Tschüss!", encoding="utf-8")
    (own / "mail" / "good-bye.txt").write_text("Tschüss!", encoding="utf-8")
    patient = a_patient(settings_file, database, OWN)
    bad, good = spoken(templates.own_templates_are_used(patient))
    assert (bad.severity, good.severity) == ("warning", "ok")
    assert "good-bye.txt" in bad.what
    assert "mail/goodbye/body.txt" in good.what


def test_without_own_templates_there_is_nothing_to_say(
    settings_file: Path, database: Database
) -> None:
    """Most installations have none."""
    patient = a_patient(settings_file, database)
    assert told(templates.own_templates_are_used, patient) == {}
    assert told(easy.own_letters_have_both_styles, patient) == {}


def test_a_letter_changed_in_one_style_only_is_told(
    settings_file: Path, database: Database, own: Path
) -> None:
    """Marco would get the old text."""
    folder = own / "mail" / "goodbye"
    (folder / "body.txt").write_text("Tschüss!", encoding="utf-8")
    patient = a_patient(settings_file, database, OWN)
    assert told(easy.own_letters_have_both_styles, patient) == {"easy-own": "warning"}
    (folder / "easy.txt").write_text("Tschüss!", encoding="utf-8")
    assert told(easy.own_letters_have_both_styles, patient) == {}


def test_a_series_without_easy_words_is_told(
    settings_file: Path, database: Database
) -> None:
    """The block about what happens there would be missing."""
    patient = a_patient(settings_file, database)
    assert told(easy.series_are_told_easily, patient) == {"easy-about": "ok"}
    text = settings_file.read_text(encoding="utf-8")
    before, _, after = text.partition("about_easy = [")
    settings_file.write_text(before + after.partition("]")[2], encoding="utf-8")
    patient = a_patient(settings_file, database)
    assert told(easy.series_are_told_easily, patient) == {"easy-about": "warning"}


def test_texts_that_nobody_read_are_listed(
    settings_file: Path, database: Database, own: Path
) -> None:
    """A text counts as read only with a name and a day."""
    patient = a_patient(settings_file, database)
    (before,) = spoken(easy.texts_were_read_by_people(patient))
    assert before.severity == "hint"
    assert "goodbye" in before.what
    for name in ("easy.txt", "easy.html"):
        (own / "mail" / "goodbye" / name).write_text(
            '{# x #}\n{# reviewed_by="Lebenshilfe" reviewed_on="2026-11-01" '
            'version="1" #}\nTschüss!',
            encoding="utf-8",
        )
    patient = a_patient(settings_file, database, OWN)
    (after,) = spoken(easy.texts_were_read_by_people(patient))
    assert "goodbye" not in after.what


def test_texts_that_somebody_read_are_fine(
    settings_file: Path, database: Database, own: Path
) -> None:
    """Once every easy text has its readers, there is nothing left to do."""
    patient = a_patient(settings_file, database)
    letters = [
        f"mail/{folder}/easy.{kind}"
        for folder in folders(patient)
        for kind in ("txt", "html")
    ]
    pages = [
        name
        for name in patient.app.press.environment.list_templates()
        if name.startswith("web/") and name.endswith(".html") and "/_" not in name
    ]
    assert len(pages) >= 20
    for name in (*letters, *pages):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(
            '{# x #}\n{# reviewed_by="Lebenshilfe" reviewed_on="2026-11-01" '
            'version="1" #}\n',
            encoding="utf-8",
        )
    patient = a_patient(settings_file, database, OWN)
    assert told(easy.texts_were_read_by_people, patient) == {"easy-review": "ok"}


def test_the_size_of_a_letter_is_that_of_its_bytes(
    settings_file: Path, database: Database
) -> None:
    """What the mail server must take: more than the words, less than a picture."""
    patient = a_patient(settings_file, database)
    sizes = [
        octets(patient, letter := rendered(patient, one, style), style)
        - len(letter.text)
        for one in specimens(patient)
        for style in LetterStyle
    ]
    assert min(sizes) > 0
    assert max(sizes) < 100_000
