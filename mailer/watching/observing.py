"""What is wrong at this moment: one function per kind of trouble, each a query.

Nothing is written here; ``mia status`` shows the same that an alarm is made from.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.due import SHORT_NOTICE
from mailer.editions.kinds import KINDS
from mailer.editions.models import Edition
from mailer.german import short_day
from mailer.inbound.desk import Effect
from mailer.inbound.forgetting import OCCASION as FORWARD
from mailer.inbound.models import Incoming
from mailer.outbox import interventions, occasions, pauses
from mailer.outbox.conduct import PauseScope
from mailer.outbox.models import Delivery
from mailer.outbox.readers import would_reach
from mailer.outbox.states import DeliveryState
from mailer.settings.model import Silence
from mailer.watching.kinds import Observed
from mailer.watching.models import Alarm, AlarmKind, Cause, LoopName, Pulse
from mailer.watching.pulses import DaemonState, daemon_state
from subscribers import suppression
from subscribers.models import Mailbox, Suppression, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.settings.model import Settings
    from subscribers.database import Database, Db

RESTS_FOR: Final = timedelta(days=7)
"""How long it is news that letters to a mailbox rest; it may stay so for ever."""

MEGABYTE: Final = 1024 * 1024

ROOM_AGAIN: Final = 1.25
"""The alarm about the disk ends only with so much more room, or it would flutter."""

LOOPS: Final = {
    LoopName.PLAN: "Das Planen der Aussendungen",
    LoopName.SEND: "Das Senden",
    LoopName.FETCH: "Das Lesen des Postfachs",
    LoopName.SWEEP: "Das Aufräumen",
    LoopName.SERVE: "Das Anbieten der öffentlichen Seiten",
}
"""What people call the loops, at the beginning of a sentence."""

_SERVERS: Final = {Cause.RELAY: AlarmKind.RELAY, Cause.INBOX: AlarmKind.INBOX}


@dataclass(frozen=True, slots=True)
class Sight:
    """From where we look.

    Attributes:
        free_bytes: On the disk with the database; None if that is another machine's.
        is_locked: Some daemon holds the lock, maybe we ourselves.
    """

    settings: Settings
    now: datetime
    free_bytes: int | None
    is_locked: bool

    @classmethod
    def on(
        cls, settings: Settings, database: Database, *, is_locked: bool, now: datetime
    ) -> Sight:
        """Return what can be seen of *database* from this machine."""
        file = database.file
        free = shutil.disk_usage(file.parent).free if file is not None else None
        return cls(settings, now, free, is_locked)


def observe(db: Db, sight: Sight) -> list[Observed]:
    """Return every trouble that people should know of."""
    return [trouble for look in _LOOKS for trouble in look(db, sight)]


def _held(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the editions that should have left and wait for a yes."""
    latest = sight.now - sight.settings.alarm.after
    for edition in drafting.held(db, by=latest):
        silence = sight.settings.unanswered.of(edition.kind)
        still_looks = latest < edition.created_at + SHORT_NOTICE
        if silence is Silence.SEND and (still_looks or not _is_overdue(edition, sight)):
            continue  # it leaves by itself
        if not would_reach(db, edition.kind, edition.meeting, now=sight.now):
            continue  # nobody waits for it
        due_at = edition.due_at or latest
        yield Observed(
            AlarmKind.HELD,
            edition.occasion,
            due_at,
            f"{named(edition, sight.settings)} sollte am "
            f"{moment(due_at, sight.settings)} hinausgehen. Niemand hat sie "
            "freigegeben, deshalb ist sie nicht gesendet.",
        )


def _overdue(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the occasions whose letters were held because nobody was there in time."""
    held = (
        sa.select(Delivery.occasion, sa.func.count(), sa.func.min(Delivery.changed_at))
        .where(
            Delivery.waiting == DeliveryState.HELD,
            Delivery.reason == interventions.NOBODY_THERE,
        )
        .group_by(Delivery.occasion)
        .order_by(sa.func.min(Delivery.id))
    )
    for occasion, number, since in db.execute(held):
        many = f"{number} Briefe sind" if number > 1 else "Ein Brief ist"
        yield Observed(
            AlarmKind.OVERDUE,
            occasion,
            since,
            f"{many} angehalten ({_called(db, occasion, sight.settings)}): Zur "
            "vorgesehenen Zeit lief hier nichts, und jetzt ist es spät.",
        )


def _is_overdue(edition: Edition, sight: Sight) -> bool:
    limit = sight.settings.policy.overdue_after
    return edition.due_at is not None and sight.now - edition.due_at > limit


def _loops(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the loops that have failed for long, or that a person must mend."""
    alarm = sight.settings.alarm
    for pulse in db.scalars(sa.select(Pulse).order_by(Pulse.name)):
        if pulse.name not in LOOPS:
            continue
        since = pulse.failing_since
        if since is None or pulse.cause is None:
            if _hangs(pulse, sight):
                yield Observed(
                    AlarmKind.LOOP,
                    pulse.name,
                    pulse.begun_at,
                    f"{LOOPS[pulse.name]} ist mitten in einer Runde stehen geblieben.",
                )
        elif pulse.is_lasting or since <= sight.now - alarm.after:
            kind = _SERVERS.get(pulse.cause, AlarmKind.LOOP)
            failed = f"{LOOPS[pulse.name]} ist {pulse.failures}-mal fehlgeschlagen"
            told = (
                pulse.trouble
                if kind is not AlarmKind.LOOP
                else (f"{failed}: {pulse.trouble}")
            )
            yield Observed(kind, pulse.name, since, told)


def _hangs(pulse: Pulse, sight: Sight) -> bool:
    is_done = pulse.done_at is not None and pulse.done_at >= pulse.begun_at
    limit = max(sight.settings.alarm.silent_after, sight.settings.policy.lease)
    return not is_done and pulse.begun_at <= sight.now - limit


def _daemon(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the daemon itself, if it was cut off or shows no life."""
    silent_after = sight.settings.alarm.silent_after
    state, since = daemon_state(
        db, is_locked=sight.is_locked, silent_after=silent_after, now=sight.now
    )
    if state in _DEAD:
        at = moment(since, sight.settings)
        yield Observed(AlarmKind.DAEMON, "daemon", since, _DEAD[state].format(at=at))


_DEAD: Final = {
    DaemonState.CUT_OFF: (
        "Der Dienst wurde unterbrochen und läuft nicht mehr. Das letzte Lebenszeichen "
        "kam am {at}."
    ),
    DaemonState.SILENT: (
        "Der Dienst läuft, gibt aber seit dem {at} kein Lebenszeichen mehr."
    ),
}


def _doubt(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the occasions of which a server may have letters, and nobody knows."""
    # What is sent once more by itself is in doubt for a moment only.
    settled = sight.now - sight.settings.alarm.after
    doubtful = (
        sa.select(Delivery.occasion, sa.func.count(), sa.func.min(Delivery.changed_at))
        .where(
            Delivery.waiting == DeliveryState.UNCERTAIN, Delivery.changed_at <= settled
        )
        .group_by(Delivery.occasion)
        .order_by(sa.func.min(Delivery.id))
    )
    for occasion, number, since in db.execute(doubtful):
        many = f"{number} Zustellungen" if number > 1 else "einer Zustellung"
        yield Observed(
            AlarmKind.DOUBT,
            occasion,
            since,
            f"Bei {many} ({_called(db, occasion, sight.settings)}) riss die "
            "Verbindung ab, bevor der Mailserver antwortete. Niemand weiß, ob er sie "
            "hat.",
        )


def _failover(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield each of several relays that has not been usable for long.

    The letters leave over the others; the day on which those fail as well comes.
    """
    settings = sight.settings
    names = {one.name for one in (settings.smtp, *settings.relays)}
    for row in pauses.resting(db):
        lasts = row.since_at <= sight.now - settings.alarm.after
        if settings.relays and row.name in names and lasts:
            yield Observed(
                AlarmKind.FAILOVER, f"relay/{row.name}", row.since_at, row.reason
            )


def _paused(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield what the program has stopped by itself, and nobody has looked at yet.

    A relay that rests is tried again by itself: see ``_failover``.
    """
    for pause in pauses.in_force(db, now=sight.now):
        if pause.scope is PauseScope.RELAY:
            continue
        lasts = pause.until_at is None
        lasts = lasts or pause.since_at <= sight.now - sight.settings.alarm.after
        if lasts and not pause.is_by_hand:
            subject = f"{pause.scope}/{pause.name}".rstrip("/")
            yield Observed(AlarmKind.PAUSED, subject, pause.since_at, pause.reason)


def _rests(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the mailboxes that rest lately, if no forwarded report has told of them."""
    forwarded = sa.exists().where(
        Delivery.occasion == sa.literal(FORWARD) + sa.cast(Incoming.id, sa.String)
    )
    rested = (
        sa.select(Mailbox.id, Suppression.reason, sa.func.min(Suppression.since_at))
        .join(Incoming, Incoming.mailbox_id == Mailbox.id)
        .join(Suppression, Suppression.fingerprint == Mailbox.fingerprint)
        .where(
            Incoming.effect == Effect.RESTS.value,
            ~forwarded,
            Suppression.reason.in_([SuppressionReason.DEAD, SuppressionReason.FULL]),
            Suppression.lifted_at.is_(None),
            Suppression.since_at >= sight.now - RESTS_FOR,
        )
        .group_by(Mailbox.id, Suppression.reason)
        .order_by(Mailbox.id)
    )
    for mailbox_id, reason, since in db.execute(rested):
        yield Observed(
            AlarmKind.RESTS,
            f"mailbox/{mailbox_id}",
            since,
            "An ein Postfach wird nicht mehr geschrieben: "
            f"{suppression.GERMAN[reason]}.",
        )


def _disk(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the disk, if it is nearly full."""
    if sight.free_bytes is None:
        return
    rings = sa.select(Alarm.id).where(
        Alarm.kind == AlarmKind.DISK, Alarm.ended_at.is_(None)
    )
    least = sight.settings.alarm.disk_free * MEGABYTE
    if db.scalars(rings).first() is not None:
        least = int(least * ROOM_AGAIN)
    if sight.free_bytes < least:
        free = sight.free_bytes // MEGABYTE
        sentence = f"Wo die Datenbank liegt, sind nur noch {free} Megabyte frei."
        yield Observed(AlarmKind.DISK, "disk", sight.now, sentence)


def _waiting(db: Db, sight: Sight) -> Iterator[Observed]:
    """Yield the mails that have waited for a person for long."""
    old = sa.select(Incoming.id, Incoming.received_at).where(
        Incoming.received_at <= sight.now - sight.settings.alarm.human_waits,
        sa.or_(Incoming.effected_at.is_(None), Incoming.raw.is_not(None)),
    )
    for number, received_at in db.execute(old.order_by(Incoming.id)):
        yield Observed(
            AlarmKind.WAITING,
            f"incoming/{number}",
            received_at,
            f"Die Mail Nummer {number} kam am {moment(received_at, sight.settings)} "
            "und ist noch nicht erledigt.",
        )


_LOOKS: Final = (
    _held,
    _overdue,
    _loops,
    _daemon,
    _doubt,
    _failover,
    _paused,
    _rests,
    _disk,
    _waiting,
)


def _called(db: Db, occasion: str, settings: Settings) -> str:
    """Return what people call an occasion: an edition by its kind and its day."""
    number = occasions.number_of(occasion)
    edition = db.get(Edition, int(number)) if number else None
    if edition is None:
        return occasions.named(occasion)
    return named(edition, settings).removeprefix("Die ")


def named(edition: Edition, settings: Settings) -> str:
    """Return what people call an edition: "Die Einladung zum Treffen am …"."""
    word = KINDS[edition.kind].german
    if edition.quarter is not None:
        return f"Die {word} {edition.quarter.german}"
    if edition.meeting is not None:
        zone = settings.series[0].zone
        day = short_day(edition.meeting.starts_at.astimezone(zone))
        return f"Die Aussendung „{word}“ zum Treffen am {day}"
    day = short_day(edition.day) if edition.day is not None else ""
    return f"Die Aussendung „{word}“ zum {day}"


def moment(at: datetime, settings: Settings) -> str:
    """Return a moment on the clock of the town: "25. November 2026 um 10:15 Uhr"."""
    local = at.astimezone(settings.series[0].zone)
    return f"{short_day(local)} um {local:%H:%M} Uhr"
