"""The state of affairs for the coordinator: meetings to come, drafts that wait."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.coordination import contributors, forecast, releasing, rights
from mailer.coordination.matter import open_editions
from mailer.editions.states import EditionState
from mailer.german import and_list, full_day, hours, short_day
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.network import gathered

if TYPE_CHECKING:
    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from mailer.meetings.calendar_day import CalendarDay
    from subscribers.database import Db

AHEAD: Final = timedelta(days=60)
"""How far the overview looks: the next four meetings or so."""

_OFF: Final = {
    DayState.CANCELLED: "abgesagt",
    DayState.CLOSED: "fällt aus",
    DayState.HELD: "vorbei",
}


def status(db: Db, matter: Matter, _instruction: Instruction) -> None:
    """Tell what is planned, what waits for an answer, and who stands in."""
    office, now = matter.office, matter.now
    days = planning.calendar(
        db,
        office.settings.series,
        office.press.closures,
        first=office.today(now),
        last=office.today(now) + AHEAD,
    )
    matter.said += [_day(one) for one in days]
    waiting = open_editions(db)
    for edition in waiting:
        name = forecast.named(office, edition)
        if edition.state is EditionState.APPROVED:
            leaves = forecast.leaves(db, office, edition, now=now)
            matter.said.append(f"Die {name} ist freigegeben. {leaves}")
            continue
        missing = and_list(releasing.missing(db, matter.office.settings, edition))
        then = forecast.if_nothing(db, office, edition, now=now)
        matter.said.append(f"Die {name} wartet auf {missing}. Ohne Antwort: {then}")
    if not waiting:
        matter.said.append("Zurzeit wartet kein Entwurf auf Sie.")
    matter.said += [
        f"{contributors.named(one)} wartet: {contributors.called(one)}."
        for one in gathered.waiting(db)
    ]
    for one in rights.active_deputies(db, office.settings, now=now):
        until = f"bis zum {short_day(one.until_on)}" if one.until_on else ""
        matter.said.append(f"Vertretung: {one.mailbox.address} {until}".strip() + ".")


def _day(one: CalendarDay) -> str:
    reason = f" ({one.reason})" if one.reason else ""
    if one.state is DayState.PLANNED:
        when = hours(one.starts_at.time(), one.ends_at.time())
        return f"{full_day(one.on)}, {when}: „{one.title}“{reason}."
    return f"{full_day(one.on)}: {_OFF[one.state]}{reason}."
