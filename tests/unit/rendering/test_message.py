"""Whole messages: structure, golden bytes, the same bytes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.errors import MessageUnsafe
from mailer.rendering.letter import LetterFile
from mailer.rendering.message import message_id, unsubscribe_mailto
from mailer.rendering.places import GREETING, SIGNS
from subscribers.address import EmailAddress
from tests.messages import CALENDAR, a_message, names, part, read

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_invitation_is_the_approved_one(
    golden: Callable[[str, str], None],
) -> None:
    """Every byte of one example was looked at by a person."""
    content = a_message(
        one_click_url="https://mia.aschersleben.example/u/0123456789abcdefghijklmnop",
        reply_to=EmailAddress.parse("sommer@aschersleben.example"),
    )
    golden("messages/invitation.eml", content.decode("ascii"))


def test_the_confirmation_is_the_approved_one(
    golden: Callable[[str, str], None],
) -> None:
    """A message of the program itself: no list, no calendar, no answer wanted."""
    content = a_message(
        subject="Bitte bestätigen Sie Ihre Anmeldung",
        calendar=None,
        method="",
        list_id="",
        auto_generated=True,
    )
    golden("messages/confirmation.eml", content.decode("ascii"))


def test_the_same_input_gives_the_same_bytes() -> None:
    """A second copy is a twin, to the last bit."""
    assert a_message() == a_message()


def test_another_delivery_gives_other_boundaries_only() -> None:
    """Nothing but the boundaries hangs on the seed."""
    one, two = a_message(boundary_seed="1"), a_message(boundary_seed="2")
    assert one != two
    for kind in ("multipart/mixed", "multipart/alternative"):
        old, new = (part(made, kind).get_boundary("") for made in (one, two))
        one = one.replace(old.encode(), new.encode())
    assert one == two


def test_without_a_calendar_it_is_an_alternative_only() -> None:
    """No empty envelope around it."""
    message = read(a_message(calendar=None, method=""))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_without_html_there_is_no_empty_html() -> None:
    """Readers would show the empty part."""
    message = read(a_message(html="", calendar=None, method=""))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain"]


def test_answers_go_elsewhere_only_if_it_is_elsewhere() -> None:
    """Reply-To says nothing that From does not say."""
    sender = EmailAddress.parse("mia@aschersleben.example")
    assert "Reply-To" not in names(a_message())
    assert "Reply-To" not in names(a_message(reply_to=sender))
    other = a_message(reply_to=EmailAddress.parse("sommer@aschersleben.example"))
    assert read(other)["Reply-To"] == "sommer@aschersleben.example"


@pytest.mark.parametrize("body", ["text", "html"])
def test_a_letter_with_open_places_is_refused(body: str) -> None:
    """Nobody gets a letter that was never filled."""
    with pytest.raises(MessageUnsafe, match="noch offen"):
        a_message(**{body: f"Guten Tag {SIGNS[GREETING]}"})


def test_half_a_character_in_a_body_is_refused() -> None:
    """What cannot be written in UTF-8 is no letter."""
    with pytest.raises(MessageUnsafe, match="halbes Zeichen"):
        a_message(text="\ud83d")


@pytest.mark.parametrize(
    ("method", "calendar"),
    [
        ("REQUEST", CALENDAR),
        ("PUBLISH\r\nBcc: eve@evil.example", CALENDAR),
        ("REPLY", CALENDAR.replace(b"PUBLISH", b"REPLY")),
        ("PUBLISH", b""),
    ],
)
def test_a_method_that_the_calendar_does_not_have_is_refused(
    method: str, calendar: bytes
) -> None:
    """One letter says one thing."""
    with pytest.raises(MessageUnsafe, match="METHOD"):
        a_message(method=method, calendar=calendar)


def test_a_calendar_that_asks_nothing_is_a_file_alone() -> None:
    """Many meetings in one file: no part that programs turn into buttons for one."""
    message = read(a_message(method="", calendar=CALENDAR))
    types = [part.get_content_type() for part in message.walk()]
    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/ics",
    ]


def test_files_come_along_under_their_own_names() -> None:
    """Whole, after the letter; a name with umlauts arrives as it is."""
    names = ("Programm.pdf", "Übersicht der Räume.png")
    types = ("application/pdf", "image/png")
    files = tuple(
        LetterFile(name, kind, bytes(range(256)))
        for name, kind in zip(names, types, strict=True)
    )
    content = a_message(calendar=None, method="", files=files)
    message = read(content)
    letter, *parts = message.iter_parts()
    assert letter.get_content_type() == "multipart/alternative"
    assert parts[0].get_filename() == names[0]
    assert b"filename*=UTF-8''%C3%9Cbersicht%20der%20R%C3%A4ume.png" in content
    assert tuple(one.get_content_type() for one in parts) == types
    assert {one.get_content() for one in parts} == {bytes(range(256))}


@pytest.mark.parametrize("media_type", ["", "image/png\r\nBcc: eve@evil.example"])
def test_a_forged_type_of_a_file_is_refused(media_type: str) -> None:
    """It stands in a header field."""
    with pytest.raises(MessageUnsafe):
        a_message(files=(LetterFile("x.png", media_type, b""),))


def test_message_ids_do_not_meet() -> None:
    """A hundred thousand deliveries have a hundred thousand ids."""
    ids = {message_id(n.to_bytes(12), "mia.example") for n in range(100_000)}
    assert len(ids) == 100_000


@pytest.mark.parametrize("domain", ["", "mia", "a b.example", "ä.example", "a.b\r\n"])
def test_a_message_id_needs_a_domain(domain: str) -> None:
    """Nothing else may stand behind the @."""
    with pytest.raises(MessageUnsafe, match="Message-ID"):
        message_id(bytes(16), domain)


def test_a_message_id_needs_enough_octets() -> None:
    """Short ones would meet."""
    with pytest.raises(ValueError, match="11 octets"):
        message_id(bytes(11), "mia.example")


def test_the_unsubscribe_uri_is_percent_encoded() -> None:
    """What has a meaning in a URI is written as an octet."""
    address = EmailAddress.parse("mia+ab&c=d@town.example")
    assert unsubscribe_mailto(address, "a-b_c&x=y z") == (
        "mailto:mia%2Bab%26c%3Dd@town.example?subject=abmelden%20a-b_c%26x%3Dy%20z"
    )
