"""The application: every page says the same to browsers, and errors are pages too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web_server import BASE_URL, HOST, serving, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailer.application import Application
    from tests.web_server import Visitor


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody who looks at the pages."""
    with serving(application) as visitor:
        yield visitor


def test_the_front_page_is_german(visitor: Visitor) -> None:
    """It has one title, for the window and on the page."""
    answer = visitor.get("/")
    assert answer.status == 200
    assert '<html lang="de"' in answer.text
    assert answer.text.count("<h1>") == 1
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/style.css", "/gibt-es-nicht"])
def test_browsers_are_told_to_load_nothing(visitor: Visitor, path: str) -> None:
    """Every answer has the headers, errors too, and none sets a cookie."""
    headers = visitor.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_what_is_not_there_says_so_with_a_telephone_number(visitor: Visitor) -> None:
    """404 is a page like any other."""
    answer = visitor.get("/gibt-es-nicht")
    assert answer.status == 404
    assert "<h1>Diese Seite gibt es nicht</h1>" in answer.text
    assert 'href="tel:+493473958111"' in answer.text


def test_nothing_can_be_sent_to_a_page_that_only_shows(visitor: Visitor) -> None:
    """405 names what is possible (RFC 9110, section 15.5.6)."""
    answer = visitor.post("/", {})
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert "<h1>So geht es hier nicht</h1>" in answer.text


def test_head_is_get_without_a_body(visitor: Visitor) -> None:
    """RFC 9110, section 9.3.2."""
    shown, asked = visitor.get("/"), visitor.ask("HEAD", "/")
    assert asked.body == b""
    assert asked.headers["content-length"] == str(len(shown.body))


@pytest.mark.parametrize("host", ["boese.example", f"{HOST}.boese.example", ""])
def test_other_names_are_not_ours(visitor: Visitor, host: str) -> None:
    """Nobody gets a page, or a link, under a name that she made up."""
    answer = visitor.ask("GET", "/", headers={"Host": host})
    assert answer.status == 421
    assert "boese" not in answer.text


def test_a_slash_too_many_is_no_redirect(visitor: Visitor) -> None:
    """A redirect would lead to whatever host the request named."""
    assert visitor.get("/style.css/").status == 404


def test_the_log_names_the_route_and_nobody(
    visitor: Visitor, logged: Callable[[], list[tuple[str, dict[str, object]]]]
) -> None:
    """Neither the address asked for nor the one that asked is written down."""
    visitor.get("/?adresse=rita@example.org")
    visitor.get("/abmelden/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")

    def lines() -> list[dict[str, object]]:
        return [fields for name, fields in logged() if name == "web.answered"]

    # An answer is out before its line is written.
    until(lambda: len(lines()) == 2)
    assert [(one["route"], one["status"]) for one in lines()] == [
        ("/", 200),
        ("/abmelden/{token}", 404),
    ]


def test_a_page_that_breaks_is_a_page(
    visitor: Visitor, application: Application
) -> None:
    """Nobody sees a traceback; even without templates there is a sentence."""
    application.press.environment.loader = None
    answer = visitor.get("/")
    assert answer.status == 500
    assert "03473 958-111" in answer.text
    assert BASE_URL not in answer.text
