"""From where a database may send: the first place, adopted ones, and no copy."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from mailer.errors import MailerError, PlaceUnknown
from mailer.outbox import places
from mailer.outbox.places import Place
from subscribers.database import Database
from tests.conftest import PRESENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from subscribers.database import Db

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

HERE = Place("id/1", "/srv/mia/mia.db", "rathaus")
THERE = Place("id/2", "/tmp/probe/mia.db", "probe")  # noqa: S108 - a name, no file


@both
def test_the_first_place_needs_nobody(db: Db) -> None:
    """Who sets the program up is asked nothing, then or later."""
    places.require(db, HERE, now=PRESENT)
    places.require(db, HERE, now=PRESENT)
    assert places.is_known(db, HERE)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_workers_may_be_the_first_at_once(database: Database) -> None:
    """Who finds the place entered by another one meanwhile is at home all the same."""
    entered: list[bool] = []

    def enter(*_: object) -> None:
        if not entered:
            entered.append(True)
            with database.transaction() as db:
                places.adopt(db, HERE, now=PRESENT)

    with database.transaction() as db:
        event.listen(database.engine, "after_cursor_execute", enter)
        places.require(db, HERE, now=PRESENT)

    assert entered


@both
def test_a_copy_is_refused_until_it_is_adopted(db: Db) -> None:
    """The sentence names both places; afterwards both may send, each in its own."""
    assert places.is_known(db, THERE), "nothing was ever sent"
    places.require(db, HERE, now=PRESENT)
    assert not places.is_known(db, THERE)

    with pytest.raises(PlaceUnknown) as caught:
        places.require(db, THERE, now=PRESENT)
    assert "rathaus" in caught.value.sentence
    assert "probe" in caught.value.sentence
    assert "mia db adopt" in caught.value.sentence

    places.adopt(db, THERE, now=PRESENT)
    places.adopt(db, THERE, now=PRESENT)
    places.require(db, THERE, now=PRESENT)
    places.require(db, HERE, now=PRESENT)


@both
def test_the_same_machine_with_another_file_is_another_place(db: Db) -> None:
    """A backup restored beside the original must not send either."""
    places.require(db, HERE, now=PRESENT)
    with pytest.raises(PlaceUnknown):
        places.require(db, replace(HERE, store="/srv/alt/mia.db"), now=PRESENT)


@both
def test_the_last_work_is_remembered(db: Db) -> None:
    """Each look tells when the one before was, wherever it was."""
    places.require(db, HERE, now=PRESENT)
    later = PRESENT + timedelta(hours=3)
    assert places.note_work(db, now=PRESENT) is None
    assert places.note_work(db, now=later) == PRESENT
    assert places.note_work(db, now=later) == later


@both
def test_a_restored_database_belongs_nowhere(db: Db) -> None:
    """Also on the machine and under the path that it came from."""
    places.require(db, HERE, now=PRESENT)
    places.note_work(db, now=PRESENT)

    places.disown(db, now=PRESENT)
    with pytest.raises(MailerError):
        places.require(db, HERE, now=PRESENT)
    assert not places.is_known(db, HERE)
    assert places.note_work(db, now=PRESENT) == PRESENT, "when it worked is known"

    places.adopt(db, HERE, now=PRESENT)
    places.require(db, HERE, now=PRESENT)


def test_a_machine_is_known_by_its_id_and_does_not_tell_it(
    db: Db, tmp_path: Path
) -> None:
    """machine-id(5): the id itself stays on the machine."""
    own = "b08dfa6083e7567a1921a715000001fb"
    file = tmp_path / "machine-id"
    file.write_text(f"{own}\n", encoding="ascii")
    found = places.this_place(db, machine_id=file)
    assert own not in found.machine
    assert found == places.this_place(db, machine_id=file)
    file.write_text(f"{own[::-1]}\n", encoding="ascii")
    assert found.machine != places.this_place(db, machine_id=file).machine


def test_a_machine_without_an_id_goes_by_its_name(db: Db, tmp_path: Path) -> None:
    """Containers often have none; a name in the settings says more."""
    without = places.this_place(db, machine_id=tmp_path / "none")
    named = places.this_place(db, named="mia-rathaus", machine_id=tmp_path / "none")
    assert without.machine == f"host/{without.host}"
    assert named.machine == "name/mia-rathaus"


def test_a_copied_file_is_another_place(
    database: Database, sqlite_template: Path, tmp_path: Path
) -> None:
    """Wherever the file is copied to, it is seen by its path."""
    copy = Database(f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'k.db')}")
    with database.reading() as db, copy.reading() as other:
        assert places.this_place(db).store != places.this_place(other).store
    copy.close()


def test_a_copied_server_database_is_another_place(
    postgres_copies: Callable[[], str],
) -> None:
    """Two databases of one server are two; a plain role may ask for the identity."""
    first, second = Database(postgres_copies()), Database(postgres_copies())
    with first.transaction() as db, second.reading() as other:
        db.execute(sa.text("CREATE ROLE mia_plain"))
        db.execute(sa.text("SET LOCAL ROLE mia_plain"))
        assert places.this_place(db).store != places.this_place(other).store
        db.rollback()
    first.close()
    second.close()
