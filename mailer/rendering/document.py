"""An HTML letter as a flat list of elements: what the accessibility rules look at.

Read with the parser of the standard library. Letters are our own HTML, every element
closed; a parser that guesses like a browser would hide the very faults we look for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""Elements that have no end tag."""


@dataclass(slots=True)
class Element:
    """One element of a letter.

    Attributes:
        tag: In lower case.
        attributes: In lower case; a bare attribute has an empty value.
        parent: None for the outermost.
        own_text: Text directly inside, without that of the elements within.
        text: All text inside, in reading order.
    """

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    own_text: str = ""
    text: str = ""
    style: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.style = declarations(self.attributes.get("style", ""))

    @property
    def classes(self) -> list[str]:
        """Names in its class attribute."""
        return self.attributes.get("class", "").split()

    @property
    def name(self) -> str:
        """Its text as a screen reader says it: one line, no-break spaces as spaces."""
        return " ".join(self.text.replace("\u00a0", " ").split())

    def lineage(self) -> list[Element]:
        """Return the element and all it stands in, from the inside out."""
        found: list[Element] = []
        element: Element | None = self
        while element is not None:
            found.append(element)
            element = element.parent
        return found


@dataclass(frozen=True, slots=True)
class Document:
    """A whole letter.

    Attributes:
        source: The HTML itself.
        elements: In the order of their start tags.
        sheet: The text of its style elements.
        text: What is read in the body, one line per block.
    """

    source: str
    elements: tuple[Element, ...]
    sheet: str
    text: str

    def all(self, *tags: str) -> list[Element]:
        """Return every element with one of *tags*, in order."""
        return [element for element in self.elements if element.tag in tags]


def parse(source: str) -> Document:
    """Return *source* as a list of elements; comments, also Outlook's, are left out."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    lines = "".join(reader.said).replace("\u00a0", " ").splitlines()
    return Document(
        source=source,
        elements=tuple(reader.elements),
        sheet="".join(reader.sheet),
        text="\n".join(" ".join(line.split()) for line in lines if line.strip()),
    )


def declarations(style: str) -> dict[str, str]:
    """Return the declarations of a style attribute, names and values in lower case."""
    pairs = (part.partition(":") for part in style.split(";"))
    return {
        name.strip().lower(): value.strip().lower()
        for name, found, value in pairs
        if found
    }


_LINES: Final = frozenset({"br", "div", "h1", "h2", "h3", "li", "ol", "p", "ul"})
"""Elements that begin a new line when read aloud."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.sheet: list[str] = []
        self.said: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        element = Element(tag, given, self.open[-1] if self.open else None)
        self.elements.append(element)
        if tag in _LINES:
            self.said.append("\n")
        if tag not in VOID:
            self.open.append(element)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in _LINES:
            self.said.append("\n")
        if any(element.tag == tag for element in self.open):
            while self.open.pop().tag != tag:
                pass

    @override
    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        tags = {element.tag for element in self.open}
        if "style" in tags:
            self.sheet.append(data)
            return
        self.open[-1].own_text += data
        for element in self.open:
            element.text += data
        if "body" in tags:
            # A line end in the source is a space; only elements begin new lines.
            self.said.append(" ".join(data.split("\n")))
