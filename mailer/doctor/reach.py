"""The pages from outside: are they there, and does one-click come through?

Asked like anybody asks: by the base URL, through whatever web server stands in front.
"""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.errors import ExitCode
from mailer.settings.net_parsers import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient

WAIT_SECONDS: Final = 10.0
"""A page that takes longer is not there for anybody."""

PROBE: Final = "/abmelden/pruefung"
"""No link of ours: whoever answers 404 with our words has let a POST through."""

OURS: Final = "Dieser Link ist nicht vollständig"

BODY: Final = b"List-Unsubscribe=One-Click"

WHY_LINKS: Final = "In jedem Brief stehen Links auf diese Seiten."

FRONT: Final = (
    "Bitte prüfen Sie, ob „mia run“ mit [web] serve = true oder „mia serve“ läuft, und "
    "die Einrichtung des Webservers davor; Beispiele stehen im Handbuch."
)


def somebody_serves(patient: Patient) -> Iterator[Diagnosis]:
    """With links in the letters, some process is meant to show the pages."""
    settings = patient.settings
    if not settings.web_base_url:
        return
    if not settings.web.serve:
        yield hint(
            "web-serve",
            "„mia run“ bietet die öffentlichen Seiten nicht an.",
            WHY_LINKS,
            "Bitte setzen Sie [web] serve = true, wenn „mia serve“ nicht für sich "
            "läuft.",
        )
    if not is_loopback(settings.web.host):
        yield warning(
            "web-host",
            f"Die Seiten sind unter {settings.web.host} auch ohne https zu erreichen.",
            "Wer mitliest, könnte einen Link benutzen, der ihm nicht gehört.",
            'Bitte setzen Sie [web] host = "127.0.0.1", und stellen Sie einen '
            "Webserver mit https davor.",
        )


def pages_are_there(patient: Patient) -> Iterator[Diagnosis]:
    """The pages answer under their name, and a POST of a mail program comes through."""
    base_url = patient.settings.web_base_url
    if not base_url:
        return
    try:
        status, body, _ = _asked(base_url, "GET", "/healthz")
    except (OSError, HTTPException) as trouble:
        yield _unreachable(base_url, str(trouble) or type(trouble).__name__)
        return
    if status != 200 or body != "ok\n":  # noqa: PLR2004 - RFC 9110, section 15.3.1
        yield _unreachable(base_url, f"die Antwort ist {status} und nicht unsere")
        return
    yield fine("web-reachable", f"Die Seiten sind unter {base_url} zu erreichen.")
    yield from _one_click(base_url)


def _one_click(base_url: str) -> Iterator[Diagnosis]:
    status, body, place = _asked(base_url, "POST", PROBE)
    if OURS in body:
        yield fine("web-one-click", "Ein Klick im Mailprogramm kommt bei uns an.")
        return
    where = f", weitergeleitet nach {place}" if place else ""
    yield error(
        "web-one-click",
        f"Ein Klick auf „Abmelden“ im Mailprogramm kommt nicht an (Antwort {status}"
        f"{where}).",
        "Mailanbieter schicken ihn von ihren eigenen Rechnern, ohne Cookie und ohne "
        "einer Weiterleitung zu folgen (RFC 8058). Wer sich so nicht abmelden kann, "
        "meldet Spam.",
        "Bitte lassen Sie den Webserver davor POST an /abmelden/ unverändert "
        "durchreichen.",
    )


def _unreachable(base_url: str, reason: str) -> Diagnosis:
    what = f"Die Seiten sind unter {base_url} nicht zu erreichen: {reason}."
    return error("web-reachable", what, WHY_LINKS, FRONT, ExitCode.UNAVAILABLE)


def _asked(base_url: str, method: str, path: str) -> tuple[int, str, str]:
    """Return status, text and Location of an answer; no redirect is followed.

    Raises:
        OSError, HTTPException: Nobody answers, or no web server does.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    connection: HTTPConnection
    if parts.scheme == "https":
        secure = ssl.create_default_context()
        connection = HTTPSConnection(
            host, parts.port, timeout=WAIT_SECONDS, context=secure
        )
    else:
        connection = HTTPConnection(host, parts.port, timeout=WAIT_SECONDS)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(
            method,
            f"{parts.path.rstrip('/')}{path}",
            BODY if method == "POST" else None,
            kind if method == "POST" else {},
        )
        answer = connection.getresponse()
        text = answer.read(100_000).decode("utf-8", "replace")
        return answer.status, text, answer.getheader("Location") or ""
    finally:
        connection.close()


CHECKS: Final = (somebody_serves, pages_are_there)
