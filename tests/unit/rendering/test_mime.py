"""Bodies: encoded lines, parts, boundaries and file names."""

from __future__ import annotations

import base64
import quopri

import pytest

from mailer.errors import MessageUnsafe
from mailer.rendering import mime


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", ""),
        ("Guten Tag", "Guten Tag"),
        ("a\nb", "a\r\nb"),
        ("a\r\nb\rc\n", "a\r\nb\r\nc\r\n"),
        ("a\n\r\n\rb", "a\r\n\r\n\r\nb"),
        ("Grüße", "Gr=C3=BC=C3=9Fe"),
        ("1=1", "1=3D1"),
        ("a ", "a=20"),
        ("a\t\nb  \n", "a=09\r\nb =20\r\n"),
        (" a\tb", " a\tb"),
        (".", "=2E"),
        ("..\n.a", "=2E.\r\n=2Ea"),
        ("From me\nFrom", "=46rom me\r\nFrom"),
        ("a\0b\x0c", "a=00b=0C"),
        ("\u0085\u2028", "=C2=85=E2=80=A8"),
        ("😀", "=F0=9F=98=80"),
    ],
)
def test_text_becomes_quoted_printable(text: str, encoded: str) -> None:
    """Each rule of RFC 2045, section 6.7, and our two: no leading dot, no From."""
    assert mime.quoted_printable(text) == encoded


@pytest.mark.parametrize("length", [75, 76, 77, 150, 151, 152, 153, 1000])
def test_a_long_line_is_cut_softly(length: int) -> None:
    """No line has more than 76 columns, and joining them gives the text back."""
    lines = mime.quoted_printable("x" * length).split("\r\n")
    assert max(map(len, lines)) <= 76
    assert "".join(line.removesuffix("=") for line in lines) == "x" * length


@pytest.mark.parametrize("filling", range(68, 80))
@pytest.mark.parametrize("value", ["x", "ä", "=", ".", "From ", "a ", "\n.", "\t\n"])
def test_behind_a_personal_value_is_room(filling: int, value: str) -> None:
    """For the soft line break that joins it to what follows on its line."""
    text = f"{value}{'x' * filling}{value}"
    lines = mime.personal(text).split("\r\n")
    assert max(map(len, lines)) <= 76
    assert len(lines[-1]) <= 75
    assert not any(line.startswith((".", "From ")) for line in lines)
    written = "\r\n".join(lines).encode()
    assert quopri.decodestring(written).decode() == text.replace("\n", "\r\n")


@pytest.mark.parametrize("filling", range(68, 80))
@pytest.mark.parametrize("sign", ["=", "ü", "„", "😀", " ", ".", "From "])
def test_no_cut_hurts(filling: int, sign: str) -> None:
    """Wherever the cut falls: no escape, no character is cut, no dot leads a line."""
    text = "x" * filling + sign * 40
    lines = mime.quoted_printable(text).split("\r\n")
    for line in lines:
        assert len(line) <= 76
        assert not line.startswith((".", "From "))
        assert quopri.decodestring(line.removesuffix("=")).decode() in text
    joined = "\r\n".join(lines).encode()
    assert quopri.decodestring(joined).decode() == text


def test_half_a_character_is_refused() -> None:
    """A lone surrogate is no text."""
    with pytest.raises(UnicodeEncodeError):
        mime.quoted_printable("\ud83d")


@pytest.mark.parametrize("length", [0, 1, 56, 57, 58, 114, 1000])
def test_base64_has_lines_of_76_columns(length: int) -> None:
    """All lines but the last are full."""
    content = bytes(range(256)) * 4
    lines = mime.base64_lines(content[:length]).split("\r\n")
    assert all(len(line) == 76 for line in lines[:-1])
    assert base64.b64decode("".join(lines)) == content[:length]


def test_a_boundary_follows_from_seed_and_number() -> None:
    """A resend has the same boundaries; another message has others."""
    assert mime.boundary("delivery 1", 0) == mime.boundary("delivery 1", 0)
    found = {
        mime.boundary(f"delivery {seed}", n) for seed in range(100) for n in (0, 1)
    }
    assert len(found) == 200


def test_a_boundary_in_the_content_gives_way_to_the_next() -> None:
    """The next free one is taken, again the same at every try."""
    taken = [f"a\r\n--{mime.boundary('s', 0)}\r\n", f"x{mime.boundary('s', 2)}"]
    assert mime.free_boundary("s", 0, taken) == mime.boundary("s", 4)
    assert mime.free_boundary("s", 1, taken) == mime.boundary("s", 1)


def test_levels_never_share_a_boundary() -> None:
    """However often one level has to move on, it does not meet the other."""
    outer = {mime.boundary("s", 0 + attempt * mime.LEVELS) for attempt in range(50)}
    inner = {mime.boundary("s", 1 + attempt * mime.LEVELS) for attempt in range(50)}
    assert not outer & inner


def test_a_file_name_in_ascii_is_one_parameter() -> None:
    """Every reader knows this form."""
    assert mime.file_name("filename", "termin 1.ics") == ['filename="termin 1.ics"']


def test_a_file_name_with_umlauts_is_written_twice() -> None:
    """In ASCII for old readers, whole for the others."""
    assert mime.file_name("filename", "Einladung März.ics") == [
        'filename="Einladung M_rz.ics"',
        "filename*=UTF-8''Einladung%20M%C3%A4rz.ics",
    ]


def test_a_long_file_name_is_continued() -> None:
    """Pieces are numbered, and no escape is cut."""
    first, *pieces = mime.file_name("filename", "ä" * 50 + ".ics")
    assert first == f'filename="{"_" * 50}.ics"'
    assert len(pieces) > 2
    for number, piece in enumerate(pieces):
        assert piece.startswith(f"filename*{number}*=")
        assert len(piece) <= 76
        assert "%" not in piece[-2:]


def test_a_file_name_without_an_ending_is_shortened_too() -> None:
    """The fallback stays short."""
    first, *_ = mime.file_name("name", "ä" * 200)
    assert first == f'name="{"_" * 50}"'


@pytest.mark.parametrize("name", ["", "a\r\nb", 'a"b', "../a", "a\\b", "a\0"])
def test_an_unsafe_file_name_is_refused(name: str) -> None:
    """Nothing that could end a parameter or leave a folder."""
    with pytest.raises(MessageUnsafe, match="Content-Disposition"):
        mime.file_name("filename", name)
