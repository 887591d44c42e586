"""A rendered letter inside another one, as somebody sees it before it is sent.

Its headings go down one level, because the letter around it has the first one; its
signature mark goes, because mail programs hide what is below it.
"""

from __future__ import annotations

import re
from typing import Final

_BODY: Final = re.compile(r"(?s)<body[^>]*>(.*)</body>")
_COMMENT: Final = re.compile(r"(?s)<!--.*?-->")
_HEADING: Final = re.compile(r"(</?h)([1-5])\b")
_SIGNATURE: Final = re.compile(r"(?m)^-- $\n?")


def of_html(html: str) -> str:
    """Return what stands in the body of a whole HTML letter, one level lower.

    Example:
        >>> of_html("<html><body><h1>Einladung</h1></body></html>")
        '<h2>Einladung</h2>'
    """
    body = _BODY.search(html)
    inner = _COMMENT.sub("", body[1] if body else html).strip()
    return _HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", inner)


def of_text(text: str) -> str:
    """Return a plain text without its signature mark."""
    return _SIGNATURE.sub("", text).strip()
