"""What every answer says to browsers: load nothing, send nothing on, keep nothing.

The pages have no scripts, no pictures but their own sign and no cookies, so all of that
is forbidden; what a page does not need, nobody can smuggle into it.

Source: Content Security Policy Level 3; Fetch, "Cross-Origin-Resource-Policy header";
RFC 6797 (HSTS); RFC 9111, section 5.2.2.5 (no-store).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

ALWAYS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    # A token in the address must not travel on; not even to ourselves.
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

UNLESS_SAID: Final[Mapping[str, str]] = {"cache-control": "no-store"}
"""A page that anybody may keep says so itself."""

A_YEAR: Final = 31_536_000
"""In seconds."""

IF_HTTPS: Final[Mapping[str, str]] = {
    # Other names below the town's are not ours to promise for.
    "strict-transport-security": f"max-age={A_YEAR}",
}


def headers_for(base_url: str) -> Mapping[str, str]:
    """Return what every answer says, whatever page it is."""
    is_https = base_url.startswith("https://")
    return {**ALWAYS, **(IF_HTTPS if is_https else {})}
