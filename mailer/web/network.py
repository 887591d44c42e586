"""From where somebody comes: her network, never her address.

A household or a school has one IPv4 network or one /48, so limits count networks. The
address itself is not kept, neither here nor anywhere else.

Source: RFC 7239, section 5.2 (what a proxy says about its client); RFC 6177, section 2
(a site gets a /48 or less).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

PREFIXES: Final = {4: 24, 6: 48}
"""How many bits name a network, by version of the protocol."""

UNKNOWN: Final = "unknown"
"""All whose address cannot be told count as one network."""

MAX_HOPS: Final = 10
"""So many proxies of ours stand in a row at most."""


def network_of(peer: str, forwarded: str, proxies: Collection[str]) -> str:
    """Return the network of a visitor, "198.51.100.0/24".

    Args:
        peer: Who has opened the connection.
        forwarded: X-Forwarded-For; what stands left of our own proxies is hearsay.
        proxies: Addresses of ours that may say for whom they ask.

    Example:
        >>> network_of("127.0.0.1", "192.0.2.1, 198.51.100.7", {"127.0.0.1"})
        '198.51.100.0/24'
        >>> network_of("198.51.100.7", "192.0.2.1", {"127.0.0.1"})
        '198.51.100.0/24'
    """
    address = peer
    hops = [one.strip() for one in forwarded.split(",") if one.strip()]
    for hop in reversed(hops[-MAX_HOPS:]):
        if address not in proxies:
            break
        address = hop
    return _network(address)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    whole = ipaddress.ip_network((found, PREFIXES[found.version]), strict=False)
    return str(whole)
