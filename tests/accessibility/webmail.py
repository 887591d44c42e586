"""What GMX and WEB.DE show of a letter in the browser: a strict imitation.

Built from public records of what these webmailers remove, not from their code: style
sheets, language, direction, roles, ARIA, backgrounds that are not one of the sixteen
colour words of CSS 1, ``!important``, and sectioning elements. What remains is put
into a page that has its own heading. It is a lower bound, not a proof.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

COLOUR_WORDS: Final = frozenset(
    {"aqua", "black", "blue", "fuchsia", "gray", "green", "lime", "maroon", "navy"}
    | {"olive", "purple", "red", "silver", "teal", "white", "yellow"}
)
GONE: Final = frozenset({"lang", "dir", "role"})
UNWRAPPED: Final = frozenset(
    {"html", "body", "header", "main", "section", "article", "footer", "nav", "aside"}
)
SILENT: Final = frozenset({"head", "style", "title", "script"})

PAGE: Final = (
    '<!DOCTYPE html><html lang="de"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Posteingang</title></head><body>"
    "<header><h1>Posteingang</h1></header><main>{}</main></body></html>"
)


def shown(html: str) -> str:
    """Return the page on which a webmail reader sees the letter *html*."""
    reader = _Remover()
    reader.feed(html)
    reader.close()
    return PAGE.format("".join(reader.kept))


class _Remover(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self.silent = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        if self.silent or tag in UNWRAPPED or tag == "meta":
            return
        given = [
            f' {name}="{escape(_style(value) if name == "style" else value)}"'
            for name, value in ((name, value or "") for name, value in attrs)
            if name not in GONE and not name.startswith("aria-")
        ]
        self.kept.append(f"<{tag}{''.join(given)}>")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent -= 1
        elif not self.silent and tag not in UNWRAPPED:
            self.kept.append(f"</{tag}>")

    @override
    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.kept.append(escape(data, quote=False))


def _style(text: str) -> str:
    """Return a style attribute as it gets through: all of it, or nothing."""
    if "/*" in text:
        return ""
    kept = []
    for part in text.split(";"):
        name, _, value = part.partition(":")
        value = value.strip().lower()
        is_lost_colour = name.strip().lower() == "background-color" and (
            value not in COLOUR_WORDS
        )
        if name.strip() and "!important" not in value and not is_lost_colour:
            kept.append(part.strip())
    return "; ".join(kept)
