"""RFC 2369 and 2919: the list fields mail programs make buttons of."""

from __future__ import annotations

import re

import pytest

from mailer.errors import MessageUnsafe
from mailer.rendering.message import mailto, unsubscribe_mailto
from subscribers.address import EmailAddress
from tests.messages import a_message, head_lines, line_of, names

LONG = "https://mia.aschersleben.example/abmelden/" + "Ab3_-" * 60


def test_each_list_field_occurs_at_most_once() -> None:
    """RFC 2369, section 3: at most one field of each kind."""
    content = a_message(one_click_url=LONG)
    found = [name for name in names(content) if name.startswith("List-")]
    assert found == [
        "List-Id",
        "List-Help",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "List-Post",
    ]


def test_uris_stand_in_angle_brackets_the_preferred_first() -> None:
    """RFC 2369, section 2: <uri>, <uri> with the preferred one on the left."""
    content = a_message(one_click_url="https://mia.example/u/t0ken")
    assert line_of(content, "List-Unsubscribe") == (
        "<mailto:mia@aschersleben.example?subject=abmelden%20t0ken>, "
        "<https://mia.example/u/t0ken>"
    )
    assert re.fullmatch(r"<mailto:[^<>, ]+>", line_of(content, "List-Help"))


def test_a_long_uri_stays_whole_and_verbatim() -> None:
    """RFC 2369, section 2: nothing encodes a URI, and folding cuts none."""
    content = a_message(one_click_url=LONG)
    assert f" <{LONG}>".encode() in head_lines(content)
    assert b"=?" not in line_of(content, "List-Unsubscribe").encode()


def test_nobody_can_write_to_the_list() -> None:
    """RFC 2369, section 3.4: the special value NO."""
    assert line_of(a_message(), "List-Post") == "NO"


@pytest.mark.parametrize(
    "uri",
    [
        "mailto:a@b.example>, <https://evil.example/",
        "mailto:a@b.example,eve@evil.example",
        "mailto:a b@c.example",
        "mailto:ä@b.example",
        "mailto:a@b.example (comment)",
        'mailto:a@b.example?subject="x"',
        "mailto:",
        "a@b.example",
        "",
    ],
)
def test_what_is_no_uri_is_refused(uri: str) -> None:
    """RFC 2369, section 2: brackets, commas and spaces would start another one."""
    with pytest.raises(MessageUnsafe, match="List-Help"):
        a_message(help_mailto=uri)
    with pytest.raises(MessageUnsafe, match="List-Unsubscribe"):
        a_message(unsubscribe_mailto=uri)


@pytest.mark.parametrize(
    "address", ["mia@town.example", "m{i}a@town.example", "m|i`a^@bücher.example"]
)
def test_every_address_of_ours_makes_a_uri(address: str) -> None:
    """RFC 6068, section 2: what a URI does not hold is percent-encoded."""
    ours = EmailAddress.parse(address)
    content = a_message(
        unsubscribe_mailto=unsubscribe_mailto(ours, "t0-k_n"),
        help_mailto=mailto(ours, "Hilfe & Rat, bitte"),
    )
    assert line_of(content, "List-Help").endswith(
        "?subject=Hilfe%20%26%20Rat%2C%20bitte>"
    )


def test_the_list_has_a_name_for_people_and_one_for_programs() -> None:
    """RFC 2919, sections 2 and 3: a phrase and an identifier in brackets."""
    value = line_of(a_message(list_name="Netzwerk MIA"), "List-Id")
    assert value == "Netzwerk MIA <mia.aschersleben.example>"
    value = line_of(a_message(list_name=""), "List-Id")
    assert value == "<mia.aschersleben.example>"


def test_the_identifier_never_hangs_on_the_name() -> None:
    """RFC 2919, section 4: it stays the same when the name changes."""
    for name in ("MIA", "MIA – neu", "Anders: ganz & gar"):
        value = line_of(a_message(list_name=name), "List-Id")
        assert value.endswith(" <mia.aschersleben.example>")


def test_a_message_of_no_list_has_no_list_fields() -> None:
    """A confirmation belongs to no list yet."""
    content = a_message(list_id="")
    assert [name for name in names(content) if name.startswith("List-")] == []


def test_a_list_without_help_or_end_says_nothing_of_them() -> None:
    """RFC 2369, section 2: no field without a URI."""
    content = a_message(help_mailto=None, unsubscribe_mailto=None)
    assert "List-Help" not in names(content)
    assert "List-Unsubscribe" not in names(content)
