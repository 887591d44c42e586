"""The last touch: what no template should have to think of.

HTML gets no-break spaces where a line must not end (and its style sheet written into
the elements, see ``inlining``). Text gets even gaps.
"""

from __future__ import annotations

import re
from typing import Final

from mailer import german

_TAG: Final = re.compile(r"(<[^>]*>)")
_EMAIL: Final = re.compile(r"\bE-Mails?\b")
_BLANK_LINES: Final = re.compile(r"\n{4,}")
_TRAILING: Final = re.compile(r"(?m)(?<!^--)[ \t\u00a0]+$")


def polish_fragment(html: str) -> str:
    """Return a piece of HTML in which dates, times and "E-Mail" do not break."""
    if "<" not in html:
        return _unbroken(html)
    parts = _TAG.split(html)
    # Every second part is a tag; only what is between tags is read by people.
    parts[::2] = [_unbroken(text) for text in parts[::2]]
    return "".join(parts)


def polish_text(text: str) -> str:
    """Return a plain text with at most two blank lines in a row, and none at the ends.

    The line "-- " keeps its space: mail programs know a signature by it (RFC 3676,
    section 4.3).
    """
    even = _BLANK_LINES.sub("\n\n\n", _TRAILING.sub("", text))
    return f"{even.strip()}\n"


def _unbroken(text: str) -> str:
    whole = german.keep_together(text)
    if "E-Mail" not in whole:
        return whole
    return _EMAIL.sub(r'<span style="white-space: nowrap;">\g<0></span>', whole)
