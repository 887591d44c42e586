"""Mails written down as one JSON line each: how we collect examples of wordings.

A line becomes the bytes of a real message and is read like any other, so nothing is
tried here that the post would not go through. A report is written down flat; its
part for machines gets its place back.
"""

from __future__ import annotations

from base64 import b64encode
from email.header import Header
from typing import TYPE_CHECKING, Any, Final

from mailer.inbound.kinds import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

_MACHINE_PARTS: Final = {
    "delivery-status": ("message/delivery-status", "Reporting-MTA:"),
    "feedback-report": ("message/feedback-report", "Feedback-Type:"),
}
"""Of a multipart/report: the type of its second part and how that begins."""

_BOUNDARY: Final = "=_sample_=_"


def context_of(row: Mapping[str, Any]) -> Context | None:
    """Return what the mail of a line answers; None if it does not say."""
    known = {str(one) for one in Context}
    said = row.get("context")
    return Context(said) if said in known else None


def message_of(row: Mapping[str, Any]) -> bytes:
    """Return the message that a line describes.

    Args:
        row: With ``from``, ``subject``, ``content_type``, ``headers``, ``body``,
            ``html``; each may be missing.
    """
    kind = str(row.get("content_type") or "text/plain")
    body, html = str(row.get("body") or ""), str(row.get("html") or "")
    given = {"From": row.get("from"), "Subject": row.get("subject")}
    fields = given | dict(row.get("headers") or {})
    head = [_field(name, str(value)) for name, value in fields.items() if value]
    if kind.startswith("multipart/report"):
        content = _report(kind, body)
    elif html and body.strip():
        content = _multipart(
            "multipart/alternative",
            [_text("text/plain", body), _text("text/html", html)],
        )
    else:
        content = _text(kind, html or body)
    return "\r\n".join([*head, "MIME-Version: 1.0", content]).encode()


def _field(name: str, value: str) -> str:
    """Return one field, encoded if it must be."""
    line = " ".join(value.split())
    encoded = line if line.isascii() else Header(line, "utf-8", maxlinelen=70).encode()
    return f"{name}: {encoded}"


def _text(kind: str, text: str) -> str:
    """Return fields and body of a text."""
    encoded = b64encode(text.encode("utf-8", "replace")).decode()
    lines = [encoded[at : at + 76] for at in range(0, len(encoded), 76)]
    head = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64"
    return "\r\n".join([head, "", *lines])


def _multipart(kind: str, parts: list[str]) -> str:
    """Return fields and body of some parts."""
    pieces = "".join(f"--{_BOUNDARY}\r\n{part}\r\n" for part in parts)
    return (
        f'Content-Type: {kind}; boundary="{_BOUNDARY}"\r\n\r\n{pieces}--{_BOUNDARY}--'
    )


def _report(kind: str, body: str) -> str:
    """Return a report with its second part where programs look for it."""
    for name, (part, begin) in _MACHINE_PARTS.items():
        at = body.find(begin)
        if name in kind and at >= 0:
            told = "\r\n".join(body[at:].strip().split("\n"))
            second = f"Content-Type: {part}\r\n\r\n{_recipients_apart(told)}\r\n"
            return _multipart(kind, [_text("text/plain", body[:at]), second])
    return _multipart(kind, [_text("text/plain", body)])


def _recipients_apart(told: str) -> str:
    """Return the fields of a delivery status with the blank line they need."""
    for field in ("Original-Recipient:", "Final-Recipient:"):
        at = told.find(f"\r\n{field}")
        if at >= 0:
            return f"{told[:at]}\r\n{told[at:]}"
    return told
