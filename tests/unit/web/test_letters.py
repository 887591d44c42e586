"""The archive: what was issued, in both styles, and nothing about anybody."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import pytest

from mailer.archive import shelf
from mailer.settings.model import Listing
from mailer.web.atom import ATOM
from mailer.web.letter_body import body_of
from mailer.web.letters import SANDBOX
from subscribers.topics import LetterStyle
from tests.archived import HOSTILE, OFFICE, fill
from tests.letters import invitation
from tests.web_server import BASE_URL, public, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from mailer.archive.shelf import Published
    from mailer.settings import Settings
    from tests.web_server import Visitor


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The town with public pages, whose updates everybody may read."""
    update = replace(settings.network_update, archive=Listing.LISTED)
    return replace(public(settings), network_update=update)


@pytest.fixture
def visitor(application: Application) -> Iterator[Visitor]:
    """Somebody who reads old letters."""
    fill(application)
    with serving(application) as visitor:
        yield visitor


def kept(application: Application) -> list[Published]:
    """Return what is in the archive, the newest first."""
    with application.database.reading() as db:
        return shelf.published(db, application.settings)


def test_every_letter_is_listed_and_can_be_read(
    visitor: Visitor, application: Application
) -> None:
    """In both styles, one step apart, with its own heading as the page's."""
    update, invited = kept(application)
    listed = visitor.get("/archiv").text
    easy = visitor.get("/leicht/archiv").text
    for one in (update, invited):
        assert f'href="/archiv/{one.code}">' in listed
        assert f'href="/leicht/archiv/{one.code}">' in easy
        page = visitor.get(f"/archiv/{one.code}").text
        assert page.count("<h1") == 1
        assert f'class="switch" href="/leicht/archiv/{one.code}"' in page
        assert visitor.get(f"/leicht/archiv/{one.code}").status == 200
    page = visitor.get(f"/archiv/{invited.code}").text
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None
    assert "Einladung: „Miteinander reden“ am Donnerstag" in heading[1]
    # Her own link is nobody's here: the page that sends it is where to go.
    assert f'<a href="{BASE_URL}/link">Von den Einladungen abmelden</a>' in page
    assert "Dieser Brief wurde am Montag, 23. November 2026 verschickt." in (
        page.replace("\u00a0", " ")
    )


def test_nothing_is_about_a_reader(visitor: Visitor, application: Application) -> None:
    """No address, no token, no look of a mail: neither on a page nor in the feed."""
    pages = ["/archiv", "/leicht/archiv", "/archiv.atom"]
    for one in kept(application):
        pages += [f"/archiv/{one.code}", f"/leicht/archiv/{one.code}"]
    for path in pages:
        text = visitor.get(path).text
        assert not re.search(rf"netz\.example|{OFFICE}|person0|style=|/abmelden/", text)


def test_an_unlisted_letter_has_only_its_page(application: Application) -> None:
    """Who has the address reads it; no list, feed or search engine leads there."""
    settings = application.settings
    update = replace(settings.network_update, archive=Listing.UNLISTED)
    application.settings = replace(settings, network_update=update)
    fill(application)
    with serving(application) as visitor:
        hidden, shown = kept(application)
        answer = visitor.get(f"/archiv/{hidden.code}")
        assert (answer.status, answer.headers["x-robots-tag"]) == (200, "noindex")
        assert "x-robots-tag" not in visitor.get(f"/archiv/{shown.code}").headers
        for path in ("/archiv", "/leicht/archiv", "/archiv.atom"):
            text = visitor.get(path).text
            assert shown.code in text
            assert hidden.code not in text


def test_the_feed_holds_the_newest_letters(
    visitor: Visitor, application: Application
) -> None:
    """Valid Atom; each entry leads to its page and keeps its name for ever."""
    answer = visitor.get("/archiv.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = fromstring(answer.text)  # noqa: S314 - we wrote it ourselves
    names = {"": ATOM}
    update, invited = kept(application)
    assert [one.text for one in feed.findall("entry/id", names)] == [
        f"tag:mia.aschersleben.de,2026:brief/{update.edition_id}",
        f"tag:mia.aschersleben.de,2026:brief/{invited.edition_id}",
    ]
    links = [one.get("href") for one in feed.findall("entry/link", names)]
    assert links == [f"{BASE_URL}/archiv/{one.code}" for one in (update, invited)]
    summary = feed.findall("entry/summary", names)[1].text or ""
    assert "Wann: Donnerstag" in summary
    assert len(summary) <= 400
    known = {"If-None-Match": answer.headers["etag"]}
    assert visitor.get("/archiv.atom", **known).status == 304


def test_the_calendar_of_a_letter_is_the_one_it_carried(
    visitor: Visitor, application: Application
) -> None:
    """Byte for byte, because what was issued is frozen."""
    _, invited = kept(application)
    with application.database.reading() as db:
        carried = shelf.copy(db, invited.edition_id, LetterStyle.STANDARD).calendar
    answer = visitor.get(f"/archiv/{invited.code}/termin.ics")
    assert answer.body == carried
    assert answer.headers["content-type"].startswith("text/calendar")


def test_a_file_is_kept_and_never_run(
    visitor: Visitor, application: Application
) -> None:
    """Whatever is in it: it is saved under its name, in a sandbox, as what it is."""
    update, _ = kept(application)
    page = visitor.get(f"/archiv/{update.code}").text
    assert f'href="/archiv/{update.code}/datei/1">Bühne &amp; Saal.svg</a>' in page
    assert "Ein Saal mit Bühne" in page
    answer = visitor.get(f"/archiv/{update.code}/datei/1")
    assert answer.body == HOSTILE
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == SANDBOX
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''B%C3%BChne%20%26%20Saal.svg"
    )


def test_what_is_not_there_is_not_found(
    visitor: Visitor, application: Application
) -> None:
    """Codes and numbers that somebody makes up."""
    update, invited = kept(application)
    for path in (
        "/archiv/aaaaaaaaaaaaaaaa",
        "/leicht/archiv/aaaaaaaaaaaaaaaa",
        "/archiv/aaaaaaaaaaaaaaaa/termin.ics",
        f"/archiv/{update.code}/datei/0",
        f"/archiv/{update.code}/datei/2",
        f"/archiv/{update.code}/datei/{'1' * 30}",
        f"/archiv/{update.code}/datei/x",
        f"/archiv/{invited.code}/datei/1",
    ):
        assert visitor.get(path).status == 404, path


def test_an_empty_archive_says_so(application: Application) -> None:
    """Before the first letter."""
    with serving(application) as visitor:
        assert "Noch wurde kein Brief verschickt." in visitor.get("/archiv").text
        easy = visitor.get("/leicht/archiv").text
        assert "Es gibt noch keinen Brief von uns." in easy
        assert visitor.get("/archiv.atom").status == 200


def test_only_words_and_their_order_stay_of_a_letter() -> None:
    """Its heading goes up, its look goes away, its links stay."""
    body = body_of(invitation().html)
    assert body.heading == (
        "Einladung: „Miteinander reden“ am Donnerstag, 3. Dezember 2026"
    )
    assert "<h1" not in body.markup
    assert "style=" not in body.markup
    assert "<h2>Auf einen Blick</h2>" in body.markup
    assert '<a href="tel:+493473958111">' in body.markup


def test_a_letter_of_an_own_template_brings_nothing_to_run() -> None:
    """Whatever somebody puts into her templates."""
    hostile = (
        "<body><script>x</script><p onclick='x' style='x'>Hallo "
        "<a href='javascript:x'>Link</a><img src='https://a.example/x.png'></p></body>"
    )
    body = body_of(hostile)
    assert (body.heading, body.markup) == ("", "<p>Hallo <a>Link</a></p>")
