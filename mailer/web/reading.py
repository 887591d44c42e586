"""Pages to read, each in standard German and in Leichte Sprache, one step apart.

The easy page lies below "/leicht" and has a template of its own, because Leichte
Sprache is another text and not another look. It says who has read it; most say that
nobody has, yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mailer.web.conditional import answer
from mailer.web.pages import render
from mailer.web.site import Site
from mailer.web.visit import Route

if TYPE_CHECKING:
    from starlette.responses import Response

    from mailer.web.visit import Visit

EASY: Final = "/leicht"
"""Where the pages in Leichte Sprache lie."""

KEPT: Final = timedelta(minutes=1)
"""How long a browser may show a page without asking: a cancellation is seen soon."""

HTML: Final = "text/html; charset=utf-8"

Told: TypeAlias = Callable[[Site], Mapping[str, object]]
"""What a page mentions beside what every page does."""


@dataclass(frozen=True, slots=True)
class Text:
    """A page to read.

    Attributes:
        path: Of the standard page, "/termine".
        template: Of both, "dates" and "easy/dates".
        title: What the standard page says first.
        easy_title: The same in Leichte Sprache.
    """

    path: str
    template: str
    title: str
    easy_title: str


def routes(text: Text, told: Told) -> tuple[Route, Route]:
    """Return where *text* is to be read, in both styles."""

    def standard(site: Site, visit: Visit) -> Response:
        return show(site, visit, text, told(site), is_easy=False)

    def easy(site: Site, visit: Visit) -> Response:
        return show(site, visit, text, told(site), is_easy=True)

    return Route(text.path, standard), Route(easy_path(text.path), easy)


def show(
    site: Site, visit: Visit, text: Text, told: Mapping[str, object], *, is_easy: bool
) -> Response:
    """Show *text* in one of its styles, with a link to the other."""
    known: dict[str, Any] = {**told, "easy": is_easy}
    if is_easy:
        name, title = f"easy/{text.template}", text.easy_title
        known |= {"other": text.path}
    else:
        name, title = text.template, text.title
        known |= {"other": easy_path(text.path)}
    page = render(site, name, title, **known)
    return answer(visit, bytes(page.body), HTML, kept=KEPT)


def easy_path(path: str) -> str:
    """Return where the page at *path* is in Leichte Sprache."""
    return f"{EASY}{path}".rstrip("/")
