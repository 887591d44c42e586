"""What an edition says: from its row and the settings to a letter in every style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.archive.keeping import address, code_of
from mailer.editions.context import day_off_facts, facts, get_series
from mailer.editions.facts import Facts
from mailer.editions.kinds import KINDS, EditionKind
from mailer.errors import PlanRefused
from mailer.german import full_day
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.meetings.localtime import local_day
from mailer.meetings.models import MeetingVersion
from mailer.meetings.slots import slot_on
from mailer.outbox import quarter_days, quarter_past, quarterly
from mailer.outbox.quarter_material import Material
from mailer.rendering.finding import Finding, Level
from mailer.rendering.typesetting import render
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailer.editions.context import DayOffFacts, Gathering
    from mailer.editions.models import Edition
    from mailer.editions.quarter import Quarter
    from mailer.editions.update_facts import UpdateFacts
    from mailer.meetings.models import Meeting
    from mailer.outbox.press import Press
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Series
    from subscribers.database import Db

LATER_WITHIN: Final = timedelta(days=120)
"""How far ahead a letter names later dates; beyond that they are too uncertain."""


MAX_FILES: Final = 5_000_000
"""Octets of all files of a letter; many offices take ten million, encoded, in all."""

TOO_MUCH: Final = (
    "Die Anhänge sind zusammen größer als 5 MB; manches Postfach nimmt so einen Brief "
    "nicht an. Bitte nehmen Sie einen Anhang heraus."
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter in every style, personal places open, and the facts behind it.

    Attributes:
        lasting: The letters without what goes on changing by itself, such as numbers
            that are still counted: whoever says yes, says it to this. None if all of
            a letter lasts.
    """

    facts: Facts | DayOffFacts | UpdateFacts
    letters: Mapping[LetterStyle, Letter]
    lasting: Mapping[LetterStyle, Letter] | None = None


def compose(db: Db, edition: Edition, press: Press, *, now: datetime) -> Composed:
    """Return what *edition* says if it is issued at *now*; nothing is written.

    Raises:
        TemplateBroken: A template cannot be rendered.
        PlanRefused: The settings no longer know the series or the venue.
    """
    if edition.quarter is not None:
        return _update(db, edition, edition.quarter, press, now=now)
    known = _known(db, edition, press, now=now)
    letters = _worded(known, edition, press)
    if isinstance(known, Facts) and known.has_calendar:
        # It takes as long to load as all templates, and most rounds need none.
        from mailer.rendering.calendar_file import (  # noqa: PLC0415 - see above
            with_calendar,
        )

        method = KINDS[edition.kind].method
        letters = {
            style: with_calendar(letter, known, style, method=method, stamped_at=now)
            for style, letter in letters.items()
        }
    return Composed(facts=known, letters=letters)


def lasting_words(
    db: Db, edition: Edition, press: Press, *, now: datetime
) -> Mapping[LetterStyle, Letter]:
    """Return what *edition* says and goes on saying, without what travels beside it.

    That is all by which two drafts are told apart, for a fraction of the work.

    Raises:
        TemplateBroken, PlanRefused: As ``compose``.
    """
    if edition.quarter is None:
        known: Facts | DayOffFacts | UpdateFacts = _known(db, edition, press, now=now)
    else:
        material = _material(edition, edition.quarter, press)
        known = _lasting(quarterly.update_facts(db, edition, material))
    return _worded(known, edition, press)


def proofread(composed: Composed) -> list[Finding]:
    """Return what a person should look at before this is sent, errors first.

    An error keeps somebody from reading the letter: such a letter is not issued.
    """
    # A round looks at every open draft, and nobody proofreads what was shown already.
    from mailer.rendering.accessibility import check  # noqa: PLC0415 - see above

    found = [
        finding
        for style, letter in composed.letters.items()
        for finding in check(letter, composed.facts, style)
    ]
    letter = next(iter(composed.letters.values()))
    if sum(len(one.content) for one in letter.files) > MAX_FILES:
        found.append(Finding("files", Level.ERROR, TOO_MUCH))
    return sorted(dict.fromkeys(found), key=lambda one: one.level is not Level.ERROR)


def refuse_unreadable(composed: Composed) -> None:
    """Refuse letters that somebody would not be able to read.

    Raises:
        PlanRefused: The checks found an error.
    """
    errors = [one for one in proofread(composed) if one.level is Level.ERROR]
    if errors:
        raise PlanRefused(
            "So kann der Brief nicht hinausgehen, weil jemand ihn nicht lesen könnte. "
            + " ".join(one.sentence for one in errors)
        )


def _known(
    db: Db, edition: Edition, press: Press, *, now: datetime
) -> Facts | DayOffFacts:
    """Return what a letter about a day or a meeting may mention."""
    if edition.meeting is None:
        return _day_off(db, edition, press)
    return _facts(db, edition, edition.meeting, press, now=now)


def _worded(
    known: Facts | DayOffFacts | UpdateFacts, edition: Edition, press: Press
) -> Mapping[LetterStyle, Letter]:
    """Return the words that an edition makes of its facts, in every style."""
    folder = KINDS[edition.kind].folder
    return {
        style: render(press.environment, known, style, folder) for style in LetterStyle
    }


def _facts(
    db: Db, edition: Edition, meeting: Meeting, press: Press, *, now: datetime
) -> Facts:
    series = get_series(press.settings, meeting.series)
    was_told = edition.since is not None
    before = _before(db, edition, meeting, series, press)
    after = meeting.starts_at
    if edition.kind is EditionKind.CANCELLATION and before is not None:
        # What comes next, comes after the day that falls out for them.
        after = max(before.starts_at, now)
    return facts(
        press.settings,
        meeting,
        later=_later(db, series, press, after=after),
        words=edition.words,
        easy_words=edition.easy_words,
        before=before,
        now=now,
        # A calendar cannot take off what it never had.
        has_calendar=bool(KINDS[edition.kind].method)
        and (was_told or edition.kind is not EditionKind.CANCELLATION),
    )


def _before(
    db: Db, edition: Edition, meeting: Meeting, series: Series, press: Press
) -> Gathering | None:
    """Return the meeting as the readers of *edition* know it; None for nothing else.

    Who knows only the rule expects it where and when the rule has it.
    """
    if edition.since is not None:
        return db.get(MeetingVersion, (meeting.id, edition.since))
    if edition.kind not in _FIRST_WORDS or meeting.ruled_on is None:
        return None
    return slot_on(series, press.closures, meeting.ruled_on)


_FIRST_WORDS: Final = (EditionKind.INVITATION, EditionKind.CANCELLATION)
"""What people may get who were told nothing else of a meeting."""


def _day_off(db: Db, edition: Edition, press: Press) -> DayOffFacts:
    """Return what the notice that nothing takes place on a day may mention."""
    if edition.series is None or edition.day is None:
        raise PlanRefused(f"Aussendung {edition.id} gehört zu keinem Treffen.")
    series = get_series(press.settings, edition.series)
    slot = slot_on(series, press.closures, edition.day)
    if slot.closure is None:
        raise PlanRefused(
            f"Am {full_day(edition.day)}, ist nicht mehr geschlossen; "
            "ein Terminausfall wird nicht gemeldet."
        )
    return day_off_facts(
        press.settings,
        series,
        slot.closure,
        later=_later(db, series, press, after=slot.starts_at),
        words=edition.words,
        easy_words=edition.easy_words,
    )


def _material(edition: Edition, quarter: Quarter, press: Press) -> Material:
    page = address(press.settings.web_base_url, code_of(edition, press.settings))
    return Material(press.settings, press.closures, quarter, page)


def _lasting(known: UpdateFacts) -> UpdateFacts:
    """Return the facts of a quarter without the numbers that are still counted."""
    return replace(known, figures=())


def _update(
    db: Db, edition: Edition, quarter: Quarter, press: Press, *, now: datetime
) -> Composed:
    """Return the letter about a quarter, with a file of all meetings to come."""
    from mailer.rendering.calendar_file import (  # noqa: PLC0415 - as in compose
        with_calendar_of_many,
    )

    material = _material(edition, quarter, press)
    known = quarterly.update_facts(db, edition, material)
    coming = quarter_days.calendar_facts(db, material)
    files = quarter_past.attached(db, material)
    letters = {
        style: replace(
            with_calendar_of_many(letter, coming, style, stamped_at=now), files=files
        )
        for style, letter in _worded(known, edition, press).items()
    }
    lasting = _worded(_lasting(known), edition, press)
    return Composed(facts=known, letters=letters, lasting=lasting)


def _later(
    db: Db, series: Series, press: Press, *, after: datetime
) -> Sequence[Gathering]:
    """Return the next planned days of a series after a moment."""
    on = local_day(after, series.zone)
    days = planning.calendar(
        db,
        [series],
        press.closures,
        first=on,
        last=on + LATER_WITHIN,
    )
    coming = [
        day for day in days if day.state is DayState.PLANNED and day.starts_at > after
    ]
    return coming[: press.settings.policy.next_dates]
