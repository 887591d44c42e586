"""Files with a contribution: what is kept of them, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.network import files, pictures
from mailer.network.files import MEGABYTE, Checked, Enclosed, Limits, Unfit, check
from mailer.settings.model import FileType
from tests.pictures import jpeg, pdf, png

USUAL = Limits(MEGABYTE, MEGABYTE, tuple(FileType))
PLACE = b"GPS 51.7575 11.4550"


def kept(name: str, content: bytes) -> Checked:
    """Return a file that is taken."""
    found = check(Enclosed(name, content), USUAL)
    assert isinstance(found, Checked), found
    return found


def why(name: str, content: bytes, limits: Limits = USUAL) -> str:
    """Return why a file is not taken."""
    found = check(Enclosed(name, content), limits)
    assert isinstance(found, Unfit), found
    return found.why


def test_a_photograph_does_not_tell_where_it_was_taken() -> None:
    """Neither place nor camera is kept; what one sees is, and how it was held."""
    found = kept("IMG_0815.JPG", jpeg(notes=PLACE, orientation=6))
    assert (found.name, found.media_type) == ("IMG_0815.jpg", "image/jpeg")
    assert PLACE not in found.content
    assert b"Rita" not in found.content
    assert b"JFIF" in found.content
    assert b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9" in found.content
    assert b"Exif\0\0MM\0*" in found.content
    assert pictures.clean_jpeg(found.content) == found.content
    assert b"Exif" not in kept("a.jpg", jpeg(orientation=1)).content


def test_a_picture_ends_where_it_ends() -> None:
    """What hides behind the end mark is cut off; a note in a PNG is left out."""
    hidden = b"<script>alert(1)</script>"
    for content in (jpeg() + hidden, png(notes=PLACE) + hidden):
        found = kept("bild", content)
        assert hidden not in found.content
        assert PLACE not in found.content
    assert kept("logo.png", png(notes=PLACE)).content == png()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fest.png", png()[:-20]),
        ("fest.png", png().replace(b"IDAT", b"IDAX")),
        ("fest.png", png()[:20]),
        ("fest.jpg", jpeg()[:-2]),
        ("fest.jpg", jpeg()[:40]),
        ("fest.jpg", b"\xff\xd8\xff"),
        ("fest.jpg", b"\xff\xd8\xff\xe0\x00\x01"),
        ("fest.png", png(60_001, 1).replace(b"\0\0\0\x01\x08", b"\0\x0f\0\0\x08")),
        ("a.pdf", pdf(b"/Encrypt 5 0 R")),
        ("a.pdf", pdf(packed=b"x").replace(b"FlateDecode", b"LZWDecode")),
        ("a.pdf", pdf(packed=b"x").replace(b"x\x9c", b"yy")),
    ],
)
def test_what_cannot_be_checked_is_not_taken(name: str, content: bytes) -> None:
    """Damaged, locked or far too large when it is opened."""
    assert "lässt sich nicht prüfen" in why(name, content)


def test_a_picture_that_claims_to_be_huge_is_not_taken() -> None:
    """A few bytes can ask a browser for gigabytes."""
    assert "viel zu groß" in why(
        "a.jpg",
        jpeg(width=65_535).replace(b"\x08\x00\x08\xff\xff", b"\x08\xff\xff\xff\xff"),
    )


@pytest.mark.parametrize(
    "content",
    [
        pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
        pdf(b"<< /S /J#61vaScript >>"),
        pdf(b"<< /S /Launch /F (cmd.exe) >>"),
        pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"),
        pdf(packed=b"0 0 << /S /JavaScript >>"),
        pdf(b"<< /AcroForm << /XFA 3 0 R >> >>"),
    ],
)
def test_a_document_that_does_something_is_not_taken(content: bytes) -> None:
    """Wherever it says so, and however it writes it."""
    assert "enthält ein Programm" in why("einladung.pdf", content)


def test_a_document_to_read_is_taken_as_it_is() -> None:
    """Words about JavaScript are no program."""
    content = pdf(b"(Kurs: JavaScript lernen)", packed=b"0 0 << /Type /Page >>")
    assert kept("Kurs.pdf", content).content == content


def test_the_bytes_say_what_it_is() -> None:
    """A program called "bild.jpg" is none; a picture called ".exe" is one."""
    assert "von einer Art, die wir nicht annehmen" in why("bild.jpg", b"MZ\x90\0")
    assert "JPEG, PDF, PNG" in why("brief.docx", b"PK\x03\x04")
    assert "von einer Art" in why("a.svg", b"<svg onload='alert(1)'/>")
    assert kept("bild.exe", png()).name == "bild.png"
    only = Limits(MEGABYTE, MEGABYTE, [FileType.PDF])
    assert "Möglich sind: PDF." in why("a.png", png(), only)


def test_a_large_file_is_not_taken() -> None:
    """Both sizes are named as people say them."""
    told = why("film.pdf", pdf() + bytes(2 * MEGABYTE))
    assert "„film.pdf“ ist zu groß: 2 MB. Möglich sind höchstens 1 MB." in told
    assert files.size(300) == "1 KB"
    assert files.size(1_468_006) == "1,4 MB"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Bilder\\Fest 2026.jpg", "Fest 2026.jpg"),
        ("../../etc/passwd", "passwd"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("", "Datei"),
        ("...", "Datei"),
        ("zeile\r\numbruch.pdf", "zeile_umbruch.pdf"),
        ("gpj.exe\u202efest.jpg", "gpj.exefest.jpg"),
    ],
)
def test_a_name_is_only_for_people(name: str, shown: str) -> None:
    """No folder, no hidden sign."""
    assert files.called(name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    """It fits on a line."""
    assert files.called("a" * 300 + ".pdf").endswith("….pdf")
    assert len(files.called("a" * 300 + ".pdf")) < 90


@given(st.binary(max_size=300), st.sampled_from([pdf(), png(), jpeg()]))
def test_rubbish_never_raises(rubbish: bytes, whole: bytes) -> None:
    """Whatever stands at the end, in the middle or alone."""
    for content in (rubbish, whole + rubbish, whole[:30] + rubbish, rubbish + whole):
        check(Enclosed("x", content), USUAL)
