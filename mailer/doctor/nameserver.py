"""The resolver of this machine, asked through dnspython, never for longer than a bit.

Source: RFC 1035 (records); RFC 7208, section 3.3 (strings of a TXT record are joined
without a space).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dns.exception
import dns.resolver
import dns.reversename

from mailer.doctor.resolver import DnsTrouble, Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_SECONDS: Final = 5.0
"""For one question, all servers together; a healthy one needs a tenth of it."""


class Nameserver:
    """Answers from DNS; each question is asked once."""

    def __init__(self, resolver: dns.resolver.Resolver | None = None) -> None:
        """Prepare to ask *resolver*; None is the one that this machine uses."""
        self._resolver = resolver
        self._known: dict[tuple[str, str], tuple[Any, ...]] = {}

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records."""
        return [
            b"".join(record.strings).decode("utf-8", "replace")
            for record in self._asked(name, "TXT")
        ]

    def addresses(self, name: str) -> Sequence[str]:
        """Return all IPv4 and IPv6 addresses."""
        found = (*self._asked(name, "A"), *self._asked(name, "AAAA"))
        return [record.address for record in found]

    def exchanges(self, name: str) -> Sequence[Exchange]:
        """Return the MX records, the preferred first."""
        found = (
            Exchange(record.preference, record.exchange.to_text().rstrip("."))
            for record in self._asked(name, "MX")
        )
        return sorted(found, key=lambda one: one.preference)

    def names(self, address: str) -> Sequence[str]:
        """Return what an IP address is called."""
        reverse = dns.reversename.from_address(address).to_text()
        return [
            record.target.to_text().rstrip(".")
            for record in self._asked(reverse, "PTR")
        ]

    def _asked(self, name: str, kind: str) -> tuple[Any, ...]:
        key = (name.lower(), kind)
        if key not in self._known:
            self._known[key] = self._answer(name, kind)
        return self._known[key]

    def _answer(self, name: str, kind: str) -> tuple[Any, ...]:
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver()
            return tuple(
                self._resolver.resolve(
                    name, kind, lifetime=PATIENCE_SECONDS, search=False
                )
            )
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.resolver.NoResolverConfiguration:
            reason = "auf diesem Rechner ist kein Nameserver eingestellt"
        except dns.exception.Timeout:
            reason = "der Nameserver antwortet nicht innerhalb der Wartezeit"
        except dns.exception.DNSException as error:
            reason = f"der Nameserver meldet einen Fehler ({type(error).__name__})"
        raise DnsTrouble(name, reason)
