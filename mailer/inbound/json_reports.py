"""Reports as JSON: Amazon's mail service and what forwards its notices write them so.

    {"notificationType": "Bounce", "bounce": {"bouncedRecipients":
      [{"emailAddress": "…", "action": "failed", "status": "5.1.1", …}]}, "mail": …}

It may stand as a text in the "Message" of another object. The fields mean what those of
RFC 3464 mean; only their spelling is another one.

Source: Amazon SES Developer Guide, "Amazon SNS notification contents".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.inbound.reading import Message

FORM: Final = "amazon"

MAX_CHARS: Final = 64 * 1024
"""Of a notice; real ones have under 10,000."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One recipient of a notice.

    Attributes:
        address: Whom the server tried.
        action: "failed".
        status: "5.1.1", or empty.
        words: The refusing server's.
    """

    address: str
    action: str
    status: str
    words: str


def notices(message: Message) -> tuple[Notice, ...]:
    """Return what a notice says of its recipients; empty if *message* is none."""
    told = _object(message.text[:MAX_CHARS])
    if isinstance(told.get("Message"), str):  # in an envelope of its own
        told = _object(told["Message"])
    return tuple(_recipients(told))


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object with which *text* begins; empty if with none."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        told, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return {}
    return dict(told)


def _recipients(told: dict[str, Any]) -> Iterator[Notice]:
    """Yield the recipients, if all is as it should be."""
    kind = told.get("notificationType") or told.get("eventType")
    bounce = told.get("bounce")
    if kind != "Bounce" or not isinstance(bounce, dict):
        return
    is_final = bounce.get("bounceType") == "Permanent"
    recipients = bounce.get("bouncedRecipients")
    for one in recipients if isinstance(recipients, list) else ():
        if isinstance(one, dict) and isinstance(one.get("emailAddress"), str):
            yield Notice(
                address=one["emailAddress"].strip("<>").lower(),
                action=str(one.get("action") or ("failed" if is_final else "delayed")),
                status=str(one.get("status") or ""),
                words=str(one.get("diagnosticCode") or ""),
            )
