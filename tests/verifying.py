"""dkimpy, the judge of our signatures, with a DNS that a test describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dkim  # type: ignore[import-untyped]  # it has no types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailer.rendering.signing_keys import KeyRecord


def verdicts(message: bytes, records: Iterable[KeyRecord]) -> list[bool]:
    """Return whether each of the two signatures is good, the uppermost first."""
    zone = {f"{one.name}.": one.text.encode() for one in records}

    def dns(name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        return zone.get(name.decode())

    judge = dkim.DKIM(message, minkey=2048)
    found = []
    for idx in (0, 1):
        try:
            found.append(bool(judge.verify(idx=idx, dnsfunc=dns)))
        except dkim.ValidationError:  # the body's hash is another one
            found.append(False)
    return found
