"""What may stand on the wire: the rules of the last gate for addresses and content.

Whoever built a parcel, and however it got past the gates above: what is not exactly
one address or one message for every server that reads it does not leave the house.
Pure functions, asked once per parcel.

Source: RFC 5321, sections 2.3.8, 4.1.2 and 4.5.2; RFC 1870, section 4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.errors import ContentUnsafe
from mailer.rendering.parcel import Verdict
from mailer.transport import replies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.rendering.parcel import Outcome, Parcel
    from subscribers.address import EmailAddress

_WIRE_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+"
    r"@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++"
)
"""Dot-string "@" domain (RFC 5321, section 4.1.2): all that the gate before the
database lets in. Asked again here because a lenient line would reach a stranger."""

MAX_LINE_OCTETS = 998
"""Without its CRLF (RFC 5322, section 2.1.1)."""


LINE_END: Final = b"\r\n"

FINAL_DOT: Final = b".\r\n"


def check_content(content: bytes) -> None:
    """Let only bytes pass that every server reads as one and the same message.

    A bare CR or LF is how a second message is smuggled in behind a first.

    Raises:
        ContentUnsafe: Octets above 127, bare line ends, NUL or endless lines.

    Source: RFC 5321, section 2.3.8.
    """
    lines = content.splitlines()  # at CR, at LF and at CRLF, so all of them must be one
    if not content.isascii() or b"\0" in content:
        reason = "sie enthält Bytes, die nicht jeder Server weitergibt"
    elif not content.endswith(LINE_END) or not (
        content.count(b"\r") == content.count(b"\n") == len(lines)
    ):
        reason = "ihre Zeilenenden sind nicht in Ordnung"
    elif max(map(len, lines)) > MAX_LINE_OCTETS:
        reason = f"sie enthält eine Zeile mit mehr als {MAX_LINE_OCTETS} Zeichen"
    else:
        return
    raise ContentUnsafe(reason)


def is_wire_address(address: EmailAddress) -> bool:
    """Say whether *address* reaches whom it names, whoever built it."""
    return _WIRE_ADDRESS.fullmatch(address.wire) is not None


def sender_options(parcel: Parcel, extensions: Mapping[str, str]) -> str:
    """Return what MAIL says about reports, to a server that knows how.

    The header is enough to come back; the letter itself is nobody else's business.

    Source: RFC 3461, sections 4.3 and 4.4.
    """
    if "dsn" not in extensions or not parcel.envelope_id or parcel.wants_no_report:
        return ""
    return f" RET=HDRS ENVID={parcel.envelope_id}"


def recipient_options(parcel: Parcel, extensions: Mapping[str, str]) -> str:
    """Return what RCPT says about reports: failures and delays, or none at all.

    Source: RFC 3461, section 4.1.
    """
    if "dsn" not in extensions:
        return ""
    return " NOTIFY=NEVER" if parcel.wants_no_report else " NOTIFY=FAILURE,DELAY"


def size_option(octets: int, extensions: Mapping[str, str]) -> str:
    """Return what MAIL says about the size of a message, where sizes are counted.

    Source: RFC 1870, section 6.
    """
    return f" SIZE={octets}" if "size" in extensions else ""


def envelope(
    parcel: Parcel, octets: int, extensions: Mapping[str, str], *, is_null: bool
) -> bytes:
    """Return the commands that open a transaction, in one group.

    Args:
        octets: The size of the message.
        is_null: Name the null return path instead of our own.

    Source: RFC 2920, section 3.1.
    """
    sender = "" if is_null else parcel.return_path.wire
    size = size_option(octets, extensions)
    return (
        f"MAIL FROM:<{sender}>{size}{sender_options(parcel, extensions)}\r\n"
        f"RCPT TO:<{parcel.recipient.wire}>{recipient_options(parcel, extensions)}\r\n"
        "DATA\r\n"
    ).encode("ascii")


def too_large(octets: int, limit: int | None) -> Outcome | None:
    """Return the refusal of a message that the server would not take; else None.

    Args:
        limit: From ``size_limit``.

    Source: RFC 1870, section 6.
    """
    if limit is None or octets <= limit:
        return None
    return replies.own_words(
        Verdict.REFUSED,
        f"die Nachricht hat {octets} Byte, der Server nimmt höchstens {limit}",
        enhanced="5.3.4",  # RFC 3463, section 3.4: "Message too big for system"
    )


def stuffed(content: bytes) -> bytes:
    """Return *content* with leading dots doubled and the final dot.

    Source: RFC 5321, section 4.5.2.
    """
    head = b"." if content.startswith(b".") else b""
    return head + content.replace(b"\r\n.", b"\r\n..") + FINAL_DOT


def size_limit(extensions: Mapping[str, str]) -> int | None:
    """Return how many octets a message may have; None if no limit is named.

    Source: RFC 1870, section 4: zero means that there is no fixed limit.
    """
    value = extensions.get("size", "").strip()
    return (int(value) or None) if value.isascii() and value.isdigit() else None
