"""The last look: does a finished message say what we meant, and nothing more?

The gate at the front door (``headers.clean``) looks at values; this one looks at
bytes, as a server will. Both must be fooled at once before a forged field leaves.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from mailer.errors import MessageUnsafe

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE_OCTETS: Final = 998
"""RFC 5322, section 2.1.1: a line is never longer, without CRLF."""


def inspect_message(content: bytes, *, names: Sequence[str], to: str) -> None:
    """Look at a finished message as a server reads it.

    Args:
        content: The message, RFC 5322 bytes with CRLF.
        names: The header fields it was meant to have, in order.
        to: The only address it was meant for, as it goes over the wire.

    Raises:
        MessageUnsafe: It has other fields, another recipient or a byte or line that
            mail does not allow.

    Source: RFC 5322, sections 2.1, 2.2 and 3.6; RFC 5321, section 2.3.8.
    """
    inspect_octets(content)
    fields = read_fields(content)
    found = [name for name, _ in fields]
    if found != list(names):
        wrong = next(
            is_ or meant
            for is_, meant in zip_longest(found, names, fillvalue="")
            if is_ != meant
        )
        raise MessageUnsafe(wrong, "sie steht anders in der Nachricht als vorgesehen")
    recipients = [value for name, value in fields if name == "To"]
    if [address_of(value) for value in recipients] != [to]:
        raise MessageUnsafe("To", "die Adresse ist nicht die vorgesehene")


def inspect_octets(content: bytes) -> None:
    """Look at the bytes: ASCII without NUL, CRLF only, no line too long.

    Raises:
        MessageUnsafe: One of these is not so.

    Source: RFC 5322, section 2.1.1; RFC 5321, sections 2.3.8 and 4.5.3.1.6.
    """
    if not content.isascii() or b"\0" in content:
        raise MessageUnsafe("Nachricht", "sie enthält Bytes, die nicht ASCII sind")
    lines = content.split(b"\r\n")
    rest = b"".join(lines)
    if b"\r" in rest or b"\n" in rest:
        raise MessageUnsafe("Nachricht", "ein Zeilenende ist nicht CRLF")
    if max(map(len, lines)) > MAX_LINE_OCTETS:
        raise MessageUnsafe("Nachricht", "eine Zeile ist zu lang")


def read_fields(content: bytes) -> list[tuple[str, str]]:
    """Return the header fields of a message, unfolded: names and values.

    Raises:
        MessageUnsafe: A line is neither a field nor its continuation.

    Source: RFC 5322, sections 2.2 and 2.2.3.
    """
    fields: list[tuple[str, str]] = []
    for line in content.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n"):
        if line[:1] in {" ", "\t"} and fields and line.strip():
            name, value = fields.pop()
            fields.append((name, value + line))
            continue
        name, colon, value = line.partition(":")
        if not colon or not name or not all("!" <= sign <= "~" for sign in name):
            raise MessageUnsafe("Kopfzeilen", "eine Zeile ist keine Kopfzeile")
        fields.append((name, value))
    return fields


def address_of(value: str) -> str:
    """Return the address in the value of a field that names one mailbox."""
    return value.rpartition(" ")[2].removeprefix("<").removesuffix(">")
