"""What was issued is kept: whole, the same for ever, and nobody's."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.archive import exporting, shelf
from mailer.archive.models import ArchiveCopy
from mailer.editions import drafting
from mailer.editions.due import UpdateTimes, update_on
from mailer.editions.kinds import EditionKind
from mailer.editions.quarter import Quarter
from mailer.editions.states import EditionEvent
from mailer.errors import CannotCreate, PlanRefused
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.files import Checked
from mailer.network.kinds import ContributionKind
from mailer.network.models import ContributionFile
from mailer.outbox import issuing
from mailer.rounds import calendar
from mailer.settings.model import Listing
from subscribers.topics import LetterStyle, Topic
from tests.factories import a_meeting, a_partner, a_partner_contact
from tests.letters import BASE_URL
from tests.outgoing import issued

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.application import Application
    from mailer.settings import Settings
    from subscribers.database import Database

ALWAYS: Final = (date.min, date.max)
OFFICE: Final = "info@haus.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The town with public pages, so that letters have links."""
    return replace(settings, web_base_url=BASE_URL)


@pytest.fixture
def filled(application: Application) -> Application:
    """A program that has sent an invitation, and then an update with a picture."""
    issued(application, people=2)
    now = application.clock.now()
    quarter = Quarter(date(2026, 10, 1))
    times = UpdateTimes.of(application.settings, application.closures)
    with application.database.transaction() as db:
        calendar.prepare(db, application.press, now=now)
        a_partner_contact(db, None, OFFICE, topics=(Topic.NETWORK_UPDATES,))
        picture = Checked("Bühne & Saal.png", "image/png", b"\x89PNG")
        unseen = ContributionFile(
            name="x.png", media_type="image/png", content=b"x", size=1
        )
        row = contributing.enter(
            db,
            Offered(
                ContributionKind.NEWS, "Der Saal ist fertig.", "Neuer Saal",
                partner_id=a_partner(db).id, files=[picture],
                description="Ein Saal mit Bühne",
            ),
            quarter.first,
            now=now,
        )  # fmt: skip
        assert row is not None
        row.files.append(unseen)
        contributing.accept(row, now=now)
        edition = drafting.draft_due(db, update_on(quarter, times), now=now)
        drafting.move(edition, EditionEvent.APPROVE, now=now)
        later = now + timedelta(hours=1)
        issuing.issue(db, edition, application.press, now=later)
    return application


def test_every_edition_is_kept_in_every_style(filled: Application) -> None:
    """Subject, text, HTML, calendar file and message say the same."""
    with filled.database.reading() as db:
        update, invitation = shelf.published(db, filled.settings)
        assert (invitation.kind, update.kind) == (
            EditionKind.INVITATION,
            EditionKind.NETWORK_UPDATE,
        )
        for one in (update, invitation):
            for style in LetterStyle:
                copy = shelf.copy(db, one.edition_id, style)
                message = message_from_bytes(copy.message, policy=policy.default)
                assert message["Subject"] == copy.subject
                body = message.get_body(("plain",))
                assert body is not None
                assert body.get_content().splitlines() == copy.text.splitlines()
                assert f"<title>{copy.subject}</title>" in copy.html
                assert copy.calendar is not None
                assert copy.calendar.count(b"BEGIN:VEVENT") >= 1


def test_a_copy_is_nobodys(filled: Application) -> None:
    """No address of a reader, no name, no token of anybody, no open place."""
    with filled.database.reading() as db:
        copies = db.scalars(sa.select(ArchiveCopy)).all()
        parts = [(copy.text, copy.html, copy.message.decode()) for copy in copies]
    whole = "\n".join(part for three in parts for part in three)
    assert len(parts) == 4
    for never in ("person0@", OFFICE, "Rita Beispiel", "Hans Muster", "/abmelden/"):
        assert never not in whole
    assert not re.search("[\ue000-\uf8ff]", whole)
    assert "List-Unsubscribe" not in whole
    assert "Guten Tag,\n" in parts[0][0]


def test_an_update_is_found_only_by_its_address(filled: Application) -> None:
    """It stands in the letter, nobody can guess it, and a setting may list it."""
    with filled.database.reading() as db:
        update, invitation = shelf.published(db, filled.settings)
        assert (update.is_listed, invitation.is_listed) == (False, True)
        assert re.fullmatch("[a-z2-7]{32}", update.code)
        assert shelf.find(db, filled.settings, update.code) == update
        assert shelf.find(db, filled.settings, "x") is None
        page = shelf.page_address(filled.settings, update.code)
        text = shelf.copy(db, update.edition_id, LetterStyle.STANDARD).text
        assert f"Diese Netzwerk-Info im Browser lesen:\n{page}\n" in text
        listing = replace(filled.settings.network_update, archive=Listing.LISTED)
        listed = replace(filled.settings, network_update=listing)
        assert shelf.published(db, listed)[0].is_listed


def test_what_was_called_back_is_kept_and_not_listed(filled: Application) -> None:
    """Somebody may have got it; nobody else shall find it."""
    with filled.database.transaction() as db:
        issuing.withdraw(db, drafting.get(db, 1), now=filled.clock.now())
        _, invitation = shelf.published(db, filled.settings)
        assert not invitation.is_listed


def test_pictures_without_words_stay_out(filled: Application) -> None:
    """A file of an accepted contribution is there, if nobody is left out by it."""
    with filled.database.reading() as db:
        update, invitation = shelf.published(db, filled.settings)
        (file,) = shelf.files(db, update.edition_id)
        assert file.description == "Ein Saal mit Bühne"
        assert shelf.files(db, invitation.edition_id) == []
        assert shelf.files(db, 99) == []


def test_what_is_not_there_is_said(filled: Application) -> None:
    """A number that was never issued."""
    with filled.database.reading() as db, pytest.raises(PlanRefused, match="99"):
        shelf.copy(db, 99, LetterStyle.STANDARD)


def test_the_export_is_the_same_every_time_and_checks(
    filled: Application, tmp_path: Path
) -> None:
    """One folder an edition; ``sha256sum -c`` agrees, and notices a changed byte."""
    with filled.database.reading() as db:
        found = exporting.tree(db, filled.settings, *ALWAYS)
        assert exporting.tree(db, filled.settings, *ALWAYS) == found
    folder = tmp_path / "neu" / "archiv"
    exporting.write(folder, found)
    assert sorted(one.name for one in folder.iterdir()) == [
        "2026-11-23_invitation_1",
        "2026-11-23_network_update_2",
        "SHA256SUMS",
        "inhalt.csv",
    ]
    update = folder / "2026-11-23_network_update_2"
    files = sorted(str(one.relative_to(update)) for one in update.rglob("*.*"))
    assert files == [
        "dateien/1_B_hne_Saal.png",
        "dateien/1_B_hne_Saal.png.txt",
        *[f"leichte-sprache.{end}" for end in ("eml", "html", "ics", "txt")],
        *[f"standard.{end}" for end in ("eml", "html", "ics", "txt")],
    ]
    check = ["sha256sum", "--check", "--quiet", exporting.MANIFEST]
    assert subprocess.run(check, cwd=folder, check=False).returncode == 0
    (update / "standard.txt").write_text("anders", encoding="utf-8")
    assert subprocess.run(check, cwd=folder, check=False).returncode == 1


def test_an_export_is_whole_or_not_there(filled: Application, tmp_path: Path) -> None:
    """Nothing is overwritten; what cannot be finished leaves no trace."""
    with filled.database.reading() as db:
        found = exporting.tree(db, filled.settings, *ALWAYS)
    folder = tmp_path / "export"
    (folder / "voll").mkdir(parents=True)
    (folder / "voll" / "alt.txt").touch()
    with pytest.raises(CannotCreate, match="nicht leer"):
        exporting.write(folder / "voll", found)
    found["a" * 300] = b""
    with pytest.raises(CannotCreate):
        exporting.write(folder / "neu", found)
    assert [one.name for one in folder.iterdir()] == ["voll"]


def test_a_period_holds_what_left_in_it(filled: Application) -> None:
    """Local days decide; a period without anything has an index and a manifest."""
    with filled.database.reading() as db:
        found = exporting.tree(
            db, filled.settings, date(2027, 1, 1), date(2027, 12, 31)
        )
    assert list(found) == [exporting.INDEX, exporting.MANIFEST]
    assert found[exporting.MANIFEST].decode().endswith("  inhalt.csv\n")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_issuing_and_keeping_are_one(
    application: Application, database: Database
) -> None:
    """On both databases: what is taken back is not in the archive either."""
    issued(application, people=1)
    now = application.clock.now()
    with database.transaction() as db:
        meeting = a_meeting(db, now + timedelta(days=30))
        edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=now)
        drafting.move(edition, EditionEvent.APPROVE, now=now)
        issuing.issue(db, edition, application.press, now=now)
        assert len(shelf.published(db, application.settings)) == 2
        db.rollback()
    with database.reading() as db:
        assert len(shelf.published(db, application.settings)) == 1
