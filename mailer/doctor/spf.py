"""May this address send mail for that domain? SPF as a receiving server reads it.

What needs the sender of one single letter ("exists", "ptr", macros) is not worked
out: it counts as no match, and is told.

Source: RFC 7208, sections 4.6 (evaluation and its limits), 5 (mechanisms) and 6.1
(redirect).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from mailer.doctor.resolver import DnsTrouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mailer.doctor.resolver import Resolver

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

MAX_LOOKUPS: Final = 10
"""Terms that ask DNS, in one evaluation (RFC 7208, section 4.6.4)."""

MAX_VOIDS: Final = 2
"""Questions without an answer (RFC 7208, section 4.6.4)."""

MAX_EXCHANGES: Final = 10
"""Hosts behind one "mx" (RFC 7208, section 4.6.4)."""

_TERM: Final = re.compile(
    r"(?P<sign>[-+?~]?)(?P<name>[a-z][a-z0-9._-]*)"
    r"(?:(?P<mark>[:=])(?P<value>[^/\s]+|ip6:\S+))?"
    r"(?:/(?P<four>\d{1,3}))?(?://(?P<six>\d{1,3}))?",
    re.IGNORECASE,
)
_VERSION: Final = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)


class SpfResult(StrEnum):
    """The results of RFC 7208, section 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - a result, not a password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


SIGNS: Final[Mapping[str, SpfResult]] = {
    "": SpfResult.PASS,
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}
"""What a matching mechanism means, by the sign before it."""


class _Broken(Exception):
    """The record cannot be evaluated; the reason is a German half-sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a receiving server would say.

    Attributes:
        lookups: Terms that asked DNS.
        unread: Terms that were not worked out, as they are written.
        reason: German half-sentence for an error; empty without one.
    """

    result: SpfResult
    lookups: int
    unread: tuple[str, ...] = ()
    reason: str = ""


def judge(domain: str, address: str, resolver: Resolver) -> Judgement:
    """Return whether *address* may send for *domain*.

    Args:
        domain: Of the return path.
        address: An IP address.
    """
    walk = _Walk(ipaddress.ip_address(address), resolver)
    reason = ""
    try:
        result = walk.check(domain)
    except _Broken as error:
        result, reason = SpfResult.PERMERROR, error.reason
    except DnsTrouble as trouble:
        result, reason = SpfResult.TEMPERROR, f"{trouble.name}: {trouble.reason}"
    return Judgement(result, walk.lookups, tuple(walk.unread), reason)


def records(domain: str, resolver: Resolver) -> list[str]:
    """Return the SPF records of *domain*; exactly one is right.

    Source: RFC 7208, section 4.5.
    """
    return [text for text in resolver.texts(domain) if _VERSION.match(text)]


@dataclass(slots=True)
class _Walk:
    """One evaluation: whose address, and what was spent so far."""

    address: Address
    resolver: Resolver
    lookups: int = 0
    voids: int = 0
    unread: list[str] = field(default_factory=list)

    def check(self, domain: str) -> SpfResult:
        """Go through the record of *domain*, term by term."""
        found = records(domain, self.resolver)
        if not found:
            return SpfResult.NONE
        if len(found) > 1:
            raise _Broken(f"{domain} hat mehr als einen SPF-Eintrag")
        redirect = ""
        for word in found[0].split()[1:]:
            term = _TERM.fullmatch(word)
            if term is None:
                raise _Broken(f"„{word}“ ist nicht richtig geschrieben")
            if term["mark"] == "=":
                redirect = term["value"] if term["name"] == "redirect" else redirect
            elif self._matches(word, term, domain):
                return SIGNS[term["sign"]]
        return self._redirected(redirect) if redirect else SpfResult.NEUTRAL

    def _redirected(self, domain: str) -> SpfResult:
        """Source: RFC 7208, section 6.1."""
        self._spend()
        if "%" in domain:
            self.unread.append(f"redirect={domain}")
            return SpfResult.NEUTRAL
        result = self.check(domain)
        if result is SpfResult.NONE:
            raise _Broken(f"redirect={domain} führt zu keinem SPF-Eintrag")
        return result

    def _matches(self, word: str, term: re.Match[str], domain: str) -> bool:
        """Tell whether one mechanism is about our address."""
        name = term["name"].lower()
        if name == "all":
            return True
        if name in {"ip4", "ip6"}:
            return self._in_network(word)
        if name not in {"include", "a", "mx", "exists", "ptr"}:
            raise _Broken(f"„{word}“ kennt SPF nicht")
        self._spend()
        target = term["value"] or domain
        if name in {"exists", "ptr"} or "%" in target:
            self.unread.append(word)
            return False
        if name == "include":
            return self._included(target)
        hosts = [target] if name == "a" else self._exchanges(target)
        return self._is_among(hosts, term)

    def _in_network(self, word: str) -> bool:
        try:
            network = ipaddress.ip_network(word.partition(":")[2], strict=False)
        except ValueError:
            raise _Broken(f"„{word}“ ist kein Netz") from None
        return self.address in network

    def _included(self, domain: str) -> bool:
        """Source: RFC 7208, section 5.2."""
        result = self.check(domain)
        if result is SpfResult.NONE:
            raise _Broken(f"include:{domain} führt zu keinem SPF-Eintrag")
        return result is SpfResult.PASS

    def _exchanges(self, domain: str) -> list[str]:
        found = [one.host for one in self.resolver.exchanges(domain)]
        if not found:
            self._void()
        if len(found) > MAX_EXCHANGES:
            raise _Broken(f"mx:{domain} nennt mehr als {MAX_EXCHANGES} Rechner")
        return found

    def _is_among(self, hosts: Iterable[str], term: re.Match[str]) -> bool:
        """Tell whether our address is one of *hosts*, or in a net around one."""
        is_four = self.address.version == 4  # noqa: PLR2004 - of the protocol
        length = (term["four"] or "32") if is_four else (term["six"] or "128")
        for host in hosts:
            found = self.resolver.addresses(host)
            if not found:
                self._void()
            around = (
                ipaddress.ip_interface(f"{one}/{length}").network
                for one in found
                if (":" in one) != is_four
            )
            if any(self.address in network for network in around):
                return True
        return False

    def _spend(self) -> None:
        self.lookups += 1
        if self.lookups > MAX_LOOKUPS:
            raise _Broken(f"er braucht mehr als {MAX_LOOKUPS} DNS-Abfragen")

    def _void(self) -> None:
        self.voids += 1
        if self.voids > MAX_VOIDS:
            raise _Broken(f"mehr als {MAX_VOIDS} seiner Namen gibt es nicht")
