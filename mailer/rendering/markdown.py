"""The coordinator's own words: a little Markdown, rendered twice from one reading.

Paragraphs, emphasis, lists and links are all a short text needs. Headings become
small ones, because the letter has its own order of headings. Pictures, HTML and
foreign links are left out, and a finding says so.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mailer.rendering.finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMES: Final = ("https:", "http:", "mailto:", "tel:")
"""What a link may lead to; everything else has no place in a letter."""

_TAGS: Final = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "h3"}
_ATTRIBUTES: Final = {"a": {"href"}}

_DROPPED: Final = {
    "image": "Ein Bild wurde weggelassen. Bitte sagen Sie mit Worten, was es zeigt.",
    "html_block": "HTML wurde weggelassen. Bitte schreiben Sie den Text ohne HTML.",
    "html_inline": "HTML wurde weggelassen. Bitte schreiben Sie den Text ohne HTML.",
    "hr": "Eine Trennlinie wurde weggelassen; Absätze trennen schon.",
}
"""Constructs that do not reach a reader, and what the coordinator is told."""

_LINK: Final = (
    "Ein Link wurde zu einfachem Text. Möglich sind nur Links, die mit https, http, "
    "mailto oder tel beginnen."
)
_HEADING: Final = (
    "Eine Überschrift wurde zu einer kleinen Überschrift, damit die Ordnung des "
    "Briefes stimmt."
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text, read and cleaned of what must not reach a reader."""

    tokens: tuple[Token, ...]
    findings: tuple[Finding, ...]


def to_html(source: str, *, keep_lines: bool = False, names_sites: bool = False) -> str:
    """Return *source* as harmless HTML.

    Args:
        source: Markdown.
        keep_lines: A new line stays a new line, as Leichte Sprache needs it.
        names_sites: Links say where they lead, "our page (haus.example)": where
            several people write, each has a page of her own.
    """
    reader = _reader()
    reader.options["breaks"] = keep_lines
    tokens = list(_read(source).tokens)
    if names_sites:
        tokens = [_with_sites(token) for token in tokens]
    markup = reader.renderer.render(tokens, reader.options, {})
    return nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={scheme.rstrip(":") for scheme in SCHEMES},
        link_rel=None,
    ).strip()


def to_text(source: str, *, keep_lines: bool = False, names_sites: bool = False) -> str:
    """Return *source* as plain text, each link's address on a line of its own.

    Args:
        source: Markdown.
        keep_lines: A new line stays a new line, as Leichte Sprache needs it.
        names_sites: As for ``to_html``.
    """
    tokens = _read(source).tokens
    if names_sites:
        tokens = tuple(_with_sites(token) for token in tokens)
    blocks = _blocks(tokens, "\n" if keep_lines else " ")
    return "".join(blocks).strip("\n")


def findings(source: str) -> tuple[Finding, ...]:
    """Return what was left out of *source* or changed, each once."""
    return tuple(dict.fromkeys(_read(source).findings))


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    # Switched off: what happens by accident (an indented line, a line of dashes under
    # a sentence, a lone quote mark) and what people meant as plain signs (`, &).
    reader = MarkdownIt("commonmark").disable(
        ["code", "fence", "backticks", "lheading", "blockquote", "entity"]
    )
    # Every link is read as one; ``_links`` decides which stay, and tells why.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005 - markdown-it names it
    return reader


@lru_cache(maxsize=16)
def _read(source: str) -> _Reading:
    notes: list[Finding] = []
    tokens: list[Token] = []
    for token in _reader().parse(source):
        if token.type in _DROPPED:
            notes.append(_note("words-dropped", _DROPPED[token.type]))
            continue
        if token.type == "heading_open":
            notes.append(_note("words-heading", _HEADING))
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"
        if token.children is not None:
            token.children = _links(_kept(token.children, notes), notes)
        tokens.append(token)
    return _Reading(tuple(tokens), tuple(notes))


def _kept(children: Sequence[Token], notes: list[Finding]) -> list[Token]:
    kept = []
    for child in children:
        if child.type in _DROPPED:
            notes.append(_note("words-dropped", _DROPPED[child.type]))
        else:
            kept.append(child)
    return kept


def _links(children: Sequence[Token], notes: list[Finding]) -> list[Token]:
    """Return *children* without links to where no letter leads; their text stays."""
    kept = []
    dropping = False
    for child in children:
        if child.type == "link_open":
            dropping = not str(child.attrGet("href")).lower().startswith(SCHEMES)
            if dropping:
                notes.append(_note("words-link", _LINK))
        if not (dropping and child.type in ("link_open", "link_close")):
            kept.append(child)
    return kept


def _with_sites(token: Token) -> Token:
    """Return *token* with the site of each link at the end of its words."""
    children: list[Token] = []
    target = ""
    for child in token.children or []:
        if child.type == "link_open":
            target = str(child.attrGet("href"))
        site = _site(target)
        words = children[-1].content if children else ""
        if child.type == "link_close" and site and site not in words:
            children.append(Token("text", "", 0, content=f" ({site})"))
        children.append(child)
    return replace(token, children=children) if token.children else token


def _site(target: str) -> str:
    """Return whose page a link leads to, "haus.example"; empty for a telephone."""
    return (urlsplit(target).hostname or "").removeprefix("www.")


def _note(rule: str, sentence: str) -> Finding:
    return Finding(rule, Level.HINT, sentence)


def _blocks(tokens: Sequence[Token], line_end: str) -> Iterator[str]:
    """Yield the text of each block with the gap that follows it."""
    marks: list[int | None] = []  # one per open list: its next number, None for "-"
    prefix = ""
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                marks.append(None)
            case "ordered_list_open":
                marks.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                marks.pop()
                yield "" if marks else "\n"
            case "list_item_open":
                number = marks[-1]
                prefix = "- " if number is None else f"{number}. "
                marks[-1] = None if number is None else number + 1
            case "inline":
                inside = "  " * (len(marks) - 1)
                gap = "\n" if marks else "\n\n"
                yield inside + prefix + _line(token.children or [], line_end) + gap
                prefix = ""
            case _:
                pass


def _line(children: Sequence[Token], line_end: str) -> str:
    """Return one paragraph; addresses of its links follow, each on its own line."""
    said: list[str] = []
    targets: list[str] = []
    words_from = 0
    target = ""
    for child in children:
        match child.type:
            case "text":
                said.append(child.content)
            case "softbreak":
                said.append(line_end)
            case "hardbreak":
                said.append("\n")
            case "link_open":
                words_from, target = len(said), str(child.attrGet("href"))
            case "link_close":
                words = "".join(said[words_from:])
                label = "" if words.endswith(f"({_site(target)})") else f"{words}:\n"
                if not _says(words, target):
                    targets.append(f"\n{label}{_readable(target)}")
            case _:
                pass
    return "".join(said) + "".join(targets)


def _says(words: str, target: str) -> bool:
    """Return whether *words* already tell where a link leads."""
    if target.lower().startswith("tel:"):
        return any(sign.isdigit() for sign in words)
    return words.strip() in (target, _readable(target))


def _readable(target: str) -> str:
    return html.unescape(target).removeprefix("mailto:").removeprefix("tel:")
