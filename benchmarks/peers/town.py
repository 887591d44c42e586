"""The same workload for all: an invented town, and the invitation to its next meeting.

Ours is issued into a real ledger, as ``mia invite`` does it. The peers get the same
letter as data: templates with gaps, people, the calendar file.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from benchmarks.peers.program import NOW
from mailer import migrations
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionEvent
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.outbox import issuing
from mailer.outbox.models import FrozenLetter
from mailer.rendering import places
from subscribers.address import fingerprint
from subscribers.models import Mailbox, Subscriber, Subscription
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailer.application import Application
    from subscribers.database import Database, Db

MEETING_AT: Final = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
EASY_SHARE: Final = 5
"""Every fifth reader wants Leichte Sprache."""

FIRST_NAMES: Final = ("Änne", "Jörg", "Renate", "Egon", "Marco", "Käthe", "Selma")
LAST_NAMES: Final = ("Müller", "Groß", "Beispiel", "O’Neill", "Schäfer-Süß", "Probe")


def name_of(number: int) -> str:
    """Return the name of a reader."""
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    return f"{first} {LAST_NAMES[number % len(LAST_NAMES)]}"


def address_of(number: int) -> str:
    """Return the address of a reader, at one of fifty providers."""
    return f"person{number}@post{number % 50}.example"


def settle_down(application: Application, people: int) -> float:
    """Fill an empty database with *people* and issue the invitation to them.

    Returns:
        The seconds that issuing took.
    """
    database = application.unchecked_database
    migrations.upgrade(database)
    with database.transaction() as db:
        _move_in(db, application, people)
    with database.transaction() as db:
        meeting = _meeting()
        db.add(meeting)
        db.flush()
        edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=NOW)
        drafting.move(edition, EditionEvent.APPROVE, now=NOW)
        began = time.perf_counter()
        issuing.issue(db, edition, application.press, now=NOW)
        db.flush()
        return time.perf_counter() - began


def _meeting() -> Meeting:
    return Meeting(
        uid="treffen@mia.example",
        series="miteinander-reden",
        title="Miteinander reden",
        starts_at=MEETING_AT,
        ends_at=MEETING_AT.replace(hour=12),
        venue="treffpunkt",
        state=MeetingState.PLANNED,
        reason="",
        sequence=0,
        created_at=NOW,
        changed_at=NOW,
    )


def _move_in(db: Db, application: Application, people: int) -> None:
    """Enter *people*, all with a consent that holds."""
    key = application.keys.fingerprint_key
    numbers = range(1, people + 1)
    db.execute(
        sa.insert(Mailbox),
        [
            {
                "id": number,
                "address": address_of(number),
                "canonical": address_of(number),
                "fingerprint": fingerprint(address_of(number), key=key),
                "style": _style_of(number),
                "created_at": NOW,
            }
            for number in numbers
        ],
    )
    db.execute(
        sa.insert(Subscriber),
        [
            {"mailbox_id": number, "name": name_of(number), "created_at": NOW}
            for number in numbers
        ],
    )
    db.execute(
        sa.insert(Subscription),
        [
            {
                "mailbox_id": number,
                "topic": Topic.INVITATIONS,
                "state": SubscriptionState.ACTIVE,
                "changed_at": NOW,
            }
            for number in numbers
        ],
    )


def _style_of(number: int) -> LetterStyle:
    return LetterStyle.EASY if number % EASY_SHARE == 0 else LetterStyle.STANDARD


def write_for_peers(database: Database, people: int, folder: Path) -> None:
    """Write letter and people where the peers read them."""
    with database.reading() as db:
        letters = {row.style: row for row in db.scalars(sa.select(FrozenLetter))}
    for style, row in letters.items():
        (folder / f"{style}.txt").write_text(_with_gaps(row.text), encoding="utf-8")
        (folder / f"{style}.html").write_text(_with_gaps(row.html), encoding="utf-8")
    standard = letters[LetterStyle.STANDARD]
    (folder / "subject.txt").write_text(standard.subject, encoding="utf-8")
    (folder / "termin.ics").write_bytes(standard.calendar or b"")
    lines = (json.dumps(one, ensure_ascii=False) for one in _readers(people))
    (folder / "people.jsonl").write_text("\n".join(lines), encoding="utf-8")


def _with_gaps(text: str) -> str:
    """Return a frozen letter with "{{ greeting }}" where a place is open."""
    for name, sign in places.SIGNS.items():
        text = text.replace(sign, "{{ " + name + " }}")
    return text


def _readers(people: int) -> Iterator[dict[str, object]]:
    for number in range(1, people + 1):
        token = f"{number:032x}"
        yield {
            "number": number,
            "address": address_of(number),
            "name": name_of(number),
            "style": str(_style_of(number)),
            "greeting": f"Guten Tag, {name_of(number)},",
            "unsubscribe_url": f"https://mia.example/abmelden/{token}",
            "preferences_url": f"https://mia.example/einstellungen/{token}",
            "reason": "Sie bekommen diese E-Mail, weil Sie sich für die Einladungen "
            "des Netzwerks MIA angemeldet haben.",
            "confirm_token": "",
            "unsubscribe_mailto": f"mailto:mia@mia.example?subject=abmelden%20{token}",
            "message_id": f"<{number:024x}@mia.example>",
            "return_path": f"mia+{token}@mia.example",
        }
