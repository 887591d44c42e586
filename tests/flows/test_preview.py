"""``mia preview``: a letter to look at, made like a real one and sent to nobody."""

from __future__ import annotations

import email
from datetime import date
from email import policy
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from icalendar import Calendar

from cli import mia
from mailer.commands.front import Front
from mailer.editions.models import Edition
from mailer.errors import ExitCode
from mailer.meetings.models import Meeting, MeetingVersion
from mailer.rendering.places import has_private_sign
from tests.conftest import PRESENT, SECRET
from tests.factories import a_meeting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database

FILES = {"message.eml", "subject.txt", "body.html", "body.txt", "meeting.ics"}


@pytest.fixture
def run(settings_file: Path, database: Database) -> Callable[..., Result]:
    """Run ``mia WORDS…`` on the example network, in this process."""

    def called(*words: str, typed: str = "") -> Result:
        environ = {
            "MIA_NOW": PRESENT.isoformat(),
            "MIA_SECRET": SECRET.hex(),
            "MIA_DATABASE_URL": database.url.render_as_string(hide_password=False),
        }
        options = ("--config", str(settings_file))
        return CliRunner().invoke(
            mia, (*options, *words), obj=Front(environ=environ), input=typed
        )

    return called


def preview(run: Callable[..., Result], *words: str, typed: str = "") -> Result:
    """Preview the invitation to 3 December 2026."""
    chosen = ("preview", "invitation", "--meeting", "2026-12-03")
    return run(*chosen, *words, typed=typed)


@pytest.mark.parametrize("style", ["standard", "easy"])
def test_five_files_say_the_same(
    run: Callable[..., Result], tmp_path: Path, style: str
) -> None:
    """The message holds exactly the subject, texts and calendar beside it."""
    out = tmp_path / "new" / "folder"

    result = preview(run, "--style", style, "--out", str(out))

    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert {path.name for path in out.iterdir()} == FILES
    message = email.message_from_bytes(
        (out / "message.eml").read_bytes(), policy=policy.default
    )
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    body = (out / "body.txt").read_text(encoding="utf-8")
    assert f"{message['Subject']}\n" == (out / "subject.txt").read_text(
        encoding="utf-8"
    )
    assert text.get_content().replace("\r\n", "\n").rstrip() == body.rstrip()
    assert html.get_content().split() == (out / "body.html").read_text("utf-8").split()
    assert message["To"] == "Vorname Nachname <person@netz.example>"
    assert "Guten Tag, Vorname Nachname" in body
    assert not has_private_sign(body)
    (event,) = Calendar.from_ical((out / "meeting.ics").read_bytes()).walk("VEVENT")
    assert event.decoded("DTSTART").isoformat() == "2026-12-03T10:00:00+01:00"


def test_without_a_folder_the_text_is_shown(run: Callable[..., Result]) -> None:
    """Subject and text go to the terminal; a letter without faults has no notes."""
    result = preview(run)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        "Einladung: Miteinander reden am Donnerstag, 3. Dez"
    )
    assert "Wo: Konferenzraum, Hohe Straße 21, 06449 Aschersleben" in result.stdout
    assert result.stderr == ""


def test_own_words_are_shown_and_checked(run: Callable[..., Result]) -> None:
    """The coordinator sees her words, and what readers would trip over."""
    result = preview(
        run, "--words", "-", typed="Siehe [hier](https://x.example) <b>x</b>"
    )
    assert "Siehe hier x" in result.stdout
    assert "Fehler: Der Linktext „hier“ sagt nicht, wohin er führt." in result.stderr
    assert "Hinweis: HTML wurde weggelassen." in result.stderr


def test_easy_words_are_shown(run: Callable[..., Result], tmp_path: Path) -> None:
    """Her words in Leichte Sprache appear in that style only."""
    file = tmp_path / "leicht.md"
    file.write_text("Wir reden über Busse.\nBitte kommen Sie.\n", encoding="utf-8")
    easy = preview(run, "--style", "easy", "--easy-words", str(file))
    standard = preview(run, "--easy-words", str(file))
    assert "Wir reden über Busse.\nBitte kommen Sie.\n" in easy.stdout
    assert "Busse" not in standard.stdout


def test_nothing_is_kept(run: Callable[..., Result], database: Database) -> None:
    """A preview plans nothing: no meeting, no edition is in the database after it."""
    assert preview(run, "--words", "-", typed="Neu.").exit_code == 0
    with database.reading() as db:
        assert db.scalars(sa.select(Meeting)).all() == []
        assert db.scalars(sa.select(Edition)).all() == []


def test_a_day_without_meeting_is_told(run: Callable[..., Result]) -> None:
    """The error names the days around."""
    result = run("preview", "invitation", "--meeting", "2026-12-04")
    assert "In der Nähe liegen: " in result.stderr
    assert result.exit_code == ExitCode.DATA


def test_a_folder_that_is_a_file_is_told(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    """One sentence with the path, and the exit code for "cannot create"."""
    file = tmp_path / "datei"
    file.write_text("schon da", encoding="utf-8")
    result = preview(run, "--out", str(file))
    assert result.exit_code == ExitCode.CANNOT_CREATE
    assert str(file) in result.stderr


def test_a_broken_template_is_told(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, line and the name that is meant, with the exit code for settings."""
    own = tmp_path / "mail" / "invitation"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ greeting }}\n{{ venue.labl }}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    result = run(
        "--set", f"letters.templates={tmp_path}",
        "preview", "invitation", "--meeting", "2026-12-03",
    )  # fmt: skip

    assert result.exit_code == ExitCode.CONFIGURATION
    assert (
        "Vorlage mail/invitation/body.txt, Zeile 2: unbekannte Angabe „labl“ "
        "(meinten Sie „label“?). Es wurde nichts gesendet."
    ) in result.stderr
    assert result.stdout == ""


KINDS = {
    "reminder": ("Erinnerung: Miteinander reden, morgen, 3. Dezember 2026, 10 Uhr", ""),
    "update": (
        "Neuer Termin: Miteinander reden am 10. statt am 3. Dezember 2026",
        "Angenommen ist: Das Treffen wird um eine Woche verlegt.\n",
    ),
    "cancellation": (
        "Absage: Miteinander reden am 3. Dezember 2026 fällt aus",
        "Angenommen ist: Das Treffen wird abgesagt.\n",
    ),
    "reinstatement": (
        "Findet doch statt: Miteinander reden am 3. Dezember 2026",
        "Angenommen ist: Das Treffen war abgesagt und findet doch statt.\n",
    ),
}
"""Subject of each kind, and what is supposed if nothing has happened."""


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_looked_at(
    run: Callable[..., Result], database: Database, kind: str
) -> None:
    """With a change that nobody has made, which is said; and nothing is kept."""
    subject, supposed = KINDS[kind]

    result = run("preview", kind, "--meeting", "2026-12-03")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{subject}\n")
    assert result.stderr == supposed
    with database.reading() as db:
        assert db.scalars(sa.select(Meeting)).all() == []
        assert db.scalars(sa.select(Edition)).all() == []


@pytest.mark.parametrize("chosen", [(), ("--meeting", "2027-05-06")])
def test_a_notice_of_a_holiday_can_be_looked_at(
    run: Callable[..., Result], chosen: tuple[str, ...]
) -> None:
    """The next closed day of the rule, or the one that is named."""
    result = run("preview", "holiday", *chosen)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Kein Treffen am 6. Mai 2027 (Christi Himmelfa")
    assert "Wann: Donnerstag, 20. Mai 2027, 10:00 bis 13:00 Uhr" in result.stdout


def test_a_day_that_is_open_has_no_such_notice(run: Callable[..., Result]) -> None:
    """It is told, with the way to the calendar."""
    result = run("preview", "holiday", "--meeting", "2026-12-03")
    assert result.exit_code == ExitCode.DATA
    assert "Am Donnerstag, 3. Dezember 2026, fällt kein Treffen" in result.stderr


def test_a_change_over_the_change_of_time_keeps_the_hour(
    run: Callable[..., Result],
) -> None:
    """A week after the last Thursday of summer time, ten o'clock is ten o'clock."""
    assert run("meetings", "add", "2027-10-28", "--on-holiday").exit_code == 0
    result = run("preview", "update", "--meeting", "2027-10-28")
    assert "Neuer Termin: Donnerstag, 4. November 2027, 10:00 bis" in result.stdout


def test_a_real_change_is_shown_as_it_is(
    run: Callable[..., Result], database: Database
) -> None:
    """Since people were told the meeting has moved: nothing need be supposed."""
    moved = ("2026-12-03", "--to", "2026-12-09", "--reason", "Der Raum ist belegt.")
    with database.transaction() as db:
        meeting = a_meeting(db, ruled_on=date(2026, 12, 3))
        db.add(
            MeetingVersion(
                meeting_id=meeting.id,
                sequence=0,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                venue=meeting.venue,
                state=meeting.state,
            )
        )
    told = run("meetings", "move", *moved)
    assert told.exit_code == 0, told.output

    result = run("preview", "update", "--meeting", "2026-12-09")

    assert result.exit_code == 0, result.output
    assert "Neuer Termin: Mittwoch, 9. Dezember 2026" in result.stdout
    assert "Nicht mehr: Donnerstag, 3. Dezember 2026" in result.stdout
    assert "Der Grund: Der Raum ist belegt.\n" in result.stdout
    assert "Angenommen" not in result.stderr


def test_a_planned_edition_can_be_seen(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    """``mia editions preview`` writes the same five files."""
    early = ("--set", "policy.invite_before=30 Tage")
    assert run(*early, "editions", "plan").exit_code == 0
    result = run("editions", "preview", "1", "--out", str(tmp_path / "x"))
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "x").iterdir()} == FILES
