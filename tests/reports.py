"""The reports of tests/corpus/bounces, and short ways to write one."""

from __future__ import annotations

from pathlib import Path

from mailer.inbound.reading import Message, read

BOUNCES = Path(__file__).parent / "corpus" / "bounces"
"""Written by us in the shape of each server; nobody in them exists."""

OUR_ID = "<5b1f0c2d9e3a4b6c7d8e9f00@miteinander.example>"
"""The Message-ID of the invitation that all of them are about."""


def the_mail(content: bytes) -> Message:
    """Return *content* as a message."""
    message = read(content)
    assert isinstance(message, Message), message
    return message


def the_report(name: str) -> Message:
    """Return one mail of the corpus."""
    return the_mail((BOUNCES / f"{name}.eml").read_bytes())


def a_report(
    status: str,
    *,
    text: str = "It failed.",
    returned: str = f"Message-ID: {OUR_ID}\nTo: rita@town.example\n",
    head: str = "",
    status_type: str = "message/delivery-status",
) -> Message:
    """Return a report after RFC 6522 with the given parts."""
    lines = [
        "From: MAILER-DAEMON@mx.example",
        "To: bounces@town.example",
        f"{head}MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
        "--b",
        f"Content-Type: {status_type}",
        "",
        status,
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        returned,
        "--b--",
        "",
    ]
    return the_mail("\n".join(lines).encode())


def a_text(text: str, *, subject: str = "failure notice", sender: str = "") -> Message:
    """Return a mail of plain text, from a server unless somebody else is named."""
    lines = [
        f"From: {sender or 'MAILER-DAEMON@mx.example'}",
        "To: bounces@town.example",
        f"Subject: {subject}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
    ]
    return the_mail("\n".join(lines).encode())
