"""What the facts of one network update are gathered with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from mailer.editions.quarter import Quarter
    from mailer.meetings.closures import Closures
    from mailer.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Material:
    """Where the facts of one update come from.

    Attributes:
        archive: Address of its page in the archive; empty without public pages.
    """

    settings: Settings
    closures: Closures
    quarter: Quarter
    archive: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock it looks at."""
        return self.settings.series[0].zone


def same(values: Iterable[str]) -> str:
    """Return what all *values* are; empty if they differ, or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else ""
