"""RFC 8058: one click, signalled exactly or not at all."""

from __future__ import annotations

import re

import pytest

from mailer.errors import MessageUnsafe
from tests.messages import a_message, line_of, names

URL = "https://mia.aschersleben.example/abmelden/Ab3_-" + "x" * 200


def test_one_click_has_exactly_one_https_uri() -> None:
    """Section 3.1: one https URI; a mailto one may stand beside it."""
    value = line_of(a_message(one_click_url=URL), "List-Unsubscribe")
    uris = re.findall(r"<([^<>]+)>", value)
    assert [uri.partition(":")[0] for uri in uris] == ["mailto", "https"]
    assert uris[1] == URL


def test_the_second_field_has_the_only_value_there_is() -> None:
    """Section 3.1: the single pair List-Unsubscribe=One-Click."""
    content = a_message(one_click_url=URL)
    assert line_of(content, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert names(content).count("List-Unsubscribe-Post") == 1


def test_one_click_needs_no_mailto() -> None:
    """Section 3.1: other URIs are optional."""
    content = a_message(one_click_url=URL, unsubscribe_mailto=None)
    assert line_of(content, "List-Unsubscribe") == f"<{URL}>"
    assert "List-Unsubscribe-Post" in names(content)


def test_without_https_nothing_promises_one_click() -> None:
    """Section 3.1: the second field only together with an https URI."""
    content = a_message(one_click_url=None)
    assert "List-Unsubscribe" in names(content)
    assert "List-Unsubscribe-Post" not in names(content)


@pytest.mark.parametrize(
    "url",
    [
        "http://mia.example/u/t",
        "HTTPS://mia.example/u/t",
        "//mia.example/u/t",
        "mailto:mia@town.example",
        "javascript:alert",
        "https://mia.example/u/t>, <http://evil.example/",
        "https://mia.example/ü",
        "https://",
        "",
    ],
)
def test_another_scheme_is_refused(url: str) -> None:
    """Section 3.1: https, and no other http URI beside it."""
    with pytest.raises(MessageUnsafe, match="List-Unsubscribe"):
        a_message(one_click_url=url)


@pytest.mark.parametrize("uri", ["https://mia.example/u", "http://mia.example/u"])
def test_the_mailto_place_holds_no_second_web_page(uri: str) -> None:
    """Section 3.1: exactly one https URI means one."""
    with pytest.raises(MessageUnsafe, match="List-Unsubscribe"):
        a_message(unsubscribe_mailto=uri, one_click_url=URL)
