"""Who may tell the program what: the coordinator, who stands in for her, who agrees."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.models import Deputy
from subscribers import mailboxes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailer.coordination.kinds import Instruction
    from mailer.coordination.office import Office
    from mailer.settings.model import Settings
    from subscribers.address import EmailAddress
    from subscribers.database import Db
    from subscribers.models import Mailbox


class Role(StrEnum):
    """As whom somebody answers."""

    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    SECOND = "second"
    """Must agree too, if the settings say so, and may not write texts."""


MAY: Final[Mapping[Role, frozenset[K]]] = {
    Role.COORDINATOR: frozenset(K),
    Role.DEPUTY: frozenset(K) - {K.DEPUTY, K.END_DEPUTY},
    Role.SECOND: frozenset({K.RELEASE, K.STOP, K.YES, K.NO, K.STATUS, K.HELP}),
}
"""What each of them may say."""


def roles(db: Db, settings: Settings, *, now: datetime) -> dict[str, Role]:
    """Return who may answer, by canonical address.

    Whoever must agree as the second one never counts as the first one too.
    """
    known = dict.fromkeys(_deputies(db, settings, now=now), Role.DEPUTY)
    known[settings.coordinator.email.canonical] = Role.COORDINATOR
    second = settings.coordinator.second_release
    if second is not None:
        known[second.canonical] = Role.SECOND
    return known


def role_of(
    db: Db, settings: Settings, address: EmailAddress, *, now: datetime
) -> Role | None:
    """Return as whom *address* answers; None if it may not."""
    return roles(db, settings, now=now).get(address.canonical)


def forbidden(role: Role, instructions: tuple[Instruction, ...]) -> list[Instruction]:
    """Return what *role* may not say."""
    return [one for one in instructions if one.kind not in MAY[role]]


def recipients(db: Db, office: Office, *, now: datetime) -> list[Mailbox]:
    """Return who gets drafts: the coordinator, her deputies, who must agree."""
    settings = office.settings
    first = [settings.coordinator.email]
    if settings.coordinator.second_release is not None:
        first.append(settings.coordinator.second_release)
    key = office.keys.fingerprint_key
    found = [mailboxes.get_or_add(db, one, key=key, now=now) for one in first]
    found += [one.mailbox for one in active_deputies(db, settings, now=now)]
    return list({one.id: one for one in found if one.canonical}.values())


def active_deputies(db: Db, settings: Settings, *, now: datetime) -> list[Deputy]:
    """Return who stands in for the coordinator today, the first named first."""
    today = now.astimezone(settings.series[0].zone).date()
    rows = sa.select(Deputy).where(
        Deputy.ended_at.is_(None),
        sa.or_(Deputy.until_on.is_(None), Deputy.until_on >= today),
    )
    return list(db.scalars(rows.order_by(Deputy.id)))


def _deputies(db: Db, settings: Settings, *, now: datetime) -> list[str]:
    found = active_deputies(db, settings, now=now)
    return [one.mailbox.canonical for one in found if one.mailbox.canonical]
