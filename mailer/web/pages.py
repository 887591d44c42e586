"""Rendering: a page is a template, a German title and what it may mention.

The environment is the one of the letters: strict, escaping, in the sandbox, and a file
in the operator's own folder wins. Dates and times are kept on one line as there.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse

from mailer import german
from mailer.editions.service import service_facts
from mailer.rendering import environment as jinja
from mailer.rendering import review

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.web.site import Site

_MARKUP: Final = re.compile(r"(?s)(<(textarea|style)\b.*?</\2>|<[^>]*>)")


def render(
    site: Site, name: str, title: str, *, status: int = 200, **told: object
) -> HTMLResponse:
    """Return the page that the template *name* makes.

    Args:
        name: Below ``templates/web``, "front".
        title: What the page says first, in the title of the window and as its h1.
        status: Of the answer.
        told: What only this template may mention.

    Raises:
        TemplateBroken: It is missing, misspelt or asks for something unknown.
    """
    file = f"web/{name}.html"
    known = {**names(site), "title": title, "review": readers(site, file), **told}
    content = jinja.render(site.desk.press.environment, file, known)
    return HTMLResponse(whole_lines(content), status)


def readers(site: Site, file: str) -> tuple[str, ...]:
    """Return the lines that say who has read what *file* says in Leichte Sprache."""
    source = jinja.source(site.desk.press.environment, file)
    return review.notice(review.parse(source), new_sentences=False)


def names(site: Site) -> Mapping[str, object]:
    """Return what every page may mention."""
    facts = service_facts(site.settings)
    known = {one.name: getattr(facts, one.name) for one in fields(facts)}
    return {**known, "root": site.root, "easy": False}


def whole_lines(content: str) -> str:
    """Return a page in which dates, times and numbers do not break."""
    parts = _MARKUP.split(content)
    # Of three parts one is text; then come a piece of markup and the name in it.
    words = (german.keep_together(text) for text in parts[::3])
    markup = [*parts[1::3], ""]
    return "".join(text + tag for text, tag in zip(words, markup, strict=True))
