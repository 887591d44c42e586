"""A list goes out: the same columns that come in, one row per person and topic.

Proof stands in a row only if it can be imported again: given on paper, by phone or
in person. What a person confirmed by mail is proven by the records in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa

from subscribers import cells, consent, lists, partners, people, sheets
from subscribers.models import (
    ConsentAct,
    ConsentRecord,
    Mailbox,
    MailboxId,
    Subscription,
)
from subscribers.states import SubscriptionState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from subscribers.database import Db
    from subscribers.models import Partner

_PROVEN: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAUSED})

_LEFT_OUT: Final = frozenset({"first_name", "last_name"})
"""Columns that are read, but never written: the name stands in one cell."""


class _Wish(NamedTuple):
    """What a mailbox wants about one topic, as the list shows it."""

    topics: str = ""
    standing: str = lists.NO_TOPIC
    reminds: str = ""
    consent_on: str = ""
    consent_by: str = ""
    evidence: str = ""


def export_residents(db: Db, *, zone: ZoneInfo) -> bytes:
    """Return the residents' list, ordered by mailbox: CSV for German Excel.

    Args:
        db: An open transaction.
        zone: In which days are written.
    """
    wishes = _wishes(db, zone)
    return _written(
        lists.RESIDENTS,
        (
            {"name": row.name or "", **_mailbox_cells(row.mailbox), **wish}
            for row in people.everybody(db)
            for wish in _of(wishes, row.mailbox_id)
        ),
    )


def export_contacts(db: Db, *, zone: ZoneInfo) -> bytes:
    """Return the partners' list, ordered by organisation: who speaks for each now.

    A partner for whom nobody speaks has a row of its own.
    """
    wishes = _wishes(db, zone)
    return _written(
        lists.CONTACTS,
        (
            {
                "organisation": partner.organisation,
                "field_of_work": partner.field_of_work,
                "partner_state": cells.PARTNER_STATE_NAMES[partner.state],
                **speaker,
            }
            for partner in partners.everybody(db)
            for speaker in _contacts(partner, wishes) or [{}]
        ),
    )


def _contacts(
    partner: Partner, wishes: Mapping[MailboxId, list[_Wish]]
) -> list[dict[str, str]]:
    """Return the cells about each contact that can be written to."""
    return [
        {
            "name": row.name or "",
            "role": row.role or "",
            "basis": row.basis,
            **_mailbox_cells(row.mailbox),
            **wish,
        }
        for row in partner.contacts
        if row.left_at is None and row.mailbox.canonical is not None
        for wish in _of(wishes, row.mailbox_id)
    ]


def _written(
    columns: Iterable[sheets.Column], rows: Iterable[Mapping[str, str]]
) -> bytes:
    """Return the bytes of a list, every cell safe to open."""
    used = [column for column in columns if column.key not in _LEFT_OUT]
    return sheets.write(
        [column.title for column in used],
        [
            [cells.neutralised(row.get(column.key, "")) for column in used]
            for row in rows
        ],
    )


def _mailbox_cells(mailbox: Mailbox) -> dict[str, str]:
    return {
        "address": mailbox.address or "",
        "style": cells.STYLE_NAMES[mailbox.style],
    }


def _of(
    wishes: Mapping[MailboxId, list[_Wish]], mailbox_id: MailboxId
) -> Iterator[dict[str, str]]:
    for wish in wishes.get(mailbox_id, [_Wish()]):
        yield wish._asdict()


def _wishes(db: Db, zone: ZoneInfo) -> dict[MailboxId, list[_Wish]]:
    """Return what every mailbox wants, ordered by topic."""
    proofs = _proofs(db)
    found: dict[MailboxId, list[_Wish]] = {}
    for row in db.scalars(sa.select(Subscription).order_by(Subscription.topic)):
        proof = proofs.get((row.mailbox_id, row.topic))
        wish = _Wish(cells.TOPIC_NAMES[row.topic], lists.STATE_NAMES[row.state])
        if row.topic is Topic.INVITATIONS:
            wish = wish._replace(reminds=cells.ANSWER_NAMES[row.reminds])
        if row.state in _PROVEN and proof is not None:
            wish = wish._replace(
                consent_on=f"{proof.happened_at.astimezone(zone):%d.%m.%Y}",
                consent_by=consent.GERMAN[proof.channel],
                evidence=proof.evidence,
            )
        found.setdefault(row.mailbox_id, []).append(wish)
    return found


def _proofs(db: Db) -> dict[tuple[MailboxId, Topic], ConsentRecord]:
    """Return the newest documented consent about each topic."""
    rows = db.scalars(
        sa.select(ConsentRecord)
        .where(ConsentRecord.act == ConsentAct.RECORDED)
        .order_by(ConsentRecord.id)
    )
    return {(row.mailbox_id, row.topic): row for row in rows}
