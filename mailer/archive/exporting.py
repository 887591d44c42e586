"""The archive as a folder for the town's own: plain files, and a manifest of them.

The same archive makes the same bytes on every machine. A folder is there as a whole or
not at all: it is written beside its place and gets its name at the end. Whoever keeps
it checks it, in twenty years too, with ``sha256sum -c SHA256SUMS``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
from typing import TYPE_CHECKING, Final

from mailer.archive import shelf
from mailer.editions.kinds import KINDS
from mailer.errors import CannotCreate
from subscribers.errors import spoken
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from mailer.archive.shelf import Published
    from mailer.settings.model import Settings
    from subscribers.database import Db

MANIFEST: Final = "SHA256SUMS"
INDEX: Final = "inhalt.csv"

NAMES: Final = {
    LetterStyle.STANDARD: "standard",
    LetterStyle.EASY: "leichte-sprache",
}
"""How the files of a style are called."""

_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+", re.ASCII)


def tree(db: Db, settings: Settings, first: date, last: date) -> dict[str, bytes]:
    """Return the files about what was issued from *first* to *last*, by their paths.

    Args:
        first, last: Local days, both included.
    """
    zone = settings.series[0].zone
    chosen = [
        one
        for one in reversed(shelf.published(db, settings))
        if first <= one.issued_at.astimezone(zone).date() <= last
    ]
    found: dict[str, bytes] = {}
    rows = []
    for one in chosen:
        issued_at = one.issued_at.astimezone(zone)
        folder = f"{issued_at:%Y-%m-%d}_{one.kind}_{one.edition_id}"
        word = KINDS[one.kind].german
        rows.append([one.edition_id, word, issued_at.isoformat(), one.subject, folder])
        found |= {f"{folder}/{name}": content for name, content in _files(db, one)}
    found[INDEX] = _index(rows)
    found[MANIFEST] = manifest(found)
    return found


def manifest(found: Mapping[str, bytes]) -> bytes:
    """Return one line for each file, as ``sha256sum`` writes and reads it."""
    lines = (
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(found.items())
    )
    return "".join(lines).encode()


def write(folder: Path, found: Mapping[str, bytes]) -> None:
    """Write *found* as the folder *folder*: all of it, or nothing.

    Raises:
        CannotCreate: The folder is there and not empty, or cannot be written.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise CannotCreate(folder, "der Ordner ist nicht leer")
        folder.parent.mkdir(parents=True, exist_ok=True)
        for name, content in found.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        beside.rename(folder)
    except OSError as error:
        raise CannotCreate(folder, spoken(error)) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _files(db: Db, one: Published) -> Iterator[tuple[str, bytes]]:
    for style, name in NAMES.items():
        copy = shelf.copy(db, one.edition_id, style)
        yield f"{name}.html", copy.html.encode()
        yield f"{name}.txt", copy.text.encode()
        yield f"{name}.eml", copy.message
        if copy.calendar is not None:
            yield f"{name}.ics", copy.calendar
    for number, file in enumerate(shelf.files(db, one.edition_id), start=1):
        safe = _NOT_IN_A_NAME.sub("_", file.name).lstrip(".") or "datei"
        yield f"dateien/{number}_{safe}", file.content
        if file.description:
            yield f"dateien/{number}_{safe}.txt", f"{file.description}\n".encode()


def _index(rows: list[list[object]]) -> bytes:
    """Return what lies where, for people and their tables."""
    written = io.StringIO(newline="")
    lines = csv.writer(written, delimiter=";")
    lines.writerow(["Nummer", "Art", "Ausgesandt", "Betreff", "Ordner"])
    lines.writerows(rows)
    return written.getvalue().encode("utf-8-sig")
