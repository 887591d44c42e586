"""``mia meetings`` as people use it: looking, moving, cancelling, planning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cli import mia
from mailer.commands.front import Front
from mailer.meetings.models import Meeting
from tests.conftest import PRESENT, SECRET
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database

LABEL = "Konferenzraum, Hohe Straße 21, 06449 Aschersleben"


@pytest.fixture
def run(settings_file: Path, database: Database) -> Callable[..., Result]:
    """Run ``mia meetings WORDS…`` on the example network, in this process."""

    def meetings(*words: str, verbose: bool = False) -> Result:
        environ = {
            "MIA_NOW": PRESENT.isoformat(),
            "MIA_SECRET": SECRET.hex(),
            "MIA_DATABASE_URL": database.url.render_as_string(hide_password=False),
        }
        front = Front(environ=environ)
        options = ("--config", str(settings_file), *(("-v",) if verbose else ()))
        return CliRunner().invoke(mia, (*options, "meetings", *words), obj=front)

    return meetings


def rows_of(result: Result) -> list[dict[str, Any]]:
    """Return what ``--json`` printed."""
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def append(path: Path, text: str) -> None:
    """Write *text* at the end of the settings file."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_the_calendar_is_there_at_once(tmp_path: Path) -> None:
    """``mia init --defaults``, then the list: no other step in between."""
    program = Program(tmp_path / "mia.toml")
    assert program.run("init", "--defaults").returncode == 0
    listed = program.run("meetings", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    first = json.loads(listed.stdout)[0]
    assert first == {
        "date": "2026-12-03",
        "start": "2026-12-03T10:00:00+01:00",
        "end": "2026-12-03T13:00:00+01:00",
        "state": "planned",
        "reason": "",
        "venue": LABEL,
        "title": "Miteinander reden",
        "series": "miteinander-reden",
        "id": None,
    }


def test_the_list_looks_twelve_months_ahead(run: Callable[..., Result]) -> None:
    """From today, with the one day that falls out and why."""
    rows = rows_of(run("list", "--json"))
    assert (rows[0]["date"], rows[-1]["date"]) == ("2026-12-03", "2027-11-18")
    fallen = [row for row in rows if row["state"] == "closed"]
    assert [(row["date"], row["reason"]) for row in fallen] == [
        ("2027-05-06", "Christi Himmelfahrt")
    ]


def test_the_list_writes_nothing(
    run: Callable[..., Result], database: Database
) -> None:
    """Looking makes no rows."""
    run("list")
    with database.reading() as db:
        assert db.scalars(sa.select(Meeting)).all() == []


def test_all_days_up_to_2035_can_be_listed(run: Callable[..., Result]) -> None:
    """230 meetings and nine fall-outs, in both spellings of a date."""
    words = ("--from", "1.1.2026", "--until", "31. Dezember 2035")
    rows = rows_of(run("list", *words, "--json"))
    states = [row["state"] for row in rows]
    assert (states.count("planned"), states.count("closed")) == (230, 9)


def test_people_read_weekdays_and_reasons(run: Callable[..., Result]) -> None:
    """The list for people is German, one line a meeting, the place said once."""
    shown = run("list", "--from", "2027-05-01", "--until", "2027-05-31").stdout
    assert shown.splitlines()[1].split("  ")[-1] == "Christi Himmelfahrt"
    assert "Donnerstag, 6. Mai 2027" in shown
    assert "10:00 bis 13:00 Uhr  fällt aus" in shown
    assert shown.endswith(f"\nOrt: {LABEL}\n")


def test_different_places_are_said_in_every_line(
    run: Callable[..., Result], settings_file: Path
) -> None:
    """With two places, each line names its own."""
    text = settings_file.read_text(encoding="utf-8")
    start = text.index("[venues.")
    key = text[start:].partition("]")[0].partition(".")[2]
    end = text.index("\n[", start + 1)
    second = text[start:end].replace(key, "rathaus", 1)
    append(settings_file, second.replace("Hohe Straße 21", "Markt 1", 1))

    run("add", "2026-12-10", "--venue", "rathaus")

    lines = run("list", "--until", "2026-12-17").stdout.splitlines()
    assert [line.split("  ")[-1] for line in lines] == [
        "Ort",
        LABEL,
        "Konferenzraum, Markt 1, 06449 Aschersleben",
        LABEL,
    ]


def test_what_is_past_is_said_to_be_past(run: Callable[..., Result]) -> None:
    """The founding meeting is no plan any more."""
    shown = run("list", "--from", "2026-01-01", "--until", "2026-01-31").stdout
    assert "Donnerstag, 29. Januar 2026" in shown
    assert "vorbei" in shown
    assert "zusätzlicher Termin" in shown


def test_an_empty_list_says_so(run: Callable[..., Result]) -> None:
    """No table without rows."""
    result = run("list", "--from", "2026-12-04", "--until", "2026-12-05")
    assert result.stdout == ""
    assert "4. Dezember 2026 bis 5. Dezember 2026 gibt es kein Treffen" in result.stderr


def test_a_meeting_is_moved_and_the_list_knows_it(run: Callable[..., Result]) -> None:
    """A rule day without a row gets one, and the list shows the new day."""
    moved = run("move", "3.12.2026", "--to", "10.12.2026", "--reason", "Raum belegt")
    assert moved.exit_code == 0
    assert "Jetzt: Donnerstag, 10. Dezember 2026, 10:00 bis 13:00 Uhr" in moved.stdout

    first = rows_of(run("list", "--json"))[0]

    assert first["date"] == "2026-12-10"
    assert first["reason"] == "verlegt vom 3. Dezember 2026: Raum belegt"
    assert first["id"] == 1


def test_a_new_beginning_takes_the_end_with_it(run: Callable[..., Result]) -> None:
    """Three hours stay three hours, unless they go over midnight."""
    assert run("move", "2026-12-03", "--start", "14 Uhr").exit_code == 0
    (row,) = rows_of(run("show", "2026-12-03", "--json"))
    assert row["start"] == "2026-12-03T14:00:00+01:00"
    assert row["end"] == "2026-12-03T17:00:00+01:00"
    late = run("move", "2026-12-03", "--start", "22:00")
    assert (late.exit_code, "über Mitternacht" in late.stderr) == (2, True)


def test_a_meeting_is_cancelled_and_comes_back(run: Callable[..., Result]) -> None:
    """Off with a reason; the list shows both states."""
    assert run("cancel", "2026-12-03", "--reason", "Krankheit").exit_code == 0
    (row,) = rows_of(run("show", "2026-12-03", "--json"))
    assert (row["state"], row["reason"]) == ("cancelled", "Krankheit")
    back = run("reinstate", "2026-12-03")
    assert back.stdout.startswith("Findet doch statt: Donnerstag, 3. Dezember 2026")
    (row,) = rows_of(run("show", "2026-12-03", "--json"))
    assert (row["state"], row["reason"]) == ("planned", "")


def test_a_meeting_is_added(run: Callable[..., Result]) -> None:
    """With its own title, time and reason."""
    added = run(
        "add",
        "10.12.2026",
        "--start",
        "15:00",
        "--title",
        "Feier",
        "--reason",
        "Advent",
    )
    assert added.exit_code == 0
    (row,) = rows_of(run("show", "2026-12-10", "--json"))
    assert (row["title"], row["reason"]) == ("Feier", "Advent")
    assert row["end"] == "2026-12-10T18:00:00+01:00"


def test_a_meeting_is_shown_in_full(run: Callable[..., Result]) -> None:
    """A fact a line; facts that are not there take no line."""
    assert run("show", "2026-12-03").stdout == (
        "Titel: Miteinander reden\n"
        "Wann: Donnerstag, 3. Dezember 2026, 10:00 bis 13:00 Uhr\n"
        f"Wo: {LABEL}\n"
        "Stand: geplant\n"
        "Reihe: miteinander-reden\n"
    )


def test_a_meeting_can_be_named_by_its_number(run: Callable[..., Result]) -> None:
    """The number is the one the list shows."""
    run("plan")
    (row,) = rows_of(run("show", "1", "--json"))
    assert (row["id"], row["date"]) == (1, "2026-12-03")
    assert run("cancel", "1", "--reason", "Krankheit").exit_code == 0
    unknown = run("show", "4711")
    assert (unknown.exit_code, "4711 gibt es nicht" in unknown.stderr) == (65, True)


def test_two_meetings_on_a_day_are_never_confused(run: Callable[..., Result]) -> None:
    """The rule's meeting has no row yet, and still it is asked which one is meant."""
    assert run("add", "2026-12-03", "--start", "14:00").exit_code == 0

    unclear = run("cancel", "2026-12-03", "--reason", "Krankheit")

    assert unclear.exit_code == 2
    assert "Nummer 2 („Miteinander reden“, 10:00 bis 13:00 Uhr)" in unclear.stderr
    assert run("cancel", "2", "--reason", "Krankheit").exit_code == 0
    rows = rows_of(run("show", "2026-12-03", "--json"))
    assert [row["state"] for row in rows] == ["cancelled", "planned"]


def test_planning_twice_changes_nothing(run: Callable[..., Result]) -> None:
    """The first call tells what it made, the second that there is nothing to do."""
    first = run("plan").stdout
    assert "Miteinander reden, geplant bis 28. Dezember 2027:" in first
    assert "Neu: 25 Treffen (3. Dezember 2026; 17. Dezember 2026;" in first
    assert run("plan").stdout.splitlines()[1:] == ["Nichts zu tun."]


def test_a_changed_rule_tells_what_stays(
    run: Callable[..., Result], database: Database, settings_file: Path
) -> None:
    """An invited meeting stays on Thursday when the rule says Tuesday."""
    run("plan")
    with database.transaction() as db:
        meeting = db.get_one(Meeting, 1)
        meeting.announced_at = PRESENT
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace('"Donnerstag"', '"Dienstag"'), "utf-8")

    shown = run("plan").stdout

    assert (
        "Das Treffen am Donnerstag, 3. Dezember 2026, steht nicht mehr in der Regel, "
        "bleibt aber, weil schon eingeladen wurde.\n"
    ) in shown
    listed = run("list").stdout.splitlines()
    assert any("3. Dezember 2026" in x and "schon eingeladen" in x for x in listed)


def test_a_change_after_the_invitation_says_who_hears_of_it(
    run: Callable[..., Result], database: Database
) -> None:
    """Whoever moves an announced meeting is told that the others will be told."""
    run("plan")
    with database.transaction() as db:
        db.get_one(Meeting, 1).announced_at = PRESENT
    moved = run("move", "1", "--to", "2026-12-10")
    assert "Wer von diesem Treffen schon weiß, erfährt die Änderung" in moved.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(
            ("show", "4.12.2026"),
            65,
            "Am Freitag, 4. Dezember 2026, gibt es kein Treffen. In der Nähe liegen: "
            "Donnerstag, 19. November 2026; Donnerstag, 3. Dezember 2026; "
            "Donnerstag, 17. Dezember 2026.",
            id="no meeting then",
        ),
        pytest.param(
            ("cancel", "2027-05-06", "--reason", "x"),
            65,
            "Am Donnerstag, 6. Mai 2027, fällt das Treffen aus: Christi Himmelfahrt.",
            id="falls out anyway",
        ),
        pytest.param(
            ("cancel", "2026-11-19", "--reason", "x"),
            65,
            "Donnerstag, 19. November 2026, ist vorbei.",
            id="past",
        ),
        pytest.param(
            ("add", "2026-12-25"), 65, "ein Feiertag (Erster Weihnachtstag)", id="feast"
        ),
        pytest.param(("add", "31.2.2027"), 2, "kein Tag, den es gibt", id="no day"),
        pytest.param(("add", "3.12.0026"), 2, "kein Tag, den es gibt", id="year 26"),
        pytest.param(("show", "x"), 2, "kein Tag, den es gibt", id="no day at all"),
        pytest.param(
            ("add", "2026-12-10", "--start", "25:00"), 2, "keine Uhrzeit", id="no time"
        ),
        pytest.param(
            ("add", "2026-12-10", "--venue", "rathaus"),
            2,
            "Einen Ort „rathaus“ gibt es in den Einstellungen nicht.",
            id="unknown venue",
        ),
        pytest.param(
            ("list", "--series", "lesekreis"),
            2,
            "Eine Reihe „lesekreis“ gibt es nicht. Bekannt: „miteinander-reden“.",
            id="unknown series",
        ),
        pytest.param(
            ("list", "--from", "2027-01-01", "--until", "2026-01-01"),
            2,
            "Der letzte Tag (1. Januar 2026) liegt vor dem ersten (1. Januar 2027).",
            id="backwards",
        ),
        pytest.param(("move", "2026-12-03"), 2, "Wohin?", id="nowhere"),
        pytest.param(("cancel", "2026-12-03"), 2, "--reason", id="no reason"),
    ],
)
def test_mistakes_are_said_in_german(
    run: Callable[..., Result],
    database: Database,
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    """One sentence, the right exit code, and nothing half-done."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    with database.reading() as db:
        assert db.scalars(sa.select(Meeting)).all() == []


def test_several_series_must_be_named(
    run: Callable[..., Result], settings_file: Path
) -> None:
    """Whoever adds a meeting says to which series it belongs."""
    text = settings_file.read_text(encoding="utf-8")
    start, end = text.index("[[series]]"), text.index("[holidays]")
    second = text[start:end].replace("miteinander-reden", "lesekreis")
    append(settings_file, second.replace("[1, 3]", "[1]"))

    assert "mehrere Reihen" in run("add", "2026-12-10").stderr
    assert run("add", "2026-12-10", "--series", "lesekreis").exit_code == 0
    both = rows_of(run("list", "--until", "2026-12-10", "--json"))
    assert [row["series"] for row in both] == [
        "lesekreis",
        "miteinander-reden",
        "lesekreis",
    ]
    unclear = run("show", "2026-12-03", "--json")
    assert len(rows_of(unclear)) == 2
    assert run("cancel", "2026-12-03", "--reason", "x").exit_code == 2
    one = run("cancel", "2026-12-03", "--reason", "x", "--series", "lesekreis")
    assert one.exit_code == 0


def test_a_meeting_of_a_series_that_is_gone_can_still_be_cancelled(
    run: Callable[..., Result], database: Database, settings_file: Path
) -> None:
    """The settings forgot it, the people have not."""
    run("plan")
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("miteinander-reden", "neu"), "utf-8")
    refused = run("move", "1", "--to", "2026-12-10")
    assert "steht nicht mehr in den Einstellungen" in refused.stderr
    assert run("cancel", "1", "--reason", "Ende").exit_code == 0
    with database.reading() as db:
        assert db.get_one(Meeting, 1).reason == "Ende"


def test_what_happened_is_logged_by_number(run: Callable[..., Result]) -> None:
    """Ids and counts, never a reason somebody wrote."""
    why = ("--reason", "Rita Beispiel ist krank")
    logged = [
        run(*words, verbose=True).stderr
        for words in (
            ("add", "2026-12-10"),
            ("move", "1", "--to", "2026-12-11", *why),
            ("cancel", "1", *why),
            ("reinstate", "1"),
            ("plan",),
        )
    ]
    told = (
        "meeting.added",
        "meeting.moved",
        "meeting.cancelled",
        "meeting.reinstated",
        "series.materialised",
    )
    assert all(event in line for event, line in zip(told, logged, strict=True))
    assert "Rita" not in "".join(logged)
