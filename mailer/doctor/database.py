"""The database: is it there, whole, ours, and has it room?"""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.backup import sqlite
from mailer.doctor.diagnosis import Diagnosis, error, fine, refused, warning
from mailer.errors import ExitCode
from mailer.migrations import KNOWN
from mailer.outbox import places
from subscribers.database import FILE_MODE
from subscribers.errors import (
    ForeignKeys,
    NewerSchema,
    OlderSchema,
    StoreBusy,
    StoreUnavailable,
    SubscribersError,
)
from subscribers.mailboxes import require_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailer.doctor.patient import Patient

MEGABYTE: Final = 1_000_000

SCARCE: Final = 500 * MEGABYTE
"""Free space below which somebody should look: logs of a few weeks."""

TOO_LITTLE: Final = 50 * MEGABYTE
"""Free space that one run with its WAL can use up."""


def database_answers(patient: Patient) -> Iterator[Diagnosis]:
    """It can be opened, and its schema is the one this version knows."""
    try:
        patient.app.unchecked_database.require_schema(KNOWN)
    except (OlderSchema, NewerSchema) as unusable:
        yield _unusable(unusable, ExitCode.CONFIGURATION)
    except (StoreUnavailable, StoreBusy) as unusable:
        yield _unusable(unusable, ExitCode.UNAVAILABLE)
    else:
        shown = patient.loaded.entries["database.url"].value
        yield fine("schema", f"{shown} ist erreichbar und auf dem Stand {KNOWN[-1]}.")


def database_is_whole(patient: Patient) -> Iterator[Diagnosis]:
    """SQLite finds no damage in its file."""
    database = patient.database
    if database is None or database.file is None:
        return
    found = sqlite.faults(database.file)
    if found:
        yield error(
            "integrity",
            f"Die Datenbank ist beschädigt: {'; '.join(found)}.",
            "Was fehlt oder falsch ist, fällt sonst erst beim Senden auf.",
            "Bitte halten Sie alles an und spielen Sie die letzte Sicherung zurück.",
        )
    else:
        yield fine("integrity", "Die Datenbank ist unbeschädigt.")


def database_can_be_written(patient: Patient) -> Iterator[Diagnosis]:
    """A change is taken; it is taken back at once."""
    database = patient.database
    if database is None:
        return
    try:
        with database.transaction() as db:
            db.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))
            db.rollback()
    except SubscribersError as unusable:
        yield _unusable(unusable, ExitCode.UNAVAILABLE)
    else:
        yield fine("writable", "In die Datenbank kann geschrieben werden.")


def database_is_private(patient: Patient) -> Iterator[Diagnosis]:
    """The file holds addresses: its owner reads it, nobody else."""
    database = patient.app.unchecked_database
    path = database.file
    if path is None or not path.exists():
        return
    if stat.S_IMODE(path.stat().st_mode) & ~FILE_MODE:
        yield error(
            "database-mode",
            f"Auch andere Benutzer dieses Rechners können {path} lesen oder ändern.",
            "In der Datei stehen die Adressen aller Personen.",
            f"Bitte rufen Sie „chmod 600 {path}“ auf.",
            ExitCode.CONFIGURATION,
        )
    else:
        yield fine("database-mode", f"{path} ist nur für Sie lesbar.")


def disk_has_room(patient: Patient) -> Iterator[Diagnosis]:
    """What is sent can also be written down."""
    path = patient.app.unchecked_database.file
    if path is None or not path.parent.is_dir():
        return
    yield room(path.parent, shutil.disk_usage(path.parent).free)


def room(folder: Path, free: int) -> Diagnosis:
    """Return what *free* octets in *folder* mean."""
    shown = f"{free // MEGABYTE} Megabyte"
    if free >= SCARCE:
        return fine("disk", f"Auf dem Datenträger sind {shown} frei.")
    what = f"Auf dem Datenträger von {folder} sind nur noch {shown} frei."
    why = "Ist er voll, kann nichts mehr aufgeschrieben und nichts gesendet werden."
    todo = "Bitte schaffen Sie Platz, zum Beispiel bei alten Protokollen."
    if free >= TOO_LITTLE:
        return warning("disk", what, why, todo)
    return error("disk", what, why, todo)


def secret_fits(patient: Patient) -> Iterator[Diagnosis]:
    """The secret is the one this database was written with."""
    database = patient.database
    if database is None:
        return
    try:
        with database.reading() as db:
            require_keys(db, key=patient.app.keys.fingerprint_key)
    except ForeignKeys:
        yield error(
            "secret",
            "Der geheime Schlüssel passt nicht zur Datenbank.",
            "Die Sperrliste schützt niemanden, und alte Abmelde-Kennungen gelten "
            "nicht.",
            "Bitte stellen Sie den früheren Schlüssel (mia.secret) wieder her.",
            ExitCode.CONFIGURATION,
        )
    else:
        yield fine("secret", "Der geheime Schlüssel passt zur Datenbank.")


def sending_is_allowed(patient: Patient) -> Iterator[Diagnosis]:
    """This database may send from this machine: it is no copy."""
    database = patient.database
    if database is None:
        return
    with database.reading() as db:
        named = patient.settings.database.instance
        is_known = places.is_known(db, places.this_place(db, named=named))
    if is_known:
        yield fine("place", "Diese Datenbank darf von hier aus senden.")
        return
    yield error(
        "place",
        "Diese Datenbank ist eine Kopie oder zurückgespielt; gesendet wird nichts.",
        "Eine Kopie schriebe allen noch einmal, was das Original schon gesendet hat.",
        "Bitte sehen Sie mit „mia db adopt“ an, was hinausginge, und erlauben Sie es "
        "dann.",
        ExitCode.PERMISSION,
    )


def _unusable(unusable: SubscribersError, code: ExitCode) -> Diagnosis:
    why = "Ohne Datenbank geht nichts: Dort steht, wer was bekommen hat."
    return refused("schema", unusable.sentence, why, code)


CHECKS: Final = (
    database_answers,
    database_is_whole,
    database_can_be_written,
    database_is_private,
    disk_has_room,
    secret_fits,
    sending_is_allowed,
)
