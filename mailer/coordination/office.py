"""What is needed to write to the coordinator and to do what she says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from subscribers.tokens import TokenKeys

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mailer.outbox.press import Press
    from mailer.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """What is needed to write to the coordinator and to do what she says.

    Attributes:
        press: For drafts and results.
        keys: For the seals in them.
    """

    press: Press
    keys: TokenKeys

    @classmethod
    def of(cls, press: Press) -> Office:
        """Return the office of a network whose letters are made with *press*."""
        return cls(press, TokenKeys.derive(press.settings.secret))

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
