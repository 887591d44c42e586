"""The archive: letters as they were issued, in both styles, and a feed of them.

What is shown is the copy that was kept when a letter went out: nothing in it was ever
about one reader. A letter that is not listed has its page for who knows the address,
and no list, feed or search engine leads there.
"""

from __future__ import annotations

from datetime import timedelta
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from markupsafe import Markup

from mailer import german
from mailer.archive import shelf
from mailer.archive.models import ArchiveCopy
from mailer.editions.kinds import KINDS
from mailer.web import atom, meetings, reading
from mailer.web.conditional import answer
from mailer.web.letter_body import body_of
from mailer.web.reading import Text
from mailer.web.refusals import NOT_FOUND, Refused
from mailer.web.visit import Route
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from mailer.archive.shelf import Published
    from mailer.network.models import ContributionFile
    from mailer.web.site import Site
    from mailer.web.visit import Visit
    from subscribers.database import Db

PATH: Final = "/archiv"

TEXT: Final = Text(PATH, "letters", "Briefe", "Welche Briefe gibt es?")

KEPT: Final = timedelta(minutes=5)

MOST_LISTED: Final = 60
"""So many letters a page lists: more than two years of them."""

MOST_FED: Final = 20
"""So many a feed holds: a reader program keeps what it has seen."""

NOT_FOR_SEARCH: Final = {"x-robots-tag": "noindex"}
"""For what stands in no list: no search engine shall make one."""

SUMMARY_CHARS: Final = 400
"""Day, hours and place stand within the first lines of every letter."""

SANDBOX: Final = "default-src 'none'; sandbox"
"""For files that somebody sent us: whatever is in them, a browser runs nothing."""


def _told(site: Site) -> Mapping[str, object]:
    zone = site.settings.series[0].zone
    with site.database.reading() as db:
        listed = _listed(db, site)[:MOST_LISTED]
        easy = _subjects(db, listed, LetterStyle.EASY)
    return {
        "letters": [
            {
                "code": one.code,
                "subject": one.subject,
                "easy_subject": easy.get(one.edition_id, one.subject),
                "kind": KINDS[one.kind].german,
                "day": german.full_day(one.issued_at.astimezone(zone)),
                "on": one.issued_at.astimezone(zone).date().isoformat(),
                "year": one.issued_at.astimezone(zone).year,
            }
            for one in listed
        ]
    }


def show_standard(site: Site, visit: Visit) -> Response:
    """Show a letter in standard German."""
    return _show(site, visit, LetterStyle.STANDARD)


def show_easy(site: Site, visit: Visit) -> Response:
    """Show a letter in Leichte Sprache."""
    return _show(site, visit, LetterStyle.EASY)


def _show(site: Site, visit: Visit, style: LetterStyle) -> Response:
    zone = site.settings.series[0].zone
    with site.database.reading() as db:
        one = _found(db, site, visit)
        copy = shelf.copy(db, one.edition_id, style)
        body = body_of(copy.html)
        has_calendar = copy.calendar is not None
        files = [
            {"name": file.name, "about": file.description, "size": _size(file.size)}
            for file in shelf.files(db, one.edition_id)
        ]
    heading = body.heading or copy.subject
    text = Text(f"{PATH}/{one.code}", "letter", heading, heading)
    told: dict[str, Any] = {
        "body": Markup(body.markup),  # noqa: S704 - cleaned by nh3
        "code": one.code,
        "day": german.full_day(one.issued_at.astimezone(zone)),
        "files": files,
        "has_calendar": has_calendar,
    }
    is_easy = style is LetterStyle.EASY
    page = reading.show(site, visit, text, told, is_easy=is_easy)
    page.headers.update({} if one.is_listed else NOT_FOR_SEARCH)
    return page


def calendar(site: Site, visit: Visit) -> Response:
    """Show the calendar file that came with a letter."""
    with site.database.reading() as db:
        one = _found(db, site, visit)
        content = shelf.copy(db, one.edition_id, LetterStyle.STANDARD).calendar
    if content is None:
        raise Refused(NOT_FOUND)
    more = {"content-disposition": 'inline; filename="termin.ics"'}
    return answer(visit, content, meetings.CALENDAR, kept=KEPT, more=more)


def file(site: Site, visit: Visit) -> Response:
    """Hand out a file of a contribution: to be kept, never to be run.

    Source: RFC 6266, section 4 (Content-Disposition); RFC 8187 (names beyond ASCII).
    """
    number = visit.params["number"]
    if not number.isascii() or not number.isdecimal():
        raise Refused(NOT_FOUND)
    with site.database.reading() as db:
        one = _found(db, site, visit)
        found: Sequence[ContributionFile] = shelf.files(db, one.edition_id)
        if not 1 <= int(number[:9]) <= len(found):
            raise Refused(NOT_FOUND)
        chosen = found[int(number[:9]) - 1]
        name, kind, content = chosen.name, chosen.media_type, chosen.content
    more = {
        **NOT_FOR_SEARCH,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": SANDBOX,
    }
    return answer(visit, content, kind, kept=KEPT, more=more)


def feed(site: Site, visit: Visit) -> Response:
    """Show the newest letters as an Atom feed."""
    settings = site.settings
    with site.database.reading() as db:
        listed = _listed(db, site)[:MOST_FED]
        entries = [
            atom.AtomEntry(
                key=f"brief/{one.edition_id}",
                title=one.subject,
                url=shelf.page_address(settings, one.code),
                published_at=one.issued_at,
                summary=_beginning(
                    shelf.copy(db, one.edition_id, LetterStyle.STANDARD).text
                ),
            )
            for one in listed
        ]
    network, base = settings.network, settings.web_base_url
    head = atom.AtomFeed(
        list_id=network.list_id,
        title=f"{network.name}: Briefe",
        subtitle=f"Einladungen und Nachrichten des Netzwerks {network.full_name}",
        author=network.organisation,
        url=f"{base}{PATH}",
        source=f"{base}{PATH}.atom",
        updated_at=listed[0].issued_at if listed else site.opened_at,
    )
    return answer(visit, atom.build(head, entries), atom.KIND, kept=KEPT)


def _listed(db: Db, site: Site) -> list[Published]:
    return [one for one in shelf.published(db, site.settings) if one.is_listed]


def _found(db: Db, site: Site, visit: Visit) -> Published:
    found = shelf.find(db, site.settings, visit.params["code"])
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def _subjects(
    db: Db, listed: Sequence[Published], style: LetterStyle
) -> Mapping[int, str]:
    """Return the subjects of letters in a style, by edition."""
    rows = db.execute(
        sa.select(ArchiveCopy.edition_id, ArchiveCopy.subject).where(
            ArchiveCopy.edition_id.in_([one.edition_id for one in listed]),
            ArchiveCopy.style == style,
        )
    )
    return {edition_id: subject for edition_id, subject in rows}  # noqa: C416 - rows


def _beginning(text: str) -> str:
    """Return the first words of a letter on one line; a feed is no place for all."""
    return shorten(" ".join(text.split()), SUMMARY_CHARS, placeholder=" …")


def _size(octets: int) -> str:
    """Return a size as people read it, "120 kB" or "2,4 MB"."""
    thousands = max(1, round(octets / 1000))
    if thousands < 1000:  # noqa: PLR2004 - the next unit
        return f"{thousands} kB"
    return f"{octets / 1_000_000:.1f} MB".replace(".", ",")


ROUTES: Final = (
    *reading.routes(TEXT, _told),
    Route(f"{PATH}.atom", feed),
    Route(f"{PATH}/{{code}}", show_standard),
    Route(f"{reading.EASY}{PATH}/{{code}}", show_easy),
    Route(f"{PATH}/{{code}}/termin.ics", calendar),
    Route(f"{PATH}/{{code}}/datei/{{number}}", file),
)
