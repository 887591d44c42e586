"""HTML gets its style sheet written into its elements: webmail throws it away.

Apart from the rest of the last touch (``polish``), since only new letters need it.
"""

from __future__ import annotations

import re
from typing import Final

from css_inline import CSSInliner

from mailer.rendering.polish import polish_fragment

_INLINER: Final = CSSInliner(
    keep_at_rules=True,  # the rules for dark mode; everything else goes inline
    load_remote_stylesheets=False,  # rendering never touches the network
)
_HEAD: Final = re.compile(r"(?s)\A.*?</head>")


def polish_html(html: str) -> str:
    """Return a whole HTML letter with its styles inlined and its lines kept whole.

    Raises:
        css_inline.InlineError: The style sheet or the markup is broken.
    """
    whole = _INLINER.inline(html)
    head = _HEAD.match(whole)
    start = head.end() if head else 0
    return whole[:start] + polish_fragment(whole[start:]).rstrip() + "\n"
