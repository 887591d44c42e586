"""Can everybody read this letter? Findings on the rendered HTML and text, pure.

The rules are those our letters promise to keep: WCAG 2.2, and what the webmail of the
residents leaves of a letter. ``mia invite`` and ``mia preview`` show the findings
before anything is sent. A finding says that somebody is left out; none says that
nobody is: that only readers can say.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mailer.editions.update_facts import UpdateFacts
from mailer.rendering import agreement, easy_words, looks, markdown
from mailer.rendering.document import Document, Element, parse
from mailer.rendering.finding import Finding, Level
from mailer.rendering.places import has_private_sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailer.editions.facts import DayOffFacts, Facts
    from mailer.rendering.letter import Letter
    from subscribers.topics import LetterStyle

MAX_HTML_BYTES: Final = 60_000
"""Gmail cuts a message off at about 100 kB; quoted-printable makes it longer."""

TAGS: Final = frozenset(
    {"html", "head", "meta", "title", "style", "body", "div", "span"}
    | {"h1", "h2", "h3", "p", "br", "ul", "ol", "li", "a", "em", "strong"}
    | {"abbr", "address", "img"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
)
"""Elements that every mail program shows; all others are refused. A table is for
numbers alone: ``looks`` refuses one that has no headings."""

EMPTY_WORDS: Final = frozenset(
    {"hier", "klicken sie hier", "link", "mehr", "weiter", "weiterlesen", "diese seite"}
)
"""Link texts that say nothing when a screen reader lists them."""

NO_EASY_WORDS: Final = (
    "Ihr eigener Text steht nur in der Fassung in Standardsprache; in Leichter Sprache "
    "entfällt er. Dort geben Sie ihn mit „--easy-words“ mit."
)
"""Nothing is turned into Leichte Sprache by a machine."""

_COMMENT: Final = re.compile(r"(?s)<!--.*?-->")
_REMOTE: Final = re.compile(r"(?i)\bsrc(?:set)?\s*=|url\(|@import|background\s*=")


def check(
    letter: Letter, facts: Facts | DayOffFacts | UpdateFacts, style: LetterStyle
) -> tuple[Finding, ...]:
    """Return what is wrong with *letter*, errors first; empty is good.

    Args:
        letter: Rendered; its personal places may be open.
        facts: What it was rendered from.
        style: How it is worded.
    """
    document = parse(letter.html)
    found = [finding for rule in RULES for finding in rule(document, letter)]
    found += looks.check(document, style)
    found += agreement.check(document, letter, facts)
    found += markdown.findings(facts.words)
    found += markdown.findings(facts.easy_words)
    if isinstance(facts, UpdateFacts):
        for text in facts.foreign_words:
            found += markdown.findings(text)
    found += easy_words.findings(facts.easy_words)
    if facts.words and not facts.easy_words:
        found.append(_hint("easy-words", NO_EASY_WORDS))
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.level != Level.ERROR))


def _language(document: Document, _letter: Letter) -> Iterator[Finding]:
    """WCAG 2.2, criterion 3.1.1; webmail keeps only the innermost of the three."""
    first = (
        document.all("html")[:1] + document.all("body")[:1] + document.all("div")[:1]
    )
    for element in first:
        given = element.attributes
        if (given.get("lang"), given.get("dir")) != ("de", "ltr"):
            yield _error(
                "language", f'Bei <{element.tag}> fehlt die Angabe lang="de" dir="ltr".'
            )


def _title(document: Document, letter: Letter) -> Iterator[Finding]:
    titles = [element.name for element in document.all("title")]
    if titles != [letter.subject]:
        yield _error("title", "Der Titel im HTML ist nicht derselbe wie der Betreff.")


def _headings(document: Document, _letter: Letter) -> Iterator[Finding]:
    """WCAG 2.2, criteria 1.3.1 and 2.4.6."""
    levels = [int(element.tag[1]) for element in document.all("h1", "h2", "h3")]
    if levels.count(1) != 1 or levels[0] != 1:
        yield _error(
            "one-h1", "Es muss genau eine Hauptüberschrift geben, ganz am Anfang."
        )
    for above, below in pairwise(levels):
        if below > above + 1:
            yield _error(
                "heading-order", "Eine Ebene der Überschriften ist übersprungen."
            )
    for element in document.all("h1", "h2", "h3"):
        if not element.name:
            yield _error("empty-heading", "Eine Überschrift ist leer.")


def _links(document: Document, _letter: Letter) -> Iterator[Finding]:
    """WCAG 2.2, criterion 2.4.4: read out of context, a link still says where to."""
    targets: dict[str, set[str]] = {}
    anchors = {f"#{one.attributes['id']}" for one in document.elements if _has_id(one)}
    for element in document.all("a"):
        name, target = element.name, element.attributes.get("href", "")
        targets.setdefault(name, set()).add(target)
        if not name or name.lower().rstrip(".:") in EMPTY_WORDS:
            yield _error(
                "link-text", f"Der Linktext „{name}“ sagt nicht, wohin er führt."
            )
        if name.startswith(("http://", "https://")):
            yield _hint("link-address", "Ein Link zeigt seine Adresse statt Wörter.")
        if not (_leads_somewhere(target) or target in anchors):
            yield _error("link-target", f"Der Link „{name}“ führt nirgendwohin.")
    for name, seen in targets.items():
        if len(seen) > 1:
            yield _error(
                "link-names", f"Zwei Links heißen „{name}“, führen aber woandershin."
            )


def _has_id(element: Element) -> bool:
    return "id" in element.attributes


def _leads_somewhere(target: str) -> bool:
    return has_private_sign(target) or target.startswith(markdown.SCHEMES)


def _pictures(document: Document, _letter: Letter) -> Iterator[Finding]:
    """WCAG 2.2, criterion 1.1.1."""
    for element in document.all("img"):
        if "alt" not in element.attributes:
            yield _error("image-alt", "Bei einem Bild fehlt die Beschreibung (alt).")


def _elements(document: Document, _letter: Letter) -> Iterator[Finding]:
    for tag in sorted({element.tag for element in document.elements} - TAGS):
        yield _error("element", f"<{tag}> gehört nicht in einen Brief.")


def _remote(document: Document, _letter: Letter) -> Iterator[Finding]:
    """Nothing is loaded: no pixel, no font, no picture tells who reads."""
    if _REMOTE.search(_COMMENT.sub("", document.source)):
        yield _error("remote", "Der Brief würde beim Lesen etwas aus dem Netz laden.")


def _size(document: Document, _letter: Letter) -> Iterator[Finding]:
    size = len(document.source.encode())
    if size > MAX_HTML_BYTES:
        yield _error(
            "size",
            f"Der HTML-Teil ist zu groß ({size // 1000} kB): Mailprogramme schneiden "
            f"ihn ab. Möglich sind {MAX_HTML_BYTES // 1000} kB.",
        )


def _error(rule: str, sentence: str) -> Finding:
    return Finding(rule, Level.ERROR, sentence)


def _hint(rule: str, sentence: str) -> Finding:
    return Finding(rule, Level.HINT, sentence)


RULES: Final[tuple[Callable[[Document, Letter], Iterator[Finding]], ...]] = (
    _language,
    _title,
    _headings,
    _links,
    _pictures,
    _elements,
    _remote,
    _size,
)
"""What is looked at in the structure of a letter; ``looks`` has the style sheet."""
