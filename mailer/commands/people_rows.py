"""How people and partners look on a terminal, and what ``--json`` says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.commands.terminal import table
from mailer.german import short_day
from subscribers import cells, consent, suppression
from subscribers.lists import NO_TOPIC, STATE_NAMES
from subscribers.models import ConsentAct
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from subscribers.models import (
        ConsentRecord,
        Mailbox,
        MailboxId,
        Partner,
        PartnerContact,
        Subscriber,
        Subscription,
        SuppressionReason,
    )

ACTS: Final[Mapping[ConsentAct, str]] = {
    ConsentAct.REQUESTED: "angemeldet",
    ConsentAct.CONFIRMED: "bestätigt",
    ConsentAct.RECORDED: "Einwilligung festgehalten",
    ConsentAct.WITHDRAWN: "abgemeldet",
}

NOBODY: Final = "niemand"
"""Stands where a partner has no contact: no letter reaches it."""


def residents_table(
    people: Sequence[Subscriber],
    wishes: Mapping[MailboxId, Sequence[Subscription]],
    suppressed: Mapping[MailboxId, SuppressionReason],
) -> str:
    """Return residents as columns: where they read, and what they want."""
    rows = [
        [
            one.mailbox.address,
            one.name,
            cells.STYLE_NAMES[one.mailbox.style],
            *_states(wishes.get(one.mailbox_id, ())),
            _reminds(wishes.get(one.mailbox_id, ())),
            "ja" if one.mailbox_id in suppressed else "nein",
        ]
        for one in people
    ]
    topics = [cells.TOPIC_NAMES[topic] for topic in Topic]
    return table(rows, ["E-Mail", "Name", "Fassung", *topics, "Erinnerung", "Gesperrt"])


def resident_json(
    one: Subscriber,
    wishes: Sequence[Subscription],
    suppressed: SuppressionReason | None,
) -> dict[str, object]:
    """Return one resident for other programs."""
    return {"name": one.name, **mailbox_json(one.mailbox, wishes, suppressed)}


def mailbox_json(
    mailbox: Mailbox,
    wishes: Sequence[Subscription],
    suppressed: SuppressionReason | None,
) -> dict[str, object]:
    """Return one mailbox for other programs; ``suppressed`` is null or a reason.

    ``reminds`` is null for a topic that has no reminders.
    """
    return {
        "id": mailbox.id,
        "address": mailbox.address,
        "style": mailbox.style.value,
        "subscriptions": [
            {
                "topic": row.topic.value,
                "state": row.state.value,
                "since": row.changed_at.isoformat(),
                "reminds": row.reminds if row.topic is Topic.INVITATIONS else None,
            }
            for row in wishes
        ],
        "suppressed": suppressed.value if suppressed else None,
    }


def records_json(records: Sequence[ConsentRecord]) -> list[dict[str, object]]:
    """Return the proof of consent for other programs, oldest first."""
    return [
        {
            "topic": row.topic.value,
            "act": row.act.value,
            "channel": row.channel.value,
            "wording_version": row.wording_version,
            "evidence": row.evidence,
            "happened_at": row.happened_at.isoformat(),
            "recorded_at": row.recorded_at.isoformat(),
        }
        for row in records
    ]


def mailbox_lines(
    mailbox: Mailbox,
    wishes: Sequence[Subscription],
    suppressed: SuppressionReason | None,
    zone: ZoneInfo,
) -> list[str]:
    """Return one mailbox in full, a fact a line."""
    lines = [
        f"E-Mail: {mailbox.address}",
        f"Fassung: {cells.STYLE_NAMES[mailbox.style]}",
        f"Gespeichert seit: {_day(mailbox.created_at, zone)}",
    ]
    lines += [
        f"{cells.TOPIC_NAMES[row.topic]}: {STATE_NAMES[row.state]} "
        f"seit {_day(row.changed_at, zone)}"
        for row in wishes
    ]
    if any(_is_without_reminders(row) for row in wishes):
        lines.append("Erinnerungen: keine")
    if not wishes:
        lines.append(f"Abos: {NO_TOPIC}")
    if suppressed is not None:
        lines.append(f"Gesperrt: {suppression.GERMAN[suppressed]}")
    return lines


def record_lines(records: Sequence[ConsentRecord], zone: ZoneInfo) -> list[str]:
    """Return the proof of consent, a record a line, oldest first."""
    return [
        f"{_day(row.happened_at, zone)}: {cells.TOPIC_NAMES[row.topic]} "
        f"{ACTS[row.act]} ({consent.GERMAN[row.channel]}), {row.evidence}"
        for row in records
    ]


def partners_table(partners: Sequence[Partner]) -> str:
    """Return partners as columns, with those who speak for them now."""
    rows = [
        [
            one.organisation,
            one.field_of_work,
            cells.PARTNER_STATE_NAMES[one.state],
            "; ".join(who(row) for row in one.contacts if row.left_at is None)
            or NOBODY,
        ]
        for one in partners
    ]
    return table(rows, ["Einrichtung", "Arbeitsfeld", "Stand", "Ansprechpersonen"])


def partner_json(
    one: Partner, wishes: Mapping[MailboxId, Sequence[Subscription]]
) -> dict[str, object]:
    """Return one partner for other programs; who has left is told by ``left_at``."""
    return {
        "organisation": one.organisation,
        "field_of_work": one.field_of_work,
        "state": one.state.value,
        "contacts": [
            {
                "name": row.name,
                "role": row.role,
                "basis": row.basis,
                "since_at": row.since_at.isoformat(),
                "left_at": row.left_at.isoformat() if row.left_at else None,
                **mailbox_json(row.mailbox, wishes.get(row.mailbox_id, ()), None),
            }
            for row in one.contacts
        ],
    }


def partner_lines(
    one: Partner, wishes: Mapping[MailboxId, Sequence[Subscription]], zone: ZoneInfo
) -> list[str]:
    """Return one partner in full, a fact a line."""
    lines = [
        f"Einrichtung: {one.organisation}",
        f"Arbeitsfeld: {one.field_of_work}",
        f"Stand: {cells.PARTNER_STATE_NAMES[one.state]}",
    ]
    for row in one.contacts:
        states = ", ".join(
            f"{cells.TOPIC_NAMES[wish.topic]} {STATE_NAMES[wish.state]}"
            for wish in wishes.get(row.mailbox_id, ())
        )
        gone = f"; ausgeschieden am {_day(row.left_at, zone)}" if row.left_at else ""
        role = f", {row.role}" if row.role else ""
        lines.append(
            f"Ansprechperson: {who(row)}{role}; {states or NO_TOPIC}; "
            f"Grundlage: {row.basis}{gone}"
        )
    if all(row.left_at is not None for row in one.contacts):
        lines.append(f"Ansprechperson: {NOBODY}; kein Brief erreicht diese Einrichtung")
    return lines


def contact_line(row: PartnerContact) -> str:
    """Return what is stored about a contact: for whom she speaks, as who, and why."""
    parts = (row.partner.organisation, row.name, row.role, f"Grundlage: {row.basis}")
    return "; ".join(part for part in parts if part)


def contact_json(row: PartnerContact) -> dict[str, object]:
    """Return the same for other programs."""
    return {
        "organisation": row.partner.organisation,
        "name": row.name,
        "role": row.role,
        "basis": row.basis,
    }


def who(row: PartnerContact) -> str:
    """Return who speaks for a partner: name and address, or the address alone."""
    address = row.mailbox.address or "gelöscht"
    return f"{row.name} ({address})" if row.name else address


def _reminds(wishes: Sequence[Subscription]) -> str:
    """Return what the column on reminders says; nothing without invitations."""
    about = [row.reminds for row in wishes if row.topic is Topic.INVITATIONS]
    return cells.ANSWER_NAMES[about[0]] if about else ""


def _is_without_reminders(row: Subscription) -> bool:
    return row.topic is Topic.INVITATIONS and not row.reminds


def _states(wishes: Sequence[Subscription]) -> list[str | None]:
    """Return the state of each topic, in the order of ``Topic``."""
    known = {row.topic: STATE_NAMES[row.state] for row in wishes}
    return [known.get(topic) for topic in Topic]


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return short_day(moment.astimezone(zone).date())
