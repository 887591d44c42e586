"""The machine's half of a delivery report: groups of fields, one for each recipient.

Servers forget the blank line between two recipients, put one inside a recipient, or
break a long diagnostic without indenting it; so a field that cannot belong to the
same recipient begins the next one, and a line that is no field goes on with the last.

Source: RFC 3464, sections 2.1 to 2.3; RFC 6533, section 3 (addresses of type utf-8).
"""

from __future__ import annotations

import re
from typing import Final

from mailer.inbound import decoding

MAX_GROUPS: Final = 200
"""Recipients read from one report: ours have one, a hostile one has a million."""

MAX_VALUE_CHARS: Final = 4000
"""Of one field; nobody's diagnostic is longer."""

RECIPIENTS: Final = (
    "final-recipient",
    "original-recipient",
    "x-actual-recipient",
    "x-actual-recipient-address",
)
"""Fields that name whom a group is about, the best first."""

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]{0,8}:[ \t]*(.*)")
_ESCAPED: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_MAX_CODE_POINT: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)

Group = dict[str, str]
"""Name in small letters, and value."""


def groups(text: str) -> list[Group]:
    """Return the groups of fields in *text*: the message's own first, if it has one."""
    found: list[Group] = [{}]
    last = ""
    for line in text.splitlines():
        if not line.strip():
            if found[-1]:
                found.append({})
            last = ""
        elif (field := _FIELD.match(line)) and not line[0].isspace():
            last = field[1].lower()
            if last in found[-1] and last in {"final-recipient", "action", "status"}:
                found.append({})
            found[-1].setdefault(last, field[2].strip()[:MAX_VALUE_CHARS])
        elif last:
            joined = f"{found[-1][last]} {line.strip()}"
            found[-1][last] = joined[:MAX_VALUE_CHARS]
        if len(found) > MAX_GROUPS:
            break
    return _mended([group for group in found if group])


def address(field: str) -> str:
    r"""Return the address in "rfc822; rita@town.example"; without one, the text.

    Example:
        >>> address(r"utf-8; j\x{00FC}rgen@town.example")
        'jürgen@town.example'
    """
    kind, semicolon, value = field.partition(";")
    value = value if semicolon else kind
    if kind.strip().lower() == "utf-8":
        value = _ESCAPED.sub(_unescaped, value)
    found = decoding.addresses(value, limit=1)
    return found[0] if found else value.strip(" \t<>\"'")


def typed_text(field: str) -> str:
    """Return the words of "smtp; 550 unknown user" without their type.

    Example:
        >>> typed_text("smtp; 550 5.1.1 unknown; try rita")
        '550 5.1.1 unknown; try rita'
    """
    kind, semicolon, words = field.partition(";")
    is_type = semicolon and re.fullmatch(r"\s*[A-Za-z][\w.-]{0,30}\s*", kind)
    return (words if is_type else field).strip()


def _mended(found: list[Group]) -> list[Group]:
    """Return the groups with what a stray blank line had torn apart."""
    whole: list[Group] = []
    for group in found:
        names_nobody = not any(name in group for name in RECIPIENTS)
        before = whole[-1] if whole else {}
        if names_nobody and any(name in before for name in RECIPIENTS):
            for name, value in group.items():
                before.setdefault(name, value)
        else:
            whole.append(group)
    return whole


def _unescaped(found: re.Match[str]) -> str:
    r"""Return the sign that ``\x{FC}`` stands for; what is none stays."""
    number = int(found[1], 16)
    if number > _MAX_CODE_POINT or number in _SURROGATES or not number:
        return found[0]
    return chr(number)
