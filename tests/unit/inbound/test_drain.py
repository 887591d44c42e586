"""Taking what lies somewhere: once, whole, and whatever else goes wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.inbound.drain import drain
from mailer.inbound.filing import tray_of
from mailer.inbound.kinds import Kind
from mailer.inbound.models import IncomingPlace, WatchedFolder
from mailer.inbound.reading import MAX_BYTES
from mailer.inbound.sources import Found, NotGiven, Tray
from mailer.inbound.taking import Fate, Handed
from subscribers.errors import StoreBusy, StoreUnavailable
from tests.receiving import (
    Deed,
    a_mail,
    a_taker,
    arrivals,
    effects,
    unfiled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from subscribers.clock import FixedClock
    from subscribers.database import Database


class Pile:
    """A place with messages by name, as simple as a place can be."""

    name = "pile"

    def __init__(self, *contents: bytes) -> None:
        self.lying = {str(number): one for number, one in enumerate(contents, 1)}
        self.trays: dict[str, Tray] = {}
        self.refused: set[str] = set()

    def enter(self) -> int:
        """Have no numbering."""
        return 0

    def waiting(self, known: Collection[str], since: datetime | None) -> list[Found]:
        """Return all that is not known."""
        return [
            Found(name, len(content), since)
            for name, content in self.lying.items()
            if name not in known
        ]

    def fetch(self, found: Found) -> bytes | None:
        """Return the content, unless a test refuses it."""
        if found.name in self.refused:
            raise NotGiven("gibt es nicht")
        return self.lying.get(found.name)

    def head(self, found: Found) -> bytes:
        """Return the first octets."""
        return self.lying[found.name][:100]

    def file(self, names: Collection[str], tray: Tray) -> Collection[str]:
        """Remember where it went."""
        for name in names:
            self.trays[name] = tray
            del self.lying[name]
        return names


def test_a_message_is_written_down_with_what_it_did(
    database: Database,
    clock: FixedClock,
    logged: Callable[[], list[tuple[str, dict[str, object]]]],
) -> None:
    """Kind, rule, effect, place and moment; no content, for nobody needs it."""
    drain(Pile(a_mail(1)), a_taker(database, clock))
    (arrived,) = arrivals(database)
    assert (arrived.kind, arrived.rule) == ("command", "test.command")
    assert (arrived.effect, arrived.effected_at) == ("did_command", clock.now())
    assert (arrived.source, arrived.octets) == ("pile", len(a_mail(1)))
    assert arrived.raw is None
    assert arrived.mailbox_id is not None
    with database.reading() as db:
        folder = db.scalars(sa.select(WatchedFolder)).one()
        place = db.scalars(sa.select(IncomingPlace)).one()
    assert (folder.read_at, folder.since_at) == (clock.now(), None)
    assert (place.name, place.filed_at) == ("1", clock.now())
    assert [event for event, _ in logged()] == ["incoming.taken", "inbox.read"]


def test_asked_to_end_it_leaves_the_rest_to_the_next_run(
    database: Database, clock: FixedClock
) -> None:
    """What was taken is filed; the place does not count as read to its end."""
    pile, asked = Pile(a_mail(1), a_mail(2), a_mail(3)), iter([False, True])
    drained = drain(pile, a_taker(database, clock), is_over=lambda: next(asked))
    with database.reading() as db:
        read_at = db.scalars(sa.select(WatchedFolder.read_at)).one()
    assert drained.taken.total() == 1
    assert sorted(pile.lying) == ["2", "3"]
    assert read_at is None


@pytest.mark.parametrize("kind", ["human", "unreadable", "challenge"])
def test_what_a_person_must_see_is_kept(
    database: Database, clock: FixedClock, kind: str
) -> None:
    """In a mailbox of the program nobody else would see it."""
    pile = Pile(a_mail(1, kind))
    drain(pile, a_taker(database, clock))
    (arrived,) = arrivals(database)
    assert arrived.raw == a_mail(1, kind)
    assert pile.trays == {"1": Tray.HUMAN}


def test_a_pipe_is_the_only_copy_also_beside_a_shared_mailbox(
    database: Database, clock: FixedClock
) -> None:
    """What comes through it lies nowhere else."""
    taker = a_taker(database, clock, is_shared=True)
    taken = taker.take(Handed(a_mail(1, "human"), 10, "stdin"))
    (arrived,) = arrivals(database)
    assert (taken.fate, arrived.raw) == (Fate.NEW, a_mail(1, "human"))
    assert arrived.effect == "did_human"


def test_a_pipe_that_tries_again_does_nothing_twice(
    database: Database, clock: FixedClock
) -> None:
    """A mail server repeats what it got no answer for."""
    taker = a_taker(database, clock)
    fates = [taker.take(Handed(a_mail(1), 10, "stdin")).fate for _ in range(2)]
    assert fates == [Fate.NEW, Fate.KNOWN]
    assert effects(database) == [1]


def test_too_much_from_a_pipe_is_kept_as_far_as_it_goes(
    database: Database, clock: FixedClock
) -> None:
    """The text stands first; nothing vanishes without a word."""
    head = a_mail(1, "command")
    a_taker(database, clock).take(Handed(head, MAX_BYTES + 1, "stdin"))
    (arrived,) = arrivals(database)
    assert (arrived.kind, arrived.rule) == ("unreadable", "too_large")
    assert arrived.raw == head


def test_a_mistake_of_ours_loses_nothing(
    database: Database,
    clock: FixedClock,
    logged: Callable[[], list[tuple[str, dict[str, object]]]],
) -> None:
    """The message is kept and stays in its place; the others are served."""
    deed = Deed(breaks_on={2})
    pile = Pile(a_mail(1), a_mail(2), a_mail(3))
    drained = drain(pile, a_taker(database, clock, deed=deed))
    assert (drained.taken, drained.failed) == ({Kind.COMMAND: 2}, 1)
    assert sorted(effects(database)) == [1, 1]
    failed = arrivals(database)[1]
    assert (failed.raw, failed.effect, failed.effected_at) == (a_mail(2), None, None)
    assert list(pile.lying) == ["2"]
    assert ("incoming.failed", "ArithmeticError") in [
        (event, fields.get("error")) for event, fields in logged()
    ]


def test_what_failed_is_tried_again_by_every_run(
    database: Database, clock: FixedClock
) -> None:
    """A new version of the program may know better."""
    deed = Deed(breaks_on={1})
    pile = Pile(a_mail(1))
    taker = a_taker(database, clock, deed=deed)
    drain(pile, taker)
    assert drain(pile, taker).recovered == 0
    deed.breaks_on.clear()
    drained = drain(pile, taker)
    assert (drained.recovered, drained.filed) == (1, 1)
    (arrived,) = arrivals(database)
    assert (arrived.effect, arrived.raw) == ("did_command", None)
    assert effects(database) == [1]
    assert pile.lying == {}
    assert drain(pile, taker).recovered == 0


def test_a_classifier_that_fails_ends_in_the_drawer(
    database: Database, clock: FixedClock
) -> None:
    """Its promise is never to raise; a mail must not find out."""
    drain(Pile(a_mail(1, "bug"), a_mail(2)), a_taker(database, clock))
    first, second = arrivals(database)
    assert (first.kind, first.rule) == ("unreadable", "classifier_failed")
    assert first.raw == a_mail(1, "bug")
    assert second.effect == "did_command"


def test_a_copy_of_what_failed_waits_with_it(
    database: Database, clock: FixedClock
) -> None:
    """It is no second chance, and it is not filed before its time."""
    deed = Deed(breaks_on={1})
    pile = Pile(a_mail(1), a_mail(1))
    drained = drain(pile, a_taker(database, clock, deed=deed))
    assert (drained.failed, drained.known) == (1, 1)
    assert len(pile.lying) == 2
    assert unfiled(database) == 2


def test_a_database_that_is_held_ends_the_run(
    database: Database, clock: FixedClock
) -> None:
    """Nothing is wrong with the message: it must not land in the drawer."""
    taker = a_taker(database, clock)
    pile = Pile(a_mail(1))
    with pytest.raises(StoreBusy):
        drain(pile, replace(taker, apply=Deed({1}, StoreBusy())))
    assert arrivals(database) == []
    drain(pile, taker)
    assert effects(database) == [1]


def test_a_value_that_the_database_refuses_is_the_messages_own_trouble(
    database: Database, clock: FixedClock
) -> None:
    """The store is well, so the next message is served."""
    too_long = StoreUnavailable("value too long")
    taker = a_taker(database, clock)
    drained = drain(Pile(a_mail(1)), replace(taker, apply=Deed({1}, too_long)))
    assert drained.failed == 1
    assert drain(Pile(a_mail(1), a_mail(2)), taker).taken == {Kind.COMMAND: 1}


def test_what_the_place_refuses_is_told(database: Database, clock: FixedClock) -> None:
    """And asked for again by the next run."""
    pile = Pile(a_mail(1))
    pile.refused = {"1"}
    taker = a_taker(database, clock)
    assert drain(pile, taker).refusals == ["gibt es nicht"]
    pile.refused = set()
    assert drain(pile, taker).taken == {Kind.COMMAND: 1}


def test_many_are_filed_on_the_way(database: Database, clock: FixedClock) -> None:
    """A crash leaves a hundred to be filed, not all."""
    seen: list[int] = []
    pile = Pile(*(a_mail(number) for number in range(230)))
    drained = drain(
        pile, a_taker(database, clock), told=lambda: seen.append(len(pile.lying))
    )
    assert (drained.filed, len(seen)) == (230, 230)
    assert {230, 130, 30} == set(seen)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_both_databases_take_mail(database: Database, clock: FixedClock) -> None:
    """Numbers of 32 bit, bytes and copies."""
    pile = Pile(a_mail(1), b"\x00\xff" + a_mail(2, "human"), a_mail(1))
    drained = drain(pile, a_taker(database, clock))
    assert (drained.taken.total(), drained.known) == (2, 1)
    assert drained.filed == 3
    with database.transaction() as db:
        db.get_one(WatchedFolder, "pile").uidvalidity = 2**32 - 1


@pytest.mark.parametrize(
    ("kind", "shared", "folder", "linked", "shown", "tray"),
    [
        (Kind.COMMAND, False, True, False, False, Tray.PROCESSED),
        (Kind.COMMAND, False, False, False, False, Tray.STAY),
        (Kind.HUMAN, False, True, True, False, Tray.HUMAN),
        (Kind.HUMAN, True, True, True, False, Tray.STAY),
        (Kind.COMMAND, True, True, False, False, Tray.PROCESSED),
        (Kind.COMMAND, True, False, True, False, Tray.STAY),
        (Kind.COMMAND, True, True, True, True, Tray.STAY),
        (Kind.AUTO, True, True, False, False, Tray.STAY),
        (Kind.AUTO, True, True, True, False, Tray.PROCESSED),
        (Kind.REPORT, True, True, True, False, Tray.PROCESSED),
        (Kind.REPORT, True, True, False, False, Tray.STAY),
        (Kind.UNREADABLE, True, True, True, False, Tray.STAY),
    ],
)
def test_where_a_message_goes(
    kind: Kind, *, shared: bool, folder: bool, linked: bool, shown: bool, tray: Tray
) -> None:
    """In a person's mailbox only what is certainly ours is moved."""
    found = tray_of(
        kind, is_shared=shared, has_folder=folder, is_linked=linked, is_shown=shown
    )
    assert found is tray
