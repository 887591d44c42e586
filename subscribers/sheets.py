"""Lists as German Excel writes them: bytes to rows with their real line numbers.

Semicolons, commas or tabs; UTF-8, UTF-16 or Windows-1252; quoted cells with line
breaks inside. A file is refused as a whole only when nothing in it can be trusted:
it is no text, has no heading, or a heading nobody knows.

Source: RFC 4180, with the liberties Excel takes.
"""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from subscribers.errors import ImportRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_BYTES: Final = 10_000_000
"""10 MB: a list of 100,000 people; more is not a list of people."""

DELIMITERS: Final = ";,\t"
"""In the order in which a tie is decided: German Excel writes semicolons."""

_FOREIGN: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "eine Excel-Datei (.xlsx)",
    b"\xd0\xcf\x11\xe0": "eine alte Excel-Datei (.xls)",
    b"%PDF": "eine PDF-Datei",
}

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a list may have.

    Attributes:
        key: What the program calls it.
        title: Its heading as we write it.
        others: Headings that mean the same.
        is_required: Whether a list without it is refused.
    """

    key: str
    title: str
    others: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the heading.

    Attributes:
        line: Where it begins in the file, from 1; cells may span lines.
        cells: Column key to text; a column the list does not have is missing.
        problem: Why the row cannot be read, a German half-sentence; else None.
    """

    line: int
    cells: Mapping[str, str]
    problem: str | None = None


def parse(content: bytes, columns: Sequence[Column]) -> tuple[SheetRow, ...]:
    """Return the rows of a list; rows without any text are left out.

    Args:
        content: The whole file.
        columns: What the list may have; the order in the file does not matter.

    Raises:
        ImportRefused: It is no list, or a heading is missing, unknown or double.
    """
    records = _records(_text(content))
    first = next(records, None)
    if first is None:
        raise ImportRefused(0, "Die Datei enthält nur leere Zeilen")
    line, heading = first
    keys = _keys(line, heading, columns)
    return tuple(_row(line, cells, keys) for line, cells in records)


def write(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Return a list that German Excel opens with a double click.

    UTF-8 with byte order mark, semicolons, CRLF. Cells are written as given.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _text(content: bytes) -> str:
    """Return the text of a file, whatever Excel chose to encode it."""
    if not content:
        raise ImportRefused(0, "Die Datei ist leer")
    if len(content) > MAX_BYTES:
        raise ImportRefused(0, "Die Datei ist größer als 10 MB")
    for mark, what in _FOREIGN.items():
        if content.startswith(mark):
            raise ImportRefused(
                0,
                f"Das ist {what}, keine CSV-Datei. Bitte in Excel als CSV speichern: "
                "Datei, Speichern unter, Dateityp „CSV UTF-8“",
            )
    try:
        if content.startswith(_UTF16_MARKS):
            text = content.decode("utf-16")
        else:
            text = _eight_bit(content)
    except UnicodeDecodeError:
        raise ImportRefused(
            0, "Die Datei ist weder in UTF-8 noch in Windows-1252 geschrieben"
        ) from None
    if "\0" in text:
        raise ImportRefused(0, "Die Datei enthält Nullzeichen; das ist keine CSV-Datei")
    return text


def _eight_bit(content: bytes) -> str:
    """Return the text of a file without wide characters.

    Umlauts in Windows-1252 are never valid UTF-8, so trying UTF-8 first is safe.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that has text, with the line it begins in."""
    delimiter, skipped = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = 1
    try:
        for cells in reader:
            if begin > skipped and any(cell.strip() for cell in cells):
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefused(begin, _broken(str(error))) from None


def _broken(said: str) -> str:
    """Return what the csv module said about a record, in German."""
    if "unexpected end of data" in said:
        return "Ein Anführungszeichen wird geöffnet, aber nicht geschlossen"
    if "field larger" in said:
        return "Eine Zelle hat mehr als 130.000 Zeichen"
    return "Ein Anführungszeichen steht an falscher Stelle"


def _delimiter(text: str) -> tuple[str, int]:
    """Return what separates the cells, and how many lines above the heading say so."""
    lines = (line for line in text.splitlines() if line.strip())
    heading = next(lines, "")
    if heading.casefold().startswith("sep=") and heading[4:5] in tuple(DELIMITERS):
        # Excel's own hint; it stands in the first line or nowhere.
        return heading[4], 1
    unquoted = "".join(heading.split('"')[::2])
    return max(DELIMITERS, key=unquoted.count), 0


def _keys(
    line: int, heading: Sequence[str], columns: Sequence[Column]
) -> list[str | None]:
    """Return the column key for each place of the heading; None for an empty one."""
    if any("@" in cell for cell in heading):
        raise ImportRefused(
            line,
            "Die Überschriften fehlen. Die erste Zeile muss die Spalten nennen, zum "
            f"Beispiel {'; '.join(column.title for column in columns[:3])}",
        )
    known = {
        _folded(title): column.key
        for column in columns
        for title in (column.title, *column.others)
    }
    keys = [known.get(_folded(cell)) for cell in heading]
    unknown = [
        cell.strip()
        for cell, key in zip(heading, keys, strict=True)
        if key is None and cell.strip()
    ]
    if unknown:
        hints = ". ".join(_hint(title, columns) for title in unknown)
        raise ImportRefused(line, hints)
    _refuse_count(line, keys, columns)
    return keys


def _refuse_count(
    line: int, keys: Sequence[str | None], columns: Sequence[Column]
) -> None:
    """Refuse a heading that names a column twice, or a required one not at all."""
    for column in columns:
        if keys.count(column.key) > 1:
            raise ImportRefused(line, f"Die Spalte „{column.title}“ kommt mehrmals vor")
        if column.is_required and column.key not in keys:
            raise ImportRefused(line, f"Die Spalte „{column.title}“ fehlt")


def _hint(title: str, columns: Sequence[Column]) -> str:
    """Return what to do about an unknown heading."""
    known = {_folded(column.title): column.title for column in columns}
    close = difflib.get_close_matches(_folded(title), known, n=1, cutoff=0.6)
    if close:
        return (
            f"Die Spalte „{title}“ ist unbekannt; gemeint ist vielleicht "
            f"„{known[close[0]]}“"
        )
    titles = ", ".join(known.values())
    return f"Die Spalte „{title}“ ist unbekannt; möglich sind: {titles}"


def _row(line: int, cells: Sequence[str], keys: Sequence[str | None]) -> SheetRow:
    extra = [cell for cell in cells[len(keys) :] if cell.strip()]
    if extra:
        return SheetRow(
            line,
            {},
            f"Die Zeile hat {len(cells)} Zellen, die Überschrift nur {len(keys)}",
        )
    if any(
        key is None and cell.strip() for key, cell in zip(keys, cells, strict=False)
    ):
        return SheetRow(line, {}, "Über einer Zelle steht keine Überschrift")
    named = {
        key: cell for key, cell in zip(keys, cells, strict=False) if key is not None
    }
    return SheetRow(line, named)


def _folded(title: str) -> str:
    """Return a heading without what people write differently."""
    return "".join(sign for sign in title.casefold() if sign.isalnum())
