"""One message from a pipe: what a mail server hands to ``mia inbox ingest``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.inbound.reading import MAX_BYTES

if TYPE_CHECKING:
    from typing import BinaryIO

NAME: Final = "stdin"
"""How the pipe is called in the database."""

CHUNK: Final = 1024 * 1024
"""Octets read at once."""


def read_all(pipe: BinaryIO) -> tuple[bytes, int]:
    """Return the first octets of a message, and how many it had in all.

    The pipe is read to its end: a mail server that cannot write everything would
    call the message undeliverable.

    Returns:
        At most one octet more than we read, which shows that it was too much.
    """
    content = pipe.read(MAX_BYTES + 1)
    octets = len(content)
    while rest := pipe.read(CHUNK):
        octets += len(rest)
    return content, octets
