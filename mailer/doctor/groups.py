"""All checks, group by group: the table that ``mia doctor`` goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.doctor import (
    backups,
    clock,
    database,
    dns,
    easy,
    holidays,
    inbox,
    public_pages,
    reach,
    relay,
    settings,
    signatures,
    templates,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.doctor.patient import Check


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together.

    Attributes:
        german: What people call it.
        checks: In the order in which they are told.
        is_online: Whether other machines are asked.
    """

    german: str
    checks: tuple[Check, ...]
    is_online: bool = False


GROUPS: Final[Mapping[str, Group]] = {
    "settings": Group("Einstellungen", settings.CHECKS),
    "clock": Group("Uhr und Zeitzone", clock.CHECKS),
    "database": Group("Datenbank", database.CHECKS),
    "backup": Group("Sicherung", backups.CHECKS),
    "holidays": Group("Feiertage", holidays.CHECKS),
    "templates": Group("Vorlagen", templates.CHECKS),
    "easy": Group("Leichte Sprache", easy.CHECKS),
    "web": Group("Öffentliche Seiten", public_pages.CHECKS),
    "reach": Group("Erreichbarkeit der Seiten", reach.CHECKS, is_online=True),
    "smtp": Group("Mailserver", relay.CHECKS, is_online=True),
    "imap": Group("Postfach", inbox.CHECKS, is_online=True),
    "dns": Group("DNS", (*dns.CHECKS, *signatures.CHECKS), is_online=True),
}
"""Name of a group, for ``--only``, and what is looked at in it."""
