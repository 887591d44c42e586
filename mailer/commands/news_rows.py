"""How contributions look on a terminal, and what ``--json`` says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.commands.terminal import table
from mailer.coordination.contributors import KIND_NAMES, called
from mailer.german import short_day
from mailer.network import files, quarters
from mailer.network.states import ContributionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.network.models import Contribution, ContributionFile

STATES: Final[Mapping[ContributionState, str]] = {
    ContributionState.WAITING: "wartet",
    ContributionState.ACCEPTED: "übernommen",
    ContributionState.DECLINED: "abgelehnt",
    ContributionState.TOLD: "erschienen",
    ContributionState.LAPSED: "verfallen",
}

OWN: Final = "Koordination"
"""Whose contribution it is if no partner's."""


def as_table(found: Sequence[Contribution], zone: ZoneInfo) -> str:
    """Return contributions as columns, oldest first."""
    rows = [
        [
            one.id,
            _day(one.received_at, zone),
            KIND_NAMES[one.kind],
            _whose(one),
            called(one),
            "ja" if one.files else "nein",
            STATES[one.state],
        ]
        for one in found
    ]
    return table(rows, ["Nr.", "Eingang", "Art", "Von", "Inhalt", "Datei", "Stand"])


def as_lines(row: Contribution, zone: ZoneInfo) -> list[str]:
    """Return one contribution in full, a fact a line, then its text."""
    lines = [
        f"{KIND_NAMES[row.kind]} {row.id}: {STATES[row.state]}",
        f"Von: {_whose(row)}",
        *([f"Geschickt von: {_sender(row)}"] if _sender(row) else []),
        f"Eingang: {_day(row.received_at, zone)}",
        f"Netzwerk-Info über {quarters.named(row.quarter)}",
    ]
    if row.meeting is not None:
        lines.append(f"Treffen: {_day(row.meeting.starts_at, zone)}")
    if row.participants is not None:
        lines.append(f"Teilnehmende: {row.participants}")
    lines += [_file(one) for one in row.files]
    return [*lines, "", *([row.title, ""] if row.title else []), row.text]


def as_json(row: Contribution) -> dict[str, object]:
    """Return one contribution for other programs."""
    return {
        "id": row.id,
        "kind": row.kind.value,
        "state": row.state.value,
        "quarter": row.quarter.isoformat(),
        "organisation": row.partner.organisation if row.partner else None,
        "sender": _sender(row) or None,
        "title": row.title,
        "text": row.text,
        "meeting": row.meeting_id,
        "participants": row.participants,
        "received_at": row.received_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "files": [
            {
                "name": one.name,
                "media_type": one.media_type,
                "size": one.size,
                "description": one.description,
                "attached": one.is_attached,
            }
            for one in row.files
        ],
    }


def _whose(row: Contribution) -> str:
    return row.partner.organisation if row.partner is not None else OWN


def _sender(row: Contribution) -> str:
    return (row.mailbox.address or "") if row.mailbox is not None else ""


def _file(one: ContributionFile) -> str:
    said = f"; zeigt: {one.description}" if one.description else ""
    missing = "; ohne Beschreibung, bleibt weg" if not one.is_shown else ""
    goes = "; geht mit hinaus" if one.is_attached else ""
    return f"Datei: {one.name}, {files.size(one.size)}{said}{missing}{goes}"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return short_day(moment.astimezone(zone).date())
