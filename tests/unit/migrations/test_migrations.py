"""The schema's steps: each keeps what is there, and the last one is what we read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from mailer import migrations
from mailer.errors import ExitCode
from mailer.inbound import history, models
from mailer.outbox.models import Delivery, FrozenLetter, Lease
from mailer.outbox.origins import LetterOrigin
from subscribers import failpoints
from subscribers.database import Base, Database
from subscribers.models import Mailbox, Subscription
from tests.program import Program
from tests.schemas import upgrade_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.forks import Forks

both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])

FIRST_ROWS = (
    (
        "INSERT INTO mailbox (id, address, canonical, fingerprint, style,"
        " token_version, created_at) VALUES (7, 'Rita@post.example',"
        " 'rita@post.example', 'f', 'standard', 1, '2026-01-29 09:00:00')"
    ),
    (
        "INSERT INTO subscription (id, mailbox_id, topic, state, changed_at)"
        " VALUES (1, 7, 'invitations', 'active', '2026-01-29 09:00:00')"
    ),
    (
        "INSERT INTO frozen_letter (occasion, style, subject, text, html, method,"
        " dated_at) VALUES ('edition/1', 'standard', 's', 't', 'h', '',"
        " '2026-11-26 09:00:00')"
    ),
    (
        "INSERT INTO delivery (id, occasion, mailbox_id, topic, style, state, tries,"
        " copies, message_id, reason, created_at, changed_at) VALUES (3,"
        " 'edition/1', 7, 'invitations', 'standard', 'accepted', 1, 1,"
        " '<1@mia.example>', '', '2026-11-26 09:00:00', '2026-11-26 09:00:00')"
    ),
)
"""What a town may have after the first version, as that version wrote it."""


@pytest.fixture
def empty(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    """A database without tables."""
    if kind == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'old.db'}", synchronous="OFF")
        database.create_file()
        return database
    copy: Callable[[], str] = request.getfixturevalue("postgres_copies")
    database = Database(copy())
    with database.transaction() as db:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            db.execute(sa.text(statement))
    return database


@both
def test_the_second_step_keeps_what_the_first_version_wrote(empty: Database) -> None:
    """People, letters and deliveries stand where they stood; old letters are lists'."""
    upgrade_to(empty, "0001")
    with empty.transaction() as db:
        for row in FIRST_ROWS:
            db.execute(sa.text(row))

    migrations.upgrade(empty)

    assert empty.revision() == migrations.KNOWN[-1]
    with empty.reading() as db:
        assert db.scalars(sa.select(Mailbox.address)).all() == ["Rita@post.example"]
        assert db.scalars(sa.select(Subscription.resume_on)).all() == [None]
        letter = db.scalars(sa.select(FrozenLetter)).one()
        assert letter.origin is LetterOrigin.EDITION
        assert (letter.thread, letter.in_reply_to, letter.attachment) == (
            "",
            None,
            None,
        )
        assert db.scalars(sa.select(Delivery.occasion)).all() == ["edition/1"]
    empty.close()


@both
def test_moving_the_bytes_of_a_mail_changes_none(empty: Database) -> None:
    """What waits for a person is there, byte for byte, and so is what has none."""
    upgrade_to(empty, "0013")
    insert = sa.text(
        "INSERT INTO incoming (id, digest, source, received_at, octets, kind, rule,"
        " raw, effect) VALUES (:id, :digest, 'stdin', '2026-11-26 09:00:00', 3,"
        " 'human', 'human.leer', :raw, 'handed_over')"
    )
    kept = {1: b"a\0\xff", 2: None}
    with empty.transaction() as db:
        for number, raw in kept.items():
            values = {"id": number, "digest": f"d{number}", "raw": raw}
            db.execute(insert, values)

    migrations.upgrade(empty)

    with empty.reading() as db:
        found = db.scalars(sa.select(models.Incoming)).all()
    assert {one.id: one.raw for one in found} == kept
    assert {one.effect for one in found} == {"handed_over"}
    empty.close()


@both
def test_whoever_was_at_work_has_a_lease(empty: Database) -> None:
    """The latest of what he held; and what waits is found as before."""
    upgrade_to(empty, "0014")
    letter = sa.text(
        "INSERT INTO frozen_letter (occasion, style, subject, text, html, method,"
        " dated_at) VALUES (:name, 'standard', 's', 't', 'h', '',"
        " '2026-11-26 09:00:00')"
    )
    delivery = sa.text(
        "INSERT INTO delivery (occasion, mailbox_id, style, state, tries, copies,"
        " message_id, worker, lease_until, reason, created_at, changed_at) VALUES"
        " (:name, 7, 'standard', :state, 0, 0, :name, :worker, :until, '',"
        " '2026-11-26 09:00:00', '2026-11-26 09:00:00')"
    )
    stood = (
        ("claimed", "A", 1),
        ("transmitting", "A", 2),
        ("claimed", "B", 3),
        ("accepted", "C", None),
        ("queued", None, None),
        ("held", "C", None),
    )
    with empty.transaction() as db:
        db.execute(sa.text(FIRST_ROWS[0]))
        for number, (state, worker, minute) in enumerate(stood):
            until = f"2026-11-26 09:0{minute}:00.000000" if minute else None
            row = {"name": f"edition/{number}", "state": state, "worker": worker}
            db.execute(letter, row)
            db.execute(delivery, {**row, "until": until})

    migrations.upgrade(empty)

    with empty.reading() as db:
        found = db.execute(sa.select(Lease.worker, Lease.until).order_by(Lease.worker))
        assert [(worker, until.minute) for worker, until in found] == [
            ("A", 2),
            ("B", 3),
        ]
        waiting = db.scalars(sa.select(Delivery.waiting).order_by(Delivery.id)).all()
        assert waiting == [None] * 4 + ["queued", "held"]
    empty.close()


@both
def test_the_steps_lead_to_the_tables_we_read(empty: Database) -> None:
    """No column, key or index is in one and not in the other."""
    assert {history.Answer, history.Failure, models.Incoming}
    migrations.upgrade(empty)
    with empty.reading() as db:
        context = MigrationContext.configure(
            db.connection(), opts={"compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    empty.close()


@both
def test_an_upgrade_that_is_killed_leaves_the_old_schema(
    empty: Database, settings_file: Path, forks: Forks
) -> None:
    """All steps are one transaction: at its end, before it counts, nothing is done."""
    upgrade_to(empty, "0001")
    with empty.transaction() as db:
        for row in FIRST_ROWS:
            db.execute(sa.text(row))
    url = empty.url.render_as_string(hide_password=False)
    mia = Program(settings_file, {"MIA_DATABASE_URL": url})
    armed = {**mia.environ, failpoints.VARIABLE: "upgrade.before:kill"}

    killed = forks.run(Program(mia.config, armed), "db", "upgrade")
    found = empty.revision()
    again = forks.run(mia, "db", "upgrade")

    assert killed.was_killed, killed
    assert found == "0001"
    assert again.code == ExitCode.OK, again
    assert empty.revision() == migrations.KNOWN[-1]
    with empty.reading() as db:
        assert db.scalars(sa.select(Mailbox.address)).all() == ["Rita@post.example"]
    empty.close()
