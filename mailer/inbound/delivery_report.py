"""Delivery reports: who could not be reached, and whether that says they are gone.

A report after the standard has a part for machines; everything else is read by
``foreign_reports``. A human who forwards a report is no report: without
multipart/report, the sender must be a machine.

Source: RFC 3464; RFC 6522; RFC 6533.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from mailer.inbound import foreign_reports, json_reports, returned, status_fields
from mailer.inbound.diagnostics import (
    ENHANCED,
    Diagnosis,
    Severity,
    by_code,
    diagnose,
    find_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.inbound.reading import Message
    from mailer.inbound.status_fields import Group

STATUS_TYPES: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status"}
)

MAX_RECIPIENTS: Final = 20
"""Recipients judged of one report: ours have one, a forwarding makes a few of it."""

MAX_DIAGNOSTIC_CHARS: Final = 1000
"""Characters of a diagnostic that are kept."""

_ACTIONS: Final = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
"""RFC 3464, section 2.3.3; what else stands there is left to the Status."""

_DELAYED: Final = Diagnosis(Severity.DELAYED, "Der andere Server versucht es weiter")
_ARRIVED: Final = Diagnosis(Severity.NONE, "Die Mail ist angekommen")
_LATE: Final = Diagnosis(
    Severity.SOFT, "Der Server nahm die Adresse erst an und lehnte dann ab"
)
_UNTOLD: Final = Diagnosis(Severity.NONE, "Der Bericht sagt nicht, was geschehen ist")

_FLAT: Final = re.compile(
    r"^(?:Final|Original)-Recipient[ \t]*:", re.IGNORECASE | re.MULTILINE
)

_GRAVEST_FIRST: Final = (
    Severity.HARD,
    Severity.SOFT,
    Severity.POLICY,
    Severity.DELAYED,
    Severity.NONE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRecipient:
    """What a report says of one recipient.

    Attributes:
        address: Whom the last server tried; a forwarding may stand between. Empty if
            it cannot be told.
        original: Whom we wrote to, as far as the report says; else empty.
        action: "failed", "delayed", "delivered", "relayed", "expanded", or empty.
        status: "5.1.1"; empty without one.
        diagnostic: The refusing server's words.
        severity: What it means.
        why: The same for the coordinator, a German half-sentence.
    """

    address: str
    original: str = ""
    action: str
    status: str
    diagnostic: str
    severity: Severity
    why: str

    @property
    def code(self) -> str:
        """The enhanced code that counts: the refusing server's, else the Status.

        Exim writes ``Status: 5.0.0`` beside "550 5.1.1".
        """
        found = ENHANCED.search(self.diagnostic)
        return found[0] if found else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a server says of a mail it could not, or could, deliver.

    Attributes:
        recipients: Those it names; empty if it names none.
        form: "rfc3464", or the name of the form in ``foreign_reports.toml``.
        original_message_id: Of the mail it is about; None if it does not say.
        envelope_id: ENVID, if we gave one (RFC 3461, section 4.4).
        returned_to: The addresses in the returned header's To.
    """

    recipients: tuple[ReportedRecipient, ...]
    form: str
    original_message_id: str | None = None
    envelope_id: str | None = None
    returned_to: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """The gravest of all recipients; none if there is none."""
        told = {recipient.severity for recipient in self.recipients}
        return next((one for one in _GRAVEST_FIRST if one in told), Severity.NONE)

    @property
    def original_recipient(self) -> str | None:
        """Whom we wrote to, if exactly one address can be meant."""
        named = {one.original or one.address for one in self.recipients}
        if len(named) == 1:
            return named.pop() or None
        return self.returned_to[0] if len(self.returned_to) == 1 else None


def parse_report(message: Message) -> DeliveryReport | None:
    """Return the report that *message* is; None if it is something else.

    Source: RFC 3464, section 2; RFC 6522, section 3.
    """
    inner = returned.original(message)
    status = _status_text(message)
    found = status_fields.groups(status) if status else []
    recipients = tuple(islice(_recipients(found, message), MAX_RECIPIENTS))
    form = "rfc3464"
    if not found and (told := json_reports.notices(message)):
        form = json_reports.FORM
        recipients = tuple(_noticed(one, message) for one in told[:MAX_RECIPIENTS])
    if not any(one.action or one.status or one.diagnostic for one in recipients):
        foreign = foreign_reports.find(message, inner)
        if foreign is None and not found:
            return None
        if foreign is not None:
            form = foreign.form
            recipients = tuple(
                _foreign(failure, message.subject)
                for failure in foreign.failures[:MAX_RECIPIENTS]
            )
    return DeliveryReport(
        recipients=recipients,
        form=form,
        original_message_id=inner.message_id if inner is not None else None,
        envelope_id=_envelope_id(found),
        returned_to=inner.to if inner is not None else (),
    )


def _status_text(message: Message) -> str:
    """Return the fields for machines; empty if *message* has none that count."""
    if message.content_type != "multipart/report" and not (
        message.return_path == "" or foreign_reports.is_from_a_machine(message)
    ):
        return ""
    for part in message.parts:
        if part.content_type in STATUS_TYPES:
            return part.text or ""
    for part in message.parts:  # some servers call it plain text, or lose the parts
        flat = _FLAT.search(part.text or "")
        if flat is not None and part.content_type == "text/plain":
            return (part.text or "")[max(0, flat.start() - 2000) :]
    return ""


def _recipients(found: list[Group], message: Message) -> Iterator[ReportedRecipient]:
    """Yield what the groups say, each of one recipient."""
    for group in found:
        named = next((group[n] for n in status_fields.RECIPIENTS if n in group), None)
        if named is None:
            continue
        address = status_fields.address(named)
        action = _action(group)
        status = _status(group.get("status", ""))
        words = status_fields.typed_text(group.get("diagnostic-code", ""))
        diagnosis = _diagnosis(action, status, words, message, address)
        yield ReportedRecipient(
            address=address,
            original=status_fields.address(group.get("original-recipient", "")),
            action=action,
            status=status,
            diagnostic=words[:MAX_DIAGNOSTIC_CHARS],
            severity=diagnosis.severity,
            why=diagnosis.why,
        )


def _action(group: Group) -> str:
    """Return the action in its standard spelling.

    Source: RFC 3464, section 2.3.3.
    """
    word = group.get("action", "").strip().lower().split(" ")[0].strip("();,.")
    if word.startswith("fail"):
        return "failed"
    if word in _ACTIONS:
        return word
    status = ENHANCED.search(group.get("status", ""))
    return {"5": "failed", "4": "delayed", "2": "delivered"}.get(
        status[1] if status else "", ""
    )


def _status(field: str) -> str:
    """Return the code in a Status field: "5.1.1 (bad mailbox)" is "5.1.1"."""
    found = ENHANCED.search(field)
    return found[0] if found else ""


def _diagnosis(
    action: str, status: str, words: str, message: Message, address: str
) -> Diagnosis:
    """Return what a group means: failed is judged, all other actions are fixed."""
    if action == "delayed":
        return _DELAYED
    if action != "failed":
        return _ARRIVED if action else _UNTOLD
    if find_row(words, status) is None:
        code = ENHANCED.search(words)
        is_vague = code is not None and code[2] == "1"  # "something about the address"
        told = by_code(words, "", only_exact=is_vague)
        told = told or by_code("", status, only_exact=True)
        if told is not None:
            return told
        # Older Exchange servers say it only in the text for people.
        words = f"{words}\n{foreign_reports.words_about(address, message)}"
    seen = f"{words} {status}"
    text = foreign_reports.all_words(message)
    return _unless_late(diagnose(words, status), seen, f"{seen}\n{text}")


def _unless_late(diagnosis: Diagnosis, words: str, told: str) -> Diagnosis:
    """Return *diagnosis*, in doubt if the refusal came after the content.

    A server that took the recipient and then calls it unknown filters: large
    providers in Japan do it to mail they do not want, living address or not. A code
    that is about the address (x.1.x) is an answer to the recipient, pipelined.
    """
    is_doubtful = (
        diagnosis.severity is Severity.HARD
        and not diagnosis.is_sure
        and not any(found[2] == "1" for found in ENHANCED.finditer(words))
        and foreign_reports.came_late(told)
    )
    return _LATE if is_doubtful else diagnosis


def _noticed(notice: json_reports.Notice, message: Message) -> ReportedRecipient:
    """Return what a notice in JSON says of one recipient."""
    status = _status(notice.status)
    action = _action({"action": notice.action, "status": status})
    diagnosis = _diagnosis(action, status, notice.words, message, notice.address)
    return ReportedRecipient(
        address=notice.address,
        action=action,
        status=status,
        diagnostic=notice.words[:MAX_DIAGNOSTIC_CHARS],
        severity=diagnosis.severity,
        why=diagnosis.why,
    )


def _foreign(failure: foreign_reports.Failure, subject: str) -> ReportedRecipient:
    """Return what a report in a form of its own says of one recipient.

    Some say the reason in the subject alone: "Returned mail: User unknown".
    """
    fixed = {"delayed": _DELAYED, "delivered": _ARRIVED}.get(failure.action)
    is_told = find_row(failure.words) or by_code(failure.words, "")
    words = failure.words if is_told else f"{failure.words}\n{subject}"
    diagnosis = fixed or _unless_late(diagnose(words), words, words)
    return ReportedRecipient(
        address=failure.address,
        action=failure.action,
        status=_status(failure.words),
        diagnostic=failure.words[:MAX_DIAGNOSTIC_CHARS],
        severity=diagnosis.severity,
        why=diagnosis.why,
    )


def _envelope_id(found: list[Group]) -> str | None:
    """Return ENVID as we gave it.

    Source: RFC 3464, section 2.2.1.
    """
    for group in found:
        if envelope_id := group.get("original-envelope-id", "").strip():
            return envelope_id
    return None
