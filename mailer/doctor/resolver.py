"""What the checks want to know of DNS, whoever answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class DnsTrouble(Exception):
    """A question got no answer: nobody knows whether there is one.

    Attributes:
        name: What was asked for.
        reason: A German half-sentence.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Exchange:
    """One host that takes mail for a domain.

    Attributes:
        host: Its name without the last dot; empty for "nobody takes any" (RFC 7505).
    """

    preference: int
    host: str


class Resolver(Protocol):
    """Answers questions about names; empty means that there is no such record.

    Every method may raise ``DnsTrouble``.
    """

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records, the strings of each one joined."""
        ...

    def addresses(self, name: str) -> Sequence[str]:
        """Return all IPv4 and IPv6 addresses."""
        ...

    def exchanges(self, name: str) -> Sequence[Exchange]:
        """Return the MX records, the preferred first."""
        ...

    def names(self, address: str) -> Sequence[str]:
        """Return what an IP address is called (PTR)."""
        ...
