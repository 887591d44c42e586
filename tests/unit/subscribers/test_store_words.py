"""What a database says about itself: real errors of real servers, in German."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from subscribers.database import Database
from subscribers.errors import StoreBusy, StoreConflict, StoreUnavailable

if TYPE_CHECKING:
    from subscribers.errors import DatabaseError

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def raised(database: Database, code: str) -> None:
    """Let the server end a statement with the error *code*."""
    statement = f"DO $$ BEGIN RAISE 'its words' USING ERRCODE = '{code}'; END $$"
    with database.transaction() as db:
        db.execute(sa.text(statement))


@on_postgresql
@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("40001", StoreConflict, "gerade belegt"),
        ("40P01", StoreConflict, "gerade belegt"),
        ("55P03", StoreBusy, "gerade belegt"),
        ("57014", StoreBusy, "gerade belegt"),
        ("25006", StoreUnavailable, "lässt nur lesen"),
        ("42501", StoreUnavailable, "fehlen Rechte"),
        ("53100", StoreUnavailable, "Speicherplatz des Datenbankservers ist voll"),
        ("58030", StoreUnavailable, "Datenträger des Datenbankservers meldet"),
        ("XX001", StoreUnavailable, "Daten auf dem Datenbankserver sind beschädigt"),
        ("57P01", StoreUnavailable, "sie meldet „its words“"),
    ],
)
def test_what_a_server_says_of_itself_is_no_fault_of_the_program(
    database: Database, code: str, kind: type[DatabaseError], says: str
) -> None:
    """Its state decides whether it is worth another try."""
    with pytest.raises(kind) as told:
        raised(database, code)

    assert type(told.value) is kind
    assert says in told.value.sentence


@on_postgresql
def test_a_mistake_of_ours_is_not_blamed_on_the_server(database: Database) -> None:
    """It stays what it is, so that it is noticed."""
    with pytest.raises(sa.exc.ProgrammingError):
        raised(database, "42703")


@on_postgresql
def test_a_database_that_is_not_there_is_named(database: Database) -> None:
    """The server answers, and refuses."""
    lost = Database(database.url.set(database="weg").render_as_string())

    with pytest.raises(StoreUnavailable) as told, lost.transaction() as db:
        db.execute(sa.text("SELECT 1"))
    lost.close()
    assert 'lehnt die Verbindung ab („database "weg"' in told.value.sentence


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("@127.0.0.1:9/mia", "dort läuft kein Datenbankserver"),
        (
            "@gibt-es-nicht.invalid/mia",
            "den Rechner „gibt-es-nicht.invalid“ gibt es nicht",
        ),
        (
            "/mia?host=/nirgends",
            "die Socket-Datei /nirgends/.s.PGSQL.5432 gibt es nicht",
        ),
    ],
)
def test_a_server_that_is_not_there_is_said(address: str, says: str) -> None:
    """Nobody listens, or nobody has that name."""
    lost = Database(f"postgresql+psycopg://mia{address}")

    with pytest.raises(StoreUnavailable) as told, lost.transaction() as db:
        db.execute(sa.text("SELECT 1"))
    lost.close()
    assert says in told.value.sentence
