"""For machines: is it alive, can it serve, how is it, and whom to tell of a hole.

``/healthz`` asks nothing and is answered even when every thread is busy: whoever gets
no answer may start the process anew. ``/readyz`` asks the database and looks at the
pulses of the loops. ``/metrics`` is made from rows alone and only for this machine.

Source: RFC 9116 (security.txt); RFC 9309 (robots.txt); Prometheus, "Text format".
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse, Response

from mailer.watching.pulses import DaemonState, daemon_state
from mailer.web.metrics import exposition
from mailer.web.refusals import NOT_FOUND, Refused
from mailer.web.visit import Route

if TYPE_CHECKING:
    from mailer.web.site import Site
    from mailer.web.visit import Visit

HEALTH: Final = "/healthz"

READY: Final = "/readyz"

VALID_FOR: Final = timedelta(days=180)
"""RFC 9116, section 2.5.5, wants less than a year."""

EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"

UNWILLING: Final = 503


def alive(_site: Site, _visit: Visit) -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


def ready(site: Site, _visit: Visit) -> Response:
    """Say whether visitors can be served, and whether anybody sends what they ask for.

    Raises:
        StoreBusy, StoreUnavailable: Then the answer is 503 too.
    """
    silent_after = site.settings.alarm.silent_after
    with site.database.reading() as db:
        # Whether somebody has the lock is not seen from here; a pulse is.
        found, _ = daemon_state(
            db, is_locked=True, silent_after=silent_after, now=site.now
        )
    if found is DaemonState.RUNS:
        return PlainTextResponse("ok\n")
    return PlainTextResponse("the loops are silent\n", UNWILLING)


def metrics(site: Site, visit: Visit) -> Response:
    """Show the numbers to this machine.

    Raises:
        Refused: Somebody else asks; for her there is no such page.
    """
    if not visit.is_from_here:
        raise Refused(NOT_FOUND)
    with site.database.reading() as db:
        content = exposition(db, now=site.now)
    return Response(content, media_type=EXPOSITION)


def security(site: Site, _visit: Visit) -> Response:
    """Say whom to tell of a hole (RFC 9116)."""
    settings = site.settings
    told = settings.alarm.address or settings.coordinator.email
    ends = datetime.combine(site.now.astimezone(UTC) + VALID_FOR, time(), UTC)
    lines = [
        f"Contact: mailto:{told.wire}",
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: de, en",
    ]
    if settings.web_base_url:
        lines.append(f"Canonical: {settings.web_base_url}/.well-known/security.txt")
    return _text(lines)


def robots(site: Site, _visit: Visit) -> Response:
    """Ask search engines to leave alone what belongs to one person (RFC 9309)."""
    own = ("abmelden", "bestaetigen", "einstellungen")
    rules = [f"Disallow: {site.root}/{page}/" for page in own]
    return _text(["User-agent: *", *rules])


def _text(lines: list[str]) -> Response:
    kept = {"cache-control": "public, max-age=86400"}
    return PlainTextResponse("\n".join(lines) + "\n", headers=kept)


ROUTES: Final = (
    Route(HEALTH, alive, is_quick=True),
    Route(READY, ready),
    Route("/metrics", metrics),
    Route("/.well-known/security.txt", security),
    Route("/robots.txt", robots),
)

UNDER_ANY_NAME: Final = frozenset({HEALTH, READY})
"""Whoever watches asks by address; these say nothing and link nowhere."""
