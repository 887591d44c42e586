"""What is needed to write to the coordinator and to do what she says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mailer.outbox.issuing import Press
    from mailer.settings.model import Settings
    from subscribers.tokens import TokenKeys


@dataclass(frozen=True, slots=True)
class Office:
    """What is needed to write to the coordinator and to do what she says.

    Attributes:
        press: For drafts and results.
        keys: For the seals in them.
    """

    press: Press
    keys: TokenKeys

    @property
    def settings(self) -> Settings:
        """Everything that can be set."""
        return self.press.settings

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock the coordinator looks at."""
        return self.settings.series[0].zone

    def today(self, now: datetime) -> date:
        """Return the date on her calendar."""
        return now.astimezone(self.zone).date()
