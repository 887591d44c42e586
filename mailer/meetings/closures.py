"""Pure: days on which nothing takes place, each with the reason people read.

Public holidays come from the ``holidays`` library, by their German names; our own
closed days come from the settings. A public holiday is named first, because everybody
knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from holidays.holiday_base import HolidayBase

    from mailer.settings.model import ClosedDays

YEARS_KEPT: Final = 64
"""Years of holidays kept in memory; planning rarely looks further than ten."""


@dataclass(frozen=True, slots=True)
class Closures:
    """Everything that makes a day a closed one.

    Attributes:
        state: A German state as ``holidays`` knows it, "ST".
        closed: Our own closed days.
    """

    state: str
    closed: tuple[ClosedDays, ...] = ()


@dataclass(frozen=True, slots=True)
class Closure:
    """One day without a meeting.

    Attributes:
        reason: For people: "Christi Himmelfahrt", "Betriebsferien".
        is_holiday: Whether it is a public holiday, not a closed day of our own.
    """

    on: date
    reason: str
    is_holiday: bool


def closure_on(day: date, calendar: Closures) -> Closure | None:
    """Return why nothing takes place on *day*; None if it is an ordinary day."""
    name = _public_holidays(calendar.state, day.year).get(day)
    if name is not None:
        return Closure(day, name, is_holiday=True)
    for closed in calendar.closed:
        if closed.first_on <= day <= closed.last_on:
            return Closure(day, closed.reason, is_holiday=False)
    return None


@lru_cache(maxsize=YEARS_KEPT)
def _public_holidays(state: str, year: int) -> Mapping[date, str]:
    """Return the public holidays of one year in one German state."""
    # Without a language the names would follow the environment of the process.
    found = _germany()(subdiv=state, language="de", years=year, categories=("public",))
    return {day: " und ".join(found.get_list(day)) for day in sorted(found)}


@cache
def _germany() -> type[HolidayBase]:
    """Return the library's class for Germany, without its other 250 countries.

    Python imports a package before a module in it, and the package of countries
    imports them all. That would be a third of an idle round.
    """
    import holidays  # noqa: PLC0415 - most commands never ask for a holiday

    path = Path(holidays.__file__).with_name("countries") / "germany.py"
    spec = spec_from_file_location("holidays.countries.germany", path)
    assert spec is not None and spec.loader is not None, path  # noqa: S101, PT018 - types
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[HolidayBase] = module.Germany
    return found
