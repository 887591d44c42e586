"""From an approved edition to deliveries: compose, freeze, enqueue.

Issuing is one transaction: the letters are frozen, the archive has its copies, one
delivery per mailbox stands in the ledger, the meeting counts as announced and the
edition as issued; or nothing of all that happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.due import USEFUL_FOR
from mailer.editions.kinds import KINDS, EditionKind
from mailer.editions.models import Edition
from mailer.editions.states import EditionEvent, EditionState
from mailer.meetings import planning
from mailer.meetings.slots import slot_on
from mailer.network import gathered
from mailer.outbox import interventions, ledger
from mailer.outbox.models import Delivery, FrozenFile, FrozenLetter
from mailer.outbox.readers import readers
from mailer.outbox.states import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mailer.meetings.models import Meeting
    from mailer.outbox.press import Press
    from mailer.rendering.letter import Letter
    from subscribers.audience import Recipient
    from subscribers.database import Db
    from subscribers.topics import LetterStyle

WITHDRAWN: Final = "Die Aussendung wurde zurückgezogen."


def issue(db: Db, edition: Edition, press: Press, *, now: datetime) -> int:
    """Freeze *edition* and write one delivery per mailbox; return how many.

    Raises:
        PlanRefused: It is not approved, or its meeting has begun or is not what the
            letter says; or somebody could not read it.
        TemplateBroken: A template cannot be rendered.
    """
    # Most rounds issue nothing, and need no templates for that.
    from mailer.archive import keeping  # noqa: PLC0415 - see above
    from mailer.outbox import composing  # noqa: PLC0415 - see above

    meeting = edition.meeting
    if meeting is not None and edition.kind not in _ABOUT_WHAT_IS_OFF:
        drafting.check_meeting(meeting, now=now)
    # Who gets it depends on what was issued before it.
    expected = readers(db, edition, now=now)
    drafting.move(edition, EditionEvent.ISSUE, now=now)
    composed = composing.compose(db, edition, press, now=now)
    composing.refuse_unreadable(composed)
    if meeting is not None:
        edition.sequence = meeting.sequence
        since = "" if edition.since is None else f"<{edition.since}"
        edition.about = f"meeting/{meeting.id}@{meeting.sequence}{since}"
    freeze(db, edition.occasion, composed.letters, meeting=meeting, now=now)
    keeping.keep(db, edition, composed.letters, press.settings, now=now)
    if edition.quarter is not None:
        zone = press.settings.series[0].zone
        gathered.settle(db, edition.quarter.first, zone=zone, now=now)
    number = _enqueue(db, edition, expected, press, now=now)
    if meeting is not None:
        planning.mark_announced(db, meeting, now=now)
    return number


def extend(db: Db, edition: Edition, press: Press, *, now: datetime) -> int:
    """Owe an issued *edition* to those who should have it and have not; how many.

    What was frozen stays: they get what everybody got.
    """
    number = _enqueue(db, edition, readers(db, edition, now=now), press, now=now)
    if number:
        drafting.move(edition, EditionEvent.EXTEND, now=now)
    return number


def resend_missed(db: Db, edition: Edition, *, now: datetime) -> int:
    """Owe *edition* again to those who missed it for a reason that is gone; how many.

    Raises:
        PlanRefused: It was not issued, or is withdrawn.
    """
    drafting.move(edition, EditionEvent.EXTEND, now=now)
    here = Delivery.occasion == edition.occasion
    return interventions.reopen(db, here, *interventions.has_hope(), now=now)


_ABOUT_WHAT_IS_OFF: Final = (EditionKind.CANCELLATION,)


def _enqueue(
    db: Db,
    edition: Edition,
    expected: Iterable[Recipient],
    press: Press,
    *,
    now: datetime,
) -> int:
    return ledger.enqueue(
        db,
        ledger.Occasion(
            edition.occasion,
            KINDS[edition.kind].topic,
            _expires_at(edition, press, now=now),
        ),
        expected,
        new_message_id=press.new_message_id,
        now=now,
    )


def _expires_at(edition: Edition, press: Press, *, now: datetime) -> datetime | None:
    """Return when nobody has any use for *edition* any more."""
    if edition.meeting is not None:
        return edition.meeting.starts_at
    if edition.quarter is not None:
        return now + USEFUL_FOR
    if edition.series is None or edition.day is None:
        return None
    from mailer.editions.context import get_series  # noqa: PLC0415 - as in issue

    series = get_series(press.settings, edition.series)
    return slot_on(series, press.closures, edition.day).starts_at


def freeze(
    db: Db,
    occasion: str,
    letters: Mapping[LetterStyle, Letter],
    *,
    meeting: Meeting | None,
    now: datetime,
) -> None:
    """Store *letters* for *occasion*; from now on they never change."""
    for style, letter in letters.items():
        db.add(
            FrozenLetter(
                occasion=occasion,
                style=style,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                calendar=letter.calendar,
                method=letter.method,
                dated_at=now,
                meeting_id=meeting.id if meeting else None,
                meeting_sequence=meeting.sequence if meeting else None,
            )
        )
    some = next(iter(letters.values()))
    for number, file in enumerate(some.files, start=1):
        db.add(
            FrozenFile(
                occasion=occasion,
                number=number,
                name=file.name,
                media_type=file.media_type,
                content=file.content,
            )
        )
    # The deliveries point to these rows.
    db.flush()


def withdraw(db: Db, edition: Edition, *, now: datetime) -> int:
    """Withdraw *edition*; return how many deliveries that stops.

    Raises:
        PlanRefused: It is closed or withdrawn already.
    """
    drafting.move(edition, EditionEvent.WITHDRAW, now=now)
    return interventions.withdraw(db, edition.occasion, reason=WITHDRAWN, now=now)


def close_finished(db: Db, *, now: datetime) -> list[Edition]:
    """Close every issued edition that has no open delivery any more."""
    issued = db.scalars(sa.select(Edition).where(Edition.state == EditionState.ISSUED))
    finished = [edition for edition in issued if not _is_open(db, edition.occasion)]
    for edition in finished:
        drafting.move(edition, EditionEvent.CLOSE, now=now)
    return finished


def _is_open(db: Db, occasion: str) -> bool:
    waiting = sa.select(Delivery.id).where(
        Delivery.occasion == occasion, Delivery.state.in_(OPEN)
    )
    return db.scalars(waiting.limit(1)).first() is not None
