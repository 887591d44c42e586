"""Spliced or built from nothing: the same bytes, whoever reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.errors import MessageUnsafe
from mailer.rendering import mime
from mailer.rendering.letter import Letter, fill
from mailer.rendering.message import MessageHead
from mailer.rendering.person import Person, Personal, greeting
from mailer.rendering.places import SIGNS
from mailer.rendering.splice import Splice, plain
from subscribers.address import EmailAddress
from subscribers.tokens import TOKEN_CHARS
from subscribers.topics import LetterStyle
from tests.letters import open_invitation

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = MessageHead(
    sender_name="Kathrin Sommer",
    sender=EmailAddress.parse("k_sommer@aschersleben.example"),
    to=EmailAddress.parse("rita@ort.example"),
    reply_to=EmailAddress.parse("mia@aschersleben.example"),
    date=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
    message_id="<000000000000000000000000@mia.example>",
    boundary_seed="<000000000000000000000000@mia.example>",
    list_id="mia.aschersleben.example",
    list_name="MIA – Miteinander Inklusion Aschersleben",
    help_mailto="mailto:mia@mia.example?subject=Hilfe",
)

RITA = Personal(
    to=EmailAddress.parse("rita@ort.example"),
    to_name="Rita Beispiel",
    message_id="<000000000000000000000000@mia.example>",
    unsubscribe_token="abc234".ljust(TOKEN_CHARS, "x"),
    preferences_token="def567".ljust(TOKEN_CHARS, "y"),
    greeting="Guten Tag, Rita Beispiel,",
    reason="Sie haben sich angemeldet.\nDeshalb bekommen Sie diese E-Mail.",
    entry="Diese E-Mail geht an: rita@ort.example",
)

MIA = "https://mia.example"

BASES = st.one_of(
    st.sampled_from([MIA, "https://netz.werk.aschersleben.example", "https://a.b"]),
    st.text("abc.-", min_size=1, max_size=120).map(lambda s: f"https://x{s}.example"),
)
"""Where the pages are: links of every length, so lines break anywhere in them."""

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

TOKENS = st.text(
    "abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_CHARS, max_size=TOKEN_CHARS
)


def person_of(own: Personal, base: str) -> Person:
    """Return the words of a reader; her pages are at *base*."""
    return Person(
        greeting=own.greeting,
        unsubscribe_url=f"{base}/abmelden/{own.unsubscribe_token}",
        unsubscribe_token=own.unsubscribe_token,
        preferences_url=f"{base}/einstellungen/{own.preferences_token}",
        reason=own.reason,
        entry=own.entry,
    )


def built(letter: Letter, own: Personal, *, base: str = MIA) -> bytes:
    """Return the message for one reader, built from nothing."""
    person = person_of(own, base)
    head = replace(
        HEAD,
        to=own.to,
        to_name=own.to_name,
        message_id=own.message_id,
        boundary_seed=own.message_id,
        unsubscribe_mailto=f"mailto:mia@mia.example?subject=abmelden%20{own.unsubscribe_token}",
        one_click_url=person.unsubscribe_url,
    )
    return plain(letter, person, head)


def builder(letter: Letter, base: str = MIA) -> Callable[[Personal], bytes]:
    """Return what builds *letter* for any reader."""
    return partial(built, letter, base=base)


def reader(words: str, number: int) -> Personal:
    """Return a reader with *words* in every place, and a name of them."""
    name = " ".join("".join(c for c in words if c.isprintable()).split())
    return Personal(
        to=EmailAddress.parse(f"person{number}@ort.example"),
        to_name=name[:60] or None,
        message_id=f"<{number:024}@mia.example>",
        unsubscribe_token=f"{number}".ljust(TOKEN_CHARS, "u"),
        preferences_token=f"{number}".ljust(TOKEN_CHARS, "p"),
        greeting=words,
        reason=f"{words}\n{words}",
        entry=f"Diese E-Mail geht an: {words}",
    )


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(SURROUNDINGS, SURROUNDINGS, BASES, st.lists(TEXTS, min_size=1, max_size=40))
def test_both_ways_write_the_same_bytes(
    text: str, html: str, base: str, names: list[str]
) -> None:
    """For every letter and every reader, the first and all who follow."""
    build = builder(Letter(subject="Einladung", text=text, html=html), base)
    splice = Splice(build)
    for number, words in enumerate(["Rita", *names]):
        own = reader(words, number)
        assert bytes(splice.content(own)) == build(own)
    assert splice.is_cut


@settings(max_examples=200, deadline=None)
@given(BASES, st.lists(st.tuples(TOKENS, TOKENS), min_size=1, max_size=20))
def test_any_token_fits_where_another_was(
    base: str, tokens: list[tuple[str, str]]
) -> None:
    """Also where a line breaks in it."""
    signs = "\n".join(SIGNS.values())
    letter = Letter(subject="Einladung", text=signs, html=f"<p>{signs}</p>")
    build = builder(letter, base)
    splice = Splice(build)
    for leave, stay in tokens:
        own = RITA._replace(unsubscribe_token=leave, preferences_token=stay)
        assert bytes(splice.content(own)) == build(own)
    assert splice.is_cut


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize(
    "name",
    [None, "Rita Beispiel", "Jörg Schäfer-Süß", ".Punkt", "From Rita", "😀 Emoji",
     "Ä" * 300, "x" * 500, "O'Neill & Söhne <Büro>"],
)  # fmt: skip
def test_real_letters_are_spliced(style: LetterStyle, name: str | None) -> None:
    """The invitation in both wordings, with its calendar file, for odd names."""
    build = builder(open_invitation("both", style))
    splice = Splice(build)
    splice.content(RITA)
    own = RITA._replace(
        to_name=name and name[:80],
        message_id="<1@mia.example>",
        greeting=greeting(name, style),
    )
    assert bytes(splice.content(own)) == build(own)
    assert splice.is_cut


def test_all_readers_share_the_same_pieces() -> None:
    """Not equal ones: whoever has looked at them knows them again."""
    splice = Splice(builder(open_invitation("both")))
    splice.content(RITA)
    first = splice.content(RITA)
    second = splice.content(RITA._replace(greeting="Guten Tag,"))
    assert first.shared is second.shared


def test_it_says_what_need_not_be_known() -> None:
    """An invitation says nothing of what is entered about somebody."""
    splice = Splice(builder(open_invitation("both")))
    assert splice.unsaid == frozenset()
    splice.content(RITA)
    assert splice.unsaid == {"entry"}


@settings(max_examples=200, deadline=None)
@given(SURROUNDINGS, TEXTS)
def test_seams_change_no_word(text: str, words: str) -> None:
    """What a reader sees is what would stand there without any seam."""
    own = reader(words, 1)
    letter = Letter(subject="Einladung", text=text, html="")
    read = message_from_bytes(built(letter, own), policy=policy.default)
    expected = fill(letter, person_of(own, MIA)).text
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
    person = person_of(reader(words, 1), MIA)
    seams = fill(Letter("s", text, ""), person, seam=mime.SEAM).text
    for line in mime.quoted_printable(seams).split("\r\n"):
        assert len(line) <= mime.MAX_COLUMNS
        assert not line.startswith((".", "From "))


@pytest.mark.parametrize("mark", ["#&greeting#", "unsubscribe".ljust(TOKEN_CHARS, "2")])
def test_a_letter_that_says_a_mark_is_built_from_nothing(mark: str) -> None:
    """It cannot be cut, and everybody gets it as it is."""
    build = builder(Letter(subject="Einladung", text=mark, html=""))
    splice = Splice(build)
    for number in range(3):
        own = reader("Rita", number)
        assert bytes(splice.content(own)) == build(own)
    assert not splice.is_cut


def test_a_letter_that_cannot_be_built_for_nobody_is_built_for_each_reader() -> None:
    """Whoever is the first has no part in it."""
    build = builder(open_invitation("both"))

    def fussy(own: Personal) -> bytes:
        if own.to.domain != RITA.to.domain:
            raise MessageUnsafe("To", "die Adresse ist nicht sicher")
        return build(own)

    splice = Splice(fussy)
    assert [bytes(splice.content(RITA)) for _ in range(2)] == [build(RITA)] * 2
    assert not splice.is_cut


def test_it_can_be_switched_off() -> None:
    """Then each message is built."""
    splice = Splice(builder(open_invitation("both")), cuts=False)
    splice.content(RITA)
    assert not splice.is_cut


@pytest.mark.parametrize(
    "own",
    [
        RITA._replace(greeting="\ud800"),
        RITA._replace(greeting="\uf8e1"),
        RITA._replace(to_name="Rita\r\nBcc: x@y.example"),
        RITA._replace(to_name="Rita \ud800"),
        RITA._replace(message_id="<1@mia.example>\r\nX: y"),
        RITA._replace(to=RITA.to._replace(wire="rita@ort.example> x")),
    ],
    ids=["half a character", "a reserved sign", "a forged name", "half a name",
         "a forged id", "a forged address"],
)  # fmt: skip
def test_what_is_refused_is_refused_in_both_ways(own: Personal) -> None:
    """The gates stand before a slot, too; and the next reader gets her letter."""
    build = builder(open_invitation("both"))
    splice = Splice(build)
    splice.content(RITA)
    with pytest.raises(MessageUnsafe):
        build(own)
    with pytest.raises(MessageUnsafe):
        splice.content(own)
    assert bytes(splice.content(RITA)) == build(RITA)
