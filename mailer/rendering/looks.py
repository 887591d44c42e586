"""Size, colour and styles of a letter, as they arrive in somebody's mailbox.

Webmail of GMX and WEB.DE removes style sheets and most backgrounds, so only what
stands in the elements counts, and nothing may depend on a background. The one sheet
that stays makes dark mode pleasant where it is understood.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.rendering import contrast
from mailer.rendering.document import declarations
from mailer.rendering.finding import Finding, Level
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailer.rendering.document import Document, Element

MIN_PIXELS: Final = {LetterStyle.STANDARD: 16, LetterStyle.EASY: 19}
"""Smallest size of running text in CSS pixels; 19 is about 14 point (BITV 2.0)."""

MIN_LINE_HEIGHT: Final = 1.5
"""Of running text, as a factor (WCAG 2.2, criterion 1.4.12)."""

UNKNOWN_TO_WEBMAIL: Final = re.compile(
    r"\d+rem\b|var\(|calc\(|flex|grid|!important|/\*|position\s*:"
)
"""What makes webmail drop a declaration, or the whole style attribute."""

_DARK: Final = re.compile(
    r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{(.*?\})\s*\}", re.DOTALL
)
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")

Rules = list[tuple[str, dict[str, str]]]


def check(document: Document, style: LetterStyle) -> list[Finding]:
    """Return what is wrong with sizes, colours and styles."""
    return [
        *_layout(document),
        *_declared(document),
        *_sizes(document, MIN_PIXELS[style]),
        *_contrasts(document, []),
        *_contrasts(document, dark_rules(document.sheet)),
    ]


def dark_rules(sheet: str) -> Rules:
    """Return the rules of *sheet* for dark mode: selector and declarations."""
    return [
        (selector.strip(), declarations(body.replace("!important", "")))
        for block in _DARK.findall(sheet)
        for selectors, body in _RULE.findall(block)
        for selector in selectors.split(",")
    ]


def _layout(document: Document) -> Iterator[Finding]:
    """Tables for layout are read out cell by cell where their role is removed.

    One for numbers has a caption, and headings for its columns and rows.
    """
    headings = {one.attributes.get("scope", "") for one in document.all("th")}
    is_for_numbers = headings >= {"col", "row"} and document.all("caption")
    if document.all("table") and not is_for_numbers:
        yield _error("table", "Eine Tabelle ordnet den Text; bitte Absätze verwenden.")


def _declared(document: Document) -> Iterator[Finding]:
    for element in document.elements:
        given = element.attributes.get("style", "")
        foreign = UNKNOWN_TO_WEBMAIL.search(given)
        if foreign:
            yield _error(
                "css", f"„{foreign.group()}“ verstehen viele Mailprogramme nicht."
            )
        background = element.style.get("background-color", "")
        if background and background not in contrast.KEYWORDS:
            yield _error(
                "background",
                f"Die Hintergrundfarbe {background} geht in Webmail verloren; "
                "möglich ist nur white oder black.",
            )
    for element in document.all("a"):
        if "underline" not in element.style.get("text-decoration", ""):
            yield _error(
                "underline", f"Der Link „{element.name}“ ist nicht unterstrichen."
            )


def _sizes(document: Document, smallest: int) -> Iterator[Finding]:
    for element in _with_text(document):
        size = _inherited(element, "font-size", {})
        pixels = re.fullmatch(r"(\d+(?:\.\d+)?)px", size)
        if pixels is None:
            yield _error(
                "font-size", f"Die Schriftgröße von „{_short(element)}“ fehlt."
            )
        elif float(pixels[1]) < smallest:
            yield _error("font-size", f"„{_short(element)}“ ist zu klein ({size}).")
        height = _inherited(element, "line-height", {})
        is_heading = any(one.tag in ("h1", "h2", "h3") for one in element.lineage())
        if not is_heading and not _is_at_least(height, MIN_LINE_HEIGHT):
            yield _error(
                "line-height", f"Die Zeilen von „{_short(element)}“ sind zu eng."
            )


def _contrasts(document: Document, rules: Rules) -> Iterator[Finding]:
    mode = "im dunklen Modus " if rules else ""
    for element in _with_text(document):
        forced = {id(one): _forced(one, rules) for one in element.lineage()}
        text = _inherited(element, "color", forced)
        behind = _inherited(element, "background-color", forced)
        try:
            ratio = contrast.ratio(text, behind)
        except ValueError:
            yield _error(
                "colour",
                f"Die Farben von „{_short(element)}“ lassen sich nicht prüfen.",
            )
            continue
        if ratio < contrast.ENOUGH:
            yield _error(
                "contrast",
                f"„{_short(element)}“ hebt sich {mode}zu wenig vom Hintergrund ab "
                f"({ratio:.1f} statt {contrast.ENOUGH:.0f} zu 1).".replace(".", ",", 1),
            )


def _with_text(document: Document) -> Iterator[Element]:
    for element in document.elements:
        inside = {one.tag for one in element.lineage()}
        if element.own_text.strip() and "body" in inside:
            yield element


def _inherited(
    element: Element, name: str, forced: Mapping[int, Mapping[str, str]]
) -> str:
    """Return the nearest value of a property; a rule beats the element's own style."""
    for one in element.lineage():
        value = forced.get(id(one), {}).get(name) or one.style.get(name)
        if value:
            return value
    return ""


def _forced(element: Element, rules: Rules) -> dict[str, str]:
    found: dict[str, str] = {}
    for selector, values in rules:
        if _matches(selector, element):
            found |= values
    return found


def _matches(selector: str, element: Element) -> bool:
    """Return whether a selector of classes and tags (".page a") means *element*."""
    *above, last = selector.split()
    lineage = element.lineage()
    return _is(last, element) and all(
        any(_is(part, one) for one in lineage[1:]) for part in above
    )


def _is(part: str, element: Element) -> bool:
    return part[1:] in element.classes if part.startswith(".") else part == element.tag


def _is_at_least(value: str, least: float) -> bool:
    try:
        return float(value) >= least
    except ValueError:
        return False


def _short(element: Element) -> str:
    words = element.name
    limit = 30  # characters: enough to find the place
    return words if len(words) <= limit else f"{words[:limit].rstrip()} …"


def _error(rule: str, sentence: str) -> Finding:
    return Finding(rule, Level.ERROR, sentence)
