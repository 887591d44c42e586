"""Reading the file: what cannot be read is refused in German, keys know their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.errors import SettingsInvalid, SettingsMissing
from mailer.settings.source import key_lines, parse, read

FILE = Path("mia.toml")


def problem(content: bytes) -> str:
    """Return the one sentence about a broken file."""
    with pytest.raises(SettingsInvalid) as caught:
        parse(FILE, content)
    (sentence,) = caught.value.problems
    return sentence


def test_keys_know_their_line() -> None:
    """Comments, strings and lists over several lines do not confuse the count."""
    text = (
        "top = 1  # [no.table]\n"
        "[one.two]\n"
        "rows = [ # ]\n"
        '  "]", \'"\',\n'
        "]\n"
        'long = """\n'
        "[no.table]\n"
        '"""\n'
        '"quoted key" = {a = 1, b = [2]}\n'
        "a.b = 1\n"
    )
    assert dict(key_lines(text)) == {
        "top": 1,
        "one.two": 2,
        "one.two.rows": 3,
        "one.two.long": 6,
        "one.two.quoted key": 9,
        "one.two.a.b": 10,
    }


def test_tables_of_the_same_name_are_counted() -> None:
    """The second [[series]] is series[2], its inner tables too."""
    text = "[[series]]\nkey = 1\n[series.more]\nx = 1\n[[series]]\nkey = 2\n"
    assert dict(key_lines(text)) == {
        "series[1]": 1,
        "series[1].key": 2,
        "series[1].more": 3,
        "series[1].more.x": 4,
        "series[2]": 5,
        "series[2].key": 6,
    }


def test_a_key_inside_a_line_has_the_line_of_its_table() -> None:
    """Inline tables are found by the key that holds them."""
    source = parse(FILE, b"[venues]\nhall = { room = 1 }\n")
    assert source.line("venues.hall.room") == 2
    assert source.line("smtp.port") == 0


def test_windows_files_are_read() -> None:
    """A byte order mark and CRLF are no mistakes."""
    source = parse(FILE, b"\xef\xbb\xbf[smtp]\r\nport = 25\r\n")
    assert source.values == {"smtp": {"port": 25}}
    assert source.line("smtp.port") == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'a = "x', "am Ende: Die schließenden Anführungszeichen fehlen."),
        (b'a = "x\nb = 1', "Zeile 1, Spalte 7: Die schließenden Anführungszeichen"),
        (b"\n\na = x", "Zeile 3, Spalte 5: Der Wert fehlt, oder seine"),
        (b"a 3", "Zeile 1, Spalte 3: Nach dem Namen fehlt das Gleichheitszeichen."),
        (b"[a]\n[a]\n", "Zeile 2, Spalte 3: Dieser Abschnitt kommt doppelt vor."),
        (b"a = 1\na = 2\nb = 3\n", "Dieser Name kommt doppelt vor."),
        (b'a = "C:\\d"', "einfachen Anführungszeichen"),
        (b"a = [1, 2", "Die schließende eckige Klammer fehlt."),
        (b"[a", "am Ende: Die schließende eckige Klammer fehlt."),
        (b"= 3", "Diese Schreibweise ist kein gültiges TOML. Beispiele:"),
    ],
)
def test_broken_toml_is_said_with_its_place(content: bytes, expected: str) -> None:
    """A slip of the pen gets line, column and a German reason."""
    sentence = problem(content)
    assert sentence.startswith("mia.toml, ")
    assert expected in sentence


def test_a_foreign_encoding_is_said_with_its_line() -> None:
    """A file saved as cp1252 names the first line with an umlaut."""
    sentence = problem(b'# ok\n\nname = "K\xf6then"\n')
    assert sentence.startswith("mia.toml, Zeile 3: ")
    assert "UTF-8" in sentence


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """The sentence names the file and both ways out."""
    with pytest.raises(SettingsMissing) as caught:
        read(tmp_path / "mia.toml")
    assert str(tmp_path) in caught.value.sentence
    assert "mia init" in caught.value.sentence


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    """What cannot be read is refused with the reason in German."""
    with pytest.raises(SettingsInvalid) as caught:
        read(tmp_path)
    assert caught.value.sentence.endswith("das ist ein Ordner.")


@given(st.binary(max_size=300))
def test_any_bytes_are_settings_or_a_sentence(content: bytes) -> None:
    """Whatever the file holds, nothing but our own error comes out."""
    try:
        parse(FILE, content)
    except SettingsInvalid as error:
        assert error.problems  # noqa: PT017 - both ways are fine, but not silence


@given(st.text(alphabet="[]ab.=\"'#\n {}1,\\", max_size=60))
def test_every_key_of_a_valid_text_has_a_line(text: str) -> None:
    """Every top-level name that tomllib finds is found with a line by us."""
    try:
        source = parse(FILE, text.encode())
    except SettingsInvalid:
        return
    assert all(1 <= source.line(name) <= text.count("\n") + 1 for name in source.lines)
