"""Answers that may be kept: whoever has the newest already gets "nothing new".

Source: RFC 9110, sections 8.8 (validators) and 13 (conditional requests); RFC 9111,
section 5.2.2 (Cache-Control).
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from mailer.web.visit import Visit

NOT_MODIFIED: Final = 304

_TAGS: Final = re.compile(r'(?:W/)?("[^"]*")')
"""Weak or strong: which of the two does not matter for GET (section 13.1.2)."""


def answer(
    visit: Visit,
    content: bytes,
    kind: str,
    *,
    kept: timedelta,
    changed_at: datetime | None = None,
    more: Mapping[str, str] | None = None,
) -> Response:
    """Return *content*, or that the visitor has it already.

    Args:
        visit: Says what the visitor has.
        content: The same octets whenever nothing has changed.
        kind: Media type with its parameters.
        kept: How long it may be used without asking.
        changed_at: When it last changed; None if nobody knows, then only its octets
            count.
        more: Other fields of the answer.
    """
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        **(more or {}),
        "etag": tag,
        "cache-control": f"public, max-age={int(kept.total_seconds())}",
    }
    if changed_at is not None:
        headers["last-modified"] = http_date(changed_at)
    if _has_it(visit, tag, changed_at):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(content, headers={**headers, "content-type": kind})


def http_date(moment: datetime) -> str:
    """Return a moment as HTTP writes it (RFC 9110, section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _has_it(visit: Visit, tag: str, changed_at: datetime | None) -> bool:
    asked = visit.headers.get("if-none-match", "")
    if asked:
        # Where there is a tag, a date says nothing (section 13.1.3).
        return asked.strip() == "*" or tag in _TAGS.findall(asked)
    since = _moment(visit.headers.get("if-modified-since", ""))
    if since is None or changed_at is None:
        return False
    return changed_at.replace(microsecond=0) <= since


def _moment(written: str) -> datetime | None:
    """Return what a date of HTTP means; None for anything else, which is no date."""
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None
