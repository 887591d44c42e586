"""HTML mail becomes text that can be read line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.inbound.html_text import html_text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Ja</p><p>bitte</p>", "Ja\n\nbitte"),
        ("Ja<br>bitte", "Ja\nbitte"),
        ("<style>p{}</style><script>x</script>Ja", "Ja"),
        ("<head><title>x</title></head><body>Gr&uuml;&szlig;e</body>", "Grüße"),
        (
            "<blockquote>alt<blockquote>älter</blockquote></blockquote>neu",
            "> alt\n>> älter\nneu",
        ),
        ("eins<hr>zwei", f"eins\n{'_' * 32}\nzwei"),
        ("1 < 2", "1 < 2"),
        ("<!-- <p>x</p> -->Ja", "Ja"),
        ("Ja<p", "Ja"),
        ("&#99999999999999;Ja", "Ja"),
    ],
)
def test_a_page_reads_as_it_looks(page: str, text: str) -> None:
    """Blocks are lines, quotations are marked, the invisible is gone."""
    lines = [line for line in html_text(page).split("\n") if line]
    assert lines == [line for line in text.split("\n") if line]


@given(st.text(alphabet="<>/!-&#; apbr\"'=blockquote"))
def test_no_page_is_too_broken(page: str) -> None:
    """Whatever stands there, text comes out."""
    assert isinstance(html_text(page), str)
