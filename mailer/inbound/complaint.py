"""Feedback reports: somebody pressed "this is spam", and the provider tells us.

Providers redact: the recipient may be a row of x, the returned header may be all
that is left. So a complaint says what is there; whom it is about follows from our own
signs in the returned mail (``traces``).

Source: RFC 5965, sections 2 and 3; RFC 6430 (not-spam); RFC 6591 (auth-failure).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.inbound import returned, status_fields

if TYPE_CHECKING:
    from mailer.inbound.reading import Message
    from mailer.inbound.status_fields import Group

ABUSE: Final = "abuse"
"""The type of a complaint; all others are about something else."""

_FEEDBACK_TYPE: Final = "message/feedback-report"

_REDACTED: Final = ("redacted", "xxx", "removed", "hidden", "undisclosed", "anonym")
"""What providers write instead of a local part."""

_JMRP_FIELD: Final = "X-HmXmrOriginalRecipient"
"""Outlook.com reports without RFC 5965: the mail alone, and in it this field."""

_JMRP_DOMAINS: Final = (
    "@hotmail.com",
    "@outlook.com",
    "@live.com",
    "@microsoft.com",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a provider says its customer thinks of a mail.

    Attributes:
        feedback_type: "abuse", "not-spam", "auth-failure" …, in small letters; empty
            if the report does not say.
        original_recipient: Who complains; None if redacted.
        original_message_id: Of the mail complained of; None if redacted.
        envelope_id: ENVID, if we gave one.
        mail_from: The envelope's sender, our return path; None if redacted.
    """

    feedback_type: str
    original_recipient: str | None = None
    original_message_id: str | None = None
    envelope_id: str | None = None
    mail_from: str | None = None

    @property
    def is_abuse(self) -> bool:
        """Say whether a person complains: only that ends anything."""
        return self.feedback_type == ABUSE


def parse_complaint(message: Message) -> Complaint | None:
    """Return the complaint that *message* is; None if it is something else.

    Source: RFC 5965, section 2: three parts; the third may be the header alone.
    """
    inner = returned.original(message)
    fields = _fields(message)
    if fields is None:
        return _jmrp(message, inner)
    recipient = _address(fields.get("original-rcpt-to", ""))
    if recipient is None and inner is not None and len(inner.to) == 1:
        recipient = _address(inner.to[0])
    return Complaint(
        feedback_type=fields.get("feedback-type", "").strip().lower(),
        original_recipient=recipient,
        original_message_id=inner.message_id if inner is not None else None,
        envelope_id=fields.get("original-envelope-id", "").strip() or None,
        mail_from=_address(fields.get("original-mail-from", "")),
    )


def _fields(message: Message) -> Group | None:
    """Return the fields for machines; None if there are none.

    A human who forwards a complaint sends no multipart/report.
    """
    if message.content_type != "multipart/report":
        return None
    for part in message.parts:
        if part.content_type == _FEEDBACK_TYPE:
            found: Group = {}
            for group in status_fields.groups(part.text or ""):
                found = group | found
            return found
    return None


def _jmrp(message: Message, inner: Message | None) -> Complaint | None:
    """Return the complaint of Outlook.com's junk mail reporting program."""
    field = inner.header(_JMRP_FIELD) if inner is not None else None
    if inner is None or field is None:
        return None
    if not message.sender.lower().endswith(_JMRP_DOMAINS):
        return None
    return Complaint(
        feedback_type=ABUSE,
        original_recipient=_address(field),
        original_message_id=inner.message_id,
    )


def _address(field: str) -> str | None:
    """Return an address that nobody has made unreadable; None if there is none."""
    address = status_fields.address(field).lower()
    local, at, domain = address.partition("@")
    is_hidden = any(word in local or word in domain for word in _REDACTED)
    return None if is_hidden or not at or "." not in domain else address
