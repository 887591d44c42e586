"""What can be set about the public pages: where they are served, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Who asks for one of these stands on this machine."""


@dataclass(frozen=True, slots=True)
class Web:
    """``[web]``: the public pages. Without *base_url* no letter has a link."""

    serve: bool = False
    """`mia run` serves the pages too; `mia serve` does it alone. Default: false."""
    host: str = "127.0.0.1"
    """Address of this machine on which visitors, or the web server in front, are heard;
    default: "127.0.0.1", only from this machine."""
    port: int = 8025
    """TCP port there; default: 8025."""
    hosts: tuple[str, ...] = ()
    """More names under which the pages are asked for; default: none, the name in
    *base_url* is known."""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses of web servers in front, which may say for whom they ask
    (X-Forwarded-For); default: this machine."""

    def trusted_hosts(self, base_url: str) -> frozenset[str]:
        """Return every name under which the pages may be asked for."""
        own = urlsplit(base_url).hostname
        return LOCAL_NAMES | {*self.hosts, *([own] if own else [])}
