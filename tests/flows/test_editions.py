"""``mia editions``: from what is due to what is approved, shown and called back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers.topics import LetterStyle
from tests.factories import a_meeting, a_subscriber
from tests.program import Program
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

SIX_DAYS_BEFORE = "2026-11-27T09:00:00+01:00"


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program six days before the meeting of 3 December 2026."""
    assert database.revision()
    environ = {"MIA_DATABASE_URL": database_url, "MIA_NOW": SIX_DAYS_BEFORE}
    return Program(settings_file, environ)


def state(database: Database) -> EditionState:
    """Return the state of the only edition."""
    with database.reading() as db:
        return db.scalars(sa.select(Edition)).one().state


def test_plan_drafts_what_is_due_and_only_once(mia: Program) -> None:
    """A week before the meeting its invitation is due; a second plan adds nothing."""
    first = mia.here("editions", "plan")
    second = mia.here("editions", "plan")

    assert first.exit_code == second.exit_code == ExitCode.OK, first.output
    assert "Donnerstag, 3. Dezember 2026" in first.stdout
    assert "ein Entwurf" in first.stdout
    assert "Nichts ist fällig." in second.stderr


def test_nothing_is_due_ten_days_before(mia: Program) -> None:
    """The lead time of the settings is kept."""
    early = {**mia.environ, "MIA_NOW": "2026-11-23T09:00:00+01:00"}

    ended = Program(mia.config, early).here("editions", "plan")

    assert "Nichts ist fällig." in ended.stderr


def test_list_and_show_tell_what_is_there(mia: Program) -> None:
    """Both for people and as JSON; an empty list says how to go on."""
    empty = mia.here("editions", "list")
    mia.here("editions", "plan")
    listed = mia.here("editions", "list")
    shown = mia.here("editions", "show", "1")
    rows = json.loads(mia.here("editions", "list", "--json").stdout)
    row = json.loads(mia.here("editions", "show", "1", "--json").stdout)

    assert "mia editions plan" in empty.stderr
    assert "Einladung" in listed.stdout
    assert "Donnerstag, 3. Dezember 2026" in shown.stdout
    assert rows == [row]
    assert row["state"] == "draft"
    assert row["meeting"] == "2026-12-03T10:00:00+01:00"


def test_approved_editions_are_sent_by_invite(mia: Program, database: Database) -> None:
    """Approving sends nothing; the next invite sends what was approved."""
    with database.transaction() as db:
        a_subscriber(db, "person@netz.example")
    mia.here("editions", "plan")
    approved = mia.here("editions", "approve", "1")
    before = state(database)
    again = mia.here("editions", "approve", "1")

    with ScriptedSmtp() as server:
        ended = mia.with_relay(server).here("invite", "--yes")

    assert approved.exit_code == ExitCode.OK, approved.output
    assert before is EditionState.APPROVED
    assert again.exit_code == ExitCode.DATA
    assert ended.exit_code == ExitCode.OK, ended.output
    assert state(database) is EditionState.CLOSED
    assert [one.recipient for one in server.accepted] == ["person@netz.example"]


def test_preview_shows_what_would_be_sent(mia: Program, tmp_path: Path) -> None:
    """On the screen as text, and with --out as files."""
    mia.here("editions", "plan")

    shown = mia.here("editions", "preview", "1", "--style", "easy")
    filed = mia.here("editions", "preview", "1", "--out", str(tmp_path / "brief"))

    assert "Das Treffen ist am Donnerstag." in shown.stdout
    assert filed.exit_code == ExitCode.OK, filed.output
    names = sorted(one.name for one in (tmp_path / "brief").iterdir())
    assert names == [
        "body.html",
        "body.txt",
        "meeting.ics",
        "message.eml",
        "subject.txt",
    ]


def test_withdraw_stops_what_waits(mia: Program, database: Database) -> None:
    """After a yes, what was not sent is skipped with a reason; a no changes nothing."""
    with database.transaction() as db:
        a_subscriber(db, "eins@netz.example")
        a_subscriber(db, "zwei@netz.example", style=LetterStyle.EASY)
    later = Script(rcpt={"zwei@netz.example": "451 4.7.1 later"})
    with ScriptedSmtp(later) as server:
        mia.with_relay(server).here("invite", "--yes")

    no = mia.here("editions", "withdraw", "1", answer="nein\n")
    still = state(database)
    yes = mia.here("editions", "withdraw", "1", answer="ja\n")

    assert no.exit_code == ExitCode.INTERRUPTED
    assert still is EditionState.ISSUED
    assert yes.exit_code == ExitCode.OK, yes.output
    assert "1 Zustellung nicht gesendet" in yes.stderr
    with database.reading() as db:
        rows = {one.state: one.reason for one in db.scalars(sa.select(Delivery))}
    assert rows[DeliveryState.SKIPPED] == "Die Aussendung wurde zurückgezogen."
    assert DeliveryState.ACCEPTED in rows


def test_an_edition_of_a_cancelled_meeting_is_not_approved(
    mia: Program, database: Database
) -> None:
    """Nobody is invited to what does not take place."""
    mia.here("editions", "plan")
    mia.here("meetings", "cancel", "2026-12-03", "--reason", "Heizung defekt")

    ended = mia.here("editions", "approve", "1")

    assert ended.exit_code == ExitCode.DATA
    assert "fällt aus" in ended.stderr
    assert state(database) is EditionState.DRAFT


def test_words_of_an_issued_edition_stand_fast(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """Own words can be changed until the edition is issued, not afterwards."""
    with database.transaction() as db:
        a_subscriber(db, "person@netz.example")
    words = tmp_path / "text.md"
    words.write_text("Diesmal geht es um **Wege**.", encoding="utf-8")
    with ScriptedSmtp() as server:
        program = mia.with_relay(server)
        first = program.here("invite", "--yes", "--words", str(words))
        second = program.here("invite", "--yes", "--words", str(words))

    assert first.exit_code == ExitCode.OK, first.output
    assert b"Wege" in server.accepted[0].content
    assert second.exit_code == ExitCode.DATA
    assert "steht fest" in second.stderr


def test_a_draft_is_reworded_and_shown_again(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """A yes does not outlive a new text; the coordinator gets the new draft."""
    words = tmp_path / "thema.md"
    words.write_text("Wir reden über Busse.", encoding="utf-8")
    mia.here("editions", "plan")
    planned = mia.here("tick")
    assert planned.exit_code != ExitCode.OK, "no relay is set"
    mia.here("editions", "approve", "1")

    ended = mia.here("editions", "reword", "1", "--words", str(words))

    assert ended.exit_code == ExitCode.OK, ended.output
    assert "der neue Entwurf geht an die Koordinatorin" in ended.stderr
    assert state(database) is EditionState.DRAFT
    with database.reading() as db:
        drafts = sa.select(Delivery.occasion).where(Delivery.occasion.like("draft/%"))
        assert [one[:9] for one in db.scalars(drafts)] == ["draft/1.1", "draft/1.2"]


def test_a_new_text_must_be_named(mia: Program) -> None:
    """Without one there is nothing to do."""
    ended = mia.here("editions", "reword", "1")
    assert ended.exit_code == ExitCode.USAGE
    assert "--words" in ended.stderr


def test_unknown_numbers_are_said_in_german(mia: Program) -> None:
    """A number that does not exist names the command that lists them all."""
    for words in (("show", "7"), ("preview", "7"), ("withdraw", "7")):
        ended = mia.here("editions", *words)

        assert ended.exit_code == ExitCode.DATA
        assert "Nummer 7 gibt es nicht" in ended.stderr


def test_a_template_with_an_unknown_variable_sends_nothing(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """The template, its line and the variable are named; nothing is issued."""
    with database.transaction() as db:
        a_subscriber(db, "person@netz.example")
    own = tmp_path / "vorlagen" / "mail" / "invitation"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text(
        "{# Facts #}\n{{ ueberschrift }}", encoding="utf-8"
    )
    environ = {**mia.environ, "MIA_LETTERS_TEMPLATES": str(tmp_path / "vorlagen")}

    with ScriptedSmtp() as server:
        program = Program(mia.config, environ).with_relay(server)
        ended = program.here("invite", "--yes")

    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "mail/invitation/subject.txt, Zeile 2" in ended.stderr
    assert "ueberschrift" in ended.stderr
    assert not server.accepted
    with database.reading() as db:
        assert not db.scalars(sa.select(Delivery)).all()


def test_no_meeting_means_no_invitation(mia: Program, database: Database) -> None:
    """Without any meeting to come the sentence says where to look."""
    with database.transaction() as db:
        a_meeting(db, series="andere-reihe")
    environ = {**mia.environ, "MIA_NOW": "2026-12-03T12:00:00+01:00"}

    begun = Program(mia.config, environ).here("invite", "--meeting", "2026-12-03", "-n")
    unknown = mia.here("invite", "--meeting", "2026-12-04", "--dry-run")
    falls_out = mia.here("invite", "--meeting", "6.5.2027", "--dry-run")

    assert begun.exit_code == unknown.exit_code == falls_out.exit_code == ExitCode.DATA
    assert "schon begonnen" in begun.stderr
    assert "gibt es kein Treffen" in unknown.stderr
    assert "Christi Himmelfahrt" in falls_out.stderr


def test_nobody_to_invite_is_said_before_anything_is_issued(
    mia: Program, database: Database
) -> None:
    """An empty list is no invitation: a sentence says how people come in."""
    with ScriptedSmtp() as server:
        ended = mia.with_relay(server).here("invite", "--yes")

    assert ended.exit_code == ExitCode.DATA
    assert "mia subscribers import" in ended.stderr
    assert state(database) is EditionState.DRAFT


def test_without_a_relay_the_settings_are_named(
    mia: Program, database: Database
) -> None:
    """No host set: exit 78, and the sentence names file and key."""
    with database.transaction() as db:
        a_subscriber(db, "person@netz.example")

    ended = mia.here("invite", "--yes")

    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "[smtp]" in ended.stderr
    assert str(mia.config) in ended.stderr


TWO_RELEASE = {
    "MIA_COORDINATOR_SECOND_RELEASE": "leitung@stadt.example",
    "MIA_UNANSWERED_INVITATION": "hold",
    "MIA_UNANSWERED_HOLIDAY": "hold",
}


def test_a_command_is_one_of_two_releases(mia: Program, database: Database) -> None:
    """The other person gets the draft; without her yes nobody is written to."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    two = Program(mia.config, {**mia.environ, **TWO_RELEASE})
    with ScriptedSmtp() as server:
        program = two.with_relay(server)
        planned = program.here("editions", "plan")
        approved = program.here("editions", "approve", "1")
        invited = program.here("invite", "--yes")
        program.here("outbox", "send")
        asked = {one.recipient for one in server.accepted}
        before = state(database)
        by_paper = program.here("editions", "approve", "1", "--second")
        program.here("invite", "--yes")
    assert planned.exit_code == ExitCode.OK, planned.output
    for refused in (approved, invited):
        assert refused.exit_code == ExitCode.TRY_AGAIN, refused.output
        assert "erst, wenn auch leitung@stadt.example freigibt" in refused.stderr
    assert asked == {"k_sommer@aschersleben.de", "leitung@stadt.example"}
    assert before is EditionState.DRAFT
    assert by_paper.exit_code == ExitCode.OK, by_paper.output
    assert "rita@netz.example" in {one.recipient for one in server.accepted}
