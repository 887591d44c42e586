"""The coordinator's own words: harmless HTML, plain text, and honest findings."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from mailer.rendering import markdown


def test_paragraphs_and_emphasis() -> None:
    """What a short text needs, in both parts."""
    source = "Ein *leiser* und ein **lauter** Satz.\nNoch einer.\n\nEin Absatz."
    assert markdown.to_html(source) == (
        "<p>Ein <em>leiser</em> und ein <strong>lauter</strong> Satz.\n"
        "Noch einer.</p>\n"
        "<p>Ein Absatz.</p>"
    )
    assert markdown.to_text(source) == (
        "Ein leiser und ein lauter Satz. Noch einer.\n\nEin Absatz."
    )
    assert markdown.findings(source) == ()


def test_lines_are_kept_for_leichte_sprache() -> None:
    """One sentence a line stays one sentence a line."""
    source = "Wir reden.\nBitte kommen Sie."
    assert markdown.to_html(source, keep_lines=True) == (
        "<p>Wir reden.<br>\nBitte kommen Sie.</p>"
    )
    assert markdown.to_text(source, keep_lines=True) == source


def test_two_spaces_at_the_end_break_a_line() -> None:
    """Markdown's own line break works in both parts."""
    assert markdown.to_html("Markt 1  \nStadt") == "<p>Markt 1<br>\nStadt</p>"
    assert markdown.to_text("Markt 1  \nStadt") == "Markt 1\nStadt"


def test_the_style_of_one_text_does_not_leak_into_the_next() -> None:
    """Kept lines are a wish of one call only."""
    markdown.to_html("a\nb", keep_lines=True)
    assert markdown.to_html("a\nb") == "<p>a\nb</p>"


def test_lists() -> None:
    """Hyphens and numbers in text; nested points are indented."""
    source = (
        "Zum Beispiel:\n\n- eins\n- zwei\n  - darunter\n\n3. drei\n4. vier\n\nEnde."
    )
    assert markdown.to_text(source) == (
        "Zum Beispiel:\n\n- eins\n- zwei\n  - darunter\n\n3. drei\n4. vier\n\nEnde."
    )
    assert "<ul>\n<li>eins</li>" in markdown.to_html(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "Mehr auf [unserer Seite](https://mia.example/a).",
            "Mehr auf unserer Seite.\nunserer Seite:\nhttps://mia.example/a",
        ),
        ("<https://mia.example/a>", "https://mia.example/a"),
        ("[rita@post.example](mailto:rita@post.example)", "rita@post.example"),
        ("[Rita](mailto:rita@post.example)", "Rita\nRita:\nrita@post.example"),
        ("Telefon [03473 95 81 11](tel:+493473958111)", "Telefon 03473 95 81 11"),
    ],
)
def test_links_in_text_have_their_own_line(source: str, text: str) -> None:
    """Words first, address below; nothing is said twice."""
    assert markdown.to_text(source) == text


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "seite.html",
        "ftp://x",
    ],
)
def test_links_to_elsewhere_become_text(target: str) -> None:
    """The words stay, the link goes, and the coordinator is told."""
    source = f"Bitte [lesen]({target}) Sie."
    assert markdown.to_html(source) == "<p>Bitte lesen Sie.</p>"
    assert markdown.to_text(source) == "Bitte lesen Sie."
    assert [one.rule for one in markdown.findings(source)] == ["words-link"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "Vorher ![Bild](https://x.example/a.png) nachher",
            "Ein Bild wurde weggelassen",
        ),
        ("Text <b>fett</b> Text", "HTML wurde weggelassen"),
        ("<div>\nText\n</div>", "HTML wurde weggelassen"),
        ("oben\n\n***\n\nunten", "Eine Trennlinie wurde weggelassen"),
        ("keine Überschrift\n---", "Eine Trennlinie wurde weggelassen"),
    ],
)
def test_what_is_left_out_is_told(source: str, said: str) -> None:
    """Pictures, HTML and rulers never reach a reader, and never vanish in silence."""
    html, text = markdown.to_html(source), markdown.to_text(source)
    assert "<img" not in html
    assert "<b>" not in html
    assert "***" not in text
    assert [one.sentence.startswith(said) for one in markdown.findings(source)] == [
        True
    ]


def test_headings_become_small() -> None:
    """The letter keeps its one main heading and the order of the others."""
    source = "# Neues\n\nText"
    assert markdown.to_html(source) == "<h3>Neues</h3>\n<p>Text</p>"
    assert markdown.to_text(source) == "Neues\n\nText"
    assert [one.rule for one in markdown.findings(source)] == ["words-heading"]


@pytest.mark.parametrize(
    "source",
    ["    eingerückt", "> so steht es da", "`x` & <3", "Müller &amp; Co"],
)
def test_plain_signs_stay_plain(source: str) -> None:
    """What people type by accident is not taken for a command."""
    html = markdown.to_html(source)
    assert "<code" not in html
    assert "<h" not in html
    assert "<blockquote" not in html
    assert markdown.findings(source) == ()


class _Tags(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@given(
    st.lists(
        st.sampled_from(
            ["<script>", "</p>", "[a](", "javascript:", "https://x.example", ")", "![",
             "](", "*", "**", "\n", "\n\n", "- ", "# ", "<", ">", "&", "'", '"', "`",
             "onerror=", "<img src=x>", "a", " ", "|", "1. ", "&#106;", "<a href='x'>"]
        )
    ).map("".join)
)  # fmt: skip
def test_whatever_is_typed_is_harmless(source: str) -> None:
    """Only our elements, only href on links, only four kinds of link."""
    tags = _Tags()
    tags.feed(markdown.to_html(source))
    markdown.to_text(source)
    for tag, attributes in tags.seen:
        assert tag in {"p", "br", "em", "strong", "ul", "ol", "li", "a", "h3"}
        assert set(attributes) <= ({"href"} if tag == "a" else set())
        for target in attributes.values():
            assert str(target).lower().startswith(markdown.SCHEMES)


def test_links_of_several_people_say_whose_page_they_lead_to() -> None:
    """In HTML and text alike; a link that says so already is left alone."""
    source = "Mehr [bei uns](https://www.haus.example/neu), oder [Tel](tel:+4934731)."
    assert '">bei uns (haus.example)</a>' in markdown.to_html(source, names_sites=True)
    assert markdown.to_text(source, names_sites=True).startswith(
        "Mehr bei uns (haus.example), oder Tel.\nhttps://www.haus.example/neu\n"
    )
    plain = "Siehe [haus.example](https://haus.example/neu)."
    assert markdown.to_html(plain, names_sites=True) == markdown.to_html(plain)
    assert markdown.to_html("", names_sites=True) == ""
