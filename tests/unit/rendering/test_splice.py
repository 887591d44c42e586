"""Spliced or built from nothing: the same bytes, whoever reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.errors import MessageUnsafe
from mailer.rendering import mime
from mailer.rendering.letter import Letter, fill
from mailer.rendering.message import MessageHead
from mailer.rendering.person import Person, greeting
from mailer.rendering.places import SIGNS
from mailer.rendering.splice import Splices, plain
from subscribers.address import EmailAddress
from subscribers.topics import LetterStyle
from tests.letters import open_invitation

HEAD = MessageHead(
    sender_name="Kathrin Sommer",
    sender=EmailAddress.parse("k_sommer@aschersleben.example"),
    to=EmailAddress.parse("rita@ort.example"),
    to_name="Rita Beispiel",
    reply_to=EmailAddress.parse("mia@aschersleben.example"),
    date=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
    message_id="<000000000000000000000000@mia.example>",
    boundary_seed="<000000000000000000000000@mia.example>",
    list_id="mia.aschersleben.example",
    list_name="MIA – Miteinander Inklusion Aschersleben",
    unsubscribe_mailto="mailto:mia@mia.example?subject=abmelden%20abc",
    one_click_url="https://mia.example/abmelden/abc",
    help_mailto="mailto:mia@mia.example?subject=Hilfe",
)

RITA = Person(
    greeting="Guten Tag, Rita Beispiel,",
    unsubscribe_url="https://mia.example/abmelden/abc",
    unsubscribe_token="abc",
    preferences_url="https://mia.example/einstellungen/abc",
    reason="Sie haben sich angemeldet.\nDeshalb bekommen Sie diese E-Mail.",
)

TRICKY = st.sampled_from(
    [".", "..", "From ", "=", "=3D", "ä", "ß", "–", "😀", "🏳️‍🌈", "\n", "\n.", " ", "\t",
     "<b>", "&", "'", '"', "E-Mail", "3. Dezember 2026", "10 Uhr", "x" * 90, "ü" * 40]
)  # fmt: skip
"""What breaks encoders: line starts, escapes, long words, characters of many octets."""

TEXTS = st.lists(
    st.one_of(TRICKY, st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"]))),
    max_size=8,
).map("".join)

SURROUNDINGS = st.lists(
    st.one_of(TEXTS, st.sampled_from(sorted(SIGNS.values()))), max_size=12
).map("".join)
"""Texts with places anywhere: at the ends, side by side, alone on a line."""


def readers(words: str, number: int) -> tuple[Person, MessageHead]:
    """Return a reader with *words* in every place, and her header."""
    person = replace(
        RITA,
        greeting=words,
        reason=f"{words}\n{words}",
        unsubscribe_url=words,
        preferences_url=f"https://mia.example/{number}",
    )
    name = " ".join("".join(c for c in words if c.isprintable()).split())
    own = replace(
        HEAD,
        to=EmailAddress.parse(f"person{number}@ort.example"),
        to_name=name[:60] or None,
        message_id=f"<{number:024}@mia.example>",
        boundary_seed=f"<{number:024}@mia.example>",
        unsubscribe_mailto=f"mailto:mia@mia.example?subject=abmelden%20{number}",
        one_click_url=f"https://mia.example/abmelden/{number}",
    )
    return person, own


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(SURROUNDINGS, SURROUNDINGS, st.lists(TEXTS, min_size=1, max_size=40))
def test_both_ways_write_the_same_bytes(text: str, html: str, names: list[str]) -> None:
    """For every letter and every reader, the first and all who follow."""
    letter = Letter(subject="Einladung", text=text, html=html)
    splices = Splices()
    for number, words in enumerate(["Rita", *names]):
        person, own = readers(words, number)
        spliced = splices.message(letter, person, own)
        assert bytes(spliced) == bytes(plain(letter, person, own))
    assert splices.are_used_for(letter)


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize(
    "name",
    [None, "Rita Beispiel", "Jörg Schäfer-Süß", ".Punkt", "From Rita", "😀 Emoji",
     "Ä" * 300, "x" * 500, "O'Neill & Söhne <Büro>"],
)  # fmt: skip
def test_real_letters_are_spliced(style: LetterStyle, name: str | None) -> None:
    """The invitation in both wordings, with its calendar file, for odd names."""
    letter = open_invitation("both", style)
    splices = Splices()
    splices.message(letter, RITA, HEAD)
    person = replace(RITA, greeting=greeting(name, style))
    own = replace(HEAD, to_name=name and name[:80], message_id="<1@mia.example>")
    spliced = splices.message(letter, person, own)
    assert bytes(spliced) == bytes(plain(letter, person, own))
    assert splices.are_used_for(letter)


@settings(max_examples=200, deadline=None)
@given(SURROUNDINGS, TEXTS)
def test_seams_change_no_word(text: str, words: str) -> None:
    """What a reader sees is what would stand there without any seam."""
    person, own = readers(words, 1)
    letter = Letter(subject="Einladung", text=text, html="")
    read = message_from_bytes(bytes(plain(letter, person, own)), policy=policy.default)
    expected = fill(letter, person).text
    lines = expected.replace("\r\n", "\n").replace("\r", "\n")
    body = read.get_body(("plain",))
    assert body is not None
    payload = body.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n").rstrip("\n") == lines.rstrip("\n")


@settings(max_examples=200, deadline=None)
@given(SURROUNDINGS, TEXTS)
def test_lines_stay_short_and_safe(text: str, words: str) -> None:
    """RFC 2045, section 6.7: 76 columns; no line begins with a dot or "From "."""
    seams = fill(Letter("s", text, ""), readers(words, 1)[0], seam=mime.SEAM).text
    for line in mime.quoted_printable(seams).split("\r\n"):
        assert len(line) <= mime.MAX_COLUMNS
        assert not line.startswith((".", "From "))


def test_another_header_is_built_from_nothing() -> None:
    """Two networks cannot share a letter, but they would get their own header."""
    letter = open_invitation("both")
    splices = Splices()
    splices.message(letter, RITA, HEAD)
    other = replace(HEAD, list_id="andere.example")
    assert splices.message(letter, RITA, other) == plain(letter, RITA, other)


@pytest.mark.parametrize(
    ("person", "own"),
    [
        (replace(RITA, greeting="\ud800"), HEAD),
        (replace(RITA, greeting="\uf8e1"), HEAD),
        (RITA, replace(HEAD, to_name="Rita\r\nBcc: x@y.example")),
        (RITA, replace(HEAD, message_id="<1@mia.example>\r\nX: y")),
        (RITA, replace(HEAD, one_click_url="http://mia.example/abmelden/abc")),
    ],
    ids=["half a character", "a reserved sign", "a forged name", "a forged id", "http"],
)
def test_what_is_refused_is_refused_in_both_ways(
    person: Person, own: MessageHead
) -> None:
    """The gates stand before a slot, too."""
    letter = open_invitation("both")
    splices = Splices()
    splices.message(letter, RITA, HEAD)
    with pytest.raises(MessageUnsafe):
        plain(letter, person, own)
    with pytest.raises(MessageUnsafe):
        splices.message(letter, person, own)
