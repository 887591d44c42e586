"""Lists as bytes: what Excel writes is read, what is no list is explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import sheets
from subscribers.errors import ImportRefused
from subscribers.sheets import Column, SheetRow

COLUMNS = (
    Column("address", "E-Mail", ("Mail",), is_required=True),
    Column("name", "Name"),
    Column("evidence", "Nachweis"),
)


def rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return line and cells of each row."""
    return [(row.line, dict(row.cells)) for row in sheets.parse(content, COLUMNS)]


ONE = [(2, {"address": "a@post.example", "name": "Jörg Größ"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["CRLF", "LF", "CR"])
@pytest.mark.parametrize("sign", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_every_way_excel_saves_is_read(encoding: str, end: str, sign: str) -> None:
    """Encodings, line ends and separators of thirty years."""
    text = f"E-Mail{sign}Name{end}a@post.example{sign}Jörg Größ{end}"

    assert rows(text.encode(encoding)) == ONE


@pytest.mark.parametrize(
    "heading",
    ["e-mail;NAME", "Email; Name ", "MAIL;name", '"E-Mail";"Name"', "E Mail;Name"],
)
def test_headings_are_forgiving(heading: str) -> None:
    """Capitals, hyphens, spaces and quotes do not matter."""
    assert rows(f"{heading}\na@post.example;Jörg Größ\n".encode()) == ONE


def test_excels_own_hint_names_the_separator() -> None:
    """The line "sep=," is no heading, and lines go on counting."""
    assert rows(b"sep=,\r\nE-Mail,Name\r\na@post.example,A;B\r\n") == [
        (3, {"address": "a@post.example", "name": "A;B"})
    ]


def test_a_list_of_addresses_needs_no_separator() -> None:
    """One column is a list too."""
    assert rows(b"E-Mail\na@post.example\n") == [(2, {"address": "a@post.example"})]


def test_quoted_cells_hold_separators_quotes_and_line_breaks() -> None:
    """A row keeps the line it begins in."""
    text = (
        'E-Mail;Name;Nachweis\na@post.example;"A; ""B""";"x\r\ny"\n\nb@post.example\n'
    )

    assert rows(text.encode()) == [
        (2, {"address": "a@post.example", "name": 'A; "B"', "evidence": "x\r\ny"}),
        (5, {"address": "b@post.example"}),
    ]


def test_empty_columns_at_the_end_do_not_matter() -> None:
    """Excel writes separators for cells that were once used."""
    assert rows("E-Mail;Name;;\na@post.example;Jörg Größ;;\n".encode()) == ONE


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a@post.example;A;B;C", "Die Zeile hat 4 Zellen, die Überschrift nur 3"),
        ("a@post.example;A;B", "Über einer Zelle steht keine Überschrift"),
    ],
)
def test_a_row_with_cells_too_many_has_a_problem(row: str, problem: str) -> None:
    """It is named with its row, the others are read."""
    found = sheets.parse(f"E-Mail;Name;\n{row}\nb@post.example;;\n".encode(), COLUMNS)

    assert found[0] == SheetRow(2, {}, problem)
    assert found[1].problem is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Die Datei ist leer"),
        (b"\r\n;;\r\n", "Die Datei enthält nur leere Zeilen"),
        (b"PK\x03\x04\x14\x00", "Bitte in Excel als CSV speichern"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "eine alte Excel-Datei"),
        (b"%PDF-1.7", "eine PDF-Datei"),
        (b"E-Mail\na\0b@post.example", "Nullzeichen"),
        (b"E-Mail\n\x81", "weder in UTF-8 noch in Windows-1252"),
        (b"\xff\xfe\x00", "weder in UTF-8 noch in Windows-1252"),
        (b"a@post.example;Eva\n", "Die Überschriften fehlen"),
        (b"Name\nEva\n", "Die Spalte „E-Mail“ fehlt"),
        (b"E-Mail;Mail\n", "Die Spalte „E-Mail“ kommt mehrmals vor"),
        (b"E-Mail;Nahme\n", "unbekannt; gemeint ist vielleicht „Name“"),
        (b"E-Mail;Telefon\n", "unbekannt; möglich sind: E-Mail, Name, Nachweis"),
        (b'E-Mail;Name\na@post.example;"offen\n', "nicht geschlossen"),
        (b'E-Mail;Name\na@post.example;"zu"spaet\n', "an falscher Stelle"),
        (b"E-Mail;Name\na;" + b"x" * 140_000, "130.000 Zeichen"),
        (b"E-Mail\n" + b"a" * 10_000_000, "größer als 10 MB"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    """The sentence says what to do; it ends like one."""
    with pytest.raises(ImportRefused) as caught:
        sheets.parse(content, COLUMNS)

    assert reason in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert not caught.value.reason.endswith(("?", "."))


def test_all_unknown_headings_are_named_at_once() -> None:
    """Nobody repairs a list one heading at a time."""
    with pytest.raises(ImportRefused) as caught:
        sheets.parse(b"E-Mail;Nahme;Telefon\n", COLUMNS)

    assert "„Nahme“" in caught.value.reason
    assert "„Telefon“" in caught.value.reason
    assert caught.value.line == 1


@given(st.binary(max_size=300))
def test_foreign_bytes_are_rows_or_refused(content: bytes) -> None:
    """Nothing else comes out, with or without a good heading before them."""
    for one in (content, b"E-Mail;Name\r\n" + content):
        try:
            found = sheets.parse(one, COLUMNS)
        except ImportRefused:
            continue
        assert all(row.line >= 2 for row in found)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    str.strip
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_what_is_written_is_read_again(people: list[tuple[str, str]]) -> None:
    """Separators, quotes and umlauts survive."""
    content = sheets.write(["E-Mail", "Name"], people)

    assert content.startswith(b"\xef\xbb\xbfE-Mail;Name\r\n")
    assert [tuple(cells.values()) for _, cells in rows(content)] == people
