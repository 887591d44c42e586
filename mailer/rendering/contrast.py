"""How well a colour stands out from another.

Source: WCAG 2.2, definitions of relative luminance and contrast ratio.
"""

from __future__ import annotations

import re
from typing import Final

ENOUGH: Final = 7.0
"""Ratio that also people with poor sight can read (WCAG 2.2, criterion 1.4.6)."""

KEYWORDS: Final = {"white": "#ffffff", "black": "#000000"}
"""The two words our letters use; webmail of GMX and WEB.DE keeps a background only
if it is such a word."""

_HEX: Final = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")


def ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    Args:
        one: "#1a1a1a", "#fff" or one of ``KEYWORDS``.
        other: The same.

    Raises:
        ValueError: A colour is written in another way.

    Example:
        >>> round(ratio("#0b3d91", "white"), 1)
        10.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    written = KEYWORDS.get(colour, colour)
    if not _HEX.fullmatch(written):
        raise ValueError(f"{colour!r} is no colour of a letter")
    digits = written[1:]
    if len(digits) == 3:  # noqa: PLR2004 - the short form, one digit each
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (
        _linear(int(digits[place : place + 2], 16) / 255) for place in (0, 2, 4)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    if share <= 0.04045:  # noqa: PLR2004 - sRGB's linear beginning, as WCAG gives it
        return share / 12.92
    return float(((share + 0.055) / 1.055) ** 2.4)
