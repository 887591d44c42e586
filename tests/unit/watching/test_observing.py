"""What is wrong at this moment: each trouble is seen, and its neighbour is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.errors import ConnectionFailed, InboxUnreachable, LoginRefused
from mailer.inbound.models import Incoming
from mailer.outbox import interventions, pauses
from mailer.outbox.conduct import PauseScope
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.outbox.states import DeliveryState
from mailer.settings.model import Silence
from mailer.watching import alarms, pulses
from mailer.watching.models import AlarmKind, LoopName, Pulse
from mailer.watching.observing import MEGABYTE, Sight, observe
from subscribers import suppression
from subscribers.models import SuppressionReason
from subscribers.topics import LetterStyle
from tests.conftest import PRESENT
from tests.factories import a_mailbox, a_meeting, a_subscriber

if TYPE_CHECKING:
    from mailer.settings import Settings
    from mailer.watching.kinds import Observed
    from subscribers.database import Db

A_MINUTE: Final = timedelta(minutes=1)
AN_HOUR: Final = timedelta(hours=1)
A_DAY: Final = timedelta(days=1)

AWAY: Final = ConnectionFailed("mail.example:587", "niemand antwortet")


@pytest.fixture
def sight(settings: Settings) -> Sight:
    """A look at the present, by the daemon itself."""
    return Sight(settings, PRESENT, free_bytes=None, is_locked=False)


def seen(db: Db, sight: Sight) -> list[tuple[AlarmKind, str, datetime]]:
    """Return what is observed, without its words."""
    return [(one.kind, one.subject, one.since_at) for one in observe(db, sight)]


def only(db: Db, sight: Sight) -> Observed:
    """Return the one thing that is observed."""
    (found,) = observe(db, sight)
    return found


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_all_is_well(db: Db, sight: Sight) -> None:
    """Nothing is wrong in an empty house."""
    assert observe(db, sight) == []


def a_draft(db: Db, due_at: datetime, created_at: datetime = PRESENT - A_DAY) -> str:
    """Return the occasion of a draft with one reader."""
    a_subscriber(db)
    meeting = a_meeting(db)
    edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=created_at)
    edition.due_at = due_at
    db.flush()
    return edition.occasion


def holding(sight: Sight) -> Sight:
    """Return the same look at a network whose invitations wait for a yes."""
    unanswered = replace(sight.settings.unanswered, invitation=Silence.HOLD)
    return replace(sight, settings=replace(sight.settings, unanswered=unanswered))


def test_a_due_draft_that_waits_for_a_yes_is_seen(db: Db, sight: Sight) -> None:
    """Due an hour ago, held by the setting: who, since when, in words."""
    due_at = PRESENT - AN_HOUR
    occasion = a_draft(db, due_at)
    found = only(db, holding(sight))
    assert (found.kind, found.subject, found.since_at) == (
        AlarmKind.HELD,
        occasion,
        due_at,
    )
    assert found.sentence == (
        "Die Aussendung „Einladung“ zum Treffen am 3. Dezember 2026 sollte am "
        "23. November 2026 um 08:00 Uhr hinausgehen. Niemand hat sie freigegeben, "
        "deshalb ist sie nicht gesendet."
    )


def test_what_leaves_by_itself_is_no_trouble(db: Db, sight: Sight) -> None:
    """The setting says "send": the next round issues it."""
    a_draft(db, PRESENT - AN_HOUR)
    assert observe(db, sight) == []


def test_what_is_not_due_is_no_trouble(db: Db, sight: Sight) -> None:
    """It waits for a yes, and there is time."""
    a_draft(db, PRESENT + AN_HOUR)
    assert observe(db, holding(sight)) == []


def test_what_is_long_overdue_needs_a_person_whatever_the_setting(
    db: Db, sight: Sight
) -> None:
    """The program slept for three days: nothing stale leaves, and people hear of it."""
    a_draft(db, PRESENT - 3 * A_DAY, created_at=PRESENT - 9 * A_DAY)
    assert only(db, sight).kind is AlarmKind.HELD


def failed(db: Db, name: LoopName, error: Exception, since: datetime) -> None:
    """Let a loop fail."""
    pulses.begin(db, name, now=since)
    pulses.fail(db, name, pulses.Trouble.of(error), now=since)
    db.flush()


@pytest.mark.parametrize(
    ("name", "error", "kind"),
    [
        (LoopName.SEND, AWAY, AlarmKind.RELAY),
        (LoopName.FETCH, InboxUnreachable("imap", "weg"), AlarmKind.INBOX),
        (LoopName.SWEEP, ZeroDivisionError(), AlarmKind.LOOP),
    ],
)
def test_a_loop_that_fails_for_long_is_seen(
    db: Db, sight: Sight, name: LoopName, error: Exception, kind: AlarmKind
) -> None:
    """A quarter of an hour is borne; the cause says which alarm it is."""
    failed(db, name, error, PRESENT - 14 * A_MINUTE)
    assert observe(db, sight) == []
    db.get_one(Pulse, name).failing_since = PRESENT - 15 * A_MINUTE
    assert seen(db, sight) == [(kind, name, PRESENT - 15 * A_MINUTE)]


def test_what_only_a_person_can_mend_is_told_at_once(db: Db, sight: Sight) -> None:
    """A refused login does not get better by waiting."""
    failed(db, LoopName.SEND, LoginRefused("mail.example:587", "535 nein"), PRESENT)
    found = only(db, sight)
    assert found.kind is AlarmKind.RELAY
    assert "lehnt die Anmeldung ab" in found.sentence


def test_a_round_that_never_ends_is_seen(db: Db, sight: Sight) -> None:
    """It has begun and shows nothing since: longer than any round may be silent."""
    pulses.begin(db, LoopName.FETCH, now=PRESENT - 31 * A_MINUTE)
    pulses.begin(db, LoopName.SWEEP, now=PRESENT)
    db.flush()
    assert seen(db, sight) == [
        (AlarmKind.LOOP, LoopName.FETCH, PRESENT - 31 * A_MINUTE)
    ]


def test_a_daemon_that_was_cut_off_is_seen_until_another_one_runs(
    db: Db, sight: Sight
) -> None:
    """It never said that it ended, and nobody has the lock."""
    pulses.begin_daemon(db, now=PRESENT - AN_HOUR)
    db.flush()
    found = only(db, sight)
    assert (found.kind, found.since_at) == (AlarmKind.DAEMON, PRESENT - AN_HOUR)
    pulses.begin(db, LoopName.SWEEP, now=PRESENT)
    pulses.succeed(db, LoopName.SWEEP, now=PRESENT)
    assert observe(db, replace(sight, is_locked=True)) == []


def test_a_daemon_without_a_sign_of_life_is_seen(db: Db, sight: Sight) -> None:
    """It has the lock and has done nothing for longer than it may."""
    pulses.begin_daemon(db, now=PRESENT - AN_HOUR)
    db.flush()
    found = only(db, replace(sight, is_locked=True))
    assert found.kind is AlarmKind.DAEMON
    assert (
        "seit dem 23. November 2026 um 08:00 Uhr kein Lebenszeichen" in found.sentence
    )


def a_delivery(db: Db, state: DeliveryState, changed_at: datetime) -> None:
    """Return nothing; one delivery of "edition/1" stands in *state*."""
    db.add(
        FrozenLetter(
            occasion="edition/1", style=LetterStyle.STANDARD, subject="", text="",
            html="", dated_at=changed_at,
        )
    )  # fmt: skip
    db.flush()
    db.add(
        Delivery(
            occasion="edition/1", mailbox_id=a_mailbox(db).id, topic=None,
            style=LetterStyle.STANDARD, state=state, message_id="<1@mia.example>",
            created_at=changed_at, changed_at=changed_at,
        )
    )  # fmt: skip
    db.flush()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_doubt_that_stays_is_seen(db: Db, sight: Sight) -> None:
    """A quarter of an hour later nobody has settled it."""
    a_delivery(db, DeliveryState.UNCERTAIN, PRESENT - 15 * A_MINUTE)
    assert seen(db, sight) == [(AlarmKind.DOUBT, "edition/1", PRESENT - 15 * A_MINUTE)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_what_was_held_because_nobody_was_there_is_seen(db: Db, sight: Sight) -> None:
    """The program slept past its time; what somebody holds by hand is no trouble."""
    a_delivery(db, DeliveryState.HELD, PRESENT)
    assert observe(db, sight) == []
    delivery = db.scalars(sa.select(Delivery)).one()
    delivery.reason = interventions.NOBODY_THERE
    db.flush()
    found = only(db, sight)
    assert (found.kind, found.subject) == (AlarmKind.OVERDUE, "edition/1")
    assert found.sentence.startswith("Ein Brief ist angehalten (Aussendung ")


def test_an_edition_is_named_as_the_coordinator_knows_it(db: Db, sight: Sight) -> None:
    """By its kind and its day; she has never heard of "edition/1"."""
    edition = drafting.draft(
        db, EditionKind.INVITATION, a_meeting(db), now=PRESENT - A_DAY
    )
    assert edition.occasion == "edition/1"
    a_delivery(db, DeliveryState.UNCERTAIN, PRESENT - A_DAY)
    assert (
        "Bei einer Zustellung (Aussendung „Einladung“ zum Treffen am 3. Dezember 2026)"
        " riss die Verbindung ab"
    ) in only(db, sight).sentence


@pytest.mark.parametrize(
    ("state", "ago"),
    [
        (DeliveryState.UNCERTAIN, A_MINUTE),
        (DeliveryState.ACCEPTED, A_DAY),
    ],
)
def test_fresh_doubt_and_settled_letters_are_no_trouble(
    db: Db, sight: Sight, state: DeliveryState, ago: timedelta
) -> None:
    """The next round sends one more copy by itself."""
    a_delivery(db, state, PRESENT - ago)
    assert observe(db, sight) == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_pause_by_the_program_is_seen_one_by_hand_is_not(
    db: Db, sight: Sight
) -> None:
    """Who paused it knows."""
    for name, is_by_hand in (("gmx", False), ("web", True)):
        pauses.pause(
            db, PauseScope.PROVIDER, name, reason="GMX lehnt alles ab.",
            is_by_hand=is_by_hand, now=PRESENT,
        )  # fmt: skip
    pauses.pause(db, PauseScope.RELAY, "mail.example:587", reason="weg", now=PRESENT)
    assert seen(db, sight) == [(AlarmKind.PAUSED, "provider/gmx", PRESENT)]


def an_arrival(
    db: Db,
    received_at: datetime,
    *,
    effect: str | None = None,
    raw: bytes | None = b"x",
) -> Incoming:
    """Return a mail that came in."""
    incoming = Incoming(
        digest=str(received_at), source="stdin", received_at=received_at, octets=1,
        kind="human", rule="r", raw=raw, effect=effect,
        effected_at=received_at if effect else None,
    )  # fmt: skip
    db.add(incoming)
    db.flush()
    return incoming


def test_a_mail_that_waits_for_days_is_seen(db: Db, sight: Sight) -> None:
    """Three days; what is settled, or came yesterday, is no trouble."""
    old = an_arrival(db, PRESENT - 3 * A_DAY)
    an_arrival(db, PRESENT - A_DAY)
    an_arrival(db, PRESENT - 4 * A_DAY, effect="kept", raw=None)
    assert seen(db, sight) == [
        (AlarmKind.WAITING, f"incoming/{old.id}", PRESENT - 3 * A_DAY)
    ]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_mailbox_that_rests_is_told_if_no_report_was_forwarded(
    db: Db, sight: Sight
) -> None:
    """For a week; the alarm names a number and no address."""
    mailbox = a_mailbox(db, "tot@netz.example")
    assert mailbox.fingerprint is not None
    suppression.add(db, mailbox.fingerprint, SuppressionReason.DEAD, now=PRESENT)
    report = an_arrival(db, PRESENT, effect="rests", raw=None)
    report.mailbox_id = mailbox.id
    db.flush()
    found = only(db, sight)
    assert (found.kind, found.subject) == (AlarmKind.RESTS, f"mailbox/{mailbox.id}")
    assert "netz.example" not in found.sentence
    later = replace(sight, now=PRESENT + 8 * A_DAY)
    assert observe(db, later) == []


def test_the_disk_has_some_play(db: Db, sight: Sight) -> None:
    """Below 500 megabytes it rings; it is quiet again only with a quarter more."""
    little = replace(sight, free_bytes=499 * MEGABYTE)
    more = replace(sight, free_bytes=550 * MEGABYTE)
    assert observe(db, more) == []
    assert only(db, little).sentence == (
        "Wo die Datenbank liegt, sind nur noch 499 Megabyte frei."
    )
    alarms.reconcile(db, observe(db, little), now=PRESENT)
    assert only(db, more).kind is AlarmKind.DISK
    assert observe(db, replace(sight, free_bytes=625 * MEGABYTE)) == []
