"""All checks, group by group: the table that ``mia doctor`` goes through."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol

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
    from collections.abc import Iterator, Mapping

    from mailer.doctor.patient import Check


class Checking(Protocol):
    """A module of checks, which need not be read before they are gone through."""

    @property
    def CHECKS(self) -> tuple[Check, ...]:  # noqa: N802 - a constant of the module
        """In the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together.

    Attributes:
        german: What people call it.
        modules: Where its checks stand, in the order in which they are told.
        is_online: Whether other machines are asked.
    """

    german: str
    modules: tuple[Checking, ...]
    is_online: bool = False

    @property
    def checks(self) -> Iterator[Check]:
        """What is looked at, one after the other."""
        return chain.from_iterable(module.CHECKS for module in self.modules)


GROUPS: Final[Mapping[str, Group]] = {
    "settings": Group("Einstellungen", (settings,)),
    "clock": Group("Uhr und Zeitzone", (clock,)),
    "database": Group("Datenbank", (database,)),
    "backup": Group("Sicherung", (backups,)),
    "holidays": Group("Feiertage", (holidays,)),
    "templates": Group("Vorlagen", (templates,)),
    "easy": Group("Leichte Sprache", (easy,)),
    "web": Group("Öffentliche Seiten", (public_pages,)),
    "reach": Group("Erreichbarkeit der Seiten", (reach,), is_online=True),
    "smtp": Group("Mailserver", (relay,), is_online=True),
    "imap": Group("Postfach", (inbox,), is_online=True),
    "dns": Group("DNS", (dns, signatures), is_online=True),
}
"""Name of a group, for ``--only``, and what is looked at in it."""
